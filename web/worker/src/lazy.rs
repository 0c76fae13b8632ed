//! What a worker fetches when it is first asked for: to draw the sample, and to write a zip, which one of them does.
//!
//! `cargo xtask dist` cuts the worker's module where a function here says so; what only such a function reaches goes
//! into a file of its own.

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

/// What a later part will have done.
type Loading<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + 'a>>;

/// A zip, and the answer to its beginning.
type Begun = (Zip, Added);
/// A zip's end with what is attached to it.
type Ended = (Finished, Vec<JsValue>);
/// An answer with what is attached to it.
type Said = (Response, Vec<JsValue>);

/// Draws so many images with labels of a format.
pub(crate) type Draw = fn(u32, LabelFormat) -> RequestResult;

/// How a zip is written: see [`Zip`].
pub(crate) struct Writing {
    pub(crate) begin: for<'a> fn(&'a OpenDataset, Destination, &'a [JsValue]) -> Loading<'a, Begun>,
    pub(crate) add: for<'a> fn(&'a mut Zip, &'a OpenDataset, Addition, &'a [JsValue]) -> Loading<'a, Added>,
    pub(crate) finish: for<'a> fn(Zip, &'a OpenDataset, Run, bool) -> Loading<'a, Ended>,
    pub(crate) pack: for<'a> fn(&'a OpenDataset, Option<&'a CachePath>) -> Loading<'a, Said>,
    pub(crate) store: for<'a> fn(&'a OpenDataset, &'a str, &'a CachePath) -> Loading<'a, Said>,
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
