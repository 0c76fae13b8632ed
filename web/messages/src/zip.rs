//! The zip: where it goes, what is added, and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ProblemInfo, Rendered};

/// Where a zip is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A file on disk that the person chose; its `FileSystemFileHandle` is attached.
    File,
    /// The browser's own file system, until it is saved.
    Stored,
    /// Memory, where neither can be had.
    Memory,
}

/// What is added to a zip, in the order of the sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addition {
    /// Outputs of a source. Attached: as [`crate::Response::Rendered`] has them.
    Outputs(Rendered),
    /// A source without outputs.
    Failure {
        /// Position of the source in the listing.
        item: usize,
        /// Why.
        message: String,
    },
}

/// What an addition brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Bytes of the zip so far.
    pub bytes: u64,
    /// Files that failed, each with its cause, once.
    pub failed: Vec<ProblemInfo>,
    /// Warnings about images, told with the first output of each.
    pub warnings: Vec<ProblemInfo>,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The engine's summary: counts of outputs, labels, warnings, and the files that failed.
    pub summary: Value,
    /// Bytes of the zip.
    pub bytes: u64,
    /// SHA-256 of the zip, 64 hexadecimal digits.
    pub sha256: String,
    /// Warnings of the outputs, each once, with how many outputs had it; the most frequent first.
    pub warnings: Vec<(String, usize)>,
    /// Why objects were left out, each once, with how often; the most frequent first.
    pub dropped: Vec<(String, usize)>,
}
