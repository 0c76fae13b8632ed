//! Datasets as files: which files are images, which hold their labels, and how labels are read and written.
//!
//! [`open`] finds the images of an input and the labels that belong to each; [`Item::place`] turns what a label file
//! states into pixels of the upright image; [`LabelWriter`] writes labels in any of the formats. Conversions between
//! the formats' conventions and continuous pixels happen here and nowhere else.

mod clip;
mod coco;
mod detect;
mod draft;
mod folders;
mod found;
mod names;
mod number;
mod orient;
mod place;
mod voc;
mod writer;
mod yolo;

use std::sync::Arc;

pub use crate::files::Files;
pub use detect::open;
pub use names::is_of_dataset;
pub use place::{Frame, Placed};
pub use writer::{Fragment, Fragments, LabelWriter, OutputLabels, mask_entry_name};

use crate::error::Error;
use crate::labels::Classes;

/// A format of object labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelFormat {
    /// No object labels: bare images or class folders.
    #[default]
    None,
    /// Pascal VOC: one XML file an image.
    Voc,
    /// YOLO: one text file an image; boxes, polygons or poses.
    Yolo,
    /// COCO: one JSON file for all images.
    Coco,
}

impl LabelFormat {
    /// The name as people write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::None => "no labels",
            Self::Voc => "Pascal VOC",
            Self::Yolo => "YOLO",
            Self::Coco => "COCO",
        }
    }
}

/// Which labels to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelChoice {
    /// Whatever is there; the format that covers most images leads.
    #[default]
    Auto,
    /// One format only; `Only(None)` reads images alone.
    Only(LabelFormat),
}

/// The images of an input with what labels them.
#[derive(Clone, Debug, Default)]
pub struct Dataset {
    /// The format of the labels; the one that covers most images where there are several.
    pub format: LabelFormat,
    /// The images, sorted by name.
    pub items: Vec<Item>,
    /// The classes of the objects.
    pub classes: Arc<Classes>,
    /// Files that cannot be used, each with the reason; an image is left out when its labels cannot be read.
    pub problems: Vec<Problem>,
    /// What a person should know but nothing fails for.
    pub warnings: Vec<String>,
    /// What the labels hold beyond boxes.
    pub holds: Holds,
    /// What a writer repeats: COCO's `info`, `licenses` and other fields beside images, annotations and categories.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Whether the source's coordinates have more decimals than ours are rounded to.
    fine: bool,
}

/// What the labels of a dataset hold beyond boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Polygons or bitmaps.
    pub shapes: bool,
    /// Keypoints an object; 0 where there are none.
    pub keypoints: usize,
    /// Whether the source says of each keypoint if it is seen (YOLO's lines of two numbers a keypoint do not).
    pub visibility: bool,
    /// Other fields, such as VOC's `pose` or COCO's `iscrowd`.
    pub extras: bool,
}

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name in the input.
    pub file: String,
    /// Why.
    pub error: Error,
}

const ABSENT_IMAGE: &str = "it labels an image that is not there";

impl Problem {
    /// Whether it is only that a file about many images speaks of one that is not in the input.
    #[must_use]
    pub fn is_absent_image(&self) -> bool {
        self.error.message().starts_with(ABSENT_IMAGE)
    }
}

/// One image and where its labels are; cheap to clone.
#[derive(Clone, Debug)]
pub struct Item {
    /// The image's name in the input.
    pub name: String,
    /// The class of the whole image: the folder that it lies in, in a dataset of class folders.
    pub class: Option<String>,
    /// The name of its mask image in the input.
    pub mask: Option<String>,
    source: Source,
}

/// The labels of an image as its source states them: text, parsed when an image is placed.
#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    None,
    Voc(Arc<voc::VocLabels>),
    Yolo(Arc<yolo::YoloLabels>),
    Coco(Arc<coco::CocoLabels>),
}

impl Item {
    /// Whether a label file speaks of this image, be it with no object.
    #[must_use]
    pub const fn is_labelled(&self) -> bool {
        !matches!(self.source, Source::None)
    }

    /// The format of its labels.
    #[must_use]
    pub const fn format(&self) -> LabelFormat {
        match self.source {
            Source::None => LabelFormat::None,
            Source::Voc(_) => LabelFormat::Voc,
            Source::Yolo(_) => LabelFormat::Yolo,
            Source::Coco(_) => LabelFormat::Coco,
        }
    }
}
