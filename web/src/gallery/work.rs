//! One upload from the image in the Studio to the image in the gallery; what was done stays done between tries.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_api::client::{Client, ClientError, FileContent, StartedUpload, Upload, UploadEvent};
use augment_api::{Content, Image, ObjectName, Run, UploadRequest};
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
    started: Option<StartedUpload>,
    /// What the reservation is kept as in this tab.
    name: Option<String>,
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
    if let (Some(started), Some(client)) = (kept.started, gallery.client()) {
        if let Some(name) = &kept.name {
            browser::keep(name, None);
        }
        if let Err(error) = client.delete(&started.reservation.id).await {
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
    /// Sends what has not arrived. A reservation that no longer works is replaced once.
    async fn send(&self) -> Result<Image, ClientError> {
        let started = self.started();
        self.job.stage.set(Stage::Sending);
        let last = Cell::new(0);
        let observer = |event: UploadEvent<'_>| self.note(event, &last);
        let upload = Upload {
            request: &self.request,
            original: &self.original,
            results: self.zip.as_ref(),
            limits: &self.limits,
            started,
            observer: &observer,
        };
        let image = self.client.upload(&upload).await?.into_image();
        browser::keep(&self.name(), None);
        Ok(image)
    }

    /// What an earlier try started, also one before the page was reloaded.
    fn started(&self) -> Option<StartedUpload> {
        if let Some(started) = self.job.kept.with_value(|kept| kept.started.clone()) {
            return Some(started);
        }
        let name = self.name();
        let text = browser::kept(&name);
        let started = text.and_then(|text| serde_json::from_str(&text).ok()).map(StartedUpload::new);
        self.job.kept.update_value(|kept| (kept.name, kept.started) = (Some(name), started.clone()));
        started
    }

    /// What a reservation is kept as: the same for the same request only.
    fn name(&self) -> String {
        let words = serde_json::to_vec(&self.request).unwrap_or_default();
        format!("upload.{}", Digest::of(&words).to_hex())
    }

    fn note(&self, event: UploadEvent<'_>, last: &Cell<u64>) {
        let (job, record) = (self.job, self.gallery.record);
        match event {
            UploadEvent::Reserving => {
                let words = serde_json::to_string(&self.request).map_or(0, |text| text.len());
                trust::note_shared(record, words as u64);
            }
            UploadEvent::Reserved(reservation) => {
                if let Ok(text) = serde_json::to_string(reservation) {
                    browser::keep(&self.name(), Some(&text));
                }
                job.kept.update_value(|kept| kept.started = Some(StartedUpload::new(reservation.clone())));
            }
            UploadEvent::Sending(_, target) => {
                last.set(0);
                trust::note_known(record, &target.url);
            }
            UploadEvent::Sent(object, now) => {
                // A try that begins again sends its bytes again.
                let more = if now >= last.get() { now - last.get() } else { now };
                last.set(now);
                if more > 0 {
                    trust::note_shared(record, more);
                    let before = if object == ObjectName::Results { self.original.size() } else { 0 };
                    job.sent.set(before + now);
                }
            }
            UploadEvent::Arrived(object) => job.kept.update_value(|kept| {
                let Some(started) = &mut kept.started else { return };
                match object {
                    ObjectName::Original => started.original_arrived = true,
                    ObjectName::Results => started.results_arrived = true,
                }
            }),
            UploadEvent::Verifying => job.stage.set(Stage::Checking),
            UploadEvent::Lapsed => {
                browser::keep(&self.name(), None);
                job.kept.update_value(|kept| kept.started = None);
                job.stage.set(Stage::Sending);
            }
        }
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
