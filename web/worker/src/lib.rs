//! The engine in a browser's worker: answers the page's requests, one at a time.

use augment_web_messages::{Answer, Ask, Envelope, Refusal};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Begins to listen, and says that the worker is there.
#[wasm_bindgen(start)]
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let message: Array = event.data().unchecked_into();
        let text = message.get(0).as_string().unwrap_or_default();
        if let Ok(request) = serde_json::from_str::<Envelope<Ask>>(&text) {
            answer(request.id, Answer::Refused(Refusal { message: "not yet".into(), problems: Vec::new() }));
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    answer(0, Answer::Ready);
}

fn answer(id: u32, body: Answer) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let text = serde_json::to_string(&Envelope { id, body }).unwrap_or_default();
    let _ = scope.post_message(&Array::of1(&text.into()));
}
