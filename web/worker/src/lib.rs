//! The engine in a browser's worker: answers the page's requests, one at a time.

mod cache;
mod dataset;
mod input;
mod keep;
mod later;
mod life;
mod pack;
mod pictures;
mod post;
mod render;
mod serve;
mod sink;
mod web_file;
mod zip;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Envelope};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use self::serve::Server;

/// A request with what is attached to it.
struct Request {
    id: u32,
    ask: Ask,
    attached: Vec<JsValue>,
}

/// Requests that wait for their turn, in order.
type Queue = Rc<RefCell<VecDeque<Request>>>;

/// Begins to listen, and says that the worker is there.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        let message = format!("a fault in this program, please report it ({info})");
        post::answer(0, &Answer::Fault { message }, &[]);
    }));
    let queue = Queue::default();
    let server = Rc::new(RefCell::new(Some(Server::new(Rc::clone(&queue)))));
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(request) = request(&event) else { return };
        queue.borrow_mut().push_back(request);
        // Gone while it serves: then it finds the request by itself.
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
    life::hold(|lock| post::answer(0, &Answer::Ready { lock }, &[]));
}

/// What a message asks for; the page alone writes here, in the same version.
fn request(event: &MessageEvent) -> Option<Request> {
    let message: Array = event.data().dyn_into().ok()?;
    let Envelope { id, body } = serde_json::from_str(&message.get(0).as_string()?).ok()?;
    Some(Request { id, ask: body, attached: message.iter().skip(1).collect() })
}
