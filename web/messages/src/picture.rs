//! Pictures for display: previews, thumbnails and single outputs, with their labels as shapes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::RecipeJson;

/// The outputs of a source to draw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewRequest {
    /// Position of the source in the listing.
    pub item: usize,
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed of the draws.
    pub seed: u64,
    /// The copies to draw; `None` is the source itself.
    pub copies: Vec<Option<u32>>,
    /// The longest side of each picture in pixels; ignored for exact outputs.
    pub side: u32,
}

/// A picture with its labels. Coordinates are pixels of this picture.
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
    /// Columns and rows of the full output.
    pub full: (u32, u32),
    /// Kept objects.
    pub kept: Vec<Mark>,
    /// Dropped objects, if they still have a position.
    pub dropped: Vec<Mark>,
    /// Whether the source has a mask, which is also attached.
    pub mask: bool,
    /// The drawn steps, as in the manifest.
    pub steps: Value,
    /// The manifest line of an exact output.
    pub line: Option<Value>,
    /// The media type of an exact output, such as `image/jpeg`.
    pub media_type: Option<String>,
    /// Whether a run may mix in other images: not all images of a large dataset were hashed.
    pub approximate: bool,
    /// An error message; the picture has no pixels then.
    pub error: Option<String>,
    /// Warnings about the source.
    pub warnings: Vec<String>,
}

/// An object to draw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Its class.
    pub class: usize,
    /// `[x0, y0, x1, y1]`.
    pub bbox: Option<[f64; 4]>,
    /// Outlines and holes.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Joints, in the order of the class's skeleton.
    pub joints: Vec<Joint>,
    /// Why it is dropped.
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
