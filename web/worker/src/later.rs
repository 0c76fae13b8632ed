//! What a worker fetches when it is first asked for: to draw the sample, and to write a zip, which one of them does.
//!
//! `cargo xtask dist` cuts the worker's module where a function here says so; what only such a function reaches goes
//! into a file of its own.

use std::pin::Pin;

use augment_core::formats::LabelFormat;
use augment_web_messages::{Added, Addition, Answer, Destination, Finished, Missing, Refusal};
use wasm_bindgen::JsValue;
use wasm_split_helpers::wasm_split;

use crate::dataset::Opened;
use crate::keep;
use crate::render::Run;
use crate::serve::{self, Outcome};
use crate::zip::Zip;

/// What a later part will have done.
type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + 'a>>;

/// A zip, and the answer to its beginning.
type Begun = (Zip, Added);
/// A zip's end with what is attached to it.
type Ended = (Finished, Vec<JsValue>);
/// An answer with what is attached to it.
type Said = (Answer, Vec<JsValue>);

/// Draws so many images with labels of a format.
pub(crate) type Draw = fn(u32, LabelFormat) -> Outcome;

/// Where something is kept: the folder of a job and a name in it.
type Shelf = (String, String);

/// How a zip is written: see [`Zip`].
pub(crate) struct Writing {
    pub(crate) begin: for<'a> fn(&'a Opened, Destination, &'a [JsValue]) -> Later<'a, Begun>,
    pub(crate) add: for<'a> fn(&'a mut Zip, &'a Opened, Addition, &'a [JsValue]) -> Later<'a, Added>,
    pub(crate) finish: for<'a> fn(Zip, &'a Opened, Run, bool) -> Later<'a, Ended>,
    pub(crate) pack: for<'a> fn(&'a Opened, Option<&'a Shelf>) -> Later<'a, Said>,
    pub(crate) keep: for<'a> fn(&'a Opened, &'a str, &'a Shelf) -> Later<'a, Said>,
}

static WRITING: Writing = Writing {
    begin: |opened, destination, attached| Box::pin(Zip::begin(opened, destination, attached)),
    add: |zip, opened, addition, attached| Box::pin(zip.add(opened, addition, attached)),
    finish: |zip, opened, run, sheet| Box::pin(zip.finish(opened, run, sheet)),
    pack: |opened, place| Box::pin(keep::pack(opened, place)),
    keep: |opened, name, place| Box::pin(keep::keep(opened, name, place)),
};

#[wasm_split(zip, fallible)]
pub(crate) fn writing() -> Result<&'static Writing, Missing> {
    Ok(&WRITING)
}

#[wasm_split(sample, fallible)]
pub(crate) fn drawing() -> Result<Draw, Missing> {
    Ok(serve::sample)
}
