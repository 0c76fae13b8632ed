//! The dataset of a cloud job: a worker of its own reads, caches and packs its files, independent of the Studio.

use std::rc::Rc;

use augment_web_messages::{CachePath, FileInfo, Listing, Refusal, Request, Response};
use js_sys::Array;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::dataset::{DatasetFiles, Source, source};
use super::handle::Engine;
use super::worker_client::unexpected;
use super::worker_slot::WorkerSlot;

/// The files of a dataset, for a job that uploads them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UploadSource(SendWrapper<Rc<Inner>>);

#[derive(Debug)]
struct Inner {
    slot: WorkerSlot,
    dataset: Rc<DatasetFiles>,
}

impl Engine {
    /// The open dataset, with or without its labels.
    ///
    /// # Errors
    /// When no dataset is open.
    pub async fn upload_source(&self, labels: bool) -> Result<(UploadSource, Listing), Refusal> {
        let open = self.dataset()?;
        let dataset = if labels { open } else { open.without_labels().map_or(open, Rc::new) };
        let slot = WorkerSlot::default();
        let listing = slot.open(&dataset).await?;
        Ok((UploadSource(SendWrapper::new(Rc::new(Inner { slot, dataset }))), listing))
    }

    /// The SHA-256 of a blob in hexadecimal digits.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn hash(&self, blob: &Blob) -> Result<String, Refusal> {
        let reply = WorkerSlot::default().request(Request::Hash, &[blob.into()]).await?;
        let Response::Digest { sha256 } = reply.response else { return Err(unexpected(&reply.response)) };
        Ok(sha256)
    }
}

impl UploadSource {
    /// A file of the dataset.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, name: &str) -> Result<Source, Refusal> {
        source(name, self.0.slot.request_on(&self.0.dataset, Request::Read { name: name.to_owned() }).await?)
    }

    /// Stores a file of the dataset in the upload cache.
    ///
    /// # Errors
    /// When it cannot be read, or there is no space for it.
    pub async fn cache(&self, name: &str, path: CachePath) -> Result<FileInfo, Refusal> {
        let request = Request::CacheFile { name: name.to_owned(), path };
        let reply = self.0.slot.request_on(&self.0.dataset, request).await?;
        let Response::Cached(info) = reply.response else { return Err(unexpected(&reply.response)) };
        Ok(info)
    }

    /// Packs all files but the images into a zip; `None` if there are no others. Without a path, the zip itself is
    /// returned.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or there is no space for it.
    pub async fn pack(&self, path: Option<CachePath>) -> Result<Option<(FileInfo, Option<Blob>)>, Refusal> {
        let reply = self.0.slot.request_on(&self.0.dataset, Request::Pack { path }).await?;
        let Response::Packed(info) = reply.response else { return Err(unexpected(&reply.response)) };
        let blob = |bytes: JsValue| Blob::new_with_u8_array_sequence(&Array::of1(&bytes));
        let zip = reply.attached.into_iter().next().map(blob).transpose();
        let zip = zip.map_err(|_| Refusal::new("there is too little memory for the labels"))?;
        Ok(info.map(|info| (info, zip)))
    }
}
