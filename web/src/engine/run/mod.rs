//! Runs: what one is asked for, what it tells, and how it is held.

mod book;
mod crew;
mod driver;
mod pace;
mod survey;

use std::rc::Rc;

use augment_web_messages::{Finished, ProblemInfo, RecipeJson, Refusal};
use send_wrapper::SendWrapper;
use web_sys::Blob;

use self::driver::Control;
pub(super) use self::driver::start;
pub(super) use self::survey::survey_alone;
use super::Place;

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunAsk {
    /// The recipe.
    pub recipe: RecipeJson,
    /// The seed.
    pub seed: u64,
    /// Copies of every image; the recipe's own count where there is none.
    pub count: Option<u32>,
    /// The format to write labels in: `none`, `voc`, `yolo` or `coco`; the dataset's own where there is none.
    pub labels: Option<String>,
    /// Workers; [`super::processors`] where there is no wish.
    pub workers: Option<usize>,
    /// Where the zip goes.
    pub place: Place,
    /// Whether a contact sheet is wanted.
    pub sheet: bool,
    /// Only this image of the dataset.
    pub only: Option<OneImage>,
}

/// An image of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneImage {
    /// Its position in the listing.
    pub item: usize,
    /// Its name there.
    pub name: String,
    /// Whether anything labels it. An image that nothing labels is run by its file's name alone, wherever it lies.
    pub labeled: bool,
}

/// What a run tells, in order. [`RunEvent::Finished`], [`RunEvent::Refused`] and [`RunEvent::Discarded`] end it.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// A recipe that mixes needs to know all images first: how many of them are looked at.
    Surveyed {
        /// Images done.
        done: usize,
        /// Images in all.
        total: usize,
    },
    /// The first task is given out: from here on outputs are made.
    Started {
        /// Outputs to make.
        outputs: usize,
        /// Workers.
        workers: usize,
        /// What the format cannot hold of this dataset's labels.
        warnings: Vec<String>,
    },
    /// How far the run is, some times a second.
    Progress(Progress),
    /// A file failed; the rest goes on.
    Failed(ProblemInfo),
    /// A warning about an image.
    Warning(ProblemInfo),
    /// No new task is given out until [`RunHandle::resume`].
    Paused,
    /// Tasks are given out again.
    Resumed,
    /// The workers are stopped, with so many outputs in the zip. [`RunHandle::keep`] ends the zip with them,
    /// [`RunHandle::discard`] removes it.
    Cancelled {
        /// Outputs in the zip.
        outputs: usize,
    },
    /// The zip is whole.
    Finished(RunResult),
    /// The run cannot go on; nothing is left of the zip.
    Refused(Refusal),
    /// The zip was given up; nothing is left of it.
    Discarded,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Images of which all outputs are in the zip.
    pub items_done: usize,
    /// Images in all.
    pub items: usize,
    /// Outputs in the zip, failed ones among them.
    pub outputs_done: usize,
    /// Outputs in all.
    pub outputs: usize,
    /// Images and outputs that failed.
    pub failed: usize,
    /// Pixels written.
    pub pixels: u64,
    /// Bytes of the zip.
    pub bytes: u64,
    /// Seconds since the start, pauses left out.
    pub seconds: f64,
    /// Megapixels a second over the last seconds.
    pub rate: f64,
    /// Seconds that are left by the rate of outputs over the last seconds; `None` while that is not known.
    pub left: Option<f64>,
}

/// What a run made.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// Counts, size and hash.
    pub finished: Finished,
    /// Whether all outputs are there: not so when it was cancelled and kept.
    pub whole: bool,
    /// The zip, to be saved; `None` when it is in the file that the person chose.
    pub zip: Option<Blob>,
    /// The contact sheet as a PNG.
    pub sheet: Option<Blob>,
    /// Seconds that it took, pauses left out.
    pub seconds: f64,
}

/// A hold on a run. Cheap to clone; dropping it does not end the run.
#[derive(Clone, Debug)]
pub struct RunHandle(SendWrapper<Rc<Control>>);

impl RunHandle {
    /// Gives out no more tasks; those that are out are finished.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Gives out tasks again.
    pub fn resume(&self) {
        self.0.resume();
    }

    /// Stops the workers at once; then [`RunEvent::Cancelled`].
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// After [`RunEvent::Cancelled`]: ends the zip with what is in it; then [`RunEvent::Finished`].
    pub fn keep(&self) {
        self.0.settle(true);
    }

    /// After [`RunEvent::Cancelled`]: removes the zip; then [`RunEvent::Discarded`].
    pub fn discard(&self) {
        self.0.settle(false);
    }
}
