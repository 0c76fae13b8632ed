//! The workers of a run: started when there is a task for them, replaced when they end or have grown too large.

use std::cell::Cell;
use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Refusal, RenderAsk, Rendered, RenderedCopy, RunSettings};
use futures::lock::Mutex;

use super::book::Task;
use super::driver::{Control, Given};
use crate::engine::dataset::Brought;
use crate::engine::link::Link;
use crate::engine::seat::{Seat, unexpected};

/// Tasks that a worker has at once: the next one waits in its queue, so that it is not idle while a result travels.
const LANES: usize = 2;
/// A worker's memory never shrinks: above this it is replaced when it is idle.
const MOST_MEMORY: u64 = 512 << 20;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Crew {
    workers: Vec<Rc<Worker>>,
    brought: Option<Rc<Brought>>,
}

/// One worker of the crew, or its place.
#[derive(Debug, Default)]
struct Worker {
    seat: Seat,
    /// The birth of the worker that the run was started on.
    started: Cell<u64>,
    /// Held while the run is being started on it.
    starting: Mutex<()>,
    /// The birth of the worker whose end was blamed on a task.
    blamed: Cell<u64>,
    /// Tasks that it has.
    out: Cell<usize>,
    /// Whether it is to be replaced.
    tired: Cell<bool>,
}

impl Crew {
    pub(super) fn new(workers: usize, brought: Rc<Brought>) -> Self {
        Self { workers: (0..workers).map(|_| Rc::default()).collect(), brought: Some(brought) }
    }

    pub(super) fn seats(&self) -> Vec<Seat> {
        self.workers.iter().map(|worker| worker.seat.clone()).collect()
    }

    /// Ends all workers at once.
    pub(super) fn dismiss(&self, why: &str) {
        self.workers.iter().for_each(|worker| worker.seat.clear(why));
    }

    /// Lets so many workers take tasks until the run is over.
    pub(super) fn set_out(&self, control: &Rc<Control>, settings: RunSettings, workers: usize) {
        let Some(brought) = &self.brought else { return };
        let settings = Rc::new(settings);
        // What the survey needed and the run does not.
        self.workers.iter().skip(workers).for_each(|worker| worker.seat.clear("it is not needed"));
        for (index, worker) in self.workers.iter().enumerate().take(workers) {
            for _ in 0..LANES {
                let lane = Lane {
                    index,
                    worker: Rc::clone(worker),
                    control: Rc::clone(control),
                    brought: Rc::clone(brought),
                    settings: Rc::clone(&settings),
                };
                wasm_bindgen_futures::spawn_local(lane.work());
            }
        }
    }
}

/// One task after the other, for a worker.
struct Lane {
    index: usize,
    worker: Rc<Worker>,
    control: Rc<Control>,
    brought: Rc<Brought>,
    settings: Rc<RunSettings>,
}

impl Lane {
    async fn work(self) {
        while let Some(task) = self.next().await {
            let worker = &self.worker;
            worker.out.set(worker.out.get() + 1);
            self.render(task).await;
            worker.out.set(worker.out.get() - 1);
            if worker.tired.get() && worker.out.get() == 0 {
                worker.tired.set(false);
                worker.seat.clear("it had grown too large");
            }
            self.control.changed();
        }
    }

    /// The next task; `None` when the run is over.
    async fn next(&self) -> Option<Task> {
        self.control
            .wait(|| {
                if !self.control.is_on() {
                    return Some(None);
                }
                if self.worker.tired.get() {
                    return None;
                }
                self.control.with_book(|book| book.take(self.index)).flatten().map(Some)
            })
            .await
    }

    async fn render(&self, task: Task) {
        let ask = RenderAsk { item: task.item, copies: (task.first..task.first + task.count).collect() };
        let (outcome, link, birth) = match self.ready().await {
            Ok(link) => {
                let birth = self.worker.seat.births();
                (link.ask(Ask::Render(ask), &[]).await, Some(link), birth)
            }
            Err(refusal) => (Err(refusal), None, self.worker.seat.births()),
        };
        if !self.control.is_on() {
            return;
        }
        let refusal = match outcome {
            Ok(reply) => match reply.answer {
                Answer::Rendered(rendered) => {
                    self.worker.tired.set(self.worker.tired.get() || rendered.memory > MOST_MEMORY);
                    self.done(task, (rendered, reply.attached));
                    return;
                }
                other => unexpected(&other),
            },
            Err(refusal) => refusal,
        };
        if link.is_some_and(|link| link.is_alive()) {
            // It lives, and says no: that is the answer.
            let rendered = Rendered { item: task.item, error: Some(refusal.message), ..Rendered::default() };
            self.done(task, (rendered, Vec::new()));
            return;
        }
        // Requests fail in the order they were made in: the first one is what the worker was at when it ended.
        let over_this = self.worker.blamed.replace(birth) != birth;
        self.control.with_book(|book| book.ended(task, over_this, &refusal.message));
    }

    fn done(&self, task: Task, given: Given) {
        let bytes = given.0.copies.iter().map(|copy| match copy {
            RenderedCopy::Made { bytes, .. } => *bytes,
            RenderedCopy::Failed(_) => 0,
        });
        let bytes = bytes.sum();
        self.control.with_book(|book| book.done(task, given, bytes));
    }

    /// The worker with dataset and run.
    async fn ready(&self) -> Result<Link, Refusal> {
        let _one = self.worker.starting.lock().await;
        let link = self.worker.seat.with(&self.brought).await?;
        let birth = self.worker.seat.births();
        if self.worker.started.get() != birth {
            let reply = link.ask(Ask::Start((*self.settings).clone()), &[]).await?;
            let Answer::Started(_) = reply.answer else { return Err(unexpected(&reply.answer)) };
            self.worker.started.set(birth);
        }
        Ok(link)
    }
}
