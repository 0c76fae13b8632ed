//! The zip of a run: its destination, what is added, and its summary.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ProblemInfo, Rendered};

/// Where a zip is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A file on disk that the user chose; its `FileSystemFileHandle` is attached.
    File,
    /// The browser's own file system, until it is saved.
    Stored,
    /// Memory, if neither is available.
    Memory,
}

/// An addition to a zip; they come in the order of the sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addition {
    /// Outputs of a source. Attached: as in [`crate::Response::Rendered`].
    Outputs(Rendered),
    /// A source that failed.
    Failure {
        /// Position of the source in the listing.
        item: usize,
        /// Why.
        message: String,
    },
}

/// The result of an addition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Bytes of the zip so far.
    pub bytes: u64,
    /// Failed files, each once with its cause.
    pub failed: Vec<ProblemInfo>,
    /// Warnings about images, with the first output of each.
    pub warnings: Vec<ProblemInfo>,
}

/// The summary of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The engine's summary: counts of outputs, labels, warnings, and the files that failed.
    pub summary: Value,
    /// Bytes of the zip.
    pub bytes: u64,
    /// SHA-256 of the zip, 64 hexadecimal digits.
    pub sha256: String,
    /// The warnings of the outputs, each once with its count; the most frequent first.
    pub warnings: Vec<(String, usize)>,
    /// The reasons for dropped objects, each once with its count; the most frequent first.
    pub dropped: Vec<(String, usize)>,
}
