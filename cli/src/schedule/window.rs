//! The scheduler's state: which sources are prepared, and what each thread does next.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use augment_core::error::{Error, Result};
use augment_core::run::{Delivered, Delivery};

use super::work::{Extent, Turn, Work};

/// What a thread does next.
pub(super) enum ThreadTask<W: Work> {
    Read(usize),
    Prepare(usize, W::Raw),
    Render(usize, usize, Arc<W::Prepared>),
}

/// What the thread does next that hands the results over.
pub(super) enum NextStep<W: Work> {
    HandOver(Turn<W::Output>),
    Work(ThreadTask<W>),
}

/// A source between its reading and its last copy.
struct Live<W: Work> {
    phase: Phase<W>,
    /// What it holds of the budget, once admitted.
    pixels: u64,
    next_copy: usize,
    rendered: usize,
}

enum Phase<W: Work> {
    /// A thread reads or prepares it.
    Busy,
    /// It waits for memory of so many pixels.
    Read(W::Raw, u64),
    /// Prepared by this thread, whose processor has its pixels near.
    Ready(Arc<W::Prepared>, usize),
}

pub(super) struct Window<W: Work> {
    jobs: usize,
    budget: u64,
    /// The next source to read.
    next_source: usize,
    live: BTreeMap<usize, Live<W>>,
    /// Pixels of prepared sources and of copies being rendered.
    pixels: u64,
    rendering: usize,
    delivery: Delivery<Result<W::Output>, Error>,
    stopped: bool,
}

impl<W: Work> Window<W> {
    pub(super) fn new(Extent { copies, jobs }: Extent, budget: u64, max_bytes: u64) -> Self {
        Self {
            jobs,
            budget,
            next_source: 0,
            live: BTreeMap::new(),
            pixels: 0,
            rendering: 0,
            delivery: Delivery::new(copies, 8 * jobs + 8, max_bytes),
            stopped: false,
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The next thing to do for a thread, `Some(None)` after the last one; `None` when it must wait.
    #[expect(clippy::option_option, reason = "not yet, the end, or a task")]
    pub(super) fn take_task(&mut self, thread: usize) -> Option<Option<ThreadTask<W>>> {
        if self.stopped || (self.next_source == self.delivery.sources() && self.live.is_empty()) {
            return Some(None);
        }
        // The earliest sources, on which all others wait, could find the window full of those of the threads.
        let own = if self.delivery.is_half_full() { None } else { self.begin_own(thread) };
        own.or_else(|| self.begin_earliest()).map(Some)
    }

    /// As [`Self::take_task`] for who hands the results over, which goes before work.
    #[expect(clippy::option_option, reason = "not yet, the end, or a step")]
    pub(super) fn take_step(&mut self, thread: usize) -> Option<Option<NextStep<W>>> {
        if self.delivery.is_over() {
            return Some(None);
        }
        let turn = self.take_turn().map(NextStep::HandOver);
        turn.or_else(|| self.take_task(thread).flatten().map(NextStep::Work)).map(Some)
    }

    /// A copy of a source that the thread has prepared; where there is none, a source for it to prepare.
    fn begin_own(&mut self, thread: usize) -> Option<ThreadTask<W>> {
        let prepared = self.earliest(|phase| matches!(phase, Phase::Ready(_, by) if *by == thread));
        if let Some(task) = prepared.and_then(|source| self.begin(source)) {
            return Some(task);
        }
        let read = self.earliest(|phase| matches!(phase, Phase::Read(..)));
        read.and_then(|source| self.begin(source)).or_else(|| self.begin_reading())
    }

    /// The next task of the earliest source.
    fn begin_earliest(&mut self) -> Option<ThreadTask<W>> {
        match self.earliest(|_| true) {
            Some(source) => self.begin(source),
            None => self.begin_reading(),
        }
    }

    /// The earliest source, in some phases, with which anything can be begun.
    fn earliest(&self, among: impl Fn(&Phase<W>) -> bool) -> Option<usize> {
        let waits = |source: usize, live: &Live<W>| match &live.phase {
            Phase::Busy => false,
            Phase::Read(..) => true,
            Phase::Ready(..) => live.next_copy < self.delivery.outputs_of(source),
        };
        let found = self.live.iter().find(|(source, live)| among(&live.phase) && waits(**source, live));
        found.map(|(source, _)| *source)
    }

    /// The preparation or the next copy of a source, where there is room for it.
    fn begin(&mut self, source: usize) -> Option<ThreadTask<W>> {
        match self.live.get(&source)?.phase {
            Phase::Busy => None,
            Phase::Read(..) => self.begin_preparation(source),
            Phase::Ready(..) => self.begin_copy(source),
        }
    }

    fn begin_copy(&mut self, source: usize) -> Option<ThreadTask<W>> {
        let has_room = self.delivery.has_room();
        let live = self.live.get_mut(&source)?;
        let Phase::Ready(prepared, _) = &live.phase else { return None };
        let copy = live.next_copy;
        let is_head = (source, copy) == self.delivery.head() && self.rendering == 0;
        if !is_head && (self.pixels + live.pixels > self.budget || !has_room) {
            return None;
        }
        live.next_copy += 1;
        self.pixels += live.pixels;
        self.rendering += 1;
        self.delivery.begin(source, 1);
        Some(ThreadTask::Render(source, copy, Arc::clone(prepared)))
    }

    /// A source that is read, where it may take its memory now, and as much again for its first copy.
    fn begin_preparation(&mut self, source: usize) -> Option<ThreadTask<W>> {
        let alone = self.live.keys().next() == Some(&source) && self.rendering == 0;
        let live = self.live.get_mut(&source)?;
        let Phase::Read(raw, pixels) = mem::replace(&mut live.phase, Phase::Busy) else { return None };
        if !alone && self.pixels + 2 * pixels > self.budget {
            live.phase = Phase::Read(raw, pixels);
            return None;
        }
        self.pixels += pixels;
        live.pixels = pixels;
        Some(ThreadTask::Prepare(source, raw))
    }

    fn begin_reading(&mut self) -> Option<ThreadTask<W>> {
        let source = self.next_source;
        let is_head = source == self.delivery.head().0;
        if source == self.delivery.sources() || !is_head && (!self.delivery.has_room() || self.live.len() > self.jobs) {
            return None;
        }
        self.next_source += 1;
        self.live.insert(source, Live { phase: Phase::Busy, pixels: 0, next_copy: 0, rendered: 0 });
        Some(ThreadTask::Read(source))
    }

    /// Notes how the reading of a source went, and the pixels that it will hold.
    pub(super) fn read(&mut self, source: usize, read: Result<(W::Raw, u64)>) {
        self.next_phase(source, read.map(|(raw, pixels)| Phase::Read(raw, pixels)));
    }

    /// Notes how the preparation of a source by a thread went.
    pub(super) fn prepared(&mut self, thread: usize, source: usize, prepared: Result<Arc<W::Prepared>>) {
        self.next_phase(source, prepared.map(|prepared| Phase::Ready(prepared, thread)));
    }

    fn next_phase(&mut self, source: usize, phase: Result<Phase<W>>) {
        match phase {
            Ok(phase) => {
                if let Some(live) = self.live.get_mut(&source) {
                    live.phase = phase;
                }
            }
            Err(error) => {
                self.release(source);
                self.delivery.fail(source, 0, error);
            }
        }
    }

    /// Notes how a copy went.
    pub(super) fn rendered(&mut self, source: usize, copy: usize, output: Result<W::Output>) {
        self.rendering -= 1;
        if let Some(live) = self.live.get_mut(&source) {
            self.pixels -= live.pixels;
            live.rendered += 1;
            if live.rendered == self.delivery.outputs_of(source) {
                self.release(source);
            }
        }
        let bytes = output.as_ref().map_or(0, W::bytes);
        self.delivery.store((source, copy), 1, output, bytes);
    }

    fn release(&mut self, source: usize) {
        if let Some(live) = self.live.remove(&source) {
            self.pixels -= live.pixels;
        }
    }

    /// The next result in order, if it is there.
    fn take_turn(&mut self) -> Option<Turn<W::Output>> {
        Some(match self.delivery.deliver()? {
            Delivered::Outputs { result: Ok(output), .. } => Turn::Output(output),
            Delivered::Outputs { source, first: copy, result: Err(error), .. } => {
                Turn::CopyFailed { source, copy, error }
            }
            Delivered::Failed { source, error, .. } => Turn::SourceFailed { source, error },
        })
    }
}
