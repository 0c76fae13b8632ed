//! Uploads one image from the Studio to the gallery. Each attempt continues where the last one stopped.

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
    if let (Some(reserved), Some(client)) = (kept.reserved, gallery.client()) {
        if let Some(name) = &kept.name {
            browser::session_store(name, None);
        }
        if let Err(error) = client.delete(&reserved.id).await {
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
    /// Uploads what is missing. If a reservation is not valid any more, makes another one, once.
    async fn send(&self) -> Result<Image, ClientError> {
        let before = self.restore_reservation();
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

    /// Takes the reservation of an earlier attempt, perhaps from before a reload; returns whether there is one.
    fn restore_reservation(&self) -> bool {
        if self.job.kept.with_value(|kept| kept.reserved.is_some()) {
            return true;
        }
        let name = self.name();
        let text = browser::session_stored(&name);
        self.job.kept.update_value(|kept| kept.name = Some(name));
        let reserved: Option<Reservation> = text.and_then(|text| serde_json::from_str(&text).ok());
        let found = reserved.is_some();
        self.job.kept.update_value(|kept| kept.reserved = reserved);
        found
    }

    /// The storage name of a reservation: equal requests have equal names.
    fn name(&self) -> String {
        let words = serde_json::to_vec(&self.request).unwrap_or_default();
        format!("upload.{}", Digest::of(&words).to_hex())
    }

    fn drop_reservation(&self) {
        browser::session_store(&self.name(), None);
        self.job.kept.update_value(|kept| {
            kept.reserved = None;
            kept.original_arrived = false;
            kept.results_arrived = false;
        });
    }

    async fn send_once(&self) -> Result<Image, ClientError> {
        self.job.stage.set(UploadStage::Sending);
        let reserved = self.reserve().await?;
        if !self.job.kept.with_value(|kept| kept.original_arrived) {
            self.send_file(&reserved, ObjectName::Original).await?;
            self.job.kept.update_value(|kept| kept.original_arrived = true);
        }
        if self.zip.is_some() && !self.job.kept.with_value(|kept| kept.results_arrived) {
            self.send_file(&reserved, ObjectName::Results).await?;
            self.job.kept.update_value(|kept| kept.results_arrived = true);
        }
        self.job.stage.set(UploadStage::Checking);
        let image = self.client.complete(&reserved.id).await?;
        browser::session_store(&self.name(), None);
        Ok(image)
    }

    async fn reserve(&self) -> Result<Reservation, ClientError> {
        if let Some(reserved) = self.job.kept.with_value(|kept| kept.reserved.clone()) {
            return Ok(reserved);
        }
        let words = serde_json::to_string(&self.request).map_or(0, |text| text.len());
        network_audit::note_shared(self.gallery.record, words as u64);
        let reserved = self.client.reserve(&self.request).await?;
        if let Ok(text) = serde_json::to_string(&reserved) {
            browser::session_store(&self.name(), Some(&text));
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
        network_audit::note_known(self.gallery.record, &target.url);
        let last = Cell::new(0);
        let (record, job) = (self.gallery.record, self.job);
        let progress = move |now: u64| {
            // A new attempt sends its bytes again.
            let more = if now >= last.get() { now - last.get() } else { now };
            last.set(now);
            if more > 0 {
                network_audit::note_shared(record, more);
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

    /// The Studio's intake.
    pub(super) fn intake(self) -> Intake {
        self.parts.with_value(|parts| parts.2)
    }
}
