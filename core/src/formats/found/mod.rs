//! The label files of an input, format by format: read, matched with images, their classes gathered.

mod coco;
mod voc;
mod yolo;

pub(super) use coco::CocoFound;
pub(super) use voc::VocFound;
pub(super) use yolo::YoloFound;

use super::Source;
use crate::error::Error;

/// What one format has for an image.
#[derive(Debug)]
pub(super) enum Found {
    /// Labels.
    Labels(Source),
    /// A file that cannot be read.
    Broken,
}

/// The error of a label file, with what it means for its image.
fn left_out(error: &Error, image: &str) -> Error {
    Error::new(error.kind(), format!("{}; its image {image} is left out", error.message()))
}
