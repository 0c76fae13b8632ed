//! Whose masks are, where their names are not those of their images: by the folder of an image's own, by what the names of
//! two folders tell apart alike, by stems that begin with an image's.

use std::collections::{BTreeMap, BTreeSet};

use super::ends::mask_name;
use super::tokens::{by_folder, cores, is_word, tokens};
use super::words::{are_apart, folder, folders, parent, stem_of};
use crate::formats::dataset::THINGS;

/// A mask's image, and what the mask shows, where its name says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) image: usize,
    pub(super) role: Option<String>,
}

/// Finds the images of masks.
pub(super) struct Pairing<'a> {
    images: &'a [&'a str],
    places: BTreeMap<&'a str, usize>,
    by_stem: BTreeMap<String, Vec<usize>>,
    by_tokens: BTreeMap<Vec<String>, Vec<usize>>,
    worded: Worded,
    /// The images of every folder by what tells them apart.
    cores: Vec<(&'a str, BTreeMap<Vec<String>, &'a str>)>,
}

/// Images whose names end in a word, or in the number of the first channel, that those of their masks have not.
#[derive(Debug, Default)]
pub(super) struct Worded(BTreeMap<Vec<String>, Vec<usize>>);

impl Worded {
    pub(super) fn new(images: &[&str]) -> Self {
        let mut worded = Self::default();
        for (at, image) in images.iter().enumerate() {
            let mut tokens = tokens(image);
            if tokens.len() > 1 && tokens.pop().is_some_and(|last| is_word(&last) || last == "0") {
                worded.0.entry(tokens).or_default().push(at);
            }
        }
        worded
    }

    /// The images that a mask could be of: `1_sat.jpg` of `1_mask.png`, `c_3_0000.png` of `c_3.png`.
    pub(super) fn of(&self, mask: &str) -> Vec<usize> {
        let said = mask_name(&stem_of(mask)).into_iter().flat_map(|said| said.bare);
        let found = |name: &str| self.0.get(&tokens(name)).cloned();
        // A dot, so that no part of the stem passes for an ending.
        found(mask).or_else(|| said.map(|bare| format!("{bare}.")).find_map(|bare| found(&bare))).unwrap_or_default()
    }
}

/// How near two folders are: how many of their names are one's and the other's, those of the layout left out.
fn nearness(a: &str, b: &str) -> (bool, usize) {
    let own = |name: &str| -> BTreeSet<String> {
        let own = folders(name).filter(|name| folder(name).role.is_none());
        own.map(str::to_lowercase).collect()
    };
    (parent(a) == parent(b), own(a).intersection(&own(b)).count())
}

impl<'a> Pairing<'a> {
    pub(super) fn new(images: &'a [&'a str]) -> Self {
        let (mut by_stem, mut by_tokens): (BTreeMap<_, Vec<usize>>, BTreeMap<_, Vec<usize>>) = Default::default();
        for (at, image) in images.iter().enumerate() {
            by_stem.entry(stem_of(image)).or_default().push(at);
            by_tokens.entry(tokens(image)).or_default().push(at);
        }
        let told = |(folder, files): (&'a str, Vec<&'a str>)| {
            let cores = cores(&files)?;
            Some((folder, cores.into_iter().zip(files).collect()))
        };
        let places = images.iter().enumerate().map(|(at, image)| (*image, at)).collect();
        Self {
            images,
            places,
            by_stem,
            by_tokens,
            worded: Worded::new(images),
            cores: by_folder(images).into_iter().filter_map(told).collect(),
        }
    }

    /// The images of masks of one folder and role.
    pub(super) fn of(&self, files: &[&str]) -> Vec<Option<Pair>> {
        let begun: Vec<Option<Pair>> = files.iter().map(|file| self.of_beginning(file)).collect();
        // `0/00001_hair.png` says more than its folder.
        let says_more = |pair: &Option<Pair>| pair.as_ref().is_some_and(|pair| pair.role.is_some());
        if begun.iter().all(says_more) {
            return begun;
        }
        let mut number = 0;
        let mut own = |file: &&str| {
            let image = self.of_own_folder(file)?;
            number += 1;
            Some(Pair { image, role: Some(format!("{THINGS}{number}")) })
        };
        let found: Vec<Option<Pair>> = files.iter().map(&mut own).collect();
        if found.iter().any(Option::is_some) {
            return found;
        }
        self.by_cores(files).unwrap_or_else(|| {
            let or_worded = |(pair, file): (Option<Pair>, &&str)| {
                pair.or_else(|| Some(Pair { image: self.one_of(&self.worded.of(file), file)?, role: None }))
            };
            begun.into_iter().zip(files).map(or_worded).collect()
        })
    }

    /// The one of some images that is in the split of a file, or nearest to it.
    fn one_of(&self, images: &[usize], file: &str) -> Option<usize> {
        let near = |at: &usize| nearness(self.images[*at], file);
        let meant: Vec<usize> = images.iter().copied().filter(|at| !are_apart(self.images[*at], file)).collect();
        let best = meant.iter().map(near).max()?;
        match meant.iter().filter(|at| near(at) == best).collect::<Vec<_>>()[..] {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The image that a folder above a file is named after.
    fn of_own_folder(&self, file: &str) -> Option<usize> {
        let named: Vec<&str> = folders(file).filter(|name| !folder(name).is_structural()).collect();
        let images = self.by_stem.get(&named.last()?.to_lowercase())?;
        self.one_of(images, file)
    }

    /// The images of a folder whose names tell them apart as the names of the masks do.
    fn by_cores(&self, files: &[&str]) -> Option<Vec<Option<Pair>>> {
        let (first, told) = (files.first()?, cores(files)?);
        let (mut best, mut nearest, mut tie) = (None, (false, 0), false);
        for (folder, images) in &self.cores {
            let inside =
                |core: &Vec<String>| images.get(core).map(|image| Pair { image: self.places[image], role: None });
            let found: Vec<Option<Pair>> = told.iter().map(inside).collect();
            let near = images.values().next().map(|image| nearness(image, first));
            let Some(near) = near.filter(|_| !are_apart(&format!("{folder}/"), first)) else { continue };
            if found.iter().flatten().count() * 10 < files.len() * 9 {
                continue;
            }
            match best {
                Some(_) if nearest > near => {}
                Some(_) if nearest == near => tie = true,
                _ => (best, nearest, tie) = (Some(found), near, false),
            }
        }
        best.filter(|_| !tie)
    }

    /// The image whose stem a file's begins with, and what follows: a number of a thing, or what is shown.
    fn of_beginning(&self, file: &str) -> Option<Pair> {
        let tokens = tokens(file);
        (1..=tokens.len()).rev().find_map(|end| {
            let image = self.one_of(self.by_tokens.get(&tokens[..end])?, file)?;
            let role = match &tokens[end..] {
                [] => None,
                [number] if !is_word(number) => Some(format!("{THINGS}{number}")),
                words => Some(words.join("_")),
            };
            Some(Pair { image, role })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(images: &'a [&'a str], masks: &[&str]) -> Vec<(&'a str, String)> {
        let pairs = Pairing::new(images).of(masks);
        pairs.into_iter().flatten().map(|pair| (images[pair.image], pair.role.unwrap_or_default())).collect()
    }

    #[test]
    fn masks_are_found_by_what_their_names_tell_apart() {
        for (images, masks) in [
            (["train/1_sat.jpg", "train/2_sat.jpg"], ["train/1_mask.png", "train/2_mask.png"]),
            (["imagesTr/c_1_0000.png", "imagesTr/c_2_0000.png"], ["labelsTr/c_1.png", "labelsTr/c_2.png"]),
            (
                ["images/21_training.tif", "images/22_training.tif"],
                ["1st_manual/21_manual1.gif", "1st_manual/22_manual1.gif"],
            ),
            (["image_2/um_0.png", "image_2/umm_1.png"], ["gt/um_road_0.png", "gt/umm_road_1.png"]),
            (["01/t000.tif", "01/t001.tif"], ["01_GT/SEG/man_seg000.tif", "01_GT/SEG/man_seg001.tif"]),
        ] {
            let expected: Vec<_> = images.iter().map(|image| (*image, String::new())).collect();
            assert_eq!(of(&images, &masks), expected, "{masks:?}");
        }
        assert_eq!(
            of(&["images/1.jpg", "images/2.jpg"], &["masks/3.png", "masks/4.png"]),
            [],
            "those of other numbers"
        );
        let composed = ["images/\u{e4}_1.jpg", "images/\u{e4}_2.jpg"];
        let apart = of(&composed, &["masks/a\u{308}_1.png", "masks/a\u{308}_2.png"]);
        assert_eq!(apart.len(), 2, "letters and their marks may be apart: {apart:?}");
        let twice = ["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"];
        assert_eq!(of(&twice, &["masks/m_1.png", "masks/m_2.png"]), [], "of which folder, nothing says");
    }

    #[test]
    fn several_masks_of_an_image_are_things_or_say_what_they_show() {
        let nuclei = of(&["t/a/images/a.png", "t/b/images/b.png"], &["t/a/masks/x9.png", "t/a/masks/y7.png"]);
        assert_eq!(nuclei, [("t/a/images/a.png", "object_1".to_owned()), ("t/a/images/a.png", "object_2".to_owned())]);
        let images = ["images/000.jpg", "images/001.jpg"];
        let numbered = of(&images, &["masks/000_1.png", "masks/000_2.png", "masks/001_1.png"]);
        assert_eq!(
            numbered.iter().map(|(_, role)| role.as_str()).collect::<Vec<_>>(),
            ["object_1", "object_2", "object_1"]
        );
        let shown = of(&images, &["anno/0/00000_hair.png", "anno/0/00000_nose.png", "anno/0/00001_hair.png"]);
        assert_eq!(shown[1], (images[0], "nose".to_owned()));
        assert_eq!(shown[2], (images[1], "hair".to_owned()));
    }
}
