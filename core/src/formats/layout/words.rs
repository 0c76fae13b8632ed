//! What the name of a folder says: its split, the role of the files in it, or neither.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use crate::plan::Split;

const PICTURES: [&str; 13] =
    ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "gif", "tif", "tiff", "mpo", "jpg_large"];

/// Whether a name ends as those of pictures do.
pub(in crate::formats) fn has_picture_ending(name: &str) -> bool {
    PICTURES.contains(&split_extension(name).1.as_str())
}

/// What the files of a folder are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::formats) enum Role {
    /// Lists of images or of classes.
    Lists,
    /// Photographs.
    Images,
    /// Label files; pictures in it are masks where they belong to photographs.
    Labels,
    /// Masks.
    Masks,
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
const MASKS: [&str; 46] = [
    "masks",
    "mask",
    "instances",
    "instance",
    "panoptic",
    "trimaps",
    "stuffthingmaps",
    "matte",
    "ann_dir",
    "segmentationclass",
    "segmentationclassaug",
    "segmentationclassraw",
    "segmentationobject",
    "segmentationclasspng",
    "segmentationclasscontext",
    "segmentationclassvisualization",
    "segmentationobjectpng",
    "segmentationobjectvisualization",
    "ground_truths",
    "ground_truth_mask",
    "ground_truth_masks",
    "1st_manual",
    "2nd_manual",
    "category_ids",
    "instance_ids",
    "human_ids",
    "label_image",
    "label_images",
    "mask_image",
    "mask_images",
    "gt_image",
    "gt_images",
    "gt_image_2",
    "gts",
    "mattes",
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

/// Words about the form of the files in a folder, or their side in pixels.
const FORMS: [&str; 16] = [
    "dir", "folder", "png", "pngs", "jpg", "jpegs", "tif", "bmp", "rgb", "color", "colors", "gray", "human", "machine",
    "prepped", "binary",
];
/// Words that stand beside that of a split and say nothing: `obj_train_data`.
const BESIDE_SPLITS: [&str; 6] = ["obj", "data", "set", "dataset", "stage1", "stage2"];

/// What the name of a folder says. One name can say both: `train_masks`, `trainannot`, `images_val`. An archive counts as a
/// folder of its name.
pub(in crate::formats) fn folder(name: &str) -> Folder {
    let lower = name.to_ascii_lowercase();
    let word = lower.strip_suffix(".zip").unwrap_or(&lower);
    if let Some(split) = Split::of_word(word) {
        return Folder { split: Some(split), role: None };
    }
    if let Some(role) = role(&word.replace([' ', '-'], "_")) {
        return Folder { split: None, role: Some(role) };
    }
    of_words(word).or_else(|| of_halves(word)).unwrap_or_default()
}

/// The words of a name of several.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', ' ']).filter(|word| !word.is_empty())
}

/// What a name of several words says, where every one of them is known and no two are for different files.
fn of_words(name: &str) -> Option<Folder> {
    let mut said = Folder::default();
    let mut idle = false;
    for word in words(name) {
        if let Some(split) = Split::of_word(word) {
            said.split = Some(split);
        } else if let Some(role) = role(word).filter(|role| *role != Role::Lists) {
            let both = [said.role, Some(role)];
            // `semantic_labels`: masks that are called labels.
            let agree = !both.contains(&Some(Role::Images)) || both[0].is_none_or(|known| known == role);
            said.role = agree.then(|| said.role.max(Some(role)))?;
        } else if BESIDE_SPLITS.contains(&word) {
            idle = true;
        } else if !(FORMS.contains(&word) || word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
    }
    (said.is_structural() && !(idle && (said.split.is_none() || said.role.is_some()))).then_some(said)
}

/// What two words say between which nothing stands, one a split: `trainannot`.
fn of_halves(name: &str) -> Option<Folder> {
    let whole = ["train", "training", "val", "valid", "validation", "test", "testing"].into_iter().find_map(|split| {
        let rest = name.strip_prefix(split).or_else(|| name.strip_suffix(split))?;
        let role = role(rest);
        (role.is_some() || BESIDE_SPLITS.contains(&rest)).then(|| Folder { split: Split::of_word(split), role })
    });
    // `imagesTr`, as nnU-Net has it.
    whole.or_else(|| {
        [("tr", Split::Train), ("ts", Split::Test)]
            .into_iter()
            .find_map(|(end, split)| Some(Folder { split: Some(split), role: Some(role(name.strip_suffix(end)?)?) }))
    })
}

/// What the masks of a folder show, by its name: `instances`, `color`; nothing for classes.
pub(super) fn mask_role(name: &str) -> &'static str {
    let lower = name.to_ascii_lowercase();
    let word = |word| match word {
        "segmentationobject" | "segmentationobjectpng" | "instances" | "instance" => Some("instances"),
        "segmentationclassvisualization" | "segmentationobjectvisualization" => Some("visualization"),
        "segmentationclasscontext" => Some("context"),
        "2nd" => Some("second"),
        "manual" => Some("manual"),
        "panoptic" => Some("panoptic"),
        "color" | "colors" | "rgb" => Some("color"),
        "human" => Some("human"),
        _ => None,
    };
    words(&lower).find_map(word).unwrap_or_default()
}

/// The split that the names of a file's folders say; the innermost where several do.
pub(super) fn split_of(name: &str) -> Option<Split> {
    folders(name).filter_map(|name| folder(name).split).last()
}

/// A name with every letter and its marks as one character: systems that take names apart (macOS) mean the same name.
pub(in crate::formats) fn composed(name: &str) -> Cow<'_, str> {
    if name.is_ascii() { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

/// A name as names are compared where case says nothing.
pub(super) fn folded(name: &str) -> String {
    composed(name).to_lowercase()
}

/// Whether the folders of two files say that these are of different splits.
pub(super) fn are_apart(a: &str, b: &str) -> bool {
    matches!((split_of(a), split_of(b)), (Some(a), Some(b)) if a != b)
}

/// The stem of a file as stems are compared.
pub(in crate::formats) fn stem_of(name: &str) -> String {
    folded(base(split_extension(name).0))
}

/// The folders of a file with the slash that ends them; nothing for a file in none.
pub(in crate::formats) fn folder_path(name: &str) -> &str {
    &name[..name.len() - base(name).len()]
}

/// The folders of a name as one path; nothing for a file in none.
pub(in crate::formats) fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
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

/// Whether a word is the name of a file: it ends with an extension of letters.
pub(in crate::formats) fn is_file(word: &str) -> bool {
    let extension = split_extension(word).1;
    let is_extension = (2..=5).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_extension && !word.contains(char::is_whitespace)
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
            ("obj_Train_data", said(Some(Split::Train), None)),
            ("masks_png", said(None, Some(Role::Masks))),
            ("semantic-labels", said(None, Some(Role::Masks))),
            ("images-labels", Folder::default()),
            ("seg-images-masks", Folder::default()),
            ("seg_data", Folder::default()),
            ("train_data", said(Some(Split::Train), None)),
            ("training_set", said(Some(Split::Train), None)),
            ("Valid Dataset", said(Some(Split::Val), None)),
            ("testset", said(Some(Split::Test), None)),
            ("data_set", Folder::default()),
            ("images_512", said(None, Some(Role::Images))),
            ("train_2017_images", said(Some(Split::Train), Some(Role::Images))),
            ("no_mask", Folder::default()),
            ("WithMask", Folder::default()),
            ("seg_pred", Folder::default()),
            ("valid.zip", said(Some(Split::Val), None)),
            ("labelTxt", said(None, Some(Role::Labels))),
            ("cat", Folder::default()),
            ("trains", Folder::default()),
            ("Ground Truth", said(None, Some(Role::Masks))),
            ("label_images", said(None, Some(Role::Masks))),
            ("imagesTr", said(Some(Split::Train), Some(Role::Images))),
            ("labelsTs", said(Some(Split::Test), Some(Role::Labels))),
            ("annotations_prepped_train", said(Some(Split::Train), Some(Role::Labels))),
            ("stage1_test", said(Some(Split::Test), None)),
            ("stage1", Folder::default()),
            ("é", Folder::default()),
        ] {
            assert_eq!(folder(name), folder_said, "{name}");
        }
    }

    #[test]
    fn folders_are_told_from_outside() {
        assert_eq!(folders("a/b/c.jpg").collect::<Vec<_>>(), ["a", "b"]);
    }
}
