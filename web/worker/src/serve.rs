//! One request after the other: which part of the worker answers it.

use std::collections::VecDeque;
use std::pin::Pin;

use augment_core::formats::LabelFormat;
use augment_web_messages::{Answer, Ask, Partners, Portion, PreviewAsk, Refusal, RenderAsk};
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

use crate::dataset::{Opened, format_of};
use crate::pictures::{Pictured, thumbnail};
use crate::render::{Run, digest};
use crate::web_file::WebFile;
use crate::zip::Zip;
use crate::{Queue, Request, keep, later, post, sink};

/// Images of a sample at most.
const MOST_SAMPLES: u32 = 200;

/// Files that are being read.
type Coming = Pin<Box<dyn Future<Output = ()>>>;

/// What the worker holds between requests.
pub(crate) struct Server {
    queue: Queue,
    /// Files that are to be opened, by path.
    brought: Vec<(String, WebFile)>,
    opened: Option<Opened>,
    run: Option<(Run, bool)>,
    /// The item that is asked for next, whose files are being read.
    coming: Option<(usize, Coming)>,
    zip: Option<Zip>,
}

/// An answer and what is attached.
pub(crate) type Outcome = Result<(Answer, Vec<JsValue>), Refusal>;

impl Server {
    pub(crate) const fn new(queue: Queue) -> Self {
        Self { queue, brought: Vec::new(), opened: None, run: None, coming: None, zip: None }
    }

    /// Answers requests until none waits.
    pub(crate) async fn serve(&mut self) {
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(Request { id, ask, attached }) = next else { return };
            let (answer, attached) = match self.answer(id, ask, attached).await {
                Ok(answer) => answer,
                Err(refusal) => (Answer::Refused(refusal), Vec::new()),
            };
            post::answer(id, &answer, &attached);
        }
    }

    async fn answer(&mut self, id: u32, ask: Ask, attached: Vec<JsValue>) -> Outcome {
        match ask {
            Ask::Bring(Portion { first, names }) => {
                if first {
                    self.brought.clear();
                }
                self.brought.extend(
                    names.into_iter().zip(attached.into_iter().map(|file| WebFile::new(file.unchecked_into()))),
                );
                plain(Answer::Done)
            }
            Ask::Open(opening) => {
                (self.opened, self.run, self.coming) = (None, None, None);
                let opened = Opened::open(opening, std::mem::take(&mut self.brought))?;
                let listing = opened.listing();
                self.opened = Some(opened);
                plain(Answer::Opened(listing))
            }
            Ask::Sample { count, labels } => {
                let draw = later::drawing().await?;
                draw(count.min(MOST_SAMPLES), format_of(&labels)?)
            }
            Ask::Thumbnail { item, side } => {
                let (picture, attached) = thumbnail(self.opened()?, item, side)?;
                Ok((Answer::Picture(picture), attached))
            }
            Ask::Preview { what, partners } => self.preview(id, &what, &partners).await,
            Ask::Exact { what, partners } => {
                let opened = self.opened()?;
                let (picture, attached) = Pictured::new(opened, &what, &partners)?.exact(opened, &what)?;
                Ok((Answer::Exact(picture), attached))
            }
            Ask::Start(settings) => {
                let sheet = settings.sheet;
                let (run, started) = Run::start(self.opened()?, settings)?;
                self.run = Some((run, sheet));
                plain(Answer::Started(started))
            }
            Ask::Digest { item } => plain(Answer::Digest { sha256: digest(self.opened()?, item)? }),
            Ask::Read { name } => self.opened()?.read(&name),
            Ask::Keep { name, place } => (later::writing().await?.keep)(self.opened()?, &name, &place).await,
            Ask::Pack { place } => (later::writing().await?.pack)(self.opened()?, place.as_ref()).await,
            Ask::Hash => keep::hash(&attached),
            Ask::Render(ask) => self.render(&ask).await,
            Ask::Begin(destination) => {
                let writing = later::writing().await?;
                let (zip, added) = (writing.begin)(self.opened()?, destination, &attached).await?;
                self.zip = Some(zip);
                plain(Answer::Added(added))
            }
            Ask::Add(addition) => {
                let opened = self.opened.as_ref().ok_or_else(nothing_open)?;
                let zip = self.zip.as_mut().ok_or_else(not_started)?;
                let writing = later::writing().await?;
                plain(Answer::Added((writing.add)(zip, opened, addition, &attached).await?))
            }
            Ask::Finish => {
                let opened = self.opened.as_ref().ok_or_else(nothing_open)?;
                let (Some(zip), Some((run, sheet))) = (self.zip.take(), self.run.take()) else {
                    return Err(not_started());
                };
                let writing = later::writing().await?;
                let (finished, attached) = (writing.finish)(zip, opened, run, sheet).await?;
                Ok((Answer::Finished(finished), attached))
            }
            Ask::Discard => {
                if let Some(zip) = self.zip.take() {
                    zip.discard().await;
                }
                plain(Answer::Done)
            }
            Ask::Forget { name } => {
                sink::forget(name.as_deref()).await;
                plain(Answer::Done)
            }
        }
    }

    /// Makes outputs, and has the source of the next ones read meanwhile.
    async fn render(&mut self, ask: &RenderAsk) -> Outcome {
        if let Some((_, files)) = self.coming.take_if(|(item, _)| *item == ask.item) {
            files.await;
        }
        let opened = self.opened.as_ref().ok_or_else(nothing_open)?;
        let (run, _) = self.run.as_mut().ok_or_else(not_started)?;
        let prepared = run.prepared(opened, ask.item)?;
        // The page has had the time to answer the answer before.
        let_in().await;
        let next = self.queue.borrow().iter().find_map(|request| match &request.ask {
            Ask::Render(next) => Some(next.item),
            _ => None,
        });
        self.coming = next.filter(|next| *next != ask.item).map(|next| {
            let files: Coming = Box::pin(opened.read_ahead(next));
            (next, files)
        });
        let (rendered, attached) = run.render(opened, ask, prepared);
        Ok((Answer::Rendered(rendered), attached))
    }

    /// Draws copy after copy, and looks between them whether a later preview waits.
    async fn preview(&self, id: u32, what: &PreviewAsk, partners: &Partners) -> Outcome {
        let is_past = || {
            let queue: &VecDeque<Request> = &self.queue.borrow();
            queue.iter().any(|request| matches!(request.ask, Ask::Preview { .. } | Ask::Bring(_)))
        };
        if is_past() {
            return plain(Answer::Done);
        }
        let opened = self.opened()?;
        let pictured = Pictured::new(opened, what, partners)?;
        for copy in &what.copies {
            let (picture, attached) = pictured.view(opened, what, *copy);
            post::answer(id, &Answer::Picture(picture), &attached);
            let_in().await;
            if is_past() {
                break;
            }
        }
        plain(Answer::Done)
    }

    fn opened(&self) -> Result<&Opened, Refusal> {
        self.opened.as_ref().ok_or_else(nothing_open)
    }
}

fn plain(answer: Answer) -> Outcome {
    Ok((answer, Vec::new()))
}

fn nothing_open() -> Refusal {
    Refusal::new("no dataset is open; bring one first")
}

fn not_started() -> Refusal {
    Refusal::new("no run is started; start it again")
}

/// Draws the sample dataset.
pub(crate) fn sample(count: u32, labels: LabelFormat) -> Outcome {
    let (mut names, mut attached) = (Vec::new(), Vec::new());
    for file in augment_sample::dataset(count, labels) {
        let (name, bytes) = file.map_err(|error| Refusal::new(error.to_string()))?;
        names.push(format!("sample/{name}"));
        attached.push(Uint8Array::from(bytes.as_slice()).into());
    }
    Ok((Answer::Sample { names }, attached))
}

/// Lets messages in that came meanwhile.
async fn let_in() {
    let turn = Promise::new(&mut |resolve, _| {
        // Messages are delivered in the order they were posted in: this one comes after those that wait.
        if let Ok(channel) = MessageChannel::new() {
            let listener = Closure::once_into_js(move || resolve.call0(&JsValue::NULL));
            channel.port1().set_onmessage(Some(listener.unchecked_ref()));
            let _ = channel.port2().post_message(&Array::new());
        }
    });
    // It cannot fail; and if it did, the next copy would be drawn all the same.
    let _ = JsFuture::from(turn).await;
}
