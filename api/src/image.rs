//! `GET /v1/images`: what an image looks like from outside.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::rules::{FailureKind, Retention, Run, State, Visibility};

/// Size and hash of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// How results were made on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The version of the engine.
    pub engine: String,
    /// Images in the zip.
    pub outputs: u64,
    /// Pixels of these.
    pub pixels: u64,
    /// Bytes of the image that they were made of.
    pub bytes_before: u64,
    /// Bytes of the zip.
    pub bytes_after: u64,
    /// Warnings in the manifest.
    pub warnings: u64,
    /// Milliseconds for bringing the image; of a dataset's images nobody adds them up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetch_ms: Option<u64>,
    /// Milliseconds for everything between the two.
    pub augment_ms: u64,
    /// Milliseconds for what was still to be stored when all was made.
    pub store_ms: u64,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: State,
    /// The file's name.
    pub filename: String,
    /// The file's media type.
    pub content_type: String,
    /// The file's bytes.
    pub size: u64,
    /// The file's SHA-256 in hexadecimal digits; empty where a dropped file was not read.
    pub sha256: String,
    /// Columns of the image as it is shown, once a job has looked at it.
    pub width: Option<u32>,
    /// Rows of the same.
    pub height: Option<u32>,
    /// A title.
    pub title: Option<String>,
    /// Sorted, each once.
    pub tags: Vec<String>,
    /// A group.
    pub group: Option<String>,
    /// Copies.
    pub count: u32,
    /// The recipe in full.
    pub recipe: Value,
    /// Who runs it.
    pub run: Run,
    /// Who may see it.
    pub visibility: Visibility,
    /// How long it is kept.
    pub retention: Retention,
    /// Whether whoever asked owns it, and so may change it.
    pub mine: bool,
    /// The zip of results, when there is one.
    pub results: Option<Content>,
    /// How they were made, where the server made them.
    pub made: Option<Made>,
    /// Whether there is a thumbnail.
    pub thumbnail: bool,
    /// Why the last job failed.
    pub error: Option<String>,
    /// The kind of that failure.
    pub error_kind: Option<FailureKind>,
    /// When the id was reserved, RFC 3339.
    pub created_at: String,
    /// When anything changed last, RFC 3339.
    pub updated_at: String,
    /// When it goes, RFC 3339.
    pub expires_at: String,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImagePage {
    /// Newest first.
    pub images: Vec<Image>,
    /// Where the listing goes on; `null` at the end.
    pub next_cursor: Option<String>,
}

/// The answer to `DELETE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The id, free again.
    pub id: String,
}
