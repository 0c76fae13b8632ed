//! A run: its settings, and the outputs that workers make.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::RecipeJson;

/// What is the same for all images of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed.
    pub seed: u64,
    /// The format to write labels in: `none`, `voc`, `yolo` or `coco`; the dataset's own where there is none.
    pub labels: Option<String>,
    /// The content hash and position of every source that can be used, for recipes that mix; else empty.
    pub partners: Vec<(String, usize)>,
    /// Whether a contact sheet is wanted.
    pub sheet: bool,
}

/// What a run will make.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Outputs of each source.
    pub copies: usize,
    /// Whether the recipe mixes, so that hashes of all sources must be known.
    pub mixes: bool,
    /// What the format cannot hold of this dataset's labels.
    pub warnings: Vec<String>,
}

/// Outputs to make of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderAsk {
    /// Position of the source in the listing.
    pub item: usize,
    /// Positions among the outputs of the source, from 0.
    pub copies: Vec<usize>,
}

/// Outputs of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// Position of the source in the listing.
    pub item: usize,
    /// Why no output could be made.
    pub error: Option<String>,
    /// The outputs, in the order asked for.
    pub copies: Vec<RenderedCopy>,
    /// Bytes of the worker's memory, which never shrinks.
    pub memory: u64,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RenderedCopy {
    /// Made.
    Made {
        /// Its position among the outputs of the source.
        position: usize,
        /// The manifest line.
        line: Value,
        /// The names of its label files and mask; their contents are attached.
        entries: Vec<String>,
        /// What it adds to a file about all outputs.
        fragment: Option<Value>,
        /// Its tile on the contact sheet; its pixels are attached.
        tile: Option<Value>,
        /// Pixels written.
        pixels: u64,
        /// Bytes of the image.
        bytes: u64,
    },
    /// Failed.
    Failed(CopyFailure),
}

/// An output that could not be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyFailure {
    /// Its position among the outputs of the source.
    pub position: usize,
    /// Why.
    pub error: String,
}
