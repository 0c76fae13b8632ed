//! Draws the built-in sample dataset.

use augment_core::formats::LabelFormat;
use augment_web_messages::{Refusal, Response};
use js_sys::Uint8Array;

use crate::post::RequestResult;

/// Draws the images of a sample with labels in a format.
pub(crate) fn draw(count: u32, labels: LabelFormat) -> RequestResult {
    let (mut names, mut attached) = (Vec::new(), Vec::new());
    for file in augment_sample::dataset(count, labels) {
        let (name, bytes) = file.map_err(|error| Refusal::new(error.to_string()))?;
        names.push(format!("sample/{name}"));
        attached.push(Uint8Array::from(bytes.as_slice()).into());
    }
    Ok((Response::Sample { names }, attached))
}
