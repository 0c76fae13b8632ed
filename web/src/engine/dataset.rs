//! The files that a person dropped, as sent to every worker.

use augment_web_messages::{Answer, Listing, Opening, Portion, Refusal};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use super::Options;
use super::link::{Reply, words};
use super::seat::unexpected;

/// Marks the generation of a dataset that is read as images alone.
const WITHOUT_LABELS: u64 = 1 << 63;

/// Marks the generation of one image of a dataset: its position from 1, so far up.
const ONE_OF_THEM: u32 = 32;

/// Files that are handed to a worker at once: the browser takes about half a millisecond for each on a slow machine.
const PORTION: usize = 100;

/// A dataset that is open.
#[derive(Debug)]
pub(super) struct Brought {
    /// Which one, from 1.
    pub(super) generation: u64,
    /// Images.
    pub(super) items: usize,
    /// Bytes of the images.
    pub(super) bytes: u64,
    names: Vec<String>,
    files: Vec<File>,
    options: Options,
    /// Only this image of them, by its name.
    only: Option<String>,
}

impl Brought {
    pub(super) fn new(generation: u64, files: Vec<(String, File)>, options: Options) -> Self {
        let (names, files) = files.into_iter().unzip();
        Self { generation, items: 0, bytes: 0, names, files, options, only: None }
    }

    /// The same files read as images alone, for a run that writes no labels; `None` where they are read so already.
    pub(super) fn without_labels(&self) -> Option<Self> {
        let options = Options { labels: false, ..self.options };
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

    /// One image of the same files with what labels it, by its position and name.
    pub(super) fn only(&self, item: usize, name: &str) -> Self {
        Self {
            generation: self.generation | (item as u64 + 1) << ONE_OF_THEM,
            items: 0,
            bytes: 0,
            names: self.names.clone(),
            files: self.files.clone(),
            options: self.options,
            only: Some(name.to_owned()),
        }
    }

    /// One image that nothing labels, as a dataset of its own under its own name.
    pub(super) fn single(&self, item: usize, name: &str, file: File) -> Self {
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let generation = self.generation | (item as u64 + 1) << ONE_OF_THEM;
        Self::new(generation, vec![(name, file)], self.options)
    }

    /// Whether both are the same files, read in whatever way.
    pub(super) const fn is_same_files(&self, other: &Self) -> bool {
        self.generation | WITHOUT_LABELS == other.generation | WITHOUT_LABELS
    }

    /// Notes what was found.
    pub(super) fn note(&mut self, listing: &Listing) {
        self.items = listing.items.len();
        self.bytes = listing.bytes;
    }

    pub(super) fn opening(&self) -> Opening {
        Opening { labels: self.options.labels, max_pixels: self.options.max_pixels, only: self.only.clone() }
    }

    /// The files in portions that are handed over without a halt, each with its handles.
    pub(super) fn portions(&self) -> impl Iterator<Item = (Portion, Vec<JsValue>)> {
        let parts = self.names.chunks(PORTION).zip(self.files.chunks(PORTION)).enumerate();
        parts.map(|(at, (names, files))| {
            let portion = Portion { first: at == 0, names: names.to_vec() };
            (portion, files.iter().map(JsValue::from).collect())
        })
    }
}

/// A file of a dataset.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its bytes, under its name without folders.
    pub file: File,
    /// Their SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// The media type by the first bytes, where they are those of an image.
    pub media_type: Option<String>,
}

/// A file that was read.
pub(super) fn source(name: &str, reply: Reply) -> Result<Source, Refusal> {
    let Answer::Read { sha256, media_type } = reply.answer else { return Err(unexpected(&reply.answer)) };
    let last = name.rsplit('/').next().unwrap_or_default();
    let bytes = reply.attached.into_iter().next().unwrap_or_default();
    let file = File::new_with_u8_array_sequence(&Array::of1(&bytes), last)
        .map_err(|error| Refusal::new(format!("{name}: {}", words(&error))))?;
    Ok(Source { file, sha256, media_type })
}

/// The files of a sample.
pub(super) fn sample_files(reply: Reply) -> Result<Vec<(String, File)>, Refusal> {
    let Answer::Sample { names } = reply.answer else { return Err(unexpected(&reply.answer)) };
    let file = |(name, bytes): (String, JsValue)| {
        let last = name.rsplit('/').next().unwrap_or_default().to_owned();
        let file = File::new_with_u8_array_sequence(&Array::of1(&bytes), &last)
            .map_err(|error| Refusal::new(format!("{name}: {}", words(&error))))?;
        Ok((name, file.unchecked_into()))
    };
    names.into_iter().zip(reply.attached).map(file).collect()
}
