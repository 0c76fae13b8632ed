//! The messages between the page and its workers: JSON, with files, pixels and encoded images attached.
//!
//! A message is a JavaScript array: the JSON of an [`Envelope`], then its attachments in the documented order. Buffers
//! are transferred, files are handles. Coordinates are continuous pixels (the center of a pixel is at +0.5, y points
//! down).

mod dataset;
mod lazy;
mod picture;
mod run;
mod zip;

pub use dataset::{CachePath, ClassInfo, FileBatch, FileInfo, ItemInfo, Listing, OpenSettings, ProblemInfo, SplitInfo};
pub use lazy::LoadFailed;
pub use picture::{Joint, Mark, Picture, PreviewRequest};
pub use run::{CopyFailure, PartnerHashes, RenderRequest, Rendered, RenderedCopy, RunSettings, Started};
pub use zip::{Added, Addition, Destination, Finished};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request or a response, with its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The number of the request, from 1; its responses repeat it. 0 for a response without a request.
    pub id: u32,
    /// The content.
    pub body: T,
}

/// A message from the page to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Add files for the next [`Request::Open`]. Attached: one `File` for each name. → [`Response::Done`].
    AddFiles(FileBatch),
    /// Find the images and labels in the added files. → [`Response::Opened`].
    Open(OpenSettings),
    /// Draw the built-in sample dataset. → [`Response::Sample`].
    Sample {
        /// The number of images.
        count: u32,
        /// The format of its labels: `voc`, `yolo` or `coco`.
        labels: String,
    },
    /// Draw a small picture of a source with its labels, for lists. → [`Response::Picture`].
    Thumbnail {
        /// Position in the listing.
        item: usize,
        /// Longest side, in pixels.
        side: u32,
    },
    /// Draw copies of a source: one [`Response::Picture`] for each, then [`Response::Done`]. A later preview ends an
    /// earlier one.
    Preview {
        /// What to draw.
        what: PreviewRequest,
        /// For recipes that mix.
        partners: PartnerHashes,
    },
    /// Render one output exactly as a run makes it: the first of the copies. → [`Response::Exact`].
    Exact {
        /// What to render.
        what: PreviewRequest,
        /// For recipes that mix.
        partners: PartnerHashes,
    },
    /// Prepare a run over the open dataset. → [`Response::Started`].
    Start(RunSettings),
    /// Hash a usable source, for recipes that mix. → [`Response::Digest`].
    Digest {
        /// Position in the listing.
        item: usize,
    },
    /// Read a file of the dataset. → [`Response::Read`].
    Read {
        /// Its name in the dataset.
        name: String,
    },
    /// Store an image of the dataset in the upload cache. → [`Response::Cached`].
    CacheFile {
        /// Its name in the dataset.
        name: String,
        /// Where to store it.
        path: CachePath,
    },
    /// Pack all files of the dataset but its images into a zip. → [`Response::Packed`].
    Pack {
        /// Where to store the zip; without a path, it is attached to the response.
        path: Option<CachePath>,
    },
    /// Hash the attached `Blob`. → [`Response::Digest`].
    Hash,
    /// Render outputs of a source. → [`Response::Rendered`].
    Render(RenderRequest),
    /// Begin a zip for the prepared run. Attached: the handle of [`Destination::File`]. → [`Response::Added`] with the
    /// unusable files of the input.
    Begin(Destination),
    /// Add to the zip. Attached: as in [`Response::Rendered`]. → [`Response::Added`] once it is written.
    Add(Addition),
    /// Finish the zip. → [`Response::Finished`].
    Finish,
    /// Discard the zip. → [`Response::Done`].
    Discard,
    /// Remove a zip from the browser's own file system, or all zips older than a day. → [`Response::Done`].
    Forget {
        /// The name of its `File`.
        name: Option<String>,
    },
}

/// A message from a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// The worker is ready. Its number is 0.
    Ready {
        /// The name of the heartbeat lock: when the page gets it, the worker has stopped. `None` if the browser has no
        /// locks.
        lock: Option<String>,
    },
    /// The worker stops because of a bug. Its number is 0.
    Fault {
        /// The message of the bug.
        message: String,
    },
    /// See [`Request::Open`].
    Opened(Listing),
    /// See [`Request::Sample`]. Attached: one `Uint8Array` for each name.
    Sample {
        /// The paths of the files.
        names: Vec<String>,
    },
    /// A picture. Attached, unless it has an error: its pixels as RGBA, a `Uint8ClampedArray` of `width · height · 4`;
    /// then, if [`Picture::mask`] is true, the mask in class colors in the same form, transparent where it is 0.
    Picture(Picture),
    /// One output with its labels and manifest line. Attached: the encoded image, a `Uint8Array`.
    Exact(Picture),
    /// See [`Request::Start`].
    Started(Started),
    /// See [`Request::Digest`] and [`Request::Hash`].
    Digest {
        /// 64 hexadecimal digits.
        sha256: String,
    },
    /// See [`Request::Read`]. Attached: the bytes, a `Uint8Array`.
    Read {
        /// The SHA-256 in 64 hexadecimal digits.
        sha256: String,
        /// The media type, if the first bytes are those of an image.
        media_type: Option<String>,
    },
    /// See [`Request::CacheFile`].
    Cached(FileInfo),
    /// See [`Request::Pack`]; `None` if the dataset has only images. Attached: the zip, a `Uint8Array`, if the request
    /// has no path.
    Packed(Option<FileInfo>),
    /// See [`Request::Render`]. Attached for each rendered copy: the image and a block with the rest, two `Uint8Array`s
    /// that only workers read.
    Rendered(Rendered),
    /// See [`Request::Begin`] and [`Request::Add`].
    Added(Added),
    /// Done, without a result.
    Done,
    /// See [`Request::Finish`]. Attached: for [`Destination::Memory`] the zip as a `Blob`, for [`Destination::Stored`]
    /// its `File`; then the contact sheet as a PNG, a `Uint8Array`, if the run has one.
    Finished(Finished),
    /// The request failed.
    Refused(Refusal),
}

/// Why a request failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A message for the user, with what to do.
    pub message: String,
    /// The problems of the recipe, with their places.
    pub problems: Vec<RecipeProblem>,
}

impl Refusal {
    /// A refusal without problems of the recipe.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), problems: Vec::new() }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// A problem of a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeProblem {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

/// A recipe as JSON.
pub type RecipeJson = Value;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_round_trips() {
        let recipe = serde_json::json!({"seed": u64::MAX, "steps": [{"op": "rotate", "degrees": 0.1}]});
        let what =
            PreviewRequest { item: 3, recipe: recipe.clone(), seed: u64::MAX, copies: vec![None, Some(2)], side: 480 };
        let made = Rendered { item: 1, error: Some("why".to_owned()), copies: Vec::new(), memory: 1 << 40 };
        let asked = [
            Request::AddFiles(FileBatch { first: true, names: vec!["a.jpg".to_owned()] }),
            Request::Open(OpenSettings { labels: true, max_pixels: Some(7), only: Some("a.jpg".to_owned()) }),
            Request::Sample { count: 12, labels: "coco".to_owned() },
            Request::Thumbnail { item: 4, side: 96 },
            Request::Preview { what: what.clone(), partners: PartnerHashes::default() },
            Request::Exact { what, partners: PartnerHashes::default() },
            Request::Start(RunSettings { recipe, seed: 9, count: Some(2), labels: None, ..RunSettings::default() }),
            Request::Digest { item: 0 },
            Request::Read { name: "manifest.jsonl".to_owned() },
            Request::CacheFile { name: "b/a.jpg".to_owned(), path: ("job".to_owned(), "0".to_owned()) },
            Request::Pack { path: None },
            Request::Hash,
            Request::Render(RenderRequest { item: 2, copies: vec![0, 5] }),
            Request::Begin(Destination::File),
            Request::Begin(Destination::Stored),
            Request::Begin(Destination::Memory),
            Request::Add(Addition::Outputs(made)),
            Request::Add(Addition::Failure { item: 8, message: "\"no\"".to_owned() }),
            Request::Finish,
            Request::Discard,
            Request::Forget { name: None },
            Request::Forget { name: Some("x.zip".to_owned()) },
        ];
        for body in asked {
            let sent = Envelope { id: 5, body };
            let text = serde_json::to_string(&sent).unwrap();
            assert_eq!(serde_json::from_str::<Envelope<Request>>(&text).unwrap(), sent, "{text}");
        }
        assert!(serde_json::from_str::<Request>(r#""dance""#).is_err(), "an unknown request is refused");
        assert!(serde_json::from_str::<Request>(r#"{"digest": {}}"#).is_err(), "a missing field is refused");
    }
}
