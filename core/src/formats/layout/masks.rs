//! Which pictures of an input are photographs, and which are masks of them.

use std::collections::{BTreeMap, BTreeSet};

use super::partners::{MASK_ENDS, Partners};
use super::words::{Role, base, folder, folders, split_extension};

/// The pictures of an input.
#[derive(Debug, Default)]
pub(in crate::formats) struct Pictures<'a> {
    /// Photographs, sorted.
    pub(in crate::formats) images: Vec<&'a str>,
    /// The masks of photographs, by position, best first.
    pub(in crate::formats) masks: BTreeMap<usize, Vec<&'a str>>,
    /// Masks that belong to no photograph.
    pub(in crate::formats) orphans: Vec<&'a str>,
}

/// What says that a picture could be a mask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A folder of masks.
    Folder,
    /// A folder of labels, or the end of its name.
    Hint,
}

fn sign(name: &str) -> Option<Sign> {
    let roles: Vec<Role> = folders(name).filter_map(|part| folder(part).role).collect();
    if roles.contains(&Role::Masks) {
        return Some(Sign::Folder);
    }
    let stem = base(split_extension(name).0).to_lowercase();
    let ends = MASK_ENDS.iter().any(|end| stem.len() > end.len() && stem.ends_with(end));
    (ends || roles.last() == Some(&Role::Labels)).then_some(Sign::Hint)
}

/// How well a mask stands for the classes of pixels: instances and colors come after ids.
fn rank(name: &str) -> u8 {
    let lower = name.to_ascii_lowercase();
    if lower.contains("instance") || lower.contains("segmentationobject") {
        2
    } else if lower.contains("color") {
        3
    } else {
        u8::from(lower.contains("trainids"))
    }
}

/// Tells photographs and masks apart. A picture that only looks like a mask is one where a photograph of its key is
/// there; names that look like masks beside no photograph at all are photographs.
pub(in crate::formats) fn sort_pictures<'a>(pictures: &[&'a str]) -> Pictures<'a> {
    let (mut images, mut candidates): (Vec<&str>, Vec<&str>) =
        pictures.iter().partition(|picture| sign(picture).is_none());
    let partners = Partners::new(&images);
    let of = partners.of(&candidates);
    let used: BTreeSet<&str> =
        candidates.iter().zip(&of).filter(|(_, of)| !of.is_empty()).map(|(name, _)| *name).collect();
    let parent = |name: &str| name[..name.len() - base(name).len()].to_owned();
    let mask_folders: BTreeSet<String> = used.iter().map(|name| parent(name)).collect();
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (mask, of) in candidates.iter().zip(&of) {
        for image in of {
            owners.entry(images[*image]).or_default().push(mask);
        }
    }
    let none = images.is_empty();
    let mut found = Pictures::default();
    candidates.retain(|name| !used.contains(name));
    for name in candidates {
        let is_mask = match sign(name) {
            Some(Sign::Folder) => !none,
            _ => mask_folders.contains(&parent(name)),
        };
        if is_mask { found.orphans.push(name) } else { images.push(name) }
    }
    images.sort_unstable();
    for (at, image) in images.iter().enumerate() {
        if let Some(mut masks) = owners.remove(image) {
            masks.sort_by_key(|mask| (rank(mask), *mask));
            found.masks.insert(at, masks);
        }
    }
    found.images = images;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(pictures: &[&'a str]) -> (Vec<&'a str>, Vec<Vec<&'a str>>, Vec<&'a str>) {
        let found = sort_pictures(pictures);
        (found.images, found.masks.into_values().collect(), found.orphans)
    }

    #[test]
    fn masks_of_every_layout_are_no_photographs() {
        for (image, mask) in [
            ("a.jpg", "a_mask.png"),
            ("images/a.png", "masks/a.png"),
            ("images/a.png", "labels/a.png"),
            ("train/images/a.png", "train/masks/a.png"),
            ("img_dir/train/a.jpg", "ann_dir/train/a.png"),
            ("train/a.jpg", "train_masks/a_mask.gif"),
            ("train/a.png", "trainannot/a.png"),
            ("ADE/images/training/a.jpg", "ADE/annotations/training/a.png"),
            ("V/JPEGImages/a.jpg", "V/SegmentationClass/a.png"),
        ] {
            assert_eq!(sorted(&[image, mask]), (vec![image], vec![vec![mask]], vec![]), "{image} and {mask}");
        }
    }

    #[test]
    fn ids_come_before_instances_and_colors() {
        let image = "leftImg8bit/val/ulm/a_leftImg8bit.png";
        let masks = ["color", "instanceIds", "labelIds"].map(|kind| format!("gtFine/val/ulm/a_gtFine_{kind}.png"));
        let found = sort_pictures(&[image, &masks[0], &masks[1], &masks[2]]);
        assert_eq!(found.masks[&0], [&masks[2], &masks[1], &masks[0]]);
    }

    #[test]
    fn names_like_masks_beside_no_photograph_are_photographs() {
        assert_eq!(sorted(&["x_mask.png", "y_l.png"]).0, ["x_mask.png", "y_l.png"]);
        assert_eq!(sorted(&["masks/a.png"]).0, ["masks/a.png"]);
        assert_eq!(sorted(&["a.jpg", "a_mask.png", "b_mask.png"]).2, ["b_mask.png"]);
        assert_eq!(sorted(&["images/a.jpg", "masks/b.png"]).2, ["masks/b.png"]);
    }
}
