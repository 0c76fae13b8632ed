//! What the page and its workers say to each other: JSON, with files, pixels and encoded images attached.
//!
//! A message is a JavaScript array: the JSON of an [`Envelope`] first, then its attachments in the order that the
//! message's own documentation gives. Buffers are transferred, files are handles. Coordinates are continuous pixels
//! (a pixel's center at +0.5, y down).

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

/// A request or an answer with the number that belongs to both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The request's number, chosen by the page, from 1; every answer repeats it. 0 for what answers nothing.
    pub id: u32,
    /// What is said.
    pub body: T,
}

/// From the page to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Take some of the files that are to be opened. Attached: one `File` a name. → [`Response::Done`].
    AddFiles(FileBatch),
    /// Find the images and labels in the files that were brought. → [`Response::Opened`].
    Open(OpenSettings),
    /// Draw the built-in sample dataset. → [`Response::Sample`].
    Sample {
        /// Images.
        count: u32,
        /// The format of its labels: `voc`, `yolo` or `coco`.
        labels: String,
    },
    /// A small picture of a source with its labels, for lists. → [`Response::Picture`].
    Thumbnail {
        /// Position in the listing.
        item: usize,
        /// Longest side, in pixels.
        side: u32,
    },
    /// Draws of a source, one [`Response::Picture`] each as it is made, then [`Response::Done`]. A later preview ends an
    /// earlier one.
    Preview {
        /// What to picture.
        what: PreviewRequest,
        /// For recipes that mix.
        partners: PartnerHashes,
    },
    /// One output exactly as a run makes it: the first of the copies. → [`Response::Exact`].
    Exact {
        /// What to picture.
        what: PreviewRequest,
        /// For recipes that mix.
        partners: PartnerHashes,
    },
    /// Prepare for a run over the opened dataset. → [`Response::Started`].
    Start(RunSettings),
    /// The content hash of a source that can be used, for recipes that mix. → [`Response::Digest`].
    Digest {
        /// Position in the listing.
        item: usize,
    },
    /// The bytes of a file of the dataset. → [`Response::Read`].
    Read {
        /// Its name in the dataset.
        name: String,
    },
    /// Keep an image of the dataset in the browser's own file system until it is sent. → [`Response::Cached`].
    CacheFile {
        /// Its name in the dataset.
        name: String,
        /// Where to: the folder of a job, and a name in it.
        path: CachePath,
    },
    /// Pack what is no image to be augmented, the labels and all else that a dataset is read from, into a zip.
    /// → [`Response::Packed`].
    Pack {
        /// As for [`Request::CacheFile`]; without, the zip is attached to the answer.
        path: Option<CachePath>,
    },
    /// The content hash of what is attached, a `Blob`. → [`Response::Digest`].
    Hash,
    /// Make outputs of a source. → [`Response::Rendered`].
    Render(RenderRequest),
    /// Begin a zip for the started run. Attached: the handle of [`Destination::File`]. → [`Response::Added`] with what
    /// could not be used of the input.
    Begin(Destination),
    /// Add to the zip. Attached: as [`Response::Rendered`] has them. → [`Response::Added`] when written.
    Add(Addition),
    /// End the zip. → [`Response::Finished`].
    Finish,
    /// Give the zip up; nothing of it is left. → [`Response::Done`].
    Discard,
    /// Remove a zip from the browser's own file system, or all that are older than a day. → [`Response::Done`].
    Forget {
        /// The name of its `File`.
        name: Option<String>,
    },
}

/// From a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// The worker is there. Its number is 0.
    Ready {
        /// The name of a lock that it holds as long as it lives: another holder knows that the worker ended,
        /// however silently. `None` where the browser has no locks.
        lock: Option<String>,
    },
    /// The worker ends by a fault in this program. Its number is 0.
    Fault {
        /// What the fault said.
        message: String,
    },
    /// See [`Request::Open`].
    Opened(Listing),
    /// See [`Request::Sample`]. Attached: one `Uint8Array` a name.
    Sample {
        /// The paths of the files.
        names: Vec<String>,
    },
    /// A picture. Attached: its pixels as RGBA, a `Uint8ClampedArray` of `width · height · 4`, unless it has an error;
    /// then, where [`Picture::mask`] says so, the mask in class colors in the same form, transparent where it is 0.
    Picture(Picture),
    /// One output, its labels and manifest line. Attached: the encoded image, a `Uint8Array`.
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
        /// Their SHA-256 in 64 hexadecimal digits.
        sha256: String,
        /// The media type by the first bytes, where they are those of an image.
        media_type: Option<String>,
    },
    /// See [`Request::CacheFile`].
    Cached(FileInfo),
    /// See [`Request::Pack`]; `None` where there is nothing but images. Attached: the zip, a `Uint8Array`, where no place
    /// was named for it.
    Packed(Option<FileInfo>),
    /// See [`Request::Render`]. Attached for each copy that was made: the image and what else belongs to it, two
    /// `Uint8Array`s that only workers look into.
    Rendered(Rendered),
    /// See [`Request::Begin`] and [`Request::Add`].
    Added(Added),
    /// Done, with nothing to say.
    Done,
    /// See [`Request::Finish`]. Attached: for [`Destination::Memory`] the zip as a `Blob`, for [`Destination::Stored`] its
    /// `File`; then the contact sheet as a PNG, a `Uint8Array`, where one was wanted.
    Finished(Finished),
    /// The request could not be done.
    Refused(Refusal),
}

/// Why a request could not be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// In words for the user, with what to do.
    pub message: String,
    /// Where in the recipe, for each of its problems.
    pub problems: Vec<RecipeProblem>,
}

impl Refusal {
    /// A refusal that no recipe is to blame for.
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
    fn every_question_arrives_as_it_was_asked() {
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
        assert!(serde_json::from_str::<Request>(r#""dance""#).is_err(), "an unknown question is refused");
        assert!(serde_json::from_str::<Request>(r#"{"digest": {}}"#).is_err(), "a missing field is refused");
    }
}
