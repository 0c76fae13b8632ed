//! One upload from the image in the Studio to the image in the gallery; what was done stays done between tries.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_api::client::{Client, ClientError, FileContent};
use augment_api::{Content, Image, ObjectName, Reservation, Run, UploadRequest};
use augment_core::digest::Digest;
use futures::channel::oneshot;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Blob;

use super::edit::make_group;
use super::state::Gallery;
use super::uploads::{Job, Stage, Wish, file_name};
use super::words::sentence;
use crate::browser;
use crate::engine::{Engine, Place, RunAsk, RunEvent, RunHandle, RunResult, Source};
use crate::intake::Intake;
use crate::settings::Settings;
use crate::state::Share;
use crate::trust;
use crate::ui::bytes;

/// Why an upload ended, in words for the person.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

/// What was done of an upload.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    source: Option<Source>,
    results: Option<RunResult>,
    reserved: Option<Reservation>,
    /// What the reservation is kept as in this tab.
    name: Option<String>,
    original_arrived: bool,
    results_arrived: bool,
}

impl From<augment_web_messages::Refusal> for Failure {
    fn from(refusal: augment_web_messages::Refusal) -> Self {
        Self(refusal.message)
    }
}

/// Shares an image. Dropping it stops whatever it is at.
pub(super) async fn share(gallery: Gallery, job: Job) -> Result<Image, Failure> {
    let wish = job.wish.get_value();
    let engine = gallery.engine();
    let limits =
        gallery.config.with_untracked(|config| config.as_ref().map(|config| config.limits)).unwrap_or_default();
    job.stage.set(Stage::Reading);
    if job.kept.with_value(|kept| kept.source.is_none()) {
        let source = engine.read(&wish.image.name).await?;
        job.kept.update_value(|kept| kept.source = Some(source));
    }
    let source = job.kept.with_value(|kept| kept.source.clone()).ok_or_else(|| Failure("The image is gone.".into()))?;
    let blob: Blob = source.file.clone().unchecked_into();
    if blob.size() as u64 > limits.max_image_bytes {
        let most = bytes(limits.max_image_bytes);
        return Err(Failure(format!("The image has {}; the gallery takes {most} at most.", bytes(blob.size() as u64))));
    }
    if wish.way == Share::Made && job.kept.with_value(|kept| kept.results.is_none()) {
        job.stage.set(Stage::Making);
        let made = make(&engine, gallery, &wish).await?;
        job.kept.update_value(|kept| kept.results = Some(made));
    }
    let results = job.kept.with_value(|kept| kept.results.clone());
    let request = request(&wish, &source, results.as_ref());
    let client = gallery.client().ok_or_else(|| Failure("There is no gallery any more.".into()))?;
    if let Some(group) = &wish.group {
        make_group(gallery, group).await;
    }
    let original = content(blob);
    let zip = results.as_ref().and_then(|results| results.zip.clone()).map(content);
    job.total.set(original.size() + zip.as_ref().map_or(0, FileContent::size));
    let sending = Sending { gallery, job, client, request, original, zip, limits };
    let image = sending.send().await.map_err(|error| Failure(gallery.words(&error)))?;
    if let Some(results) = results {
        engine.forget(&results);
    }
    job.kept.set_value(Kept::default());
    Ok(image)
}

/// A blob as the client takes it.
#[cfg(target_arch = "wasm32")]
pub(crate) fn content(blob: Blob) -> FileContent {
    FileContent::Blob(blob)
}

/// Outside browsers there are no blobs; there the page is built for its tests alone.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn content(_: Blob) -> FileContent {
    FileContent::Bytes(Vec::new().into())
}

/// After a cancel: what was reserved goes, with whatever arrived.
pub(super) async fn give_up(gallery: Gallery, job: Job) {
    let kept = job.kept.try_update_value(std::mem::take).unwrap_or_default();
    if let Some(results) = &kept.results {
        gallery.engine().forget(results);
    }
    if let (Some(reserved), Some(client)) = (kept.reserved, gallery.client()) {
        if let Some(name) = &kept.name {
            browser::keep(name, None);
        }
        if let Err(error) = client.delete(&reserved.id).await {
            gallery.complain(&error);
        }
    }
}

/// Stops a run whose upload was stopped.
struct Stopper(RunHandle);

impl Drop for Stopper {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Makes the zip of the one image: what `delta augment` makes of it.
async fn make(engine: &Engine, gallery: Gallery, wish: &Wish) -> Result<RunResult, Failure> {
    let workers = gallery.settings().workers.get_untracked();
    let ask = RunAsk {
        recipe: wish.recipe.clone(),
        seed: wish.seed,
        count: Some(wish.count),
        labels: wish.labels.clone(),
        workers: (workers > 0).then_some(workers as usize),
        place: Place::without_asking(),
        sheet: false,
        only: Some(wish.image.clone()),
    };
    let (sender, receiver) = oneshot::channel();
    let sender = Cell::new(Some(sender));
    let failed = Rc::new(Cell::new(None::<String>));
    let first_failure = Rc::clone(&failed);
    let held = Rc::new(RefCell::new(None::<RunHandle>));
    let holding = Rc::clone(&held);
    let handle = engine.run(ask, move |event| {
        let outcome = match event {
            RunEvent::Failed(problem) => {
                let before = first_failure.take();
                first_failure.set(before.or_else(|| Some(format!("{}: {}", problem.file, problem.message))));
                return;
            }
            RunEvent::Cancelled { .. } => {
                // The upload is not wanted anymore.
                if let Some(handle) = holding.borrow().as_ref() {
                    handle.discard();
                }
                return;
            }
            RunEvent::Finished(result) => Ok(result),
            RunEvent::Refused(refusal) => Err(Failure(sentence(&refusal.message))),
            RunEvent::Discarded => Err(Failure("The run was stopped.".into())),
            _ => return,
        };
        holding.take();
        if let Some(sender) = sender.take() {
            // Nothing waits where the upload was stopped.
            let _ = sender.send(outcome);
        }
    });
    *held.borrow_mut() = Some(handle.clone());
    let stopper = Stopper(handle);
    let result = receiver.await.unwrap_or_else(|_| Err(Failure("The run was lost. Try again.".into())))?;
    drop(stopper);
    match failed.take() {
        Some(words) => {
            engine.forget(&result);
            Err(Failure(sentence(&words)))
        }
        None => Ok(result),
    }
}

fn request(wish: &Wish, source: &Source, results: Option<&RunResult>) -> UploadRequest {
    UploadRequest {
        id: None,
        filename: file_name(&wish.image.name).to_owned(),
        content_type: source.media_type.clone().unwrap_or_default(),
        size: source.file.size() as u64,
        sha256: source.sha256.clone(),
        tags: wish.tags.clone(),
        group: wish.group.clone(),
        title: wish.title.clone(),
        count: Some(wish.count),
        recipe: Some(wish.recipe.clone()),
        run: if results.is_some() { Run::Client } else { Run::Server },
        visibility: wish.visibility,
        retention: wish.retention,
        results: results
            .map(|results| Content { size: results.finished.bytes, sha256: results.finished.sha256.clone() }),
    }
}

/// Everything that is needed to send.
struct Sending {
    gallery: Gallery,
    job: Job,
    client: Client,
    request: UploadRequest,
    original: FileContent,
    zip: Option<FileContent>,
    limits: augment_api::Limits,
}

impl Sending {
    /// Sends what has not arrived. A reservation that is not taken any more is made anew, once.
    async fn send(&self) -> Result<Image, ClientError> {
        let before = self.take_up();
        let sent = self.send_once().await;
        let lapsed = sent.as_ref().is_err_and(|error| matches!(error.status(), Some(400 | 403 | 404 | 409 | 422)));
        if !(before && lapsed) {
            if lapsed {
                self.drop_reservation();
            }
            return sent;
        }
        self.drop_reservation();
        self.send_once().await
    }

    /// Takes up a reservation of an earlier try, also of one before the page was loaded anew; whether there is one.
    fn take_up(&self) -> bool {
        if self.job.kept.with_value(|kept| kept.reserved.is_some()) {
            return true;
        }
        let name = self.name();
        let text = browser::kept(&name);
        self.job.kept.update_value(|kept| kept.name = Some(name));
        let reserved: Option<Reservation> = text.and_then(|text| serde_json::from_str(&text).ok());
        let found = reserved.is_some();
        self.job.kept.update_value(|kept| kept.reserved = reserved);
        found
    }

    /// What a reservation is kept as: the same for the same request only.
    fn name(&self) -> String {
        let words = serde_json::to_vec(&self.request).unwrap_or_default();
        format!("upload.{}", Digest::of(&words).to_hex())
    }

    fn drop_reservation(&self) {
        browser::keep(&self.name(), None);
        self.job.kept.update_value(|kept| {
            kept.reserved = None;
            kept.original_arrived = false;
            kept.results_arrived = false;
        });
    }

    async fn send_once(&self) -> Result<Image, ClientError> {
        self.job.stage.set(Stage::Sending);
        let reserved = self.reserve().await?;
        if !self.job.kept.with_value(|kept| kept.original_arrived) {
            self.send_file(&reserved, ObjectName::Original).await?;
            self.job.kept.update_value(|kept| kept.original_arrived = true);
        }
        if self.zip.is_some() && !self.job.kept.with_value(|kept| kept.results_arrived) {
            self.send_file(&reserved, ObjectName::Results).await?;
            self.job.kept.update_value(|kept| kept.results_arrived = true);
        }
        self.job.stage.set(Stage::Checking);
        let image = self.client.complete(&reserved.id).await?;
        browser::keep(&self.name(), None);
        Ok(image)
    }

    async fn reserve(&self) -> Result<Reservation, ClientError> {
        if let Some(reserved) = self.job.kept.with_value(|kept| kept.reserved.clone()) {
            return Ok(reserved);
        }
        let words = serde_json::to_string(&self.request).map_or(0, |text| text.len());
        trust::note_shared(self.gallery.record, words as u64);
        let reserved = self.client.reserve(&self.request).await?;
        if let Ok(text) = serde_json::to_string(&reserved) {
            browser::keep(&self.name(), Some(&text));
        }
        self.job.kept.update_value(|kept| kept.reserved = Some(reserved.clone()));
        Ok(reserved)
    }

    async fn send_file(&self, reserved: &Reservation, object: ObjectName) -> Result<(), ClientError> {
        let (content, target, before) = match (object, &self.zip, &reserved.results) {
            (ObjectName::Original, ..) => (&self.original, &reserved.original, 0),
            (ObjectName::Results, Some(zip), Some(target)) => (zip, target, self.original.size()),
            (ObjectName::Results, ..) => return Ok(()),
        };
        trust::note_known(self.gallery.record, &target.url);
        let last = Cell::new(0);
        let (record, job) = (self.gallery.record, self.job);
        let progress = move |now: u64| {
            // A try that begins anew sends its bytes anew.
            let more = if now >= last.get() { now - last.get() } else { now };
            last.set(now);
            if more > 0 {
                trust::note_shared(record, more);
                job.sent.set(before + now);
            }
        };
        self.client.send(&reserved.id, object, content, target, &self.limits, &progress).await?;
        Ok(())
    }
}

impl Gallery {
    /// The Studio's engine.
    pub(super) fn engine(self) -> Engine {
        self.parts.with_value(|parts| parts.0.clone())
    }

    fn settings(self) -> Settings {
        self.parts.with_value(|parts| parts.1)
    }

    /// What brings images into the Studio.
    pub(super) fn intake(self) -> Intake {
        self.parts.with_value(|parts| parts.2)
    }
}
