//! Names of files: what each could be, and which label file belongs to which image.

use std::collections::{BTreeMap, BTreeSet};

/// What a name says that a file could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Mask,
    Xml,
    Text,
    /// A list of class names.
    ClassList,
    Json,
    Yaml,
    /// Nothing of ours, or nothing at all.
    Other,
}

const IMAGES: [&str; 8] = ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff"];
/// Folders whose name says that images are in them, not what is in the images.
const IMAGE_FOLDERS: [&str; 5] = ["images", "imgs", "img", "image", "jpegimages"];
/// Folders of a split of a dataset.
const SPLITS: [&str; 6] = ["train", "training", "val", "valid", "validation", "test"];
const MASK_FOLDERS: [&str; 2] = ["masks", "mask"];

/// The last segment of a name.
pub(super) fn base(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// A name without its extension, and the extension in lower case.
pub(super) fn split_extension(name: &str) -> (&str, String) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') && !base(stem).is_empty() => {
            (stem, extension.to_ascii_lowercase())
        }
        _ => (name, String::new()),
    }
}

/// What a name says that a file could be.
pub(super) fn kind(name: &str) -> Kind {
    if name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX") {
        return Kind::Other;
    }
    let (stem, extension) = split_extension(name);
    let base = base(name).to_ascii_lowercase();
    match extension.as_str() {
        e if IMAGES.contains(&e) => {
            let folder = name.rsplit('/').nth(1).unwrap_or_default().to_ascii_lowercase();
            let masked = e == "png" && stem.to_ascii_lowercase().ends_with("_mask");
            if masked || MASK_FOLDERS.contains(&folder.as_str()) { Kind::Mask } else { Kind::Image }
        }
        "xml" => Kind::Xml,
        "names" => Kind::ClassList,
        "txt" if base == "classes.txt" || base == "labels.txt" => Kind::ClassList,
        "txt" if base.starts_with("readme") || base.starts_with("license") => Kind::Other,
        "txt" => Kind::Text,
        // Our own output, given back as input.
        "json" if base == "recipe.json" => Kind::Other,
        "json" => Kind::Json,
        "yaml" | "yml" => Kind::Yaml,
        _ => Kind::Other,
    }
}

/// Whether a file of this name can be part of a dataset: an image, a mask, or something about images.
#[must_use]
pub fn is_of_dataset(name: &str) -> bool {
    kind(name) != Kind::Other
}

/// Whether a folder's name cannot be a class.
pub(super) fn is_structural(folder: &str) -> bool {
    let folder = folder.to_ascii_lowercase();
    IMAGE_FOLDERS.contains(&folder.as_str()) || SPLITS.contains(&folder.as_str())
}

/// The places of an image's partner file (a label, a mask), best first, as lower-case names without extension:
/// beside it; in one of the folders in the place of an image folder; in one of the folders put in anywhere.
fn places(stem: &str, folders: &[&str]) -> Vec<String> {
    let stem = stem.to_lowercase();
    let parts: Vec<&str> = stem.split('/').collect();
    let (base, dirs) = parts.split_last().map_or(("", &[][..]), |(base, dirs)| (*base, dirs));
    let mut places = vec![stem.clone()];
    let path = |before: &[&str], folder: &str, after: &[&str]| {
        before.iter().chain([&folder]).chain(after).chain([&base]).copied().collect::<Vec<_>>().join("/")
    };
    for i in (0..dirs.len()).rev().filter(|i| IMAGE_FOLDERS.contains(&dirs[*i])) {
        places.extend(folders.iter().map(|folder| path(&dirs[..i], folder, &dirs[i + 1..])));
    }
    for i in (0..=dirs.len()).rev() {
        places.extend(folders.iter().map(|folder| path(&dirs[..i], folder, &dirs[i..])));
    }
    places
}

/// For every image the position of its partner. What no place explains is matched by its base name where that is the
/// only one among the images and among the partners.
pub(super) fn partners(images: &[&str], files: &[&str], folders: &[&str], suffix: &str) -> Vec<Option<usize>> {
    let stem = |name: &str| split_extension(name).0.to_lowercase();
    let partner_stem = |name: &str| {
        let stem = stem(name);
        stem.strip_suffix(suffix).map_or(stem.clone(), str::to_owned)
    };
    let mut by_stem: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_base: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let stem = partner_stem(file);
        by_base.entry(base(&stem).to_owned()).or_default().push(at);
        by_stem.entry(stem).or_insert(at);
    }
    let mut images_of: BTreeMap<String, usize> = BTreeMap::new();
    for image in images {
        *images_of.entry(base(&stem(image)).to_owned()).or_default() += 1;
    }
    let find = |image: &&str| {
        let stem = split_extension(image).0;
        let placed = places(stem, folders).iter().find_map(|place| by_stem.get(place).copied());
        placed.or_else(|| {
            let base = base(stem).to_lowercase();
            match by_base.get(&base).map(Vec::as_slice) {
                Some(&[only]) if images_of.get(&base) == Some(&1) => Some(only),
                _ => None,
            }
        })
    };
    images.iter().map(find).collect()
}

/// The masks of images, and the mask-like names that are images after all: `x_mask.png` beside no `x`.
pub(super) fn masks<'a>(images: &mut Vec<&'a str>, masks: &[&'a str]) -> (BTreeMap<&'a str, &'a str>, Vec<&'a str>) {
    let found = partners(images, masks, &MASK_FOLDERS, "_mask");
    let of: BTreeMap<&str, &str> =
        images.iter().zip(&found).filter_map(|(image, mask)| Some((*image, *masks.get((*mask)?)?))).collect();
    let used: BTreeSet<&str> = of.values().copied().collect();
    let (mut orphans, mut plain) = (Vec::new(), Vec::new());
    for mask in masks.iter().filter(|mask| !used.contains(**mask)) {
        let folder = mask.rsplit('/').nth(1).unwrap_or_default().to_ascii_lowercase();
        if MASK_FOLDERS.contains(&folder.as_str()) || !of.is_empty() { orphans.push(*mask) } else { plain.push(*mask) }
    }
    images.extend(plain);
    images.sort_unstable();
    (of, orphans)
}

/// Finds the image that a COCO file means by a name.
pub(super) struct ImageFinder<'a> {
    images: &'a [&'a str],
    by_base: BTreeMap<String, Vec<usize>>,
}

impl<'a> ImageFinder<'a> {
    pub(super) fn new(images: &'a [&'a str]) -> Self {
        let mut by_base: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, image) in images.iter().enumerate() {
            by_base.entry(base(image).to_lowercase()).or_default().push(at);
        }
        Self { images, by_base }
    }

    /// The image whose path ends most like `file_name`; among equals the one nearest to the JSON file, or in a folder
    /// that the JSON file is named after (`val` in `instances_val.json`), or the first.
    pub(super) fn find(&self, file_name: &str, json: &str) -> Option<usize> {
        let candidates = self.by_base.get(&base(file_name).to_lowercase())?;
        let alike = |image: &str| image.rsplit('/').zip(file_name.rsplit('/')).take_while(|(a, b)| a == b).count();
        let near = |image: &str| image.split('/').zip(json.split('/')).take_while(|(a, b)| a == b).count();
        let json_base = base(json).to_lowercase();
        let named = |image: &str| {
            let folders = image.rsplit('/').skip(1);
            folders.filter(|folder| json_base.contains(&folder.to_lowercase())).count()
        };
        let score = |at: usize| {
            let image = self.images[at];
            (alike(image), near(image), named(image))
        };
        candidates.iter().copied().max_by_key(|at| (score(*at), std::cmp::Reverse(*at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_where_datasets_keep_them() {
        for (image, label, folders) in [
            ("a.jpg", "a.xml", vec!["annotations"]),
            ("images/a.jpg", "annotations/a.xml", vec!["annotations"]),
            ("VOC2007/JPEGImages/a.jpg", "VOC2007/Annotations/a.xml", vec!["annotations"]),
            ("images/train/a.jpg", "labels/train/a.txt", vec!["labels"]),
            ("train/images/a.jpg", "train/labels/a.txt", vec!["labels"]),
            ("train/a.JPG", "labels/train/a.txt", vec!["labels"]),
            ("photos/x/a.jpg", "texts/y/a.txt", vec!["labels"]),
        ] {
            assert_eq!(partners(&[image], &[label], &folders, ""), vec![Some(0)], "{image} and {label}");
        }
    }

    #[test]
    fn equal_names_in_two_splits_keep_their_own_labels() {
        let images = ["images/train/a.jpg", "images/val/a.jpg"];
        let labels = ["labels/train/a.txt", "labels/val/a.txt"];
        assert_eq!(partners(&images, &labels, &["labels"], ""), vec![Some(0), Some(1)]);
        assert_eq!(partners(&images, &labels[..1], &["labels"], ""), vec![Some(0), None]);
    }

    #[test]
    fn coco_names_find_the_right_split() {
        let images = ["train/a.jpg", "val/a.jpg", "val/b.jpg"];
        let finder = ImageFinder::new(&images);
        assert_eq!(finder.find("a.jpg", "annotations/instances_val2017.json"), Some(1));
        assert_eq!(finder.find("/home/data/train/a.jpg", "val.json"), Some(0));
        assert_eq!(finder.find("a.jpg", "val/_annotations.coco.json"), Some(1));
        assert_eq!(finder.find("c.jpg", "x.json"), None);
    }
}
