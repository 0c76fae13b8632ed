//! The state that a run, its workers and its handles share.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use augment_web_messages::Rendered;
use futures::channel::oneshot;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;

use super::events::RunEvent;
use super::pace::Pace;
use super::scheduler::Scheduler;
use crate::engine::worker_slot::WorkerSlot;

/// The result of a task: its outputs and their attachments.
pub(super) type TaskResult = (Rendered, Vec<JsValue>);

type Listener = Rc<dyn Fn(RunEvent)>;

/// The state of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum RunState {
    #[default]
    Active,
    Cancelled,
    Over,
}

/// What the run, its workers and its handles share.
#[derive(Default)]
pub(super) struct Control {
    pub(super) state: Cell<RunState>,
    pub(super) scheduler: RefCell<Option<Scheduler<TaskResult>>>,
    /// The workers of the run.
    pub(super) slots: RefCell<Vec<WorkerSlot>>,
    pub(super) pace: RefCell<Pace>,
    pub(super) paused: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
    /// Waits for the user to keep or discard a cancelled zip.
    pub(super) keep: RefCell<Option<oneshot::Sender<bool>>>,
    pub(super) listener: RefCell<Option<Listener>>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Control {
    pub(super) fn is_active(&self) -> bool {
        self.state.get() == RunState::Active
    }

    /// Stops all workers at once.
    pub(super) fn stop_workers(&self, why: &str) {
        self.slots.borrow().iter().for_each(|slot| slot.clear(why));
    }

    /// Waits until `look` returns something.
    pub(super) async fn wait<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        poll_fn(|context| match look() {
            Some(found) => Poll::Ready(found),
            None => {
                self.wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }

    /// Wakes everything that waits for a change.
    pub(super) fn changed(&self) {
        let wakers = std::mem::take(&mut *self.wakers.borrow_mut());
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Calls a function with the scheduler, if there is one yet.
    pub(super) fn with_scheduler<T>(&self, act: impl FnOnce(&mut Scheduler<TaskResult>) -> T) -> Option<T> {
        self.scheduler.borrow_mut().as_mut().map(act)
    }

    pub(super) fn report(&self, event: RunEvent) {
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener(event);
        }
    }
}

/// Controls a run. Cheap to clone; dropping it does not end the run.
#[derive(Clone, Debug)]
pub struct RunHandle(SendWrapper<Rc<Control>>);

impl RunHandle {
    pub(super) fn new(control: Rc<Control>) -> Self {
        Self(SendWrapper::new(control))
    }

    /// Starts no more tasks; tasks that have started finish.
    pub fn pause(&self) {
        if self.0.is_active() && !self.0.paused.replace(true) {
            self.0.with_scheduler(|scheduler| scheduler.pause(true));
            self.0.pace.borrow_mut().pause(now());
            self.0.report(RunEvent::Paused);
        }
    }

    /// Starts tasks again.
    pub fn resume(&self) {
        if self.0.is_active() && self.0.paused.replace(false) {
            self.0.with_scheduler(|scheduler| scheduler.pause(false));
            self.0.pace.borrow_mut().resume(now());
            self.0.report(RunEvent::Resumed);
            self.0.changed();
        }
    }

    /// Stops the workers at once; [`RunEvent::Cancelled`] follows.
    pub fn cancel(&self) {
        if self.0.is_active() {
            self.0.state.set(RunState::Cancelled);
            self.0.stop_workers("the run was cancelled");
            self.0.pace.borrow_mut().pause(now());
            self.0.changed();
        }
    }

    /// After [`RunEvent::Cancelled`]: finishes the zip as it is; [`RunEvent::Finished`] follows.
    pub fn keep(&self) {
        self.answer(true);
    }

    /// After [`RunEvent::Cancelled`]: removes the zip; [`RunEvent::Discarded`] follows.
    pub fn discard(&self) {
        self.answer(false);
    }

    fn answer(&self, keep: bool) {
        if let Some(sender) = self.0.keep.borrow_mut().take() {
            // If no one listens, the run is over.
            let _ = sender.send(keep);
        }
    }
}

/// The page's clock in seconds.
pub(super) fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now() / 1000.0)
}
