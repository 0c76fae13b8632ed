//! The API view of an image.

use std::ops::Deref;

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
    /// Pixels in these images.
    pub pixels: u64,
    /// Bytes of the source.
    pub bytes_before: u64,
    /// Bytes of the zip.
    pub bytes_after: u64,
    /// Warnings in the manifest.
    pub warnings: u64,
    /// Milliseconds for fetching the image; absent for datasets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetch_ms: Option<u64>,
    /// Milliseconds between fetching and storing.
    pub augment_ms: u64,
    /// Milliseconds for storing the rest after the last output.
    pub store_ms: u64,
}

/// What the record of an image and its API view share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// The image's id.
    pub id: String,
    /// The state.
    pub state: State,
    /// The file's name.
    pub filename: String,
    /// The file's media type.
    pub content_type: String,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's SHA-256 in hexadecimal digits; empty if a file in the bucket was too large to read.
    pub sha256: String,
    /// A title.
    pub title: Option<String>,
    /// Sorted, unique.
    pub tags: Vec<String>,
    /// A group.
    pub group: Option<String>,
    /// Copies.
    pub count: u32,
    /// The recipe in full.
    pub recipe: Value,
    /// Where it runs.
    pub run: Run,
    /// Who may see it.
    pub visibility: Visibility,
    /// The retention.
    pub retention: Retention,
    /// The results zip, if there is one.
    pub results: Option<Content>,
    /// How the server made them.
    pub made: Option<Made>,
    /// Whether a thumbnail exists.
    pub thumbnail: bool,
    /// Why the last job failed.
    pub error: Option<String>,
    /// The kind of that failure.
    pub error_kind: Option<FailureKind>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// What its record has too.
    #[serde(flatten)]
    pub facts: ImageFacts,
    /// Width as displayed, once a job has read the image.
    pub width: Option<u32>,
    /// Height as displayed.
    pub height: Option<u32>,
    /// Whether the caller owns it and may change it.
    pub mine: bool,
    /// When the id was reserved, RFC 3339.
    pub created_at: String,
    /// When it last changed, RFC 3339.
    pub updated_at: String,
    /// When it expires, RFC 3339.
    pub expires_at: String,
}

impl Deref for Image {
    type Target = ImageFacts;

    fn deref(&self) -> &ImageFacts {
        &self.facts
    }
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImagePage {
    /// Newest first.
    pub images: Vec<Image>,
    /// The cursor of the next page; `null` at the end.
    pub next_cursor: Option<String>,
}

/// The answer to `DELETE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The id, free again.
    pub id: String,
}
