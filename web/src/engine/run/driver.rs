//! Drives a run: starts its workers, adds their results to the zip in order, and reports to the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_core::run::Delivered;
use augment_web_messages::{
    Added, Addition, PartnerHashes, Refusal, RenderedCopy, Request, Response, RunSettings, Started,
};
use futures::channel::oneshot;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag};

use super::control::{Control, RunHandle, RunState, TaskResult, now};
use super::events::{Progress, RunEvent, RunRequest, RunResult};
use super::pace::Pace;
use super::scheduler::Scheduler;
use super::survey::survey;
use super::worker_pool::WorkerPool;
use crate::engine::dataset::DatasetFiles;
use crate::engine::handle::{Engine, processors};
use crate::engine::preview::mixes;
use crate::engine::worker_client::{error_message, unexpected};
use crate::engine::worker_slot::WorkerSlot;

/// Seconds between two reports of the progress.
const REPORT_EVERY: f64 = 0.15;

impl Engine {
    /// Runs a recipe over the open dataset and reports to `listener`, up to [`RunEvent::Finished`],
    /// [`RunEvent::Discarded`] or [`RunEvent::Refused`].
    pub fn run(&self, request: RunRequest, listener: impl Fn(RunEvent) + 'static) -> RunHandle {
        let control = Rc::new(Control::default());
        *control.listener.borrow_mut() = Some(Rc::new(listener));
        let run = drive(self.clone(), request, Rc::clone(&control));
        let ending = Rc::clone(&control);
        wasm_bindgen_futures::spawn_local(async move {
            let last = run.await;
            ending.state.set(RunState::Over);
            ending.stop_workers("the run is over");
            ending.changed();
            ending.report(last.unwrap_or_else(RunEvent::Refused));
        });
        RunHandle::new(control)
    }
}

/// The whole run; returns its last event.
async fn drive(engine: Engine, request: RunRequest, control: Rc<Control>) -> Result<RunEvent, Refusal> {
    let slot = WorkerSlot::default();
    let mut dataset = engine.dataset()?;
    if let Some(one) = &request.only {
        let mut alone = if one.labeled {
            dataset.only(one.item, &one.name)
        } else {
            dataset.single(one.item, &one.name, engine.read(&one.name).await?.file)
        };
        alone.note(&slot.open(&alone).await?);
        dataset = Rc::new(alone);
    }
    if request.labels.as_deref() == Some("none")
        && let Some(mut plain) = dataset.without_labels()
    {
        // Labels that are not written are not read either.
        plain.note(&slot.open(&plain).await?);
        dataset = Rc::new(plain);
    }
    let workers = request.workers.unwrap_or_else(processors).clamp(1, 64);
    let pool = WorkerPool::new(workers, Rc::clone(&dataset));
    *control.slots.borrow_mut() = pool.slots();
    *control.pace.borrow_mut() = Pace::start(now());
    let partners = if mixes(&request.recipe["steps"]) {
        let report = |done, total| control.report(RunEvent::Surveyed { done, total });
        match survey(&engine, &dataset, &pool.slots(), report, || control.is_active()).await {
            Ok(partners) => (*partners).clone(),
            Err(_) if !control.is_active() => return Ok(RunEvent::Discarded),
            Err(refusal) => return Err(refusal),
        }
    } else {
        PartnerHashes::new()
    };
    let settings = RunSettings {
        recipe: request.recipe.clone(),
        seed: request.seed,
        count: request.count,
        labels: request.labels.clone(),
        partners,
        sheet: request.sheet,
    };
    let writer = Writer { slot, control: &control, progress: RefCell::default(), reported: Cell::new(0.0) };
    let started = writer.begin(&dataset, &request, &settings).await?;
    let outputs: usize = started.copies.iter().sum();
    let workers = workers.min(outputs.max(1));
    let mut scheduler = Scheduler::new(started.copies, workers);
    scheduler.pause(control.paused.get());
    *control.scheduler.borrow_mut() = Some(scheduler);
    control.report(RunEvent::Started { outputs, workers, warnings: started.warnings });
    if control.is_active() {
        pool.start(&control, settings, workers);
    }
    let complete = match writer.write().await {
        Ok(complete) => complete,
        Err(refusal) => {
            control.state.set(RunState::Over);
            control.stop_workers("the run cannot go on");
            writer.discard().await;
            return Err(refusal);
        }
    };
    if !complete {
        let (sender, receiver) = oneshot::channel();
        *control.keep.borrow_mut() = Some(sender);
        control.report(RunEvent::Cancelled { outputs: writer.written() });
        if receiver.await != Ok(true) {
            writer.discard().await;
            return Ok(RunEvent::Discarded);
        }
    }
    control.stop_workers("the run is over");
    writer.finish(complete).await.map(RunEvent::Finished)
}

/// What the writer of a zip does next.
enum NextStep {
    Add(Delivered<TaskResult, String>),
    End,
    Cancelled,
}

/// Writes the zip of a run.
struct Writer<'a> {
    slot: WorkerSlot,
    control: &'a Control,
    progress: RefCell<Progress>,
    /// When the progress was last reported.
    reported: Cell<f64>,
}

impl Writer<'_> {
    async fn begin(
        &self,
        dataset: &DatasetFiles,
        request: &RunRequest,
        settings: &RunSettings,
    ) -> Result<Started, Refusal> {
        let reply = self.slot.request_on(dataset, Request::Start(settings.clone())).await?;
        let Response::Started(started) = reply.response else { return Err(unexpected(&reply.response)) };
        let (destination, attached) = request.destination.message();
        let reply = self.slot.request(Request::Begin(destination), &attached).await?;
        let Response::Added(added) = reply.response else { return Err(unexpected(&reply.response)) };
        *self.progress.borrow_mut() =
            Progress { items: dataset.items, outputs: started.copies.iter().sum(), ..Progress::default() };
        self.take(added);
        Ok(started)
    }

    /// Adds results to the zip in order; returns whether all came.
    async fn write(&self) -> Result<bool, Refusal> {
        loop {
            let next = self.control.wait(|| {
                if !self.control.is_active() {
                    return Some(NextStep::Cancelled);
                }
                self.control.with_scheduler(|scheduler| match scheduler.next_output() {
                    None if scheduler.is_over() => Some(NextStep::End),
                    next => next.map(NextStep::Add),
                })?
            });
            let next = next.await;
            // The window has room again, so workers may start another task.
            self.control.changed();
            match next {
                NextStep::Cancelled => return Ok(false),
                NextStep::End => {
                    self.report_progress(true);
                    return Ok(true);
                }
                NextStep::Add(Delivered::Failed { source, outputs, error }) => {
                    let addition = Addition::Failure { item: source, message: error };
                    self.add(addition, &[]).await?;
                    self.note(1, outputs, 0);
                }
                NextStep::Add(Delivered::Outputs { count, last, result: (rendered, attached), .. }) => {
                    let pixels = rendered.copies.iter().map(pixels_of).sum();
                    self.add(Addition::Outputs(rendered), &attached).await?;
                    self.note(usize::from(last), count, pixels);
                }
            }
            self.report_progress(false);
        }
    }

    async fn add(&self, addition: Addition, attached: &[JsValue]) -> Result<(), Refusal> {
        let reply = self.slot.request(Request::Add(addition), attached).await?;
        let Response::Added(added) = reply.response else { return Err(unexpected(&reply.response)) };
        self.take(added);
        Ok(())
    }

    fn take(&self, added: Added) {
        {
            let mut progress = self.progress.borrow_mut();
            progress.bytes = added.bytes.max(progress.bytes);
            progress.failed += added.failed.len();
        }
        added.failed.into_iter().for_each(|failed| self.control.report(RunEvent::Failed(failed)));
        added.warnings.into_iter().for_each(|warning| self.control.report(RunEvent::Warning(warning)));
    }

    fn note(&self, items: usize, outputs: usize, pixels: u64) {
        let mut progress = self.progress.borrow_mut();
        progress.items_done += items;
        progress.outputs_done += outputs;
        progress.pixels += pixels;
        self.control.pace.borrow_mut().note(now(), progress.outputs_done, progress.pixels);
    }

    fn report_progress(&self, last: bool) {
        let now = now();
        if last || now - self.reported.get() >= REPORT_EVERY {
            self.reported.set(now);
            let mut progress = *self.progress.borrow();
            {
                let pace = self.control.pace.borrow();
                progress.seconds = pace.seconds(now);
                (progress.rate, progress.left) = pace.rate(now, progress.outputs - progress.outputs_done);
            }
            self.control.report(RunEvent::Progress(progress));
        }
    }

    /// Outputs in the zip, including failed ones.
    fn written(&self) -> usize {
        self.progress.borrow().outputs_done
    }

    async fn finish(&self, complete: bool) -> Result<RunResult, Refusal> {
        let reply = self.slot.request(Request::Finish, &[]).await?;
        let Response::Finished(finished) = reply.response else { return Err(unexpected(&reply.response)) };
        let mut attached = reply.attached.into_iter().peekable();
        let zip = attached.next_if(|value| value.is_instance_of::<Blob>()).map(JsCast::unchecked_into);
        let sheet = attached.next().map(|bytes| png(&bytes)).transpose()?;
        let seconds = self.control.pace.borrow().seconds(now());
        Ok(RunResult { finished, complete, zip, sheet, seconds })
    }

    async fn discard(&self) {
        // If the worker has stopped, its zip is gone already.
        let _ = self.slot.request(Request::Discard, &[]).await;
    }
}

const fn pixels_of(copy: &RenderedCopy) -> u64 {
    match copy {
        RenderedCopy::Made { pixels, .. } => *pixels,
        RenderedCopy::Failed(_) => 0,
    }
}

fn png(bytes: &JsValue) -> Result<Blob, Refusal> {
    let options = BlobPropertyBag::new();
    options.set_type("image/png");
    Blob::new_with_u8_array_sequence_and_options(&js_sys::Array::of1(bytes), &options)
        .map_err(|error| Refusal::new(error_message(&error)))
}
