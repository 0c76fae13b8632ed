//! The files of a dataset: how the page hands them to workers, and single files that come back.

use augment_web_messages::{FileBatch, Listing, OpenSettings, Refusal, Response};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use super::worker_client::{Reply, error_message, unexpected};

/// Marks the generation of a dataset that is read as images alone.
const WITHOUT_LABELS: u64 = 1 << 63;

/// Where the generation of a single image holds its position, counted from 1.
const ITEM_SHIFT: u32 = 32;

/// Files that one message hands to a worker: each takes about half a millisecond on a slow machine.
const BATCH: usize = 100;

/// How to open a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// Whether to read labels, or only images.
    pub labels: bool,
    /// Images with more pixels are refused; `None` for the engine's own limit.
    pub max_pixels: Option<u64>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { labels: true, max_pixels: None }
    }
}

/// The files of the open dataset.
#[derive(Debug)]
pub(super) struct DatasetFiles {
    /// The number of the dataset, from 1; the high bits mark parts of it.
    pub(super) generation: u64,
    /// The number of images.
    pub(super) items: usize,
    /// Their size in bytes.
    pub(super) bytes: u64,
    names: Vec<String>,
    files: Vec<File>,
    options: OpenOptions,
    /// The name of the only image to use.
    only: Option<String>,
}

impl DatasetFiles {
    pub(super) fn new(generation: u64, files: Vec<(String, File)>, options: OpenOptions) -> Self {
        let (names, files) = files.into_iter().unzip();
        Self { generation, items: 0, bytes: 0, names, files, options, only: None }
    }

    /// The same files without their labels, for a run that writes none; `None` if labels are already ignored.
    pub(super) fn without_labels(&self) -> Option<Self> {
        let options = OpenOptions { labels: false, ..self.options };
        self.options.labels.then(|| Self {
            generation: self.generation | WITHOUT_LABELS,
            items: 0,
            bytes: 0,
            names: self.names.clone(),
            files: self.files.clone(),
            options,
            only: self.only.clone(),
        })
    }

    /// One image of the same files with its labels, by its position and name.
    pub(super) fn only(&self, item: usize, name: &str) -> Self {
        Self {
            generation: self.generation | (item as u64 + 1) << ITEM_SHIFT,
            items: 0,
            bytes: 0,
            names: self.names.clone(),
            files: self.files.clone(),
            options: self.options,
            only: Some(name.to_owned()),
        }
    }

    /// One image without labels as a dataset of its own, under its file name.
    pub(super) fn single(&self, item: usize, name: &str, file: File) -> Self {
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let generation = self.generation | (item as u64 + 1) << ITEM_SHIFT;
        Self::new(generation, vec![(name, file)], self.options)
    }

    /// Whether both are the same files, with or without labels.
    pub(super) const fn is_same_files(&self, other: &Self) -> bool {
        self.generation | WITHOUT_LABELS == other.generation | WITHOUT_LABELS
    }

    /// Notes what opening the dataset found.
    pub(super) fn note(&mut self, listing: &Listing) {
        self.items = listing.items.len();
        self.bytes = listing.bytes;
    }

    pub(super) fn open_settings(&self) -> OpenSettings {
        OpenSettings { labels: self.options.labels, max_pixels: self.options.max_pixels, only: self.only.clone() }
    }

    /// The files in batches, each small enough not to block the page, with their handles.
    pub(super) fn batches(&self) -> impl Iterator<Item = (FileBatch, Vec<JsValue>)> {
        let batches = self.names.chunks(BATCH).zip(self.files.chunks(BATCH)).enumerate();
        batches.map(|(at, (names, files))| {
            let batch = FileBatch { first: at == 0, names: names.to_vec() };
            (batch, files.iter().map(JsValue::from).collect())
        })
    }
}

/// A file of a dataset.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its bytes, under its name without folders.
    pub file: File,
    /// The SHA-256 of the bytes in hexadecimal digits.
    pub sha256: String,
    /// The media type, if the first bytes are those of an image.
    pub media_type: Option<String>,
}

/// The file in a reply to [`Request::Read`](augment_web_messages::Request::Read).
pub(super) fn source(name: &str, reply: Reply) -> Result<Source, Refusal> {
    let Response::Read { sha256, media_type } = reply.response else { return Err(unexpected(&reply.response)) };
    let last = name.rsplit('/').next().unwrap_or_default();
    let bytes = reply.attached.into_iter().next().unwrap_or_default();
    let file = File::new_with_u8_array_sequence(&Array::of1(&bytes), last)
        .map_err(|error| Refusal::new(format!("{name}: {}", error_message(&error))))?;
    Ok(Source { file, sha256, media_type })
}

/// The files in a reply to [`Request::Sample`](augment_web_messages::Request::Sample).
pub(super) fn sample_files(reply: Reply) -> Result<Vec<(String, File)>, Refusal> {
    let Response::Sample { names } = reply.response else { return Err(unexpected(&reply.response)) };
    let file = |(name, bytes): (String, JsValue)| {
        let last = name.rsplit('/').next().unwrap_or_default().to_owned();
        let file = File::new_with_u8_array_sequence(&Array::of1(&bytes), &last)
            .map_err(|error| Refusal::new(format!("{name}: {}", error_message(&error))))?;
        Ok((name, file.unchecked_into()))
    };
    names.into_iter().zip(reply.attached).map(file).collect()
}
