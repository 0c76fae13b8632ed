//! Drives a run: gives tasks to the workers, hands their results to the zip in order, and tells the page.

use std::rc::Rc;

use augment_web_messages::Refusal;
use send_wrapper::SendWrapper;

use super::{RunAsk, RunEvent, RunHandle};
use crate::engine::Engine;

/// What a handle on a run acts on.
#[derive(Debug, Default)]
pub(in crate::engine) struct Control;

impl Control {
    pub(super) fn pause(&self) {}
    pub(super) fn resume(&self) {}
    pub(super) fn cancel(&self) {}
    pub(super) fn settle(&self, _keep: bool) {}
}

/// See [`Engine::run`].
pub(in crate::engine) fn start(_: &Engine, _: RunAsk, on: Rc<dyn Fn(RunEvent)>) -> RunHandle {
    on(RunEvent::Refused(Refusal::new("runs come with the next change")));
    RunHandle(SendWrapper::new(Rc::new(Control)))
}
