//! Posts responses to the page and transfers their buffers.

use augment_web_messages::{Envelope, Refusal, Response};
use js_sys::{Array, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// A response and its attachments.
pub(crate) type RequestResult = Result<(Response, Vec<JsValue>), Refusal>;

/// The worker's global scope.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts a response; attached typed arrays are transferred.
pub(crate) fn respond(id: u32, body: &Response, attached: &[JsValue]) {
    #[derive(serde::Serialize)]
    struct Borrowed<'a> {
        id: u32,
        body: &'a Response,
    }
    // The fields of an `Envelope`, without a copy of the response.
    let text = serde_json::to_string(&Borrowed { id, body }).unwrap_or_default();
    let message = Array::of1(&text.into());
    let transfer = Array::new();
    for value in attached {
        message.push(value);
        if let Some(array) = value.dyn_ref::<Uint8Array>() {
            transfer.push(&array.buffer());
        } else if let Some(array) = value.dyn_ref::<Uint8ClampedArray>() {
            transfer.push(&array.buffer());
        }
    }
    if scope().post_message_with_transfer(&message, &transfer).is_err() {
        let refusal = Response::Refused(Refusal::new("the answer could not be sent; there may be too little memory"));
        let text = serde_json::to_string(&Envelope { id, body: refusal }).unwrap_or_default();
        let _ = scope().post_message(&Array::of1(&text.into()));
    }
}

/// The message of an exception.
pub(crate) fn error_message(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| "no reason given".to_owned())
}
