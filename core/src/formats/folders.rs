//! Class folders: a dataset in which the folder of an image is its class.

use std::collections::BTreeSet;

use super::Split;
use super::layout::{Role, SplitFolders, folder, parent, paths};
use crate::filled::filled;

/// The class of every image; `None` for all when the folders are no classes. They are when at least two sibling
/// folders hold most of the images, or all of a split; folders of splits and names such as `images` are never classes.
/// Folders in a split come before those around it: `cats/train` has classes only where `train` has no folders.
pub(super) fn classes(images: &[&str], splits: &[Option<Split>], folders: &SplitFolders) -> Vec<Option<String>> {
    let named: Vec<Vec<&str>> = images.iter().map(|image| named(image, folders, true)).collect();
    distinct(&named, splits)
        .or_else(|| {
            distinct(&images.iter().map(|image| self::named(image, folders, false)).collect::<Vec<_>>(), splits)
        })
        .unwrap_or_else(|| vec![None; images.len()])
}

/// The first folder of each image that not all share, where these are several.
fn distinct(folders: &[Vec<&str>], splits: &[Option<Split>]) -> Option<Vec<Option<String>>> {
    // The folders that all images share say nothing about any; images that lie above them have no class.
    let deepest: Vec<&Vec<&str>> = folders.iter().filter(|parts| !parts.is_empty()).collect();
    let shared = deepest.first().map_or(0, |first| {
        (0..first.len()).take_while(|i| deepest.iter().all(|parts| parts.get(*i) == first.get(*i))).count()
    });
    let class: Vec<Option<String>> =
        folders.iter().map(|parts| parts.get(shared).map(|part| (*part).to_owned())).collect();
    let names: BTreeSet<&String> = filled(class.iter().flatten());
    let classed = class.iter().flatten().count();
    // Images for testing often have no class.
    let in_train = || class.iter().zip(splits).filter(|(_, split)| **split == Some(Split::Train));
    let all_of_train = in_train().next().is_some() && in_train().all(|(class, _)| class.is_some());
    (names.len() >= 2 && (classed * 2 > folders.len() || all_of_train)).then_some(class)
}

/// The classes of images that have masks: those of the folders, where every mask lies in its image's folder and no class has
/// one image alone.
pub(super) fn classes_of_masked(
    images: &[&str],
    masks: &super::masks::Masks,
    splits: &[Option<Split>],
    folders: &SplitFolders,
) -> Vec<Option<String>> {
    let beside = |(at, masks): (&usize, &Vec<super::MaskFile>)| {
        masks.iter().all(|mask| parent(&mask.name) == parent(images[*at]))
    };
    let class = classes(images, splits, folders);
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    class.iter().flatten().for_each(|name| *counts.entry(name).or_default() += 1);
    if masks.iter().all(beside) && counts.values().all(|count| *count > 1) { class } else { vec![None; images.len()] }
}

/// The folders of an image that could be classes, below its split alone or all. An archive is one only where its images
/// lie in no further folder.
fn named<'a>(image: &'a str, splits: &SplitFolders, below: bool) -> Vec<&'a str> {
    let parts: Vec<(&str, Option<Split>)> = paths(image).map(|(path, name)| (name, splits.is(path, name))).collect();
    let start = parts.iter().rposition(|(_, split)| split.is_some() && below).map_or(0, |at| at + 1);
    // Photographs in a folder with a name of masks show people with masks.
    let is_class = |(name, split): &(&str, Option<Split>)| {
        split.is_none() && folder(name).role.is_none_or(|role| role == Role::Masks)
    };
    let mut named: Vec<&str> = parts[start..].iter().filter(|part| is_class(part)).map(|(name, _)| *name).collect();
    let last = named.len().saturating_sub(1);
    let mut at = 0;
    named.retain(|part| {
        at += 1;
        !part.to_ascii_lowercase().ends_with(".zip") || at > last
    });
    named.into_iter().map(|part| part.strip_suffix(".zip").unwrap_or(part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(images: &[&str]) -> Vec<Option<String>> {
        let folders = SplitFolders::new(images);
        let splits: Vec<Option<Split>> = images.iter().map(|image| folders.of(image)).collect();
        classes(images, &splits, &folders)
    }

    #[test]
    fn the_class_is_the_folder_below_the_split() {
        let (cat, dog) = (Some("cat".to_owned()), Some("dog".to_owned()));
        for images in [
            ["x/train/cat/a.jpg", "x/x/train/dog/b.jpg", "x/test/dog/a.jpg"],
            ["A/train/cat/a.jpg", "B/train/dog/b.jpg", "B/val/dog/a.jpg"],
            ["training_set/training_set/cat/a.jpg", "test_set/test_set/dog/b.jpg", "test_set/test_set/dog/a.jpg"],
            ["train/cat/a.jpg", "validate/dog/b.jpg", "validate/dog/a.jpg"],
            ["cat/train/a.jpg", "dog/train/b.jpg", "dog/val/a.jpg"],
            ["cat/train/s/a.jpg", "dog/train/s/b.jpg", "dog/val/s/a.jpg"],
        ] {
            assert_eq!(of(&images), [cat.clone(), dog.clone(), dog.clone()], "{images:?}");
        }
        let train = Some("train".to_owned());
        assert_eq!(
            of(&["train/train/a.jpg", "train/cat/a.jpg", "val/train/a.jpg", "val/cat/a.jpg"]),
            [train.clone(), cat.clone(), train, cat.clone()]
        );
        assert_eq!(of(&["train/cat/a.jpg", "train/dog/a.jpg", "test/a.jpg", "test/b.jpg"]), [cat, dog, None, None]);
    }

    #[test]
    fn sibling_folders_are_classes() {
        let cat = Some("cat".to_owned());
        let dog = Some("dog".to_owned());
        assert_eq!(of(&["cat/a.jpg", "dog/b.jpg"]), [cat.clone(), dog.clone()]);
        assert_eq!(of(&["pets/train/cat/a.jpg", "pets/val/dog/b.jpg"]), [cat.clone(), dog.clone()]);
        assert_eq!(of(&["images/cat/a.jpg", "images/dog/b.jpg"]), [cat.clone(), dog.clone()]);
        assert_eq!(of(&["mask/a.jpg", "no_mask/a.jpg"]), [Some("mask".to_owned()), Some("no_mask".to_owned())]);
        assert_eq!(of(&["cat/a.jpg", "cat/kittens/b.jpg", "dog/c.jpg", "stray.jpg"]), [cat.clone(), cat, dog, None]);
    }

    #[test]
    fn archives_are_classes_where_they_hold_images_alone() {
        let cat = Some("cat".to_owned());
        let dog = Some("dog".to_owned());
        assert_eq!(of(&["train.zip/cat/a.jpg", "val.zip/dog/b.jpg"]), [cat.clone(), dog.clone()]);
        assert_eq!(of(&["one.zip/cat/a.jpg", "two.zip/dog/b.jpg"]), [cat.clone(), dog.clone()]);
        assert_eq!(of(&["cat.zip/a.jpg", "dog.zip/b.jpg"]), [cat, dog]);
    }

    #[test]
    fn folders_of_the_layout_are_no_classes() {
        assert_eq!(of(&["images/a.jpg", "images/b.jpg"]), [None, None]);
        assert_eq!(of(&["train/a.jpg", "val/b.jpg"]), [None, None]);
        assert_eq!(of(&["only/a.jpg", "only/b.jpg"]), [None, None]);
        assert_eq!(of(&["a.jpg", "b.jpg", "c/d.jpg"]), [None, None, None]);
    }
}
