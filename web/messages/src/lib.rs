//! What the page and its workers say to each other: JSON, with files, pixels and encoded images attached.
//!
//! A message is a JavaScript array: the JSON of an [`Envelope`] first, then its attachments in the order that the
//! message's own documentation gives. Buffers are transferred, files are handles. Coordinates are continuous pixels
//! (a pixel's center at +0.5, y down).

mod assembly;
mod dataset;
mod later;
mod picture;
mod run;

pub use assembly::{Added, Addition, Destination, Finished};
pub use dataset::{ClassInfo, ItemInfo, Kept, Listing, Opening, Portion, ProblemInfo, SplitInfo};
pub use later::Missing;
pub use picture::{Joint, Mark, Picture, PreviewAsk};
pub use run::{CopyFailure, Partners, RenderAsk, Rendered, RenderedCopy, RunSettings, Started};

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
pub enum Ask {
    /// Take some of the files that are to be opened. Attached: one `File` a name. → [`Answer::Done`].
    Bring(Portion),
    /// Find the images and labels in the files that were brought. → [`Answer::Opened`].
    Open(Opening),
    /// Draw the built-in sample dataset. → [`Answer::Sample`].
    Sample {
        /// Images.
        count: u32,
        /// The format of its labels: `voc`, `yolo` or `coco`.
        labels: String,
    },
    /// A small picture of a source with its labels, for lists. → [`Answer::Picture`].
    Thumbnail {
        /// Position in the listing.
        item: usize,
        /// Longest side, in pixels.
        side: u32,
    },
    /// Draws of a source, one [`Answer::Picture`] each as it is made, then [`Answer::Done`]. A later preview ends an
    /// earlier one.
    Preview {
        /// What to picture.
        what: PreviewAsk,
        /// For recipes that mix.
        partners: Partners,
    },
    /// One output exactly as a run makes it: the first of the copies. → [`Answer::Exact`].
    Exact {
        /// What to picture.
        what: PreviewAsk,
        /// For recipes that mix.
        partners: Partners,
    },
    /// Prepare for a run over the opened dataset. → [`Answer::Started`].
    Start(RunSettings),
    /// The content hash of a source that can be used, for recipes that mix. → [`Answer::Digest`].
    Digest {
        /// Position in the listing.
        item: usize,
    },
    /// The bytes of a file of the dataset. → [`Answer::Read`].
    Read {
        /// Its name in the dataset.
        name: String,
    },
    /// Keep an image of the dataset in the browser's own file system until it is sent. → [`Answer::Kept`].
    Keep {
        /// Its name in the dataset.
        name: String,
        /// Where to: the folder of a job, and a name in it.
        place: (String, String),
    },
    /// Pack what is no image to be augmented, the labels and all else that a dataset is read from, into a zip.
    /// → [`Answer::Packed`].
    Pack {
        /// As for [`Ask::Keep`]; without, the zip is attached to the answer.
        place: Option<(String, String)>,
    },
    /// The content hash of what is attached, a `Blob`. → [`Answer::Digest`].
    Hash,
    /// Make outputs of a source. → [`Answer::Rendered`].
    Render(RenderAsk),
    /// Begin a zip for the started run. Attached: the handle of [`Destination::File`]. → [`Answer::Added`] with what
    /// could not be used of the input.
    Begin(Destination),
    /// Add to the zip. Attached: as [`Answer::Rendered`] has them. → [`Answer::Added`] when written.
    Add(Addition),
    /// End the zip. → [`Answer::Finished`].
    Finish,
    /// Give the zip up; nothing of it is left. → [`Answer::Done`].
    Discard,
    /// Remove a zip from the browser's own file system, or all that are older than a day. → [`Answer::Done`].
    Forget {
        /// The name of its `File`.
        name: Option<String>,
    },
}

/// From a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
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
    /// See [`Ask::Open`].
    Opened(Listing),
    /// See [`Ask::Sample`]. Attached: one `Uint8Array` a name.
    Sample {
        /// The paths of the files.
        names: Vec<String>,
    },
    /// A picture. Attached: its pixels as RGBA, a `Uint8ClampedArray` of `width · height · 4`, unless it has an error;
    /// then, where [`Picture::mask`] says so, the mask in class colors in the same form, transparent where it is 0.
    Picture(Picture),
    /// One output, its labels and manifest line. Attached: the encoded image, a `Uint8Array`.
    Exact(Picture),
    /// See [`Ask::Start`].
    Started(Started),
    /// See [`Ask::Digest`] and [`Ask::Hash`].
    Digest {
        /// 64 hexadecimal digits.
        sha256: String,
    },
    /// See [`Ask::Read`]. Attached: the bytes, a `Uint8Array`.
    Read {
        /// Their SHA-256 in 64 hexadecimal digits.
        sha256: String,
        /// The media type by the first bytes, where they are those of an image.
        media_type: Option<String>,
    },
    /// See [`Ask::Keep`].
    Kept(Kept),
    /// See [`Ask::Pack`]; `None` where there is nothing but images. Attached: the zip, a `Uint8Array`, where no place
    /// was named for it.
    Packed(Option<Kept>),
    /// See [`Ask::Render`]. Attached for each copy that was made: the image and what else belongs to it, two
    /// `Uint8Array`s that only workers look into.
    Rendered(Rendered),
    /// See [`Ask::Begin`] and [`Ask::Add`].
    Added(Added),
    /// Done, with nothing to say.
    Done,
    /// See [`Ask::Finish`]. Attached: for [`Destination::Memory`] the zip as a `Blob`, for [`Destination::Stored`] its
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
    pub problems: Vec<PlaceProblem>,
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
pub struct PlaceProblem {
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
            PreviewAsk { item: 3, recipe: recipe.clone(), seed: u64::MAX, copies: vec![None, Some(2)], side: 480 };
        let made = Rendered { item: 1, error: Some("why".to_owned()), copies: Vec::new(), memory: 1 << 40 };
        let asked = [
            Ask::Bring(Portion { first: true, names: vec!["a.jpg".to_owned()] }),
            Ask::Open(Opening { labels: true, max_pixels: Some(7), only: Some("a.jpg".to_owned()) }),
            Ask::Sample { count: 12, labels: "coco".to_owned() },
            Ask::Thumbnail { item: 4, side: 96 },
            Ask::Preview { what: what.clone(), partners: Partners::default() },
            Ask::Exact { what, partners: Partners::default() },
            Ask::Start(RunSettings { recipe, seed: 9, count: Some(2), labels: None, ..RunSettings::default() }),
            Ask::Digest { item: 0 },
            Ask::Read { name: "manifest.jsonl".to_owned() },
            Ask::Keep { name: "b/a.jpg".to_owned(), place: ("job".to_owned(), "0".to_owned()) },
            Ask::Pack { place: None },
            Ask::Hash,
            Ask::Render(RenderAsk { item: 2, copies: vec![0, 5] }),
            Ask::Begin(Destination::File),
            Ask::Begin(Destination::Stored),
            Ask::Begin(Destination::Memory),
            Ask::Add(Addition::Outputs(made)),
            Ask::Add(Addition::Failure { item: 8, message: "\"no\"".to_owned() }),
            Ask::Finish,
            Ask::Discard,
            Ask::Forget { name: None },
            Ask::Forget { name: Some("x.zip".to_owned()) },
        ];
        for body in asked {
            let sent = Envelope { id: 5, body };
            let text = serde_json::to_string(&sent).unwrap();
            assert_eq!(serde_json::from_str::<Envelope<Ask>>(&text).unwrap(), sent, "{text}");
        }
        assert!(serde_json::from_str::<Ask>(r#""dance""#).is_err(), "an unknown question is refused");
        assert!(serde_json::from_str::<Ask>(r#"{"digest": {}}"#).is_err(), "a missing field is refused");
    }
}
