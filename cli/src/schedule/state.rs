//! The scheduler's book: what is prepared, what is being made, and what waits for its turn.

use std::collections::BTreeMap;
use std::sync::Arc;

use augment_core::error::{Error, Result};

use super::{Extent, Turn};

/// What a thread does next.
pub(super) enum Task<P> {
    Prepare(usize),
    Render(usize, u32, Arc<P>),
    End,
}

/// A source between its preparation and its last copy.
struct Live<P> {
    phase: Phase<P>,
    /// What it holds of the budget, once admitted.
    pixels: u64,
    next_copy: u32,
    rendered: u32,
}

enum Phase<P> {
    /// A thread reads it or waits for its admission.
    Asked,
    /// A thread prepares it.
    Admitted,
    Ready(Arc<P>),
}

/// A result that waits for its turn.
enum Waiting<O> {
    Output(O, u64),
    CopyFailed(Error),
    SourceFailed(Error),
}

pub(super) struct State<P, O> {
    extent: Extent,
    budget: u64,
    most_bytes: u64,
    /// Copies that may be begun and not yet handed over.
    window: u64,
    begun: u64,
    handed_over: u64,
    /// The next source to prepare.
    next_source: usize,
    live: BTreeMap<usize, Live<P>>,
    /// Pixels of prepared sources and of copies being rendered.
    pixels: u64,
    rendering: usize,
    /// The next result to be handed over.
    head: (usize, u32),
    waiting: BTreeMap<(usize, u32), Waiting<O>>,
    waiting_bytes: u64,
    stopped: bool,
}

impl<P, O> State<P, O> {
    pub(super) fn new(extent: Extent, budget: u64, most_bytes: u64) -> Self {
        Self {
            window: 8 * extent.jobs as u64 + 8,
            begun: 0,
            handed_over: 0,
            extent,
            budget,
            most_bytes,
            next_source: 0,
            live: BTreeMap::new(),
            pixels: 0,
            rendering: 0,
            head: (0, 0),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            stopped: false,
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The next thing for a thread to do; `None` when it must wait.
    pub(super) fn take_task(&mut self) -> Option<Task<P>> {
        if self.stopped {
            return Some(Task::End);
        }
        let copies = &self.extent.copies;
        let next = self.live.iter().find_map(|(source, live)| match &live.phase {
            Phase::Ready(prepared) if live.next_copy < copies[*source] => {
                Some((*source, live.next_copy, live.pixels, prepared))
            }
            _ => None,
        });
        if let Some((source, copy, pixels, prepared)) = next {
            let is_head = (source, copy) == self.head && self.rendering == 0;
            if !is_head && (self.pixels + pixels > self.budget || !self.within_window()) {
                return None;
            }
            let task = Task::Render(source, copy, Arc::clone(prepared));
            self.pixels += pixels;
            self.rendering += 1;
            self.begun += 1;
            if let Some(live) = self.live.get_mut(&source) {
                live.next_copy += 1;
            }
            return Some(task);
        }
        if self.next_source == self.extent.copies.len() {
            return self.live.is_empty().then_some(Task::End);
        }
        let source = self.next_source;
        let is_head = source == self.head.0;
        if !is_head && (!self.within_window() || self.live.len() > self.extent.jobs) {
            return None;
        }
        self.next_source += 1;
        self.live.insert(source, Live { phase: Phase::Asked, pixels: 0, next_copy: 0, rendered: 0 });
        Some(Task::Prepare(source))
    }

    /// Whether another copy may be begun before the next one is handed over.
    fn within_window(&self) -> bool {
        self.begun - self.handed_over < self.window && self.waiting_bytes < self.most_bytes
    }

    /// Whether a source may take memory now; it takes as much again for the first of its copies.
    pub(super) fn admit(&mut self, source: usize, pixels: u64) -> Option<()> {
        let first = self.live.keys().next() == Some(&source) && self.rendering == 0;
        if !self.stopped && !first && self.pixels + 2 * pixels > self.budget {
            return None;
        }
        self.pixels += pixels;
        if let Some(live) = self.live.get_mut(&source) {
            live.pixels = pixels;
            live.phase = Phase::Admitted;
        }
        Some(())
    }

    /// Notes how the preparation of a source went.
    pub(super) fn prepared(&mut self, source: usize, prepared: Result<Arc<P>>) {
        match prepared {
            Ok(prepared) => {
                if let Some(live) = self.live.get_mut(&source) {
                    live.phase = Phase::Ready(prepared);
                }
            }
            Err(error) => {
                self.release(source);
                self.waiting.insert((source, 0), Waiting::SourceFailed(error));
            }
        }
    }

    /// Notes how a copy went.
    pub(super) fn rendered(&mut self, source: usize, copy: u32, output: Result<O>, bytes: impl Fn(&O) -> u64) {
        self.rendering -= 1;
        if let Some(live) = self.live.get_mut(&source) {
            self.pixels -= live.pixels;
            live.rendered += 1;
            if live.rendered == self.extent.copies[source] {
                self.release(source);
            }
        }
        let waiting = match output {
            Ok(output) => {
                let bytes = bytes(&output);
                self.waiting_bytes += bytes;
                Waiting::Output(output, bytes)
            }
            Err(error) => Waiting::CopyFailed(error),
        };
        self.waiting.insert((source, copy), waiting);
    }

    fn release(&mut self, source: usize) {
        if let Some(live) = self.live.remove(&source) {
            self.pixels -= live.pixels;
        }
    }

    /// The next result in order, `Some(None)` after the last one; `None` when it is not there yet.
    #[expect(clippy::option_option, reason = "not yet, the end, or a result")]
    pub(super) fn take_turn(&mut self) -> Option<Option<Turn<O>>> {
        let (source, copy) = self.head;
        let Some(copies) = self.extent.copies.get(source) else { return Some(None) };
        let waiting = self.waiting.remove(&self.head)?;
        let is_last = copy + 1 == *copies || matches!(waiting, Waiting::SourceFailed(_));
        self.head = if is_last { (source + 1, 0) } else { (source, copy + 1) };
        self.handed_over += u64::from(!matches!(waiting, Waiting::SourceFailed(_)));
        Some(Some(match waiting {
            Waiting::Output(output, bytes) => {
                self.waiting_bytes -= bytes;
                Turn::Output(output)
            }
            Waiting::CopyFailed(error) => Turn::CopyFailed { source, copy, error },
            Waiting::SourceFailed(error) => Turn::SourceFailed { source, error },
        }))
    }
}
