//! The dataset: files that the page hands over, and the listing of what they contain.

use serde::{Deserialize, Serialize};

/// A batch of files to open: too many at once would block the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBatch {
    /// Whether this is the first batch; it replaces earlier files that were not opened.
    pub first: bool,
    /// The path of each attached file, with folders and forward slashes.
    pub names: Vec<String>,
}

/// How to open the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSettings {
    /// Whether to read labels, or only images.
    pub labels: bool,
    /// Images with more pixels are refused; `None` for the engine's own limit.
    pub max_pixels: Option<u64>,
    /// The name of the only image to open, with its labels.
    pub only: Option<String>,
}

/// The contents of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The default format to write labels in, as `LabelFormat::name` gives it.
    pub format: String,
    /// The display name of the format.
    pub format_title: String,
    /// The images in the order of a run.
    pub items: Vec<ItemInfo>,
    /// The classes of the objects.
    pub classes: Vec<ClassInfo>,
    /// The splits; one without a name for images in no split.
    pub splits: Vec<SplitInfo>,
    /// Files that cannot be used.
    pub problems: Vec<ProblemInfo>,
    /// Warnings: nothing fails, but the user should know.
    pub warnings: Vec<String>,
    /// Files that were skipped, although the user may have meant them.
    pub notes: Vec<String>,
    /// The number of images with labels of each format, by its title.
    pub labeled: Vec<(String, usize)>,
    /// Images in class folders.
    pub in_class_folders: usize,
    /// Images with a mask.
    pub masks: usize,
    /// Whether left and right keypoints are unknown, so that flips are not drawn.
    pub unpaired: bool,
    /// The size of the images in bytes.
    pub bytes: u64,
    /// Whether single files were added, so that labels may name missing images.
    pub partial: bool,
}

/// A split of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitInfo {
    /// Its name; `None` for images in no split.
    pub name: Option<String>,
    /// The number of images.
    pub images: usize,
    /// The number of labeled objects.
    pub objects: usize,
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemInfo {
    /// Its name in the dataset.
    pub name: String,
    /// Its split.
    pub split: Option<String>,
    /// The size of its file in bytes.
    pub bytes: u64,
    /// Whether it has labels.
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
    /// Its color, as in contact sheets.
    pub color: [u8; 3],
    /// The bones: pairs of joints, from 0.
    pub skeleton: Vec<(usize, usize)>,
}

/// A file that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemInfo {
    /// Its name.
    pub file: String,
    /// The problem, as a message for the user.
    pub message: String,
}

/// A file of the upload cache: the folder of a job, and a name in it.
pub type CachePath = (String, String);

/// A file to upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// Its media type, if the first bytes are those of an image.
    pub media_type: Option<String>,
}
