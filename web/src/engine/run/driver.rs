//! Drives a run: gives tasks to the workers, hands their results to the zip in order, and tells the page.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use augment_web_messages::{
    Added, Addition, Answer, Ask, Finished, Partners, Refusal, Rendered, RenderedCopy, RunSettings, Started,
};
use futures::channel::oneshot;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag};

use super::book::{Book, Turn};
use super::crew::Crew;
use super::pace::Pace;
use super::survey::survey;
use super::{Progress, RunAsk, RunEvent, RunHandle, RunResult};
use crate::engine::dataset::Brought;
use crate::engine::link::words;
use crate::engine::preview::mixes;
use crate::engine::seat::{Seat, unexpected};
use crate::engine::{Engine, processors};

/// Seconds between two tellings of the progress.
const TELL_EVERY: f64 = 0.15;

/// What a task gave.
pub(super) type Given = (Rendered, Vec<JsValue>);

/// Who is told.
type Listener = Rc<dyn Fn(RunEvent)>;

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    On,
    Cancelled,
    Over,
}

/// What the run, its workers and the handles on it share.
#[derive(Default)]
pub(in crate::engine) struct Control {
    phase: Cell<Phase>,
    pub(super) book: RefCell<Option<Book<Given>>>,
    crew: RefCell<Rc<Crew>>,
    pace: RefCell<Pace>,
    paused: Cell<bool>,
    /// Who waits for a change.
    wakers: RefCell<Vec<Waker>>,
    settle: RefCell<Option<oneshot::Sender<bool>>>,
    on: RefCell<Option<Listener>>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("phase", &self.phase).finish_non_exhaustive()
    }
}

impl Control {
    pub(super) fn pause(&self) {
        if self.phase.get() == Phase::On && !self.paused.replace(true) {
            self.with_book(|book| book.pause(true));
            self.pace.borrow_mut().pause(now());
            self.tell(RunEvent::Paused);
        }
    }

    pub(super) fn resume(&self) {
        if self.phase.get() == Phase::On && self.paused.replace(false) {
            self.with_book(|book| book.pause(false));
            self.pace.borrow_mut().resume(now());
            self.tell(RunEvent::Resumed);
            self.changed();
        }
    }

    pub(super) fn cancel(&self) {
        if self.phase.get() == Phase::On {
            self.phase.set(Phase::Cancelled);
            self.crew.borrow().dismiss("the run was cancelled");
            self.pace.borrow_mut().pause(now());
            self.changed();
        }
    }

    pub(super) fn settle(&self, keep: bool) {
        if let Some(sender) = self.settle.borrow_mut().take() {
            // The run is over where no one listens.
            let _ = sender.send(keep);
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.phase.get() == Phase::On
    }

    /// Waits until `look` finds something.
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

    /// Tells all who wait that something changed.
    pub(super) fn changed(&self) {
        let wakers = std::mem::take(&mut *self.wakers.borrow_mut());
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Does something with the book; nothing before there is one.
    pub(super) fn with_book<T>(&self, act: impl FnOnce(&mut Book<Given>) -> T) -> Option<T> {
        self.book.borrow_mut().as_mut().map(act)
    }

    fn tell(&self, event: RunEvent) {
        let on = self.on.borrow().clone();
        if let Some(on) = on {
            on(event);
        }
    }
}

/// See [`Engine::run`].
pub(in crate::engine) fn start(engine: &Engine, ask: RunAsk, on: Listener) -> RunHandle {
    let control = Rc::new(Control::default());
    *control.on.borrow_mut() = Some(on);
    let run = drive(engine.clone(), ask, Rc::clone(&control));
    let ending = Rc::clone(&control);
    wasm_bindgen_futures::spawn_local(async move {
        let last = run.await;
        ending.phase.set(Phase::Over);
        ending.crew.borrow().dismiss("the run is over");
        ending.changed();
        ending.tell(last.unwrap_or_else(RunEvent::Refused));
    });
    RunHandle(SendWrapper::new(control))
}

/// The whole run; the last event is the answer.
async fn drive(engine: Engine, ask: RunAsk, control: Rc<Control>) -> Result<RunEvent, Refusal> {
    let seat = Seat::default();
    let mut brought = engine.brought()?;
    if let Some(one) = &ask.only {
        let mut alone = if one.labeled {
            brought.only(one.item, &one.name)
        } else {
            brought.single(one.item, &one.name, engine.read(&one.name).await?.file)
        };
        alone.note(&seat.open(&alone).await?);
        brought = Rc::new(alone);
    }
    if ask.labels.as_deref() == Some("none")
        && let Some(mut plain) = brought.without_labels()
    {
        // Labels that are not written are not read: what they say of images does not count either.
        plain.note(&seat.open(&plain).await?);
        brought = Rc::new(plain);
    }
    let workers = ask.workers.unwrap_or_else(processors).clamp(1, 64);
    let crew = Rc::new(Crew::new(workers, Rc::clone(&brought)));
    *control.crew.borrow_mut() = Rc::clone(&crew);
    *control.pace.borrow_mut() = Pace::start(now());
    let partners = if mixes(&ask.recipe["steps"]) {
        let told = |done, total| control.tell(RunEvent::Surveyed { done, total });
        match survey(&engine, &brought, &crew.seats(), told, || control.is_on()).await {
            Ok(partners) => (*partners).clone(),
            Err(_) if !control.is_on() => return Ok(RunEvent::Discarded),
            Err(refusal) => return Err(refusal),
        }
    } else {
        Partners::new()
    };
    let settings = RunSettings {
        recipe: ask.recipe.clone(),
        seed: ask.seed,
        count: ask.count,
        labels: ask.labels.clone(),
        partners,
        sheet: ask.sheet,
    };
    let writer = Writer { seat, control: &control, progress: RefCell::default(), told: Cell::new(0.0) };
    let started = writer.begin(&brought, &ask, &settings).await?;
    let outputs: usize = started.copies.iter().sum();
    let workers = workers.min(outputs.max(1));
    let mut book = Book::new(started.copies, workers);
    book.pause(control.paused.get());
    *control.book.borrow_mut() = Some(book);
    control.tell(RunEvent::Started { outputs, workers, warnings: started.warnings });
    if control.is_on() {
        crew.set_out(&control, settings, workers);
    }
    let whole = match writer.write(&brought).await {
        Ok(whole) => whole,
        Err(refusal) => {
            control.phase.set(Phase::Over);
            crew.dismiss("the run cannot go on");
            writer.discard().await;
            return Err(refusal);
        }
    };
    if !whole {
        let (sender, receiver) = oneshot::channel();
        *control.settle.borrow_mut() = Some(sender);
        control.tell(RunEvent::Cancelled { outputs: writer.written() });
        if receiver.await != Ok(true) {
            writer.discard().await;
            return Ok(RunEvent::Discarded);
        }
    }
    crew.dismiss("the run is over");
    writer.finish(whole).await.map(RunEvent::Finished)
}

/// The side of a run that writes the zip.
struct Writer<'a> {
    seat: Seat,
    control: &'a Control,
    progress: RefCell<Progress>,
    /// When the progress was told last.
    told: Cell<f64>,
}

impl Writer<'_> {
    async fn begin(&self, brought: &Brought, ask: &RunAsk, settings: &RunSettings) -> Result<Started, Refusal> {
        let reply = self.seat.ask_about(brought, Ask::Start(settings.clone())).await?;
        let Answer::Started(started) = reply.answer else { return Err(unexpected(&reply.answer)) };
        let (destination, attached) = ask.place.message();
        let reply = self.seat.ask(Ask::Begin(destination), &attached).await?;
        let Answer::Added(added) = reply.answer else { return Err(unexpected(&reply.answer)) };
        *self.progress.borrow_mut() =
            Progress { items: brought.items, outputs: started.copies.iter().sum(), ..Progress::default() };
        self.take(added);
        Ok(started)
    }

    /// Writes results as they come, in order; whether all came.
    async fn write(&self, brought: &Brought) -> Result<bool, Refusal> {
        loop {
            let turn = self.control.wait(|| {
                if !self.control.is_on() {
                    return Some(None);
                }
                self.control.with_book(Book::turn).flatten().map(Some)
            });
            let Some(turn) = turn.await else { return Ok(false) };
            // Room in the window may let workers go on.
            self.control.changed();
            match turn {
                Turn::End => {
                    self.tell_progress(true);
                    return Ok(true);
                }
                Turn::Lost { item, outputs, why } => {
                    let addition = Addition::Failure { item, message: why };
                    self.add(brought, addition, &[]).await?;
                    self.note(1, outputs, 0);
                }
                Turn::Outputs(task, (rendered, attached)) => {
                    let pixels = rendered.copies.iter().map(pixels_of).sum();
                    self.add(brought, Addition::Outputs(rendered), &attached).await?;
                    self.note(usize::from(task.last), task.count, pixels);
                }
            }
            self.tell_progress(false);
        }
    }

    async fn add(&self, _: &Brought, addition: Addition, attached: &[JsValue]) -> Result<(), Refusal> {
        let reply = self.seat.ask(Ask::Add(addition), attached).await?;
        let Answer::Added(added) = reply.answer else { return Err(unexpected(&reply.answer)) };
        self.take(added);
        Ok(())
    }

    fn take(&self, added: Added) {
        {
            let mut progress = self.progress.borrow_mut();
            progress.bytes = added.bytes.max(progress.bytes);
            progress.failed += added.failed.len();
        }
        added.failed.into_iter().for_each(|failed| self.control.tell(RunEvent::Failed(failed)));
        added.warnings.into_iter().for_each(|warning| self.control.tell(RunEvent::Warning(warning)));
    }

    fn note(&self, items: usize, outputs: usize, pixels: u64) {
        let mut progress = self.progress.borrow_mut();
        progress.items_done += items;
        progress.outputs_done += outputs;
        progress.pixels += pixels;
        self.control.pace.borrow_mut().note(now(), progress.outputs_done, progress.pixels);
    }

    fn tell_progress(&self, last: bool) {
        let now = now();
        if last || now - self.told.get() >= TELL_EVERY {
            self.told.set(now);
            let mut progress = *self.progress.borrow();
            {
                let pace = self.control.pace.borrow();
                progress.seconds = pace.seconds(now);
                (progress.rate, progress.left) = pace.rate(now, progress.outputs - progress.outputs_done);
            }
            self.control.tell(RunEvent::Progress(progress));
        }
    }

    /// Outputs in the zip, failed ones among them.
    fn written(&self) -> usize {
        self.progress.borrow().outputs_done
    }

    async fn finish(&self, whole: bool) -> Result<RunResult, Refusal> {
        let reply = self.seat.ask(Ask::Finish, &[]).await?;
        let Answer::Finished(finished) = reply.answer else { return Err(unexpected(&reply.answer)) };
        let mut attached = reply.attached.into_iter().peekable();
        let zip = attached.next_if(|value| value.is_instance_of::<Blob>()).map(JsCast::unchecked_into);
        let sheet = attached.next().map(|bytes| png(&bytes)).transpose()?;
        let seconds = self.control.pace.borrow().seconds(now());
        let finished: Finished = finished;
        Ok(RunResult { finished, whole, zip, sheet, seconds })
    }

    async fn discard(&self) {
        // Where the worker is gone, so is what it wrote.
        let _ = self.seat.ask(Ask::Discard, &[]).await;
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
        .map_err(|error| Refusal::new(words(&error)))
}

/// Seconds by the page's clock.
fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now() / 1000.0)
}
