//! The engine's handle: its workers and the open dataset.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{Listing, PartnerHashes, Refusal, Request};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::File;

use super::dataset::{DatasetFiles, OpenOptions, Source, sample_files, source};
use super::run::RunResult;
use super::worker_slot::WorkerSlot;

/// A handle on the workers. Cheap to clone; all clones are one engine.
#[derive(Clone, Debug)]
pub struct Engine(pub(super) SendWrapper<Rc<Inner>>);

#[derive(Debug)]
pub(super) struct Inner {
    /// The worker that opens datasets and draws previews.
    pub(super) front: WorkerSlot,
    /// The worker that draws thumbnails and single outputs.
    pub(super) side: WorkerSlot,
    dataset: RefCell<Option<Rc<DatasetFiles>>>,
    /// Counts datasets, so that workers can tell the current one from an earlier one.
    generation: Cell<u64>,
    /// Counts previews: the latest wins.
    pub(super) preview: Cell<u64>,
    /// The hashes that mixing recipes choose from, with the dataset's generation.
    pub(super) partners: RefCell<Option<(u64, Rc<PartnerHashes>)>>,
    /// Some of these hashes, for previews of a dataset that is too large to hash for one.
    pub(super) some_partners: RefCell<Option<(u64, Rc<PartnerHashes>)>>,
}

impl Engine {
    /// An engine whose workers run the script that the document names in `<meta name="worker" content="…">`.
    #[must_use]
    pub fn new() -> Self {
        Self(SendWrapper::new(Rc::new(Inner {
            front: WorkerSlot::default(),
            side: WorkerSlot::default(),
            dataset: RefCell::default(),
            generation: Cell::new(0),
            preview: Cell::new(0),
            partners: RefCell::default(),
            some_partners: RefCell::default(),
        })))
    }

    /// Starts the worker that opens datasets, so that it is ready for the first one, and removes unsaved zips that are
    /// older than a day. Returns at once.
    pub fn warm(&self) {
        self.remove_zips(None);
    }

    /// Finds the images and labels in files, each with its path (folders included, forward slashes). Closes the dataset
    /// that was open before.
    ///
    /// # Errors
    /// When nothing can be read at all; single files that cannot be used are in [`Listing::problems`].
    pub async fn open(&self, files: Vec<(String, File)>, options: OpenOptions) -> Result<Listing, Refusal> {
        self.close();
        let generation = self.0.generation.get();
        let mut dataset = DatasetFiles::new(generation, files, options);
        let listing = self.0.front.open(&dataset).await?;
        dataset.note(&listing);
        if self.0.generation.get() == generation {
            *self.0.dataset.borrow_mut() = Some(Rc::new(dataset));
        }
        Ok(listing)
    }

    /// Closes the open dataset.
    pub fn close(&self) {
        self.0.generation.set(self.0.generation.get() + 1);
        self.0.preview.set(self.0.preview.get() + 1);
        *self.0.dataset.borrow_mut() = None;
        *self.0.partners.borrow_mut() = None;
    }

    /// Draws the built-in sample dataset; `labels` is `voc`, `yolo` or `coco`. The files are for [`Engine::open`].
    ///
    /// # Errors
    /// For an unknown label format.
    pub async fn sample(&self, count: u32, labels: &str) -> Result<Vec<(String, File)>, Refusal> {
        sample_files(self.0.front.request(Request::Sample { count, labels: labels.to_owned() }, &[]).await?)
    }

    /// A file of the open dataset, by its name in the dataset.
    ///
    /// # Errors
    /// When the dataset has no such file, or it cannot be read.
    pub async fn read(&self, name: &str) -> Result<Source, Refusal> {
        let dataset = self.dataset()?;
        source(name, self.0.side.request_on(&dataset, Request::Read { name: name.to_owned() }).await?)
    }

    /// Removes a run's zip from the browser's own file system, once it is saved elsewhere or not wanted. Leaves a zip
    /// alone that is elsewhere.
    pub fn forget(&self, result: &RunResult) {
        if let Some(file) = result.zip.as_ref().and_then(|zip| zip.dyn_ref::<File>()) {
            self.remove_zips(Some(file.name()));
        }
    }

    fn remove_zips(&self, name: Option<String>) {
        let front = self.0.front.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // If this fails, the next start tries again.
            let _ = front.request(Request::Forget { name }, &[]).await;
        });
    }

    pub(super) fn dataset(&self) -> Result<Rc<DatasetFiles>, Refusal> {
        self.0.dataset.borrow().clone().ok_or_else(|| Refusal::new("no dataset is open; add one first"))
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// The number of this machine's processors: the default number of workers.
#[must_use]
pub fn processors() -> usize {
    web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as usize).max(1)
}
