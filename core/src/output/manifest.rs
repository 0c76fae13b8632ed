//! The manifest: one JSON line per output, with all that is needed to replay it from its source.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::codec::Encoding;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::{LabelFormat, Split};
use crate::image::Fill;
use crate::labels::{Dropped, LabelPolicy};
use crate::reading::Reading;

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The name of the image in the dataset.
    pub output: String,
    /// Hash of its bytes.
    pub sha256: Digest,
    /// The name of the source.
    pub source: String,
    /// Hash of the source's bytes.
    pub source_sha256: Digest,
    /// The source's number among those of the same content, by name.
    #[serde(default, skip_serializing_if = "is_first")]
    pub twin: u32,
    /// The split that it is in, where the dataset has splits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// What is copied from the source byte for byte, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<Unchanged>,
    /// Which copy, from 0; `null` for the source itself, unaugmented.
    pub copy: Option<u32>,
    /// The seed of the run.
    pub seed: u64,
    /// The version of the engine.
    pub engine: String,
    /// Columns of the output.
    pub width: u32,
    /// Rows of the output.
    pub height: u32,
    /// The drawn steps.
    pub steps: Value,
    /// How the source was read.
    #[serde(default, skip_serializing_if = "Reading::is_usual")]
    pub input: Reading,
    /// How the output is encoded.
    pub encoding: Encoding,
    /// What transparent pixels lie on where the format has no alpha.
    pub background: Fill,
    /// Which objects stay.
    pub policy: LabelPolicy,
    /// What became of the labels.
    pub labels: LabelCounts,
    /// What was not kept of the source image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What of an output is taken from the source byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unchanged {
    /// The image: no step changed it.
    Image,
    /// Everything that can be: its split is not augmented.
    All,
}

/// What became of an output's labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelCounts {
    /// The format that they are written in.
    pub format: LabelFormat,
    /// Objects in the sources.
    pub read: usize,
    /// Objects that a border shows once more, which have labels of their own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mirrored: usize,
    /// Objects in the output, of those that were read and those that are shown once more.
    pub kept: usize,
    /// The others, each with its reason.
    pub dropped: Vec<Dropped>,
    /// Labeled keypoints in the sources.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keypoints_read: usize,
    /// Labeled keypoints in the output.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keypoints_kept: usize,
    /// What was mended or not kept.
    pub warnings: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_first(twin: &u32) -> bool {
    *twin == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A manifest read back.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The outputs.
    pub lines: Vec<Line>,
    /// Sources that failed, with their errors.
    pub failed: Vec<(String, String)>,
}

/// Reads `manifest.jsonl`.
///
/// # Errors
/// `Replay` with the number of the line that cannot be understood.
pub fn read_manifest(text: &str) -> Result<Manifest> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Failed {
        source: String,
        error: String,
    }
    let mut manifest = Manifest::default();
    for (i, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        if let Ok(Failed { source, error }) = serde_json::from_str(text) {
            manifest.failed.push((source, error));
            continue;
        }
        let line = serde_json::from_str(text)
            .map_err(|error| Error::new(ErrorKind::Replay, format!("manifest line {}: {error}", i + 1)))?;
        manifest.lines.push(line);
    }
    Ok(manifest)
}
