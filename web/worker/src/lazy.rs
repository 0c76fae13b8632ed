//! The parts of a worker that load on demand: drawing the sample, and writing a zip, which only one worker does.
//!
//! `cargo xtask dist` splits the worker's module at the functions here. Code that only such a function reaches goes
//! into its own file.

use std::pin::Pin;

use augment_core::formats::LabelFormat;
use augment_web_messages::{Added, Addition, CachePath, Destination, Finished, LoadFailed, Refusal, Response};
use wasm_bindgen::JsValue;
use wasm_split_helpers::wasm_split;

use crate::dataset::OpenDataset;
use crate::post::RequestResult;
use crate::render::Run;
use crate::sample;
use crate::upload_cache;
use crate::zip::Zip;

/// The future of a call into a loaded part.
type Loading<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + 'a>>;

/// A new zip and the first report.
type BegunZip = (Zip, Added);
/// The summary of a zip and its attachments.
type Completed = (Finished, Vec<JsValue>);
/// A response and its attachments.
type ResponseParts = (Response, Vec<JsValue>);

/// Draws a number of images with labels in a format.
pub(crate) type Draw = fn(u32, LabelFormat) -> RequestResult;

/// The functions that write a zip: see [`Zip`].
pub(crate) struct Writing {
    pub(crate) begin: for<'a> fn(&'a OpenDataset, Destination, &'a [JsValue]) -> Loading<'a, BegunZip>,
    pub(crate) add: for<'a> fn(&'a mut Zip, &'a OpenDataset, Addition, &'a [JsValue]) -> Loading<'a, Added>,
    pub(crate) finish: for<'a> fn(Zip, &'a OpenDataset, Run, bool) -> Loading<'a, Completed>,
    pub(crate) pack: for<'a> fn(&'a OpenDataset, Option<&'a CachePath>) -> Loading<'a, ResponseParts>,
    pub(crate) store: for<'a> fn(&'a OpenDataset, &'a str, &'a CachePath) -> Loading<'a, ResponseParts>,
}

static WRITING: Writing = Writing {
    begin: |opened, destination, attached| Box::pin(Zip::begin(opened, destination, attached)),
    add: |zip, opened, addition, attached| Box::pin(zip.add(opened, addition, attached)),
    finish: |zip, opened, run, sheet| Box::pin(zip.finish(opened, run, sheet)),
    pack: |opened, path| Box::pin(upload_cache::pack(opened, path)),
    store: |opened, name, path| Box::pin(upload_cache::store(opened, name, path)),
};

#[wasm_split(zip, fallible)]
pub(crate) fn writing() -> Result<&'static Writing, LoadFailed> {
    Ok(&WRITING)
}

#[wasm_split(sample, fallible)]
pub(crate) fn drawing() -> Result<Draw, LoadFailed> {
    Ok(sample::draw)
}
