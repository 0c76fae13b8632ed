//! The request loop of the worker: dispatches each request and posts its response.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use augment_web_messages::{FileBatch, PartnerHashes, PreviewRequest, Refusal, RenderRequest, Request, Response};
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

use crate::dataset::{OpenDataset, format_of};
use crate::post::RequestResult;
use crate::preview::{PreviewRun, thumbnail};
use crate::render::{Run, digest};
use crate::web_file::WebFile;
use crate::zip::Zip;
use crate::{browser_files, lazy, post, upload_cache};

/// The most images of a sample.
const MAX_SAMPLES: u32 = 200;

/// Files that are being read ahead.
type PendingRead = Pin<Box<dyn Future<Output = ()>>>;

/// A request and its attachments.
pub(crate) struct QueuedRequest {
    pub(crate) id: u32,
    pub(crate) body: Request,
    pub(crate) attached: Vec<JsValue>,
}

/// Waiting requests, in order.
pub(crate) type Queue = Rc<RefCell<VecDeque<QueuedRequest>>>;

/// The state of the worker between requests.
pub(crate) struct Server {
    queue: Queue,
    /// Files to open, by path.
    files: Vec<(String, WebFile)>,
    opened: Option<OpenDataset>,
    run: Option<(Run, bool)>,
    /// The item of the next request, and its files.
    next_files: Option<(usize, PendingRead)>,
    zip: Option<Zip>,
}

impl Server {
    pub(crate) const fn new(queue: Queue) -> Self {
        Self { queue, files: Vec::new(), opened: None, run: None, next_files: None, zip: None }
    }

    /// Answers requests until the queue is empty.
    pub(crate) async fn serve(&mut self) {
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(QueuedRequest { id, body, attached }) = next else { return };
            let (answer, attached) = match self.handle(id, body, attached).await {
                Ok(answer) => answer,
                Err(refusal) => (Response::Refused(refusal), Vec::new()),
            };
            post::respond(id, &answer, &attached);
        }
    }

    async fn handle(&mut self, id: u32, body: Request, attached: Vec<JsValue>) -> RequestResult {
        match body {
            Request::AddFiles(FileBatch { first, names }) => {
                if first {
                    self.files.clear();
                }
                self.files.extend(
                    names.into_iter().zip(attached.into_iter().map(|file| WebFile::new(file.unchecked_into()))),
                );
                without_attachments(Response::Done)
            }
            Request::Open(opening) => {
                (self.opened, self.run, self.next_files) = (None, None, None);
                let opened = OpenDataset::open(opening, std::mem::take(&mut self.files))?;
                let listing = opened.listing();
                self.opened = Some(opened);
                without_attachments(Response::Opened(listing))
            }
            Request::Sample { count, labels } => {
                let draw = lazy::drawing().await?;
                draw(count.min(MAX_SAMPLES), format_of(&labels)?)
            }
            Request::Thumbnail { item, side } => {
                let (picture, attached) = thumbnail(self.opened()?, item, side)?;
                Ok((Response::Picture(picture), attached))
            }
            Request::Preview { what, partners } => self.preview(id, &what, &partners).await,
            Request::Exact { what, partners } => {
                let opened = self.opened()?;
                let (picture, attached) = PreviewRun::new(opened, &what, &partners)?.exact(opened, &what)?;
                Ok((Response::Exact(picture), attached))
            }
            Request::Start(settings) => {
                let sheet = settings.sheet;
                let (run, started) = Run::start(self.opened()?, settings)?;
                self.run = Some((run, sheet));
                without_attachments(Response::Started(started))
            }
            Request::Digest { item } => without_attachments(Response::Digest { sha256: digest(self.opened()?, item)? }),
            Request::Read { name } => self.opened()?.read(&name),
            Request::CacheFile { name, path } => (lazy::writing().await?.store)(self.opened()?, &name, &path).await,
            Request::Pack { path } => (lazy::writing().await?.pack)(self.opened()?, path.as_ref()).await,
            Request::Hash => upload_cache::hash(&attached),
            Request::Render(request) => self.render(&request).await,
            Request::Begin(destination) => {
                let writing = lazy::writing().await?;
                let (zip, added) = (writing.begin)(self.opened()?, destination, &attached).await?;
                self.zip = Some(zip);
                without_attachments(Response::Added(added))
            }
            Request::Add(addition) => {
                let opened = self.opened.as_ref().ok_or_else(nothing_open)?;
                let zip = self.zip.as_mut().ok_or_else(not_started)?;
                let writing = lazy::writing().await?;
                without_attachments(Response::Added((writing.add)(zip, opened, addition, &attached).await?))
            }
            Request::Finish => {
                let opened = self.opened.as_ref().ok_or_else(nothing_open)?;
                let (Some(zip), Some((run, sheet))) = (self.zip.take(), self.run.take()) else {
                    return Err(not_started());
                };
                let writing = lazy::writing().await?;
                let (finished, attached) = (writing.finish)(zip, opened, run, sheet).await?;
                Ok((Response::Finished(finished), attached))
            }
            Request::Discard => {
                if let Some(zip) = self.zip.take() {
                    zip.discard().await;
                }
                without_attachments(Response::Done)
            }
            Request::Forget { name } => {
                browser_files::remove_zips(name.as_deref()).await;
                without_attachments(Response::Done)
            }
        }
    }

    /// Renders outputs while the files of the next source are read ahead.
    async fn render(&mut self, request: &RenderRequest) -> RequestResult {
        if let Some((_, files)) = self.next_files.take_if(|(item, _)| *item == request.item) {
            files.await;
        }
        let opened = self.opened.as_ref().ok_or_else(nothing_open)?;
        let (run, _) = self.run.as_mut().ok_or_else(not_started)?;
        let prepared = run.prepared(opened, request.item)?;
        // Lets the page post the next request.
        let_messages_in().await;
        let next = self.queue.borrow().iter().find_map(|request| match &request.body {
            Request::Render(next) => Some(next.item),
            _ => None,
        });
        self.next_files = next.filter(|next| *next != request.item).map(|next| {
            let files: PendingRead = Box::pin(opened.read_ahead(next));
            (next, files)
        });
        let (rendered, attached) = run.render(opened, request, prepared);
        Ok((Response::Rendered(rendered), attached))
    }

    /// Draws copy after copy; stops if a newer preview waits.
    async fn preview(&self, id: u32, what: &PreviewRequest, partners: &PartnerHashes) -> RequestResult {
        let is_past = || {
            let queue: &VecDeque<QueuedRequest> = &self.queue.borrow();
            queue.iter().any(|request| matches!(request.body, Request::Preview { .. } | Request::AddFiles(_)))
        };
        if is_past() {
            return without_attachments(Response::Done);
        }
        let opened = self.opened()?;
        let run = PreviewRun::new(opened, what, partners)?;
        for copy in &what.copies {
            let (picture, attached) = run.view(opened, what, *copy);
            post::respond(id, &Response::Picture(picture), &attached);
            let_messages_in().await;
            if is_past() {
                break;
            }
        }
        without_attachments(Response::Done)
    }

    fn opened(&self) -> Result<&OpenDataset, Refusal> {
        self.opened.as_ref().ok_or_else(nothing_open)
    }
}

fn without_attachments(answer: Response) -> RequestResult {
    Ok((answer, Vec::new()))
}

fn nothing_open() -> Refusal {
    Refusal::new("no dataset is open; add one first")
}

fn not_started() -> Refusal {
    Refusal::new("no run is started; start it again")
}

/// Lets waiting messages arrive.
async fn let_messages_in() {
    let turn = Promise::new(&mut |resolve, _| {
        // Messages arrive in the order of posting: this one comes after all that wait.
        if let Ok(channel) = MessageChannel::new() {
            let listener = Closure::once_into_js(move || resolve.call0(&JsValue::NULL));
            channel.port1().set_onmessage(Some(listener.unchecked_ref()));
            let _ = channel.port2().post_message(&Array::new());
        }
    });
    // This cannot fail; if it did, the next copy would still be drawn.
    let _ = JsFuture::from(turn).await;
}
