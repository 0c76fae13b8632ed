//! What is found in the files that a person brings.

use serde::{Deserialize, Serialize};

/// Some of the files to look into: many at once would hold the page up while they are handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBatch {
    /// Whether these are the first ones; what was handed over before and not opened is forgotten.
    pub first: bool,
    /// The path of each attached file, its folders included, with forward slashes.
    pub names: Vec<String>,
}

/// How to look into the files that were handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSettings {
    /// Whether labels are read; without, images alone.
    pub labels: bool,
    /// Images of more pixels are refused; `None` for the engine's own bound.
    pub max_pixels: Option<u64>,
    /// Only this image is wanted, by its name, with what labels it.
    pub only: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The format that labels are written in unless another is chosen, as `LabelFormat::name` gives it.
    pub format: String,
    /// The format as people write it.
    pub format_title: String,
    /// The images in the order of a run.
    pub items: Vec<ItemInfo>,
    /// The classes of the objects.
    pub classes: Vec<ClassInfo>,
    /// The splits; one without a name for images in none.
    pub splits: Vec<SplitInfo>,
    /// Files that cannot be used.
    pub problems: Vec<ProblemInfo>,
    /// What a person should know but nothing fails for.
    pub warnings: Vec<String>,
    /// What was passed over that a person may have meant.
    pub notes: Vec<String>,
    /// Images with labels of each format, by its title.
    pub labeled: Vec<(String, usize)>,
    /// Images in class folders.
    pub in_class_folders: usize,
    /// Images with a mask.
    pub masks: usize,
    /// Whether nothing says which keypoints become which in a mirror, so that flips are not drawn.
    pub unpaired: bool,
    /// Bytes of the images.
    pub bytes: u64,
    /// Whether single files were brought, so that labels may speak of images that are not there.
    pub partial: bool,
}

/// A split of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitInfo {
    /// Its name; `None` for images in no split.
    pub name: Option<String>,
    /// Its images.
    pub images: usize,
    /// The objects that their labels state.
    pub objects: usize,
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemInfo {
    /// Its name in the dataset.
    pub name: String,
    /// The split that it is in.
    pub split: Option<String>,
    /// The size of its file in bytes.
    pub bytes: u64,
    /// Whether a label file speaks of it.
    pub labeled: bool,
    /// Whether it has a mask.
    pub masked: bool,
    /// The class of the whole image.
    pub class: Option<String>,
}

/// A class of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassInfo {
    /// Its name.
    pub name: String,
    /// Its color, as contact sheets have it.
    pub color: [u8; 3],
    /// Bones: pairs of joints, from 0.
    pub skeleton: Vec<(usize, usize)>,
}

/// A file that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemInfo {
    /// Its name.
    pub file: String,
    /// Why, in words for the user.
    pub message: String,
}

/// A file of the upload cache: the folder of a job, and a name in it.
pub type CachePath = (String, String);

/// A file that is to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// The media type by the first bytes, where they are those of an image.
    pub media_type: Option<String>,
}
