//! What the name of a folder says: its split, the role of the files in it, or neither.

use crate::plan::Split;

const PICTURES: [&str; 13] =
    ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "gif", "tif", "tiff", "mpo", "jpg_large"];

/// Whether a name ends as those of pictures do.
pub(in crate::formats) fn has_picture_ending(name: &str) -> bool {
    PICTURES.contains(&split_extension(name).1.as_str())
}

/// What the files of a folder are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Role {
    /// Photographs.
    Images,
    /// Label files; pictures in it are masks where they belong to photographs.
    Labels,
    /// Masks.
    Masks,
    /// Lists of images or of classes.
    Lists,
}

/// What a folder's name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Folder {
    /// The split of what is in it.
    pub(in crate::formats) split: Option<Split>,
    /// What it holds.
    pub(in crate::formats) role: Option<Role>,
}

impl Folder {
    /// Whether the name is one of the layout's and not of the content's.
    pub(in crate::formats) const fn is_structural(&self) -> bool {
        self.split.is_some() || self.role.is_some()
    }
}

const IMAGES: [&str; 12] = [
    "images",
    "image",
    "imgs",
    "img",
    "jpegimages",
    "img_dir",
    "leftimg8bit",
    "rightimg8bit",
    "image_2",
    "image_3",
    "image_02",
    "image_03",
];
const LABELS: [&str; 12] = [
    "labels",
    "label",
    "annotations",
    "annotation",
    "anns",
    "ann",
    "xml",
    "xmls",
    "labeltxt",
    "label_2",
    "label_02",
    "bboxes",
];
const MASKS: [&str; 18] = [
    "masks",
    "mask",
    "ann_dir",
    "segmentationclass",
    "segmentationclassaug",
    "segmentationclassraw",
    "segmentationobject",
    "gtfine",
    "gtcoarse",
    "annot",
    "annots",
    "groundtruth",
    "ground_truth",
    "gt",
    "seg",
    "segmentation",
    "segmentations",
    "semantic",
];

const LISTS: [&str; 6] = ["imagesets", "main", "layout", "splits", "metadata", "meta"];

fn role(word: &str) -> Option<Role> {
    let is = |words: &[&str]| words.contains(&word);
    if is(&IMAGES) {
        Some(Role::Images)
    } else if is(&LABELS) {
        Some(Role::Labels)
    } else if is(&MASKS) {
        Some(Role::Masks)
    } else if is(&LISTS) {
        Some(Role::Lists)
    } else {
        None
    }
}

/// What the name of a folder says. One name can say both: `train_masks`, `trainannot`, `images_val`, `obj_train_data`.
/// An archive counts as a folder of its name.
pub(in crate::formats) fn folder(name: &str) -> Folder {
    let lower = name.to_ascii_lowercase();
    let word = lower.strip_suffix(".zip").unwrap_or(&lower);
    if let Some(split) = Split::of_word(word) {
        return Folder { split: Some(split), role: None };
    }
    if let Some(role) = role(word) {
        return Folder { split: None, role: Some(role) };
    }
    if let Some(split) = word.strip_prefix("obj_").and_then(|rest| rest.strip_suffix("_data")).and_then(Split::of_word)
    {
        return Folder { split: Some(split), role: Some(Role::Images) };
    }
    let both = |split: &str, rest: &str| {
        let (split, role) = (Split::of_word(split)?, role(rest.trim_matches(['_', '-', ' ']))?);
        Some(Folder { split: Some(split), role: Some(role) })
    };
    // Where one word ends and the other begins is not marked in `trainannot`.
    let cuts = || (1..word.len()).filter(|at| word.is_char_boundary(*at)).map(|at| word.split_at(at));
    cuts()
        .find_map(|(before, after)| {
            let trimmed = (before.trim_end_matches(['_', '-', ' ']), after.trim_start_matches(['_', '-', ' ']));
            both(trimmed.0, trimmed.1).or_else(|| both(trimmed.1, trimmed.0))
        })
        .unwrap_or_default()
}

/// The last segment of a name.
pub(in crate::formats) fn base(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// The folders of a name, outermost first.
pub(in crate::formats) fn folders(name: &str) -> impl Iterator<Item = &str> {
    let end = name.len() - base(name).len();
    name[..end].split('/').filter(|part| !part.is_empty())
}

/// A name without its extension, and the extension in lower case.
pub(in crate::formats) fn split_extension(name: &str) -> (&str, String) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') && !base(stem).is_empty() => {
            (stem, extension.to_ascii_lowercase())
        }
        _ => (name, String::new()),
    }
}

/// The split that the folders of a file say; the innermost where several do.
pub(in crate::formats) fn split_of(name: &str) -> Option<Split> {
    folders(name).filter_map(|name| folder(name).split).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_say_split_and_role() {
        let said = |split: Option<Split>, role: Option<Role>| Folder { split, role };
        for (name, folder_said) in [
            ("train", said(Some(Split::Train), None)),
            ("JPEGImages", said(None, Some(Role::Images))),
            ("train_masks", said(Some(Split::Train), Some(Role::Masks))),
            ("trainannot", said(Some(Split::Train), Some(Role::Masks))),
            ("images-val2017", said(Some(Split::Val), Some(Role::Images))),
            ("obj_Train_data", said(Some(Split::Train), Some(Role::Images))),
            ("valid.zip", said(Some(Split::Val), None)),
            ("labelTxt", said(None, Some(Role::Labels))),
            ("cat", Folder::default()),
            ("trains", Folder::default()),
            ("é", Folder::default()),
        ] {
            assert_eq!(folder(name), folder_said, "{name}");
        }
    }

    #[test]
    fn the_innermost_folder_names_the_split() {
        assert_eq!(split_of("test/project/images/train/a.jpg"), Some(Split::Train));
        assert_eq!(split_of("train.jpg"), None);
        assert_eq!(folders("a/b/c.jpg").collect::<Vec<_>>(), ["a", "b"]);
    }
}
