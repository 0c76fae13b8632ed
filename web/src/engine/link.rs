//! One worker: requests out, answers in, and what becomes of the requests when it ends.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Envelope, Refusal};
use futures::channel::{mpsc, oneshot};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// An answer with what is attached to it.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) attached: Vec<JsValue>,
}

/// A running worker. It ends with the last handle on it.
#[derive(Clone, Debug)]
pub(super) struct Link(Rc<Wire>);

#[derive(Debug)]
struct Wire {
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
    /// Messages from before the worker was there.
    held: RefCell<VecDeque<(Array, Array)>>,
    waiting: RefCell<BTreeMap<u32, Waiting>>,
    /// Why it ended.
    ended: RefCell<Option<String>>,
}

#[derive(Debug)]
enum Waiting {
    Once(oneshot::Sender<Result<Reply, Refusal>>),
    Many(mpsc::UnboundedSender<Result<Reply, Refusal>>),
}

impl Link {
    /// Starts a worker.
    pub(super) fn start() -> Result<Self, Refusal> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script()?, &options)
            .map_err(|error| Refusal::new(format!("no worker can be started ({}); reload the page", words(&error))))?;
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
                    // Other faults of the program tell their reason before.
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
        Ok(Self(Rc::new(Wire { worker, state, _listeners: Listeners([on_message, on_error]) })))
    }

    /// Whether it still answers.
    pub(super) fn is_alive(&self) -> bool {
        self.0.state.ended.borrow().is_none()
    }

    /// Ends it at once; requests that wait fail with the reason.
    pub(super) fn end(&self, why: &str) {
        self.0.worker.terminate();
        self.0.state.end(why);
    }

    /// Sends a request and waits for its answer. Buffers among what is attached are transferred.
    pub(super) async fn ask(&self, ask: Ask, attached: &[JsValue]) -> Result<Reply, Refusal> {
        let (sender, receiver) = oneshot::channel();
        self.send(ask, attached, Waiting::Once(sender));
        match receiver.await {
            Ok(Ok(Reply { answer: Answer::Refused(refusal), .. })) => Err(refusal),
            Ok(answer) => answer,
            Err(_) => Err(Refusal::new("the worker stopped")),
        }
    }

    /// Sends a request that is answered several times, up to [`Answer::Done`] or a refusal.
    pub(super) fn ask_for_many(&self, ask: Ask) -> mpsc::UnboundedReceiver<Result<Reply, Refusal>> {
        let (sender, receiver) = mpsc::unbounded();
        self.send(ask, &[], Waiting::Many(sender));
        receiver
    }

    fn send(&self, ask: Ask, attached: &[JsValue], waiting: Waiting) {
        let state = &self.0.state;
        if let Some(why) = &*state.ended.borrow() {
            waiting.refuse(why);
            return;
        }
        let id = state.last.get().wrapping_add(1).max(1);
        state.last.set(id);
        state.waiting.borrow_mut().insert(id, waiting);
        let text = serde_json::to_string(&Envelope { id, body: ask }).unwrap_or_default();
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

impl Drop for Wire {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
        self.state.end("it was not needed any more");
    }
}

impl State {
    fn post(&self, worker: &Worker, message: &Array, transfer: &Array) {
        if let Err(error) = worker.post_message_with_transfer(message, transfer) {
            worker.terminate();
            self.end(&words(&error));
        }
    }

    fn hear(self: &Rc<Self>, worker: &Worker, data: &JsValue) {
        let message: Array = data.clone().unchecked_into();
        let text = message.get(0).as_string().unwrap_or_default();
        let Ok(Envelope { id, body: answer }) = serde_json::from_str::<Envelope<Answer>>(&text) else {
            worker.terminate();
            self.end("it answered in words of another version; reload the page");
            return;
        };
        match answer {
            Answer::Ready { lock } => {
                self.ready.set(true);
                if let Some(lock) = lock {
                    self.watch(worker, &lock);
                }
                let held = std::mem::take(&mut *self.held.borrow_mut());
                for (message, transfer) in held {
                    self.post(worker, &message, &transfer);
                }
            }
            Answer::Fault { message } => {
                worker.terminate();
                self.end(&message);
            }
            answer => {
                let attached = message.iter().skip(1).collect();
                self.deliver(id, Reply { answer, attached });
            }
        }
    }

    /// Waits for the lock that the worker holds: it is granted when the worker ended silently.
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
                state.end("the browser ended it, perhaps for want of memory");
            }
        });
        // Without it, silent ends are not noticed; nothing else is lost.
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
                if let Answer::Refused(refusal) = reply.answer {
                    let _ = sender.unbounded_send(Err(refusal));
                } else if reply.answer != Answer::Done && sender.unbounded_send(Ok(reply)).is_ok() {
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

/// The address of the workers' script.
fn script() -> Result<String, Refusal> {
    let meta = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("meta[name=worker]").ok().flatten())
        .and_then(|meta| meta.get_attribute("content"));
    meta.ok_or_else(|| Refusal::new("the page does not name its worker; reload it"))
}

/// What an exception says.
pub(super) fn words(error: &JsValue) -> String {
    let said = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    said.or_else(|| error.as_string()).unwrap_or_else(|| "no reason given".to_owned())
}
