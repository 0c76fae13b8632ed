//! Finds the image that a file about many images means by a name.

use std::collections::BTreeMap;

use super::words::{base, composed, folded, folders, has_picture_ending, split_extension, split_of};
use crate::plan::Split;

/// The images of an input by their names.
#[derive(Debug)]
pub(in crate::formats) struct ImageFinder<'a> {
    images: &'a [&'a str],
    by_base: BTreeMap<String, Vec<usize>>,
    by_stem: BTreeMap<String, Vec<usize>>,
}

/// The last segment of a name with either kind of slash, in lower case.
fn last(name: &str) -> String {
    folded(name.rsplit(['/', '\\']).next().unwrap_or_default())
}

impl<'a> ImageFinder<'a> {
    pub(in crate::formats) fn new(images: &'a [&'a str]) -> Self {
        let mut finder = Self { images, by_base: BTreeMap::new(), by_stem: BTreeMap::new() };
        for (at, image) in images.iter().enumerate() {
            let base = folded(base(image));
            finder.by_stem.entry(split_extension(&base).0.to_owned()).or_default().push(at);
            finder.by_base.entry(base).or_default().push(at);
        }
        finder
    }

    /// The image whose path ends most like `stated`; among equals the one nearest to the file that states it, or in a
    /// folder or split that this file is named after (`val` in `instances_val.json`), or the first.
    pub(in crate::formats) fn find(&self, stated: &str, file: &str) -> Option<usize> {
        self.best(self.by_base.get(&last(stated))?, stated, file)
    }

    /// As [`ImageFinder::find`], for a name that may have no extension.
    pub(in crate::formats) fn find_stem(&self, stated: &str, file: &str) -> Option<usize> {
        self.find(stated, file).or_else(|| self.best(self.by_stem.get(&last(stated))?, stated, file))
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
        let stated = composed(stated).replace('\\', "/");
        let alike =
            |image: &str| composed(image).rsplit('/').zip(stated.rsplit('/')).take_while(|(a, b)| a == b).count();
        let near = |image: &str| folders(image).zip(folders(file)).take_while(|(a, b)| a == b).count();
        let file_base = last(file);
        let split = split_in(&file_base).or_else(|| split_of(file));
        let named = |image: &str| {
            let same_split = split.is_some() && split == split_of(image);
            let folders = folders(image).filter(|folder| file_base.contains(&folded(folder))).count();
            (same_split, folders)
        };
        let score = |at: usize| {
            let image = self.images[at];
            (alike(image), near(image), named(image))
        };
        // A file of one split that gives no folder does not mean an image of another one.
        let other_split = |at: &usize| {
            let of_image = split_of(self.images[*at]);
            split.is_some() && of_image.is_some() && split != of_image && alike(self.images[*at]) < 2
        };
        let meant = candidates.iter().copied().filter(|at| !other_split(at));
        meant.max_by_key(|at| (score(*at), std::cmp::Reverse(*at)))
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
