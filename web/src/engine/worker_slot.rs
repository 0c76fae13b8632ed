//! A slot for one worker: starts it when needed, replaces it when it stops, and opens the dataset in it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{Listing, Refusal, Request, Response};
use futures::channel::mpsc;
use futures::lock::Mutex;
use wasm_bindgen::JsValue;

use super::dataset::DatasetFiles;
use super::worker_client::{Reply, WorkerClient, unexpected};

/// A slot for one worker. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkerSlot(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    client: RefCell<Option<WorkerClient>>,
    /// How many workers were started here.
    starts: Cell<u64>,
    /// The generation of the dataset that is open in the worker; 0 for none.
    opened: Cell<u64>,
    /// Locked while a dataset is being opened, so that it is opened once.
    opening: Mutex<()>,
}

impl WorkerSlot {
    /// The worker; starts one if there is none or it stopped.
    pub(super) fn client(&self) -> Result<WorkerClient, Refusal> {
        let mut current = self.0.client.borrow_mut();
        if let Some(client) = current.as_ref().filter(|client| client.is_alive()) {
            return Ok(client.clone());
        }
        self.0.opened.set(0);
        self.0.starts.set(self.0.starts.get() + 1);
        let client = WorkerClient::start()?;
        *current = Some(client.clone());
        Ok(client)
    }

    /// How many workers were started here: the state of one does not carry over to the next.
    pub(super) fn starts(&self) -> u64 {
        self.0.starts.get()
    }

    /// Stops the worker at once.
    pub(super) fn clear(&self, why: &str) {
        if let Some(client) = self.0.client.borrow_mut().take() {
            client.end(why);
        }
        self.0.opened.set(0);
    }

    pub(super) async fn request(&self, request: Request, attached: &[JsValue]) -> Result<Reply, Refusal> {
        self.client()?.request(request, attached).await
    }

    /// Opens a dataset in the worker.
    pub(super) async fn open(&self, dataset: &DatasetFiles) -> Result<Listing, Refusal> {
        let _one = self.0.opening.lock().await;
        self.open_now(dataset).await
    }

    async fn open_now(&self, dataset: &DatasetFiles) -> Result<Listing, Refusal> {
        let client = self.client()?;
        self.0.opened.set(0);
        for (batch, handles) in dataset.batches() {
            client.request(Request::AddFiles(batch), &handles).await?;
        }
        let reply = client.request(Request::Open(dataset.open_settings()), &[]).await?;
        match reply.response {
            Response::Opened(listing) => {
                self.0.opened.set(dataset.generation);
                Ok(listing)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// The worker, with the dataset open.
    pub(super) async fn with(&self, dataset: &DatasetFiles) -> Result<WorkerClient, Refusal> {
        let _one = self.0.opening.lock().await;
        let client = self.client()?;
        if self.0.opened.get() != dataset.generation {
            self.open_now(dataset).await?;
        }
        Ok(client)
    }

    pub(super) async fn request_on(&self, dataset: &DatasetFiles, request: Request) -> Result<Reply, Refusal> {
        self.with(dataset).await?.request(request, &[]).await
    }

    pub(super) async fn request_many(
        &self,
        dataset: &DatasetFiles,
        request: Request,
    ) -> Result<mpsc::UnboundedReceiver<Result<Reply, Refusal>>, Refusal> {
        Ok(self.with(dataset).await?.request_many(request))
    }
}
