//! The page's side of the engine: datasets, pictures and runs, made by workers.
//!
//! [`Engine`] is a cheap handle that rooms take from the context. It starts workers as they are needed and replaces
//! those that end; nothing here computes, and nothing blocks the page.

mod dataset;
mod handover;
mod link;
mod place;
mod preview;
mod run;
mod seat;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{Ask, Listing, Partners, Picture, PreviewAsk, Refusal};
use futures::StreamExt;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Blob, File};

use self::dataset::Brought;
pub use self::dataset::Source;
pub use self::handover::Handover;
pub use self::place::Place;
pub use self::preview::Pixels;
pub use self::run::{OneImage, Progress, RunAsk, RunEvent, RunHandle, RunResult};
use self::seat::Seat;

/// What a dataset is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether labels are read; without, images alone.
    pub labels: bool,
    /// Images of more pixels are refused; `None` for the engine's own bound.
    pub max_pixels: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { labels: true, max_pixels: None }
    }
}

/// A handle on the workers. Cheap to clone; all clones are one engine.
#[derive(Clone, Debug)]
pub struct Engine(SendWrapper<Rc<Inner>>);

#[derive(Debug)]
struct Inner {
    /// The worker that opens datasets and pictures what is looked at.
    front: Seat,
    /// The worker that pictures lists.
    side: Seat,
    brought: RefCell<Option<Rc<Brought>>>,
    /// Counts datasets, so that workers know theirs from an earlier one.
    generation: Cell<u64>,
    /// Counts previews: the latest wins.
    preview: Cell<u64>,
    /// What mixing recipes choose from, by generation.
    partners: RefCell<Option<(u64, Rc<Partners>)>>,
    /// What previews of mixing recipes choose from while the dataset is too large to know all, by generation.
    some_partners: RefCell<Option<(u64, Rc<Partners>)>>,
}

impl Engine {
    /// An engine whose workers run the script that the document names in `<meta name="worker" content="…">`.
    #[must_use]
    pub fn new() -> Self {
        Self(SendWrapper::new(Rc::new(Inner {
            front: Seat::default(),
            side: Seat::default(),
            brought: RefCell::default(),
            generation: Cell::new(0),
            preview: Cell::new(0),
            partners: RefCell::default(),
            some_partners: RefCell::default(),
        })))
    }

    /// Starts the worker that will open a dataset, so that it is there when one comes, and removes zips that were never
    /// saved and are older than a day. Returns at once.
    pub fn warm(&self) {
        self.tidy(None);
    }

    /// Finds the images and labels in files, each with its path (folders included, forward slashes). What was open
    /// before is closed.
    ///
    /// # Errors
    /// When nothing can be read at all; what cannot be used of a dataset is in [`Listing::problems`].
    pub async fn open(&self, files: Vec<(String, File)>, options: Options) -> Result<Listing, Refusal> {
        self.close();
        let generation = self.0.generation.get();
        let mut brought = Brought::new(generation, files, options);
        let listing = self.0.front.open(&brought).await?;
        brought.note(&listing);
        if self.0.generation.get() == generation {
            *self.0.brought.borrow_mut() = Some(Rc::new(brought));
        }
        Ok(listing)
    }

    /// Forgets the dataset that is open.
    pub fn close(&self) {
        self.0.generation.set(self.0.generation.get() + 1);
        self.0.preview.set(self.0.preview.get() + 1);
        *self.0.brought.borrow_mut() = None;
        *self.0.partners.borrow_mut() = None;
    }

    /// Draws the built-in sample dataset; `labels` is `voc`, `yolo` or `coco`. The files are for [`Engine::open`].
    ///
    /// # Errors
    /// For labels of another name.
    pub async fn sample(&self, count: u32, labels: &str) -> Result<Vec<(String, File)>, Refusal> {
        let reply = self.0.front.ask(Ask::Sample { count, labels: labels.to_owned() }, &[]).await?;
        dataset::sample_files(reply)
    }

    /// A small picture of a source with its labels, for lists: its longest side is at most `side`. Answered one after
    /// the other, beside previews.
    ///
    /// # Errors
    /// When no dataset is open; what an image's own fault is stands in [`Picture::error`].
    pub async fn thumbnail(&self, item: usize, side: u32) -> Result<(Picture, Option<Pixels>), Refusal> {
        let brought = self.brought()?;
        let reply = self.0.side.ask_about(&brought, Ask::Thumbnail { item, side }).await?;
        preview::picture(reply)
    }

    /// Draws copies of a source, small and fast; `on_picture` is called with each as it is made, without pixels where
    /// it has an error. A later preview ends this one: then the answer is `false`, and no more pictures come.
    ///
    /// # Errors
    /// When no dataset is open or the recipe is wrong.
    pub async fn preview(
        &self,
        what: PreviewAsk,
        on_picture: impl FnMut(Picture, Option<Pixels>),
    ) -> Result<bool, Refusal> {
        preview::run(self, what, on_picture).await
    }

    /// A small picture of a copy beside previews, which it neither ends nor is ended by: for lists of what steps do.
    /// Nothing is known of other images, so a recipe that mixes is refused.
    ///
    /// # Errors
    /// When no dataset is open or the recipe is wrong.
    pub async fn sketch(&self, what: PreviewAsk) -> Result<(Picture, Option<Pixels>), Refusal> {
        let brought = self.brought()?;
        let ask = Ask::Preview { what, partners: Partners::new() };
        let mut replies = self.0.side.ask_for_many(&brought, ask).await?;
        let reply = replies.next().await.ok_or_else(|| Refusal::new("the worker ended; try again"))??;
        preview::picture(reply)
    }

    /// One output exactly as a run makes it: the picture's labels and manifest line, and the encoded file.
    ///
    /// # Errors
    /// When no dataset is open, the recipe is wrong, or the image fails.
    pub async fn exact(&self, what: PreviewAsk) -> Result<(Picture, Blob), Refusal> {
        preview::exact(self, what).await
    }

    /// Runs a recipe over the dataset that is open; `on` is told what happens, up to [`RunEvent::Finished`],
    /// [`RunEvent::Cancelled`] or [`RunEvent::Refused`].
    pub fn run(&self, ask: RunAsk, on: impl Fn(RunEvent) + 'static) -> RunHandle {
        run::start(self, ask, Rc::new(on))
    }

    /// A file of the dataset that is open, by its name there.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub async fn read(&self, name: &str) -> Result<Source, Refusal> {
        let brought = self.brought()?;
        dataset::source(name, self.0.side.ask_about(&brought, Ask::Read { name: name.to_owned() }).await?)
    }

    /// Removes a run's zip from the browser's own file system, when it is saved elsewhere or not wanted. A zip that is
    /// elsewhere is left alone.
    pub fn forget(&self, result: &RunResult) {
        if let Some(file) = result.zip.as_ref().and_then(|zip| zip.dyn_ref::<File>()) {
            self.tidy(Some(file.name()));
        }
    }

    fn tidy(&self, name: Option<String>) {
        let front = self.0.front.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // Nothing to do where it fails: a later start tries again.
            let _ = front.ask(Ask::Forget { name }, &[]).await;
        });
    }

    fn brought(&self) -> Result<Rc<Brought>, Refusal> {
        self.0.brought.borrow().clone().ok_or_else(|| Refusal::new("no dataset is open; bring one first"))
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// As many workers as this machine has processors.
#[must_use]
pub fn processors() -> usize {
    web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as usize).max(1)
}
