//! What to run, and the events that a run reports.

use augment_web_messages::{Finished, ProblemInfo, RecipeJson, Refusal};
use web_sys::Blob;

use crate::engine::destination::ZipDestination;

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRequest {
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed.
    pub seed: u64,
    /// Copies of each image; `None` for the recipe's own count.
    pub count: Option<u32>,
    /// The format to write labels in: `none`, `voc`, `yolo` or `coco`; `None` for the dataset's own.
    pub labels: Option<String>,
    /// Workers; `None` for [`crate::engine::processors`].
    pub workers: Option<usize>,
    /// Where the zip goes.
    pub destination: ZipDestination,
    /// Whether to make a contact sheet.
    pub sheet: bool,
    /// The only image of the dataset to run.
    pub only: Option<OneImage>,
}

/// An image of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneImage {
    /// Its position in the listing.
    pub item: usize,
    /// Its name in the dataset.
    pub name: String,
    /// Whether it has labels. An image without labels runs under its file name alone, without its folder.
    pub labeled: bool,
}

/// What a run reports, in order. [`RunEvent::Finished`], [`RunEvent::Refused`] and [`RunEvent::Discarded`] end it.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// A recipe that mixes needs the hashes of all images first: how many are done.
    Surveyed {
        /// Images done.
        done: usize,
        /// All images.
        total: usize,
    },
    /// The first outputs are being made.
    Started {
        /// Outputs to make.
        outputs: usize,
        /// Workers.
        workers: usize,
        /// Labels of this dataset that the format cannot represent.
        warnings: Vec<String>,
    },
    /// The progress, several times a second.
    Progress(Progress),
    /// A file failed; the run goes on.
    Failed(ProblemInfo),
    /// A warning about an image.
    Warning(ProblemInfo),
    /// No new tasks start until [`RunHandle::resume`](super::RunHandle::resume).
    Paused,
    /// New tasks start again.
    Resumed,
    /// The workers have stopped. [`RunHandle::keep`](super::RunHandle::keep) finishes the zip as it is,
    /// [`RunHandle::discard`](super::RunHandle::discard) removes it.
    Cancelled {
        /// Outputs in the zip.
        outputs: usize,
    },
    /// The zip is complete.
    Finished(RunResult),
    /// The run cannot go on; the zip is removed.
    Refused(Refusal),
    /// The zip was discarded.
    Discarded,
}

/// The progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Images with all outputs in the zip.
    pub items_done: usize,
    /// All images.
    pub items: usize,
    /// Outputs in the zip, including failed ones.
    pub outputs_done: usize,
    /// All outputs.
    pub outputs: usize,
    /// Images and outputs that failed.
    pub failed: usize,
    /// Pixels written.
    pub pixels: u64,
    /// Bytes in the zip.
    pub bytes: u64,
    /// Seconds since the start, without pauses.
    pub seconds: f64,
    /// Megapixels per second over the last seconds.
    pub rate: f64,
    /// Seconds left, by the rate of the last seconds; `None` until it is known.
    pub left: Option<f64>,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// Counts, size and hash.
    pub finished: Finished,
    /// Whether all outputs are in the zip: not if the run was cancelled and its zip kept.
    pub complete: bool,
    /// The zip, to be saved; `None` if it is in a file that the user chose.
    pub zip: Option<Blob>,
    /// The contact sheet as a PNG.
    pub sheet: Option<Blob>,
    /// How many seconds it took, without pauses.
    pub seconds: f64,
}
