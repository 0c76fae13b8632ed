//! The intake: adds files, folders, zips, pasted images or the sample to the Studio, and lists what was found.

mod drop;
mod illustration;
mod list;
mod merge;
mod panel;
mod pickers;
mod splits;
mod thumbnails;
mod walk;
mod welcome;

use augment_web_messages::Listing;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use web_sys::File;

pub use self::drop::DropOverlay;
use self::merge::{merge, roots};
pub use self::panel::DataPanel;
pub use self::walk::{FoundFile, Walk};
pub use self::welcome::Welcome;
use crate::engine::{Engine, OpenOptions};
use crate::studio_state::{Studio, Tab};
use crate::ui::{Toaster, Tone, counted};

/// The number of images in the built-in sample.
const SAMPLE_IMAGES: u32 = 24;

/// Adds data to the Studio; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    studio: Studio,
    toaster: Toaster,
    engine: StoredValue<Engine>,
    /// All added files, by path.
    files: StoredValue<SendWrapper<Vec<FoundFile>>>,
    /// The current activity as a message; `None` when idle.
    pub busy: RwSignal<Option<String>>,
    /// Counts activities, so that a stopped one has no effect.
    turn: StoredValue<u64>,
    /// Why the last files could not be opened.
    pub error: RwSignal<Option<OpenError>>,
    /// The number of pasted images, for their names.
    pasted: StoredValue<u32>,
}

/// Why nothing was opened.
#[derive(Clone, Debug, Default)]
pub struct OpenError {
    /// A message with what to do.
    pub message: String,
    /// Files, each with its problem.
    pub files: Vec<(String, String)>,
}

impl Intake {
    /// The intake of a Studio.
    #[must_use]
    pub fn new(studio: Studio, engine: Engine, toaster: Toaster) -> Self {
        Self {
            studio,
            toaster,
            engine: StoredValue::new(engine),
            files: StoredValue::new(SendWrapper::new(Vec::new())),
            busy: RwSignal::new(None),
            turn: StoredValue::new(0),
            error: RwSignal::new(None),
            pasted: StoredValue::new(0),
        }
    }

    /// Adds the files that a walk finds.
    pub fn take(self, walk: Walk) {
        if self.refuse_while_running() {
            return;
        }
        let turn = self.begin("Looking through the files");
        spawn_local(async move {
            let reported = std::cell::Cell::new(0.0);
            let tell = |found: usize| {
                let now = crate::browser::now();
                if now - reported.get() > 80.0 && self.is_current(turn) {
                    reported.set(now);
                    self.busy.set(Some(format!("Found {} so far", counted(found, "file", "files"))));
                }
                self.is_current(turn)
            };
            let Some(found) = walk.run(&tell).await else { return };
            if !self.is_current(turn) {
                return;
            }
            if found.is_empty() {
                self.end(Err(OpenError { message: "It contains no files.".into(), files: Vec::new() }));
                return;
            }
            let mut files = self.files.with_value(|files| (**files).clone());
            let before = files.len();
            merge(&mut files, found);
            if files.len() == before {
                self.busy.set(None);
                self.toaster.say(Tone::Info, "These files are already here");
                return;
            }
            self.open(turn, files).await;
        });
    }

    /// Adds pasted images.
    pub fn paste(self, files: Vec<File>) {
        let found = files.into_iter().map(|file| {
            let number = self.pasted.get_value() + 1;
            self.pasted.set_value(number);
            let ending = file.name().rsplit_once('.').map_or_else(|| "png".to_owned(), |(_, ending)| ending.to_owned());
            FoundFile { path: format!("pasted-{number}.{ending}"), file }
        });
        self.take(Walk::ready(found.collect()));
    }

    /// Replaces everything with the built-in sample.
    pub fn sample(self) {
        if self.refuse_while_running() {
            return;
        }
        let turn = self.begin("Drawing the sample");
        spawn_local(async move {
            match self.engine.get_value().sample(SAMPLE_IMAGES, "coco").await {
                Ok(files) if self.is_current(turn) => {
                    let files = files.into_iter().map(|(path, file)| FoundFile { path, file });
                    self.open(turn, files.collect()).await;
                }
                Err(refusal) if self.is_current(turn) => {
                    self.end(Err(OpenError { message: refusal.message, files: Vec::new() }));
                }
                _ => {}
            }
        });
    }

    /// Stops the current activity; the dataset stays.
    pub fn stop(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.busy.set(None);
    }

    /// Removes everything that was added.
    pub fn clear(self) {
        if self.refuse_while_running() {
            return;
        }
        self.stop();
        self.files.set_value(SendWrapper::new(Vec::new()));
        self.engine.get_value().close();
        self.error.set(None);
        self.studio.listing.set(None);
        self.studio.input.set(Vec::new());
    }

    fn refuse_while_running(self) -> bool {
        let running = self.studio.running.get_untracked();
        if running {
            self.toaster.say(Tone::Warn, "A run is active: cancel it, or wait until it ends, to change the dataset");
        }
        running
    }

    fn begin(self, what: &str) -> u64 {
        self.turn.update_value(|turn| *turn += 1);
        self.error.set(None);
        self.busy.set(Some(what.into()));
        self.turn.get_value()
    }

    fn is_current(self, turn: u64) -> bool {
        self.turn.get_value() == turn
    }

    async fn open(self, turn: u64, files: Vec<FoundFile>) {
        self.busy.set(Some(format!("Reading {}", counted(files.len(), "file", "files"))));
        let engine = self.engine.get_value();
        let handles = files.iter().map(|found| (found.path.clone(), found.file.clone())).collect();
        let opened = engine.open(handles, OpenOptions::default()).await;
        if !self.is_current(turn) {
            return;
        }
        match opened {
            Ok(listing) if listing.items.is_empty() => {
                let message = "It contains no usable image.".into();
                let problems = listing.problems.into_iter().map(|problem| (problem.file, problem.message));
                self.end(Err(OpenError { message, files: problems.collect() }));
                self.reopen().await;
            }
            Ok(listing) => {
                self.studio.input.set(roots(&files));
                self.files.set_value(SendWrapper::new(files));
                self.end(Ok(listing));
            }
            Err(refusal) => {
                self.end(Err(OpenError { message: refusal.message, files: Vec::new() }));
                self.reopen().await;
            }
        }
    }

    /// Opens the former dataset again after a failed attempt.
    async fn reopen(self) {
        let files = self
            .files
            .with_value(|files| files.iter().map(|found| (found.path.clone(), found.file.clone())).collect::<Vec<_>>());
        if !files.is_empty() {
            let _ = self.engine.get_value().open(files, OpenOptions::default()).await;
        }
    }

    fn end(self, outcome: Result<Listing, OpenError>) {
        self.busy.set(None);
        let studio = self.studio;
        match outcome {
            Ok(listing) => {
                // The selected image stays selected if it still exists.
                let name = studio.listing.with_untracked(|before| {
                    Some(before.as_ref()?.items.get(studio.chosen.get_untracked())?.name.clone())
                });
                let at = name.and_then(|name| listing.items.iter().position(|item| item.name == name));
                let first = studio.listing.with_untracked(Option::is_none);
                // Of several splits, the first image of the one that is augmented is the most useful.
                let train = || listing.items.iter().position(|item| item.split.as_deref() == Some("train"));
                studio.chosen.set(at.or_else(train).unwrap_or_default());
                studio.listing.set(Some(listing));
                if first {
                    studio.tab.set(Tab::Preview);
                }
            }
            Err(error) => {
                if studio.listing.with_untracked(Option::is_some) {
                    let more = error.files.first().map_or_else(String::new, |(file, why)| format!(" {file}: {why}"));
                    self.toaster.say(Tone::Danger, format!("{}{more}", error.message));
                }
                self.error.set(Some(error));
            }
        }
    }
}
