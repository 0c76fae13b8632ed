//! Runs work on several threads and hands the results over in order, whatever the number of threads.
//!
//! A source is read, prepared once and rendered into its copies, by the same thread as far as that goes: its pixels
//! are in that processor's cache. Where nothing is left to prepare, or too much waits for the earliest source,
//! threads take the earliest copy. The caller's thread is one of them, and hands over what has its turn before it
//! takes work. How far threads run ahead of what has been handed over is bounded in copies and bytes, and the pixels
//! held in memory at once are bounded too: small pictures fill all threads, a huge one runs alone.

mod window;
mod work;

use std::cell::Cell;
use std::panic;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use augment_core::run::guarded;

use self::window::{NextStep, ThreadTask, Window};
pub(crate) use self::work::{Extent, Turn, Work};
use crate::memory;

/// Megapixels held at once, prepared and being rendered, unless the earliest source alone needs more. With three bytes
/// a pixel and what decoders and encoders need besides, a picture of 100 megapixels stays under 1.2 GiB.
const BUDGET_PIXELS: u64 = 240_000_000;
/// With many threads the budget grows with them, so that photographs of 24 megapixels keep each busy.
const BUDGET_PIXELS_PER_JOB: u64 = 48_000_000;
/// Encoded bytes that wait to be handed over; beyond them only the next one is made.
const WAITING_BYTES: u64 = 64 << 20;

/// The number of the caller's thread; the others count on from it.
const CALLER: usize = 0;

thread_local! {
    /// Whether this thread is at work of which a panic is the error of one file.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Does all work and hands the results over by source, then copy.
///
/// # Errors
/// What `deliver` fails with, which ends the run, and a thread that cannot be started.
pub(crate) fn run<W: Work>(
    work: &W,
    extent: Extent,
    mut deliver: impl FnMut(Turn<W::Output>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let jobs = extent.jobs.max(1);
    let useful = extent.copies.iter().sum::<usize>().max(1);
    let budget = BUDGET_PIXELS.max(BUDGET_PIXELS_PER_JOB * jobs as u64);
    let _kept = memory::keep();
    let shared = Shared { state: Mutex::new(Window::new(extent, budget, WAITING_BYTES)), changed: Condvar::new() };
    thread::scope(|scope| {
        // Whatever ends this scope early must end the threads too.
        let _end = End(&shared);
        let shared = &shared;
        for worker in 1..jobs.min(useful) {
            thread::Builder::new().name("worker".into()).spawn_scoped(scope, move || {
                while let Some(task) = shared.wait(|state| state.take_task(worker)) {
                    perform(work, shared, worker, task);
                }
            })?;
        }
        while let Some(step) = shared.wait(|state| state.take_step(CALLER)) {
            match step {
                NextStep::HandOver(turn) => {
                    shared.changed.notify_all();
                    deliver(turn)?;
                }
                NextStep::Work(task) => perform(work, shared, CALLER, task),
            }
        }
        Ok(())
    })
}

/// The state and the news of its changes.
struct Shared<W: Work> {
    state: Mutex<Window<W>>,
    changed: Condvar,
}

impl<W: Work> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, Window<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `look` finds something.
    fn wait<T>(&self, mut look: impl FnMut(&mut Window<W>) -> Option<T>) -> T {
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&mut state) {
                return found;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Changes the state and tells everyone.
    fn change(&self, change: impl FnOnce(&mut Window<W>)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

/// Stops the threads when it goes.
struct End<'a, W: Work>(&'a Shared<W>);

impl<W: Work> Drop for End<'_, W> {
    fn drop(&mut self) {
        self.0.change(Window::stop);
    }
}

/// Does a task on a thread and notes how it went.
fn perform<W: Work>(work: &W, shared: &Shared<W>, thread: usize, task: ThreadTask<W>) {
    AT_WORK.set(true);
    match task {
        ThreadTask::Read(source) => {
            let raw = guarded(|| work.read(source));
            shared.change(|state| state.read(source, raw));
        }
        ThreadTask::Prepare(source, raw) => {
            let prepared = guarded(|| work.prepare(source, raw)).map(Arc::new);
            shared.change(|state| state.prepared(thread, source, prepared));
        }
        ThreadTask::Render(source, copy, prepared) => {
            let output = guarded(|| work.render(source, &prepared, copy));
            // Before the news, so that its memory is free when others hear of it.
            drop(prepared);
            shared.change(|state| state.rendered(source, copy, output));
        }
    }
    AT_WORK.set(false);
}

/// Keeps a panic of work off standard error: it becomes the error of one file.
pub(crate) fn hush_work() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !AT_WORK.get() {
            usual(info);
        }
    }));
}

#[cfg(test)]
mod tests;
