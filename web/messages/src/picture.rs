//! Pictures for the eye: previews, thumbnails and single outputs, with their labels as shapes to draw over them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::RecipeJson;

/// Which outputs of a source to picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewRequest {
    /// Position of the source in the listing.
    pub item: usize,
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed of the draws.
    pub seed: u64,
    /// The copies to picture; `None` is the source itself.
    pub copies: Vec<Option<u32>>,
    /// The longest side of each picture, in pixels; ignored for exact ones.
    pub side: u32,
}

/// A picture and what is on it. Coordinates are pixels of this picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Position of the source in the listing.
    pub item: usize,
    /// The copy; `None` is the source itself.
    pub copy: Option<u32>,
    /// Columns of this picture.
    pub width: u32,
    /// Rows of this picture.
    pub height: u32,
    /// Columns and rows of the output in full.
    pub full: (u32, u32),
    /// Objects that stay.
    pub kept: Vec<Mark>,
    /// Objects that a run leaves out, where they still have a place.
    pub dropped: Vec<Mark>,
    /// Whether the source has a mask, which is attached too.
    pub mask: bool,
    /// The drawn steps, as the manifest has them.
    pub steps: Value,
    /// The manifest line, for exact ones.
    pub line: Option<Value>,
    /// The file type of the attached image, such as `image/jpeg`, for exact ones.
    pub media_type: Option<String>,
    /// Whether a run may mix in other images than this picture shows: not all images of a large dataset were looked at.
    pub approximate: bool,
    /// What could not be done, in words; there are no pixels then.
    pub error: Option<String>,
    /// Warnings about the source.
    pub warnings: Vec<String>,
}

/// An object as it is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Its class.
    pub class: usize,
    /// `[x0, y0, x1, y1]`.
    pub bbox: Option<[f64; 4]>,
    /// Outlines, holes among them.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Joints, in the order of the class's skeleton.
    pub joints: Vec<Joint>,
    /// Why it is left out.
    pub reason: Option<String>,
}

/// A keypoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Joint {
    /// Column.
    pub x: f64,
    /// Row.
    pub y: f64,
    /// 0: not labeled, 1: hidden, 2: seen.
    pub state: u8,
}
