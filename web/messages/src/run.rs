//! A run: its settings, and the outputs that workers make.

use serde::{Deserialize, Serialize};

use crate::RecipeJson;

/// The content hash and position of every usable source; of equal sources the first. Empty unless the recipe mixes.
pub type PartnerHashes = Vec<(String, usize)>;

/// The settings of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed.
    pub seed: u64,
    /// Copies of each image; `None` for the recipe's own count.
    pub count: Option<u32>,
    /// The format to write labels in, as `LabelFormat::name` gives it; `None` for the dataset's own.
    pub labels: Option<String>,
    /// For recipes that mix.
    pub partners: PartnerHashes,
    /// Whether to make a contact sheet.
    pub sheet: bool,
}

/// A prepared run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The number of outputs of each source, by its position in the listing.
    pub copies: Vec<usize>,
    /// Whether the recipe mixes, so that it needs the hashes of all sources.
    pub mixes: bool,
    /// Labels of this dataset that the format cannot represent.
    pub warnings: Vec<String>,
}

/// Outputs to render of one source.
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
    /// The outputs, in the requested order.
    pub copies: Vec<RenderedCopy>,
    /// The size of the worker's memory in bytes; it never shrinks.
    pub memory: u64,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenderedCopy {
    /// Rendered; two buffers are attached.
    Made {
        /// Its position among the outputs of the source.
        position: usize,
        /// Pixels written.
        pixels: u64,
        /// Bytes of the attachments.
        bytes: u64,
    },
    /// Failed.
    Failed(CopyFailure),
}

/// An output that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyFailure {
    /// Its position among the outputs of the source.
    pub position: usize,
    /// Why.
    pub error: String,
}
