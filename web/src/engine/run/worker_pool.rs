//! The workers of a run: started when there is a task for them, replaced when they stop or use too much memory.

use std::cell::Cell;
use std::rc::Rc;

use augment_web_messages::{Refusal, RenderRequest, Rendered, RenderedCopy, Request, Response, RunSettings};
use futures::lock::Mutex;

use super::control::{Control, TaskResult};
use super::scheduler::Task;
use crate::engine::dataset::DatasetFiles;
use crate::engine::worker_client::{WorkerClient, unexpected};
use crate::engine::worker_slot::WorkerSlot;

/// Tasks in flight per worker: the next one waits in its queue, so that it is not idle while a result travels.
const LANES: usize = 2;
/// A worker's memory never shrinks: a worker with more is replaced when it is idle.
const MAX_MEMORY: u64 = 512 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct WorkerPool {
    workers: Vec<Rc<Worker>>,
    dataset: Rc<DatasetFiles>,
}

/// One worker of the pool.
#[derive(Debug, Default)]
struct Worker {
    slot: WorkerSlot,
    /// The start number of the worker that has the run.
    prepared: Cell<u64>,
    /// Locked while a worker gets the run.
    preparing: Mutex<()>,
    /// The start number of the worker whose failure was blamed on a task.
    blamed: Cell<u64>,
    /// Tasks in flight.
    in_flight: Cell<usize>,
    /// Whether it uses too much memory and must be replaced.
    outgrown: Cell<bool>,
}

impl WorkerPool {
    pub(super) fn new(workers: usize, dataset: Rc<DatasetFiles>) -> Self {
        Self { workers: (0..workers).map(|_| Rc::default()).collect(), dataset }
    }

    pub(super) fn slots(&self) -> Vec<WorkerSlot> {
        self.workers.iter().map(|worker| worker.slot.clone()).collect()
    }

    /// Lets some of the workers take tasks until the run is over.
    pub(super) fn start(&self, control: &Rc<Control>, settings: RunSettings, workers: usize) {
        let settings = Rc::new(settings);
        // The survey may have needed more workers than the run does.
        self.workers.iter().skip(workers).for_each(|worker| worker.slot.clear("it is not needed"));
        for (index, worker) in self.workers.iter().enumerate().take(workers) {
            for _ in 0..LANES {
                let lane = Lane {
                    index,
                    worker: Rc::clone(worker),
                    control: Rc::clone(control),
                    dataset: Rc::clone(&self.dataset),
                    settings: Rc::clone(&settings),
                };
                wasm_bindgen_futures::spawn_local(lane.work());
            }
        }
    }
}

/// Gives a worker one task after another.
struct Lane {
    index: usize,
    worker: Rc<Worker>,
    control: Rc<Control>,
    dataset: Rc<DatasetFiles>,
    settings: Rc<RunSettings>,
}

impl Lane {
    async fn work(self) {
        while let Some(task) = self.next().await {
            let worker = &self.worker;
            worker.in_flight.set(worker.in_flight.get() + 1);
            self.render(task).await;
            worker.in_flight.set(worker.in_flight.get() - 1);
            if worker.outgrown.get() && worker.in_flight.get() == 0 {
                worker.outgrown.set(false);
                worker.slot.clear("it used too much memory");
            }
            self.control.changed();
        }
    }

    /// The next task; `None` when the run is over.
    async fn next(&self) -> Option<Task> {
        self.control
            .wait(|| {
                if !self.control.is_active() {
                    return Some(None);
                }
                if self.worker.outgrown.get() {
                    return None;
                }
                self.control.with_scheduler(|scheduler| scheduler.take(self.index)).flatten().map(Some)
            })
            .await
    }

    async fn render(&self, task: Task) {
        let request = RenderRequest { item: task.item, copies: (task.first..task.first + task.count).collect() };
        let (outcome, client, start_number) = match self.ready().await {
            Ok(client) => {
                let start_number = self.worker.slot.starts();
                (client.request(Request::Render(request), &[]).await, Some(client), start_number)
            }
            Err(refusal) => (Err(refusal), None, self.worker.slot.starts()),
        };
        if !self.control.is_active() {
            return;
        }
        let refusal = match outcome {
            Ok(reply) => match reply.response {
                Response::Rendered(rendered) => {
                    self.worker.outgrown.set(self.worker.outgrown.get() || rendered.memory > MAX_MEMORY);
                    self.done(task, (rendered, reply.attached));
                    return;
                }
                other => unexpected(&other),
            },
            Err(refusal) => refusal,
        };
        if client.is_some_and(|client| client.is_alive()) {
            // The worker still runs: its refusal is the result.
            let rendered = Rendered { item: task.item, error: Some(refusal.message), ..Rendered::default() };
            self.done(task, (rendered, Vec::new()));
            return;
        }
        // Requests fail in the order of sending: the worker was at the first one when it stopped.
        let over_this = self.worker.blamed.replace(start_number) != start_number;
        self.control.with_scheduler(|scheduler| scheduler.failed(task, over_this, &refusal.message));
    }

    fn done(&self, task: Task, result: TaskResult) {
        let bytes = result.0.copies.iter().map(|copy| match copy {
            RenderedCopy::Made { bytes, .. } => *bytes,
            RenderedCopy::Failed(_) => 0,
        });
        let bytes = bytes.sum();
        self.control.with_scheduler(|scheduler| scheduler.done(task, result, bytes));
    }

    /// The worker, with the dataset open and the run prepared.
    async fn ready(&self) -> Result<WorkerClient, Refusal> {
        let _one = self.worker.preparing.lock().await;
        let client = self.worker.slot.with(&self.dataset).await?;
        let start_number = self.worker.slot.starts();
        if self.worker.prepared.get() != start_number {
            let reply = client.request(Request::Start((*self.settings).clone()), &[]).await?;
            let Response::Started(_) = reply.response else { return Err(unexpected(&reply.response)) };
            self.worker.prepared.set(start_number);
        }
        Ok(client)
    }
}
