//! The engine in a browser worker: answers the requests of the page, one at a time.

mod browser_files;
mod dataset;
mod heartbeat;
mod input;
mod lazy;
mod post;
mod preview;
mod render;
mod sample;
mod server;
mod source_cache;
mod transfer;
mod upload_cache;
mod web_file;
mod zip;
mod zip_target;

use std::cell::RefCell;
use std::rc::Rc;

use augment_web_messages::{Envelope, Response};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use self::server::{Queue, QueuedRequest, Server};

/// Starts to listen, and reports that the worker is ready.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        let message = format!("a fault in this program, please report it ({info})");
        post::respond(0, &Response::Fault { message }, &[]);
    }));
    let queue = Queue::default();
    let server = Rc::new(RefCell::new(Some(Server::new(Rc::clone(&queue)))));
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(request) = request(&event) else { return };
        queue.borrow_mut().push_back(request);
        // While it serves, the server is taken: it will find the request in the queue.
        if let Some(mut idle) = server.borrow_mut().take() {
            let server = Rc::clone(&server);
            wasm_bindgen_futures::spawn_local(async move {
                idle.serve().await;
                *server.borrow_mut() = Some(idle);
            });
        }
    });
    post::scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    heartbeat::hold(|lock| post::respond(0, &Response::Ready { lock }, &[]));
}

/// The request in a message. Only a page of the same version sends messages.
fn request(event: &MessageEvent) -> Option<QueuedRequest> {
    let message: Array = event.data().dyn_into().ok()?;
    let Envelope { id, body } = serde_json::from_str(&message.get(0).as_string()?).ok()?;
    Some(QueuedRequest { id, body, attached: message.iter().skip(1).collect() })
}
