//! Which label file or mask belongs to which image, by where they lie: one rule for every kind of file.
//!
//! The key of a file is its path without the folders that only sort files by kind (`images`, `labels`, `masks`), with
//! its split apart, and its stem: `images/train/a.jpg`, `train/images/a.jpg` and `labels/train/a.txt` have one key.
//! Files of one key belong together. What no key explains is matched by its stem, where that is the only one.

use std::collections::BTreeMap;

use super::ends::mask_name;
use super::words::{base, folded, folder, folders, split_of, stem_of};
use crate::filled::filled;
use crate::plan::Split;

/// Where a file lies, without what only says of what kind it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    split: Option<Split>,
    folders: Vec<String>,
    stem: String,
}

/// Ends of stems of images that say which kind of file it is, not whose.
const IMAGE_ENDS: [&str; 2] = ["_leftimg8bit", "_rightimg8bit"];
/// Ends of the stems of Cityscapes' polygons.
const LABEL_ENDS: [&str; 2] = ["_gtfine_polygons", "_gtcoarse_polygons"];

fn key(name: &str, stem: &str) -> Key {
    let mut key = Key { split: None, folders: Vec::new(), stem: stem.to_owned() };
    for part in folders(name) {
        let said = folder(part);
        if said.is_structural() {
            key.split = said.split.or(key.split);
        } else {
            key.folders.push(folded(part));
        }
    }
    key
}

/// A stem without one of some ends; as it is where it has none, or is nothing else.
fn without<'a>(stem: &'a str, ends: &[&str]) -> &'a str {
    ends.iter().find_map(|end| stem.strip_suffix(end).filter(|rest| !rest.is_empty())).unwrap_or(stem)
}

/// The stems that a partner of an image could mean: its own, those without what says that it is a mask or a label, and,
/// where the file is named after the whole name of an image (`a.jpg.json`), that one's.
fn stems(name: &str) -> Vec<String> {
    let stem = stem_of(name);
    let mut stems = vec![stem.clone(), without(&stem, &LABEL_ENDS).to_owned()];
    stems.extend(mask_name(&stem).into_iter().flat_map(|said| said.bare));
    stems.push(stem_of(&stem));
    stems
}

/// The images of an input by their places.
#[derive(Debug, Default)]
pub(in crate::formats) struct LabelPairs {
    by_key: BTreeMap<Key, Vec<usize>>,
    by_stem: BTreeMap<String, Vec<usize>>,
    /// The splits that their folders say.
    splits: Vec<Option<Split>>,
    /// The last segments of the images' names in lower case.
    bases: Vec<String>,
}

/// What label files belong to.
#[derive(Debug, Default)]
pub(in crate::formats) struct Owners {
    /// The images of each file.
    pub(in crate::formats) of: Vec<Vec<usize>>,
    /// Files of upright boxes, whose images have files of oriented ones.
    pub(in crate::formats) further: Vec<usize>,
}

/// Whether a file lies where DOTA's upright boxes do, which it has beside its oriented ones.
fn is_upright(name: &str) -> bool {
    let says = |part: &str| {
        let part = part.to_lowercase();
        part.contains("hbb") || part.contains("reclabel") || part.contains("task2")
    };
    folders(name).any(says)
}

impl LabelPairs {
    /// The places of images.
    pub(in crate::formats) fn new(images: &[&str]) -> Self {
        let mut partners = Self::default();
        for (at, name) in images.iter().enumerate() {
            let stem = stem_of(name);
            let bare = without(&stem, &IMAGE_ENDS);
            partners.by_key.entry(key(name, bare)).or_default().push(at);
            partners.by_stem.entry(bare.to_owned()).or_default().push(at);
            partners.splits.push(split_of(name));
            partners.bases.push(base(name).to_lowercase());
        }
        partners
    }

    /// The images that a file lies where the labels or the mask of are.
    fn placed(&self, name: &str) -> Vec<usize> {
        let found = |stem: &String| self.by_key.get(&key(name, stem)).map(Vec::as_slice);
        self.meant(stems(name).iter().find_map(found).unwrap_or_default(), name)
    }

    /// Of images of one stem those of the whole name that a file has: `a.png.txt` is of `a.png`, not of `a.jpg`.
    fn meant(&self, images: &[usize], name: &str) -> Vec<usize> {
        let whole = stem_of(name);
        let named: Vec<usize> = images.iter().copied().filter(|at| self.bases[*at] == whole).collect();
        if named.is_empty() { images.to_vec() } else { named }
    }

    /// The images of the stem of a file, wherever they lie but in another split.
    fn stemmed(&self, name: &str) -> Vec<usize> {
        let split = split_of(name);
        let found = |stem: &String| self.by_stem.get(stem).map(Vec::as_slice);
        let mut images = self.meant(stems(name).iter().find_map(found).unwrap_or_default(), name);
        images.retain(|at| split.is_none() || self.splits[*at].is_none() || self.splits[*at] == split);
        images
    }

    /// Whether a file lies where the labels or the mask of an image are.
    pub(in crate::formats) fn has_placed(&self, name: &str) -> bool {
        !self.placed(name).is_empty()
    }

    /// Whether a file that is alone of its kind belongs to an image.
    pub(in crate::formats) fn has_of(&self, name: &str) -> bool {
        self.has_placed(name) || self.stemmed(name).len() == 1
    }

    /// The images that each of some files of one kind belongs to.
    pub(in crate::formats) fn of(&self, files: &[&str]) -> Vec<Vec<usize>> {
        self.owners(files, false).of
    }

    /// As [`LabelPairs::of`], for label files: of oriented and upright boxes of one image the oriented ones are taken.
    pub(in crate::formats) fn of_labels(&self, files: &[&str]) -> Owners {
        self.owners(files, true)
    }

    fn owners(&self, files: &[&str], are_labels: bool) -> Owners {
        let mut images: Vec<Vec<usize>> = files.iter().map(|file| self.placed(file)).collect();
        let mut further = Vec::new();
        let taken: std::collections::BTreeSet<usize> = filled(images.iter().flatten().copied());
        // By the stem alone: one file, and one image, which no other file lies beside.
        let mut strays: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, file) in files.iter().enumerate().filter(|(at, _)| images[*at].is_empty()) {
            if let [image] = self.stemmed(file)[..] {
                if !taken.contains(&image) {
                    strays.entry(image).or_default().push(at);
                } else if are_labels && is_upright(file) {
                    further.push(at);
                }
            }
        }
        for (image, mut at) in strays {
            let oriented = |at: &usize| !is_upright(files[*at]);
            if are_labels && at.iter().filter(|at| oriented(at)).count() == 1 {
                further.extend(at.extract_if(.., |at| !oriented(at)));
            }
            if let [file] = at[..] {
                images[file].push(image);
            }
        }
        Owners { of: images, further }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_where_datasets_keep_them() {
        for (image, label) in [
            ("a.jpg", "a.xml"),
            ("images/a.jpg", "annotations/a.xml"),
            ("VOC2007/JPEGImages/a.jpg", "VOC2007/Annotations/a.xml"),
            ("images/train/a.jpg", "labels/train/a.txt"),
            ("train/images/a.jpg", "train/labels/a.txt"),
            ("train/A.JPG", "labels/train/a.txt"),
            ("photos/x/a.jpg", "texts/y/a.txt"),
            ("images/x/a.jpg", "x/labels/a.txt"),
            ("ds/img/a.jpg", "ds/ann/a.jpg.json"),
            ("training/image_2/a.png", "training/label_2/a.txt"),
            ("leftImg8bit/train/ulm/a_leftImg8bit.png", "gtFine/train/ulm/a_gtFine_labelIds.png"),
            ("train/a.png", "trainannot/a.png"),
            ("train/a.jpg", "train_masks/a_mask.gif"),
            ("img_dir/val/a.jpg", "ann_dir/val/a.png"),
            ("a.jpg", "a_mask.png"),
            ("images/image_7.png", "masks/mask_7.png"),
            ("images_png/3.png", "masks_png/3.png"),
            ("ka\u{0308}se/n\u{0303}.jpg", "labels/käse/ñ.txt"),
        ] {
            assert_eq!(LabelPairs::new(&[image]).of(&[label]), [vec![0]], "{image} and {label}");
        }
    }

    #[test]
    fn equal_names_in_two_splits_keep_their_own_labels() {
        let partners = LabelPairs::new(&["images/train/a.jpg", "images/val/a.jpg"]);
        assert_eq!(partners.of(&["labels/train/a.txt", "labels/val/a.txt"]), [vec![0], vec![1]]);
        assert_eq!(partners.of(&["labels/train/a.txt"]), [vec![0]]);
        assert_eq!(partners.of(&["labels/a.txt"]), [Vec::<usize>::new()], "whose it is, the name does not say");
    }

    #[test]
    fn archives_of_one_kind_each_keep_their_splits() {
        let images = ["image_2.zip/testing/image_2/1.png", "image_2.zip/training/image_2/1.png"];
        let label = ["label_2.zip/training/label_2/1.txt"];
        assert_eq!(LabelPairs::new(&images).of(&label), [vec![1]]);
        assert_eq!(LabelPairs::new(&images[..1]).of(&label), [Vec::<usize>::new()], "of testing it is no label");
    }

    #[test]
    fn a_label_beside_two_pictures_is_of_both() {
        let partners = LabelPairs::new(&["a.jpg", "a.png"]);
        assert_eq!(partners.of(&["a.txt"]), [vec![0, 1]]);
        assert_eq!(partners.of(&["a.png.txt", "a.jpg.txt"]), [vec![1], vec![0]]);
        assert_eq!(partners.of(&["a.jpeg.txt"]), [vec![0, 1]]);
    }

    #[test]
    fn of_oriented_and_upright_boxes_the_oriented_ones_are_taken() {
        let partners = LabelPairs::new(&["train/images/P1.png", "train/images/P2.png"]);
        let (oriented, upright) =
            ("train/labelTxt-v1.0/labelTxt/P1.txt", "train/labelTxt-v1.0/Task2_gt/reclabelTxt/P1.txt");
        let files = [upright, oriented, "train/labelTxt/P2.txt", "train/hbb/P2.txt"];
        let owners = partners.of_labels(&files);
        assert_eq!((owners.of, owners.further), (vec![vec![], vec![0], vec![1], vec![]], vec![3, 0]));
        assert_eq!(partners.of_labels(&[upright]).of, [vec![0]], "alone they are the labels");
    }
}
