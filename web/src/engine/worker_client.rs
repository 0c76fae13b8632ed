//! The client of one worker: sends requests, delivers responses, and fails open requests when the worker stops.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use augment_web_messages::{Envelope, Refusal, Request, Response};
use futures::channel::{mpsc, oneshot};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A response and its attachments.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) response: Response,
    pub(super) attached: Vec<JsValue>,
}

/// A running worker. It stops when the last handle is dropped.
#[derive(Clone, Debug)]
pub(super) struct WorkerClient(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    worker: Worker,
    state: Rc<State>,
    _listeners: Listeners,
}

struct Listeners(#[expect(dead_code, reason = "kept as long as the worker runs")] [Closure<dyn FnMut(JsValue)>; 2]);

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listeners")
    }
}

#[derive(Debug, Default)]
struct State {
    last: Cell<u32>,
    ready: Cell<bool>,
    /// Messages that were sent before the worker was ready.
    held: RefCell<VecDeque<(Array, Array)>>,
    waiting: RefCell<BTreeMap<u32, Waiting>>,
    /// Why it stopped.
    ended: RefCell<Option<String>>,
}

#[derive(Debug)]
enum Waiting {
    Once(oneshot::Sender<Result<Reply, Refusal>>),
    Many(mpsc::UnboundedSender<Result<Reply, Refusal>>),
}

impl WorkerClient {
    /// Starts a worker.
    pub(super) fn start() -> Result<Self, Refusal> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script()?, &options).map_err(|error| {
            Refusal::new(format!("no worker can be started ({}); reload the page", error_message(&error)))
        })?;
        let state = Rc::new(State::default());
        let on_message = Closure::<dyn FnMut(JsValue)>::new({
            let (state, worker) = (Rc::clone(&state), worker.clone());
            move |event: JsValue| state.hear(&worker, &event.unchecked_into::<MessageEvent>().data())
        });
        let on_error = Closure::<dyn FnMut(JsValue)>::new({
            let (state, worker) = (Rc::clone(&state), worker.clone());
            move |event: JsValue| {
                let said = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                let why = match said.as_str() {
                    _ if !state.ready.get() => "it could not be loaded; reload the page",
                    // Other faults of the program have reported their reason already.
                    said if said.contains("unreachable") || said.contains("memory") => {
                        "it ran out of memory; use fewer workers, or smaller images"
                    }
                    said => said,
                };
                worker.terminate();
                state.end(why);
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self(Rc::new(Inner { worker, state, _listeners: Listeners([on_message, on_error]) })))
    }

    /// Whether it still runs.
    pub(super) fn is_alive(&self) -> bool {
        self.0.state.ended.borrow().is_none()
    }

    /// Stops it at once; open requests fail with the reason.
    pub(super) fn end(&self, why: &str) {
        self.0.worker.terminate();
        self.0.state.end(why);
    }

    /// Sends a request and waits for its response. Attached buffers are transferred.
    pub(super) async fn request(&self, request: Request, attached: &[JsValue]) -> Result<Reply, Refusal> {
        let (sender, receiver) = oneshot::channel();
        self.send(request, attached, Waiting::Once(sender));
        match receiver.await {
            Ok(Ok(Reply { response: Response::Refused(refusal), .. })) => Err(refusal),
            Ok(response) => response,
            Err(_) => Err(Refusal::new("the worker stopped")),
        }
    }

    /// Sends a request with several responses; [`Response::Done`] or a refusal ends them.
    pub(super) fn request_many(&self, request: Request) -> mpsc::UnboundedReceiver<Result<Reply, Refusal>> {
        let (sender, receiver) = mpsc::unbounded();
        self.send(request, &[], Waiting::Many(sender));
        receiver
    }

    fn send(&self, request: Request, attached: &[JsValue], waiting: Waiting) {
        let state = &self.0.state;
        if let Some(why) = &*state.ended.borrow() {
            waiting.refuse(why);
            return;
        }
        let id = state.last.get().wrapping_add(1).max(1);
        state.last.set(id);
        state.waiting.borrow_mut().insert(id, waiting);
        let text = serde_json::to_string(&Envelope { id, body: request }).unwrap_or_default();
        let message = Array::of1(&text.into());
        let transfer = Array::new();
        for value in attached {
            message.push(value);
            if let Some(array) = value.dyn_ref::<js_sys::Uint8Array>() {
                transfer.push(&array.buffer());
            }
        }
        if state.ready.get() {
            state.post(&self.0.worker, &message, &transfer);
        } else {
            state.held.borrow_mut().push_back((message, transfer));
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
        self.state.end("it is no longer needed");
    }
}

impl State {
    fn post(&self, worker: &Worker, message: &Array, transfer: &Array) {
        if let Err(error) = worker.post_message_with_transfer(message, transfer) {
            worker.terminate();
            self.end(&error_message(&error));
        }
    }

    fn hear(self: &Rc<Self>, worker: &Worker, data: &JsValue) {
        let message: Array = data.clone().unchecked_into();
        let text = message.get(0).as_string().unwrap_or_default();
        let Ok(Envelope { id, body: response }) = serde_json::from_str::<Envelope<Response>>(&text) else {
            worker.terminate();
            self.end("it belongs to another version of the page; reload the page");
            return;
        };
        match response {
            Response::Ready { lock } => {
                self.ready.set(true);
                if let Some(lock) = lock {
                    self.watch(worker, &lock);
                }
                let held = std::mem::take(&mut *self.held.borrow_mut());
                for (message, transfer) in held {
                    self.post(worker, &message, &transfer);
                }
            }
            Response::Fault { message } => {
                worker.terminate();
                self.end(&message);
            }
            response => {
                let attached = message.iter().skip(1).collect();
                self.deliver(id, Reply { response, attached });
            }
        }
    }

    /// Waits for the heartbeat lock of the worker: the browser grants it when the worker has stopped silently.
    fn watch(self: &Rc<Self>, worker: &Worker, lock: &str) {
        let Some(window) = web_sys::window() else { return };
        let locks = Reflect::get(&window.navigator(), &"locks".into()).unwrap_or_default();
        let Some(request) = Reflect::get(&locks, &"request".into()).ok().and_then(|f| f.dyn_into::<Function>().ok())
        else {
            return;
        };
        let (state, worker) = (Rc::downgrade(self), worker.clone());
        let granted = Closure::once_into_js(move || {
            if let Some(state) = state.upgrade() {
                worker.terminate();
                state.end("the browser stopped it, perhaps for lack of memory");
            }
        });
        // Without the lock, a silent stop goes unnoticed; nothing else is lost.
        let _ = request.call2(&locks, &lock.into(), &granted);
    }

    fn deliver(&self, id: u32, reply: Reply) {
        let waiting = self.waiting.borrow_mut().remove(&id);
        match waiting {
            Some(Waiting::Once(sender)) => {
                // The request may have been dropped.
                let _ = sender.send(Ok(reply));
            }
            Some(Waiting::Many(sender)) => {
                if let Response::Refused(refusal) = reply.response {
                    let _ = sender.unbounded_send(Err(refusal));
                } else if reply.response != Response::Done && sender.unbounded_send(Ok(reply)).is_ok() {
                    self.waiting.borrow_mut().insert(id, Waiting::Many(sender));
                }
            }
            None => {}
        }
    }

    fn end(&self, why: &str) {
        let why = if why.is_empty() { "for no known reason" } else { why };
        self.ended.borrow_mut().get_or_insert_with(|| why.to_owned());
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        for waiting in waiting.into_values() {
            waiting.refuse(why);
        }
    }
}

impl Waiting {
    fn refuse(self, why: &str) {
        let refusal = Refusal::new(format!("the worker stopped: {why}"));
        match self {
            Self::Once(sender) => drop(sender.send(Err(refusal))),
            Self::Many(sender) => drop(sender.unbounded_send(Err(refusal))),
        }
    }
}

/// The address of the worker script.
fn script() -> Result<String, Refusal> {
    let meta = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("meta[name=worker]").ok().flatten())
        .and_then(|meta| meta.get_attribute("content"));
    meta.ok_or_else(|| Refusal::new("the page does not name its worker; reload it"))
}

/// The message of an exception.
pub(super) fn error_message(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| "no reason given".to_owned())
}

/// The refusal for a response of the wrong kind.
pub(super) fn unexpected(response: &Response) -> Refusal {
    let kind = match response {
        Response::Refused(refusal) => return refusal.clone(),
        Response::Done => "done",
        Response::Opened(_) => "opened",
        _ => "something else",
    };
    Refusal::new(format!("the worker answered a request with {kind}; reload the page"))
}
