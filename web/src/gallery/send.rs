//! Uploads one image from the Studio to the gallery. Each attempt continues where the last one stopped.

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
use super::model::Gallery;
use super::text::sentence;
use super::upload::{Failure, ShareOptions, UploadJob, UploadStage, UploadState, file_name};
use crate::browser;
use crate::engine::{Engine, RunEvent, RunHandle, RunRequest, RunResult, Source, ZipDestination};
use crate::intake::Intake;
use crate::network_audit;
use crate::settings::Settings;
use crate::studio_state::ShareMode;
use crate::ui::bytes;

/// Shares an image. Dropping the future stops it.
pub(super) async fn share(gallery: Gallery, job: UploadJob) -> Result<Image, Failure> {
    let options = job.options.get_value();
    let engine = gallery.engine();
    let limits =
        gallery.config.with_untracked(|config| config.as_ref().map(|config| config.limits)).unwrap_or_default();
    job.stage.set(UploadStage::Reading);
    if job.kept.with_value(|kept| kept.source.is_none()) {
        let source = engine.read(&options.image.name).await?;
        job.kept.update_value(|kept| kept.source = Some(source));
    }
    let source = job.kept.with_value(|kept| kept.source.clone()).ok_or_else(|| Failure("The image is gone.".into()))?;
    let blob: Blob = source.file.clone().unchecked_into();
    if blob.size() as u64 > limits.max_image_bytes {
        let most = bytes(limits.max_image_bytes);
        return Err(Failure(format!(
            "The image has {}; the gallery accepts at most {most}.",
            bytes(blob.size() as u64)
        )));
    }
    if options.mode == ShareMode::Local && job.kept.with_value(|kept| kept.results.is_none()) {
        job.stage.set(UploadStage::Making);
        let made = make(&engine, gallery, &options).await?;
        job.kept.update_value(|kept| kept.results = Some(made));
    }
    let results = job.kept.with_value(|kept| kept.results.clone());
    let request = request(&options, &source, results.as_ref());
    let client = gallery.client().ok_or_else(|| Failure("There is no longer a gallery.".into()))?;
    if let Some(group) = &options.group {
        make_group(gallery, group).await;
    }
    let original = content(blob);
    let zip = results.as_ref().and_then(|results| results.zip.clone()).map(content);
    job.total.set(original.size() + zip.as_ref().map_or(0, FileContent::size));
    let sending = Sending { gallery, job, client, request, original, zip, limits };
    let image = sending.send().await.map_err(|error| Failure(gallery.error_text(&error)))?;
    if let Some(results) = results {
        engine.forget(&results);
    }
    job.kept.set_value(UploadState::default());
    Ok(image)
}

/// A blob as the client takes it.
#[cfg(target_arch = "wasm32")]
pub(crate) fn content(blob: Blob) -> FileContent {
    FileContent::Blob(blob)
}

/// Outside browsers there are no blobs; native builds only run tests.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn content(_: Blob) -> FileContent {
    FileContent::Bytes(Vec::new().into())
}

/// After a cancel: removes the reservation with everything that was uploaded.
pub(super) async fn abandon(gallery: Gallery, job: UploadJob) {
    let kept = job.kept.try_update_value(std::mem::take).unwrap_or_default();
    if let Some(results) = &kept.results {
        gallery.engine().forget(results);
    }
    if let (Some(started), Some(client)) = (kept.started, gallery.client()) {
        if let Some(name) = &kept.name {
            browser::session_store(name, None);
        }
        if let Err(error) = client.delete(&started.reservation.id).await {
            gallery.show_error(&error);
        }
    }
}

/// Cancels the run of an upload that was dropped.
struct CancelOnDrop(RunHandle);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Makes the zip of one image, the same as `delta augment` makes.
async fn make(engine: &Engine, gallery: Gallery, options: &ShareOptions) -> Result<RunResult, Failure> {
    let workers = gallery.settings().workers.get_untracked();
    let request = RunRequest {
        recipe: options.recipe.clone(),
        seed: options.seed,
        count: Some(options.count),
        labels: options.labels.clone(),
        workers: (workers > 0).then_some(workers as usize),
        destination: ZipDestination::without_asking(),
        sheet: false,
        only: Some(options.image.clone()),
    };
    let (sender, receiver) = oneshot::channel();
    let sender = Cell::new(Some(sender));
    let failed = Rc::new(Cell::new(None::<String>));
    let first_failure = Rc::clone(&failed);
    let held = Rc::new(RefCell::new(None::<RunHandle>));
    let holding = Rc::clone(&held);
    let handle = engine.run(request, move |event| {
        let outcome = match event {
            RunEvent::Failed(problem) => {
                let before = first_failure.take();
                first_failure.set(before.or_else(|| Some(format!("{}: {}", problem.file, problem.message))));
                return;
            }
            RunEvent::Cancelled { .. } => {
                // The upload was cancelled.
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
            // If the upload was stopped, no one waits.
            let _ = sender.send(outcome);
        }
    });
    *held.borrow_mut() = Some(handle.clone());
    let guard = CancelOnDrop(handle);
    let result = receiver.await.unwrap_or_else(|_| Err(Failure("The run was lost. Try again.".into())))?;
    drop(guard);
    match failed.take() {
        Some(words) => {
            engine.forget(&result);
            Err(Failure(sentence(&words)))
        }
        None => Ok(result),
    }
}

fn request(options: &ShareOptions, source: &Source, results: Option<&RunResult>) -> UploadRequest {
    UploadRequest {
        id: None,
        filename: file_name(&options.image.name).to_owned(),
        content_type: source.media_type.clone().unwrap_or_default(),
        size: source.file.size() as u64,
        sha256: source.sha256.clone(),
        tags: options.tags.clone(),
        group: options.group.clone(),
        title: options.title.clone(),
        count: Some(options.count),
        recipe: Some(options.recipe.clone()),
        run: if results.is_some() { Run::Client } else { Run::Server },
        visibility: options.visibility,
        retention: options.retention,
        results: results
            .map(|results| Content { size: results.finished.bytes, sha256: results.finished.sha256.clone() }),
    }
}

/// The state of an upload.
struct Sending {
    gallery: Gallery,
    job: UploadJob,
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
        self.job.stage.set(UploadStage::Sending);
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
        browser::session_store(&self.name(), None);
        Ok(image)
    }

    /// What an earlier try started, also one before the page was reloaded.
    fn started(&self) -> Option<StartedUpload> {
        if let Some(started) = self.job.kept.with_value(|kept| kept.started.clone()) {
            return Some(started);
        }
        let name = self.name();
        let text = browser::session_stored(&name);
        let started = text.and_then(|text| serde_json::from_str(&text).ok()).map(StartedUpload::new);
        self.job.kept.update_value(|kept| (kept.name, kept.started) = (Some(name), started.clone()));
        started
    }

    /// The storage name of a reservation: equal requests have equal names.
    fn name(&self) -> String {
        let words = serde_json::to_vec(&self.request).unwrap_or_default();
        format!("upload.{}", Digest::of(&words).to_hex())
    }

    fn note(&self, event: UploadEvent<'_>, last: &Cell<u64>) {
        let (job, record) = (self.job, self.gallery.record);
        match event {
            UploadEvent::Reserving => {
                let words = serde_json::to_string(&self.request).map_or(0, |text| text.len());
                network_audit::note_shared(record, words as u64);
            }
            UploadEvent::Reserved(reservation) => {
                if let Ok(text) = serde_json::to_string(reservation) {
                    browser::session_store(&self.name(), Some(&text));
                }
                job.kept.update_value(|kept| kept.started = Some(StartedUpload::new(reservation.clone())));
            }
            UploadEvent::Sending(_, target) => {
                last.set(0);
                network_audit::note_known(record, &target.url);
            }
            UploadEvent::Sent(object, now) => {
                // A try that begins again sends its bytes again.
                let more = if now >= last.get() { now - last.get() } else { now };
                last.set(now);
                if more > 0 {
                    network_audit::note_shared(record, more);
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
            UploadEvent::Verifying => job.stage.set(UploadStage::Checking),
            UploadEvent::Lapsed => {
                browser::session_store(&self.name(), None);
                job.kept.update_value(|kept| kept.started = None);
                job.stage.set(UploadStage::Sending);
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

    /// The Studio's intake.
    pub(super) fn intake(self) -> Intake {
        self.parts.with_value(|parts| parts.2)
    }
}
