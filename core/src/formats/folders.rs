//! Class folders: a dataset in which the folder of an image is its class.

use std::collections::BTreeSet;

use super::layout::{Role, folder, folders, parent};

/// The class of every image; `None` for all when the folders are no classes. They are when at least two sibling
/// folders hold most of the images; names such as `train` and `images` are never classes.
pub(super) fn classes(images: &[&str]) -> Vec<Option<String>> {
    let folders: Vec<Vec<&str>> = images.iter().map(|image| named(image)).collect();
    // The folders that all images share say nothing about any; images that lie above them have no class.
    let deepest: Vec<&Vec<&str>> = folders.iter().filter(|parts| !parts.is_empty()).collect();
    let shared = deepest.first().map_or(0, |first| {
        (0..first.len()).take_while(|i| deepest.iter().all(|parts| parts.get(*i) == first.get(*i))).count()
    });
    let class: Vec<Option<String>> =
        folders.iter().map(|parts| parts.get(shared).map(|part| (*part).to_owned())).collect();
    let names: BTreeSet<&String> = class.iter().flatten().collect();
    let classed = class.iter().flatten().count();
    if names.len() >= 2 && classed * 2 > images.len() { class } else { vec![None; images.len()] }
}

/// The classes of images that have masks: those of the folders, where every mask lies in its image's folder and no class has
/// one image alone.
pub(super) fn classes_of_masked(images: &[&str], masks: &super::masks::Masks) -> Vec<Option<String>> {
    let beside = |(at, masks): (&usize, &Vec<super::MaskFile>)| {
        masks.iter().all(|mask| parent(&mask.name) == parent(images[*at]))
    };
    let class = classes(images);
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    class.iter().flatten().for_each(|name| *counts.entry(name).or_default() += 1);
    if masks.iter().all(beside) && counts.values().all(|count| *count > 1) { class } else { vec![None; images.len()] }
}

/// The folders of an image that could be classes. An archive is one only where its images lie in no further folder.
fn named(image: &str) -> Vec<&str> {
    // Photographs in a folder that is called as masks are show people with masks.
    let is_class = |name: &&str| {
        let said = folder(name);
        said.split.is_none() && said.role.is_none_or(|role| role == Role::Masks)
    };
    let mut named: Vec<&str> = folders(image).filter(is_class).collect();
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
        classes(images)
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
