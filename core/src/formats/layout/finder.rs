//! Finds the image that a file about many images means by a name.

use std::collections::BTreeMap;

use super::splits::SplitFolders;
use super::words::{base, composed, folded, folders, has_picture_ending, split_extension};
use crate::plan::Split;

/// Letters of a folder's name from which on a file can be named after it.
const FEWEST: usize = 3;

/// The images of an input by their names.
#[derive(Debug)]
pub(in crate::formats) struct ImageFinder<'a> {
    images: &'a [&'a str],
    by_base: BTreeMap<String, Vec<usize>>,
    by_stem: BTreeMap<String, Vec<usize>>,
    /// By the folder that an image lies in and its base name, as they are written.
    by_tail: BTreeMap<String, Vec<usize>>,
    splits: SplitFolders,
}

/// The last segment of a name with either kind of slash, in lower case.
fn last(name: &str) -> String {
    folded(name.rsplit(['/', '\\']).next().unwrap_or_default())
}

/// The last two segments of a name; `None` where it gives no folder.
fn tail(name: &str) -> Option<&str> {
    let (folders, _) = name.rsplit_once('/')?;
    Some(&name[folders.rfind('/').map_or(0, |slash| slash + 1)..])
}

impl<'a> ImageFinder<'a> {
    pub(in crate::formats) fn new(images: &'a [&'a str]) -> Self {
        let splits = SplitFolders::new(images);
        let (by_base, by_stem, by_tail) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut finder = Self { images, by_base, by_stem, by_tail, splits };
        for (at, image) in images.iter().enumerate() {
            if let Some(tail) = tail(&composed(image)) {
                finder.by_tail.entry(tail.to_owned()).or_default().push(at);
            }
            let base = folded(base(image));
            finder.by_stem.entry(split_extension(&base).0.to_owned()).or_default().push(at);
            finder.by_base.entry(base).or_default().push(at);
        }
        finder
    }

    /// The image whose path ends most like `stated`; among equals the one nearest to the file that states it, or in a
    /// folder or split that this file is named after (`val` in `instances_val.json`), or the first.
    pub(in crate::formats) fn find(&self, stated: &str, file: &str) -> Option<usize> {
        self.best(self.named(stated)?, stated, file)
    }

    /// The images that can be meant by a name with an extension: those in its folder, where some are, since no other
    /// path ends as much like it; else all of its base name.
    fn named(&self, stated: &str) -> Option<&Vec<usize>> {
        let path = composed(stated).replace('\\', "/");
        let in_folder = tail(&path).and_then(|tail| self.by_tail.get(tail));
        in_folder.or_else(|| self.by_base.get(&last(stated)))
    }

    /// As [`ImageFinder::find`], for a name that may have no extension.
    pub(in crate::formats) fn find_stem(&self, stated: &str, file: &str) -> Option<usize> {
        self.find(stated, file).or_else(|| self.best(self.by_stem.get(&last(stated))?, stated, file))
    }

    /// All images that a name means equally well among those that `could` be meant, the first of which
    /// [`ImageFinder::find`] takes; with `stem`, as [`ImageFinder::find_stem`].
    pub(in crate::formats) fn ties(
        &self,
        stated: &str,
        file: &str,
        stem: bool,
        could: impl Fn(&[usize]) -> Vec<usize>,
    ) -> Vec<usize> {
        let meant =
            |found: Option<&Vec<usize>>| found.map(|found| self.meant(&could(found), stated, file)).unwrap_or_default();
        let named = meant(self.named(stated));
        if named.is_empty() && stem { meant(self.by_stem.get(&last(stated))) } else { named }
    }

    /// Those of some images that lie in a folder of a subset or in its split.
    pub(in crate::formats) fn within(&self, subset: &str, images: &[usize]) -> Vec<usize> {
        let named = Split::named(subset);
        let is_subset = |part: &str| part.eq_ignore_ascii_case(subset);
        let within = |at: &usize| {
            let image = self.images[*at];
            folders(image).any(is_subset) || self.splits.of(image).as_ref() == Some(&named)
        };
        images.iter().copied().filter(within).collect()
    }

    /// The image of training that a list of another split means by a stem, where no image lies in a folder of that
    /// split: lists divide what lies in one folder.
    pub(in crate::formats) fn find_in_training(&self, stated: &str, split: &Split, file: &str) -> Option<usize> {
        if self.splits.has(split) {
            return None;
        }
        let stem = last(stated);
        let found = self.by_base.get(&stem).or_else(|| self.by_stem.get(&stem))?;
        let of_training = |at: &usize| self.splits.of(self.images[*at]) == Some(Split::Train);
        let near = |at: &usize| {
            let image = self.images[*at];
            folders(image).zip(folders(file)).take_while(|(a, b)| a == b).count()
        };
        found.iter().copied().filter(of_training).max_by_key(|at| (near(at), std::cmp::Reverse(*at)))
    }

    /// The folders that are splits.
    pub(in crate::formats) const fn splits(&self) -> &SplitFolders {
        &self.splits
    }

    /// The image of the stem of `stated`, where exactly one has it and no other split's file states it.
    pub(in crate::formats) fn find_other_ending(&self, stated: &str, file: &str) -> Option<usize> {
        let last = last(stated);
        let stem = if has_picture_ending(&last) { split_extension(&last).0 } else { &last };
        let candidates = self.by_stem.get(stem)?;
        let alone = |at: &usize| self.best(&[*at], stated, file).is_some();
        let mut meant = candidates.iter().copied().filter(alone);
        meant.next().filter(|_| meant.next().is_none())
    }

    fn best(&self, candidates: &[usize], stated: &str, file: &str) -> Option<usize> {
        self.meant(candidates, stated, file).first().copied()
    }

    /// Those of the candidates that are meant, each equally well, in their order.
    fn meant(&self, candidates: &[usize], stated: &str, file: &str) -> Vec<usize> {
        let stated = composed(stated).replace('\\', "/");
        let alike =
            |image: &str| composed(image).rsplit('/').zip(stated.rsplit('/')).take_while(|(a, b)| a == b).count();
        let near = |image: &str| folders(image).zip(folders(file)).take_while(|(a, b)| a == b).count();
        let file_base = last(file);
        let split = split_in(&file_base).or_else(|| self.splits.of(file));
        let named = |image: &str| {
            let same_split = split.is_some() && split == self.splits.of(image);
            let said = |folder: &&str| folder.chars().count() >= FEWEST && file_base.contains(&folded(folder));
            let folders = folders(image).filter(said).count();
            (same_split, folders)
        };
        let score = |at: usize| {
            let image = self.images[at];
            (alike(image), near(image), named(image))
        };
        // A file of one split that gives no folder does not mean an image of another one.
        let other_split = |at: &usize| {
            let of_image = self.splits.of(self.images[*at]);
            split.is_some() && of_image.is_some() && split != of_image && alike(self.images[*at]) < 2
        };
        let meant = || candidates.iter().copied().filter(|at| !other_split(at));
        let most = meant().map(score).max();
        meant().filter(|at| Some(score(*at)) == most).collect()
    }
}

/// The split that a word in the name of a file says: `val` of `instances_val2017.json`.
pub(in crate::formats) fn split_in(base: &str) -> Option<Split> {
    split_extension(base).0.split(|c: char| !c.is_ascii_alphanumeric()).find_map(Split::of_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coco_names_find_the_right_split() {
        let images = ["train/a.jpg", "valid/a.jpg", "valid/b.jpg"];
        let finder = ImageFinder::new(&images);
        assert_eq!(finder.find("a.jpg", "annotations/instances_val2017.json"), Some(1));
        assert_eq!(finder.find("/home/data/train/a.jpg", "val.json"), Some(0));
        assert_eq!(finder.find("C:\\data\\train\\a.jpg", "val.json"), Some(0));
        assert_eq!(finder.find("a.jpg", "valid/_annotations.coco.json"), Some(1));
        assert_eq!(finder.find("c.jpg", "x.json"), None);
        assert_eq!(finder.find("b.jpg", "instances_test.json"), None, "another split's image of the same name");
        assert_eq!(finder.find_stem("b", "ImageSets/Main/val.txt"), Some(2));
    }

    #[test]
    fn a_name_with_its_folder_is_compared_with_the_images_of_that_folder_alone() {
        let images: Vec<String> = (0..50).map(|at| format!("set/{at:05}/image.png")).collect();
        let images: Vec<&str> = images.iter().map(String::as_str).chain(["val/00007/image.png"]).collect();
        let finder = ImageFinder::new(&images);
        assert_eq!(finder.named("00003/image.png"), Some(&vec![3]));
        assert_eq!(finder.named("C:\\x\\00003\\image.png"), Some(&vec![3]));
        assert_eq!(finder.named("gone/image.png").map(Vec::len), Some(51), "else all of the name can be meant");
        assert_eq!(finder.find("val/00007/image.png", "set/train.csv"), Some(50));
        assert_eq!(finder.ties("00007/image.png", "x.csv", false, <[usize]>::to_vec), [7, 50]);
        assert_eq!(finder.find("00007/IMAGE.PNG", "val/x.csv"), Some(50), "letters of another case");
    }

    #[test]
    fn names_are_compared_as_composed_and_other_endings_only_where_one_is_meant() {
        let images = ["b\u{0061}\u{0308}der/\u{006e}\u{0303}.jpg", "train/a.png", "val/a.png", "val/c.d.png"];
        let finder = ImageFinder::new(&images);
        assert_eq!(finder.find("bäder/ñ.jpg", "x.json"), Some(0), "a system that takes letters apart");
        assert_eq!(finder.find_other_ending("a.jpg", "val.json"), Some(2), "the one of its split");
        assert_eq!(finder.find_other_ending("a.jpg", "x.json"), None, "two have the stem");
        assert_eq!(finder.find_other_ending("c.d", "x.json"), Some(3), "a name without an ending");
        assert_eq!(finder.find_other_ending("c.jpg", "x.json"), None);
    }

    #[test]
    fn a_file_is_named_after_its_split() {
        assert_eq!(split_in("instances_val2017.json"), Some(Split::Val));
        assert_eq!(split_in("person_keypoints_train.json"), Some(Split::Train));
        assert_eq!(split_in("annotations.json"), None);
    }
}
