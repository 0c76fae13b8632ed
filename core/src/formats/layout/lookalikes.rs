//! Folders of a name that says nothing whose pictures are called as those of another folder and look like masks of them.

use std::collections::{BTreeMap, BTreeSet};

use super::look::Look;
use super::splits::SplitFolders;
use super::words::{Role, base, folder, folders, parent, split_extension};
use crate::plan::Split;

/// Pictures of a folder that are looked at.
const LOOKED_AT: usize = 3;
/// A name in more folders than this tells nothing: numbers in class folders.
const MOST_FOLDERS: usize = 8;
/// Pairs of folders that are looked at.
const MOST_PAIRS: usize = 50;

/// A folder of pictures that may be masks of those of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Lookalike<'a> {
    /// The folder.
    pub(in crate::formats) folder: &'a str,
    /// The folder of the photographs.
    pub(in crate::formats) of: &'a str,
    /// Its pictures.
    pub(in crate::formats) pictures: Vec<&'a str>,
}

/// Finds such folders among photographs.
pub(super) fn lookalikes<'a>(images: &[&'a str], look: &mut dyn FnMut(&str) -> Option<Look>) -> Vec<Lookalike<'a>> {
    let mut by_folder: BTreeMap<&str, BTreeMap<String, &str>> = BTreeMap::new();
    let mut by_stem: BTreeMap<(Option<Split>, String), BTreeSet<&str>> = BTreeMap::new();
    let splits = SplitFolders::new(images);
    for image in images {
        let stem = base(split_extension(image).0).to_lowercase();
        by_stem.entry((splits.of(image), stem.clone())).or_default().insert(parent(image));
        by_folder.entry(parent(image)).or_default().insert(stem, image);
    }
    let mut common: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for folders in by_stem.values().filter(|folders| (2..=MOST_FOLDERS).contains(&folders.len())) {
        for one in folders {
            for other in folders.iter().filter(|other| *other != one) {
                *common.entry((one, other)).or_default() += 1;
            }
        }
    }
    let nearly_all = |((one, _), count): &(&(&'a str, &'a str), &usize)| **count * 10 >= by_folder[one].len() * 9;
    let pairs: Vec<(&str, &str)> = common.iter().filter(nearly_all).map(|(pair, _)| *pair).take(MOST_PAIRS).collect();
    let mut found: Vec<Lookalike<'a>> = Vec::new();
    for (one, other) in pairs {
        if found.iter().any(|known| known.folder == one || known.folder == other) {
            continue;
        }
        let called_images = folders(other).any(|name| folder(name).role == Some(Role::Images));
        let (masks, photographs) = (&by_folder[one], &by_folder[other]);
        let both = masks.iter().filter_map(|(stem, mask)| Some((*mask, *photographs.get(stem)?)));
        let looks: Vec<(Look, Look)> =
            both.take(LOOKED_AT).filter_map(|(mask, photograph)| look(mask).zip(look(photograph))).collect();
        let is_mask = |(mask, photograph): &(Look, Look)| {
            let by_kind = mask.numbers && !photograph.numbers;
            let by_look = !photograph.flat && (called_images || mask.format != photograph.format);
            mask.flat && (by_kind || by_look)
        };
        if !looks.is_empty() && looks.iter().all(is_mask) {
            found.push(Lookalike { folder: one, of: other, pictures: masks.values().copied().collect() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::look::tests::{jpeg_photograph, png_areas};
    use super::*;
    use crate::limits::Limits;

    fn found<'a>(images: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        let (photograph, mask) = (jpeg_photograph(), png_areas());
        let mut look =
            |name: &str| Look::of(if name.ends_with("jpg") { &photograph } else { &mask }, &Limits::default());
        lookalikes(images, &mut look).into_iter().map(|known| (known.folder, known.of)).collect()
    }

    #[test]
    fn folders_of_masks_are_known_by_their_pictures() {
        assert_eq!(found(&["photo/a.jpg", "photo/b.jpg", "ideal/a.png", "ideal/b.png"]), [("ideal", "photo")]);
        let split = ["x/train/a.jpg", "x/val/a.jpg", "y/train/a.png", "y/val/a.png"];
        assert_eq!(found(&split), [("y/train", "x/train"), ("y/val", "x/val")]);
        assert_eq!(found(&["a.jpg", "b.jpg", "ideal/a.png"]), [("ideal", "")]);
    }

    #[test]
    fn class_folders_of_equal_names_stay_class_folders() {
        assert_eq!(found(&["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"]), []);
        assert_eq!(found(&["cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"]), []);
        assert_eq!(found(&["cat/0.jpg", "cat/1.jpg", "dog/2.png", "dog/3.png"]), []);
    }
}
