//! A run: its settings, and the outputs that workers make.

use serde::{Deserialize, Serialize};

use crate::RecipeJson;

/// The content hash and position of every source that can be used; of equal sources the first. Empty unless the
/// recipe mixes.
pub type PartnerHashes = Vec<(String, usize)>;

/// What is the same for all images of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed.
    pub seed: u64,
    /// Copies of every image; the recipe's own count where there is none.
    pub count: Option<u32>,
    /// The format to write labels in: as `LabelFormat::name` gives it; the dataset's own where there is none.
    pub labels: Option<String>,
    /// For recipes that mix.
    pub partners: PartnerHashes,
    /// Whether a contact sheet is wanted.
    pub sheet: bool,
}

/// What a run will make.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Outputs of each source, by its position in the listing.
    pub copies: Vec<usize>,
    /// Whether the recipe mixes, so that hashes of all sources must be known.
    pub mixes: bool,
    /// What the format cannot hold of this dataset's labels.
    pub warnings: Vec<String>,
}

/// Outputs to make of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderRequest {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenderedCopy {
    /// Made; two buffers are attached.
    Made {
        /// Its position among the outputs of the source.
        position: usize,
        /// Pixels written.
        pixels: u64,
        /// Bytes of what is attached.
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
