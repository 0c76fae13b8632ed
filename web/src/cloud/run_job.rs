//! Runs one job from its files to its zip. Each attempt continues where the last one stopped.

use std::collections::BTreeSet;

use augment_api::JobState;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::fetch;
use super::halt::{Halt, other_service};
use super::model::{Cloud, CloudJob, JobStage, WaitReason};
use super::saved_job::{SavedImage, SavedJob, SavedLabels};
use super::send;
use crate::browser;
use crate::engine::{UploadSource, ZipDestination};
use crate::run::CurrentRun;
use crate::ui::{Tone, bytes};
use crate::upload_cache;

/// The most bytes that jobs may cache in this browser, and the largest part of the free quota.
const MAX_CACHED: u64 = 4 << 30;
const PART_OF_QUOTA: f64 = 0.8;
/// Milliseconds between two status requests: while the page is visible, and while it is hidden.
const POLL_EVERY: u64 = 1000;
const POLL_EVERY_HIDDEN: u64 = 10_000;
/// The first and the longest wait for a service that does not respond, in milliseconds.
const FIRST_WAIT: u64 = 4000;
const MAX_WAIT: u64 = 60_000;

/// The record of an active run, its files, and whether there is space to cache them.
pub(super) async fn begin(cloud: Cloud, run: &CurrentRun) -> Result<(SavedJob, UploadSource, bool), String> {
    let with_labels = run.labels.as_deref() != Some("none");
    let source = cloud.engine().upload_source(with_labels).await;
    let (files, listing) = source.map_err(|refusal| refusal.message)?;
    let sum: u64 = listing.items.iter().map(|item| item.bytes).sum();
    let caches_files = fits_cache(cloud, sum).await;
    if !caches_files && !cloud.offline.online.get_untracked() {
        let (size, most) = (bytes(sum), bytes(MAX_CACHED));
        return Err(format!(
            "There is no space to keep {size} in this browser until the network is back ({most} at most)."
        ));
    }
    let image = |item: augment_web_messages::ItemInfo| SavedImage {
        path: item.name,
        size: item.bytes,
        ..SavedImage::default()
    };
    let images: Vec<SavedImage> = listing.items.into_iter().map(image).collect();
    let title = untrack(|| cloud.gallery.studio.input.get());
    let title = match title.as_slice() {
        [one] => one.clone(),
        _ => format!("{} images", images.len()),
    };
    let id = new_id().ok_or("This browser does not provide random numbers.")?;
    let record = SavedJob {
        id,
        api: cloud.gallery.service.address.get_untracked().unwrap_or_default(),
        title,
        name: run.name.clone(),
        recipe: run.recipe.clone(),
        count: run.count,
        format: run.labels.clone(),
        partial: listing.partial,
        images,
        labels: (!with_labels).then_some(SavedLabels::None),
        taken: false,
        downloaded: false,
    };
    Ok((record, files, caches_files))
}

/// A new id: 20 random letters and digits.
fn new_id() -> Option<String> {
    let letters = augment_api::client::secret()?.to_ascii_lowercase();
    let id: String = letters.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    (id.len() == 20).then_some(id)
}

/// Whether these bytes fit into the upload cache.
async fn fits_cache(cloud: Cloud, sum: u64) -> bool {
    let there = untrack(|| cloud.kept_bytes());
    let Some((used, quota)) = upload_cache::usage().await else { return false };
    sum + there <= MAX_CACHED && sum as f64 <= quota.saturating_sub(used) as f64 * PART_OF_QUOTA
}

/// Runs a job until it is ready.
///
/// # Errors
/// With a message, if the user must act.
pub(super) async fn run(cloud: Cloud, job: CloudJob) -> Result<(), String> {
    let mut tries = 0;
    loop {
        let before = job.progress.get_untracked();
        match attempt(cloud, job).await {
            Ok(()) => return Ok(()),
            Err(Halt::Failed(words)) => return Err(words),
            Err(Halt::Wait(why)) => {
                job.keep();
                job.stage.set(JobStage::Waiting(why));
                if why == WaitReason::Offline {
                    cloud.announce("The cloud job is waiting for the network");
                }
                tries = if job.progress.get_untracked().sent > before.sent { 0 } else { tries + 1 };
                wait(cloud, job, why, tries).await;
            }
        }
    }
}

/// Waits until another attempt may succeed, or the user wants one.
async fn wait(cloud: Cloud, job: CloudJob, why: WaitReason, tries: u32) {
    let longest = FIRST_WAIT.saturating_mul(1 << tries.min(8)).min(MAX_WAIT);
    let begun = browser::now();
    job.retry_now.set_value(false);
    loop {
        browser::sleep(400).await;
        let over = match why {
            WaitReason::Offline => cloud.offline.online.get_untracked(),
            WaitReason::Unreachable => browser::now() - begun > longest as f64,
            WaitReason::SignIn => cloud.gallery.service.session.with_untracked(Option::is_some),
        };
        if over || job.retry_now.get_value() {
            return;
        }
    }
}

async fn attempt(cloud: Cloud, job: CloudJob) -> Result<(), Halt> {
    if !job.record.with_value(|record| record.taken) {
        send::files(cloud, job).await?;
        submit(cloud, job).await?;
    }
    stop_local_run(job).await;
    poll(cloud, job).await?;
    if job.zip.with_untracked(Option::is_none) && !job.record.with_value(|record| record.downloaded) {
        download(cloud, job).await?;
    }
    job.stage.set(JobStage::Ready);
    Ok(())
}

/// Hands the job to the service.
async fn submit(cloud: Cloud, job: CloudJob) -> Result<(), Halt> {
    if untrack(|| cloud.needs_sign_in()) {
        return Err(Halt::Wait(WaitReason::SignIn));
    }
    job.stage.set(JobStage::Starting);
    send::job(cloud, job).await?;
    job.record.update_value(|record| record.taken = true);
    job.keep();
    cloud.announce("The cloud has accepted the job");
    Ok(())
}

/// The service has the job: the run here stops, and its cached files are removed.
async fn stop_local_run(job: CloudJob) {
    if let Some(run) = job.run.get_value() {
        let (runs, number, _) = &*run;
        runs.yield_to_cloud(*number);
    }
    job.files.set_value(None);
    upload_cache::clear(&job.id()).await;
}

/// Polls the job until it has ended.
async fn poll(cloud: Cloud, job: CloudJob) -> Result<(), Halt> {
    let client = cloud.client(job).ok_or_else(other_service)?;
    let id = job.id();
    loop {
        let remote = match client.job(&id).await {
            Ok(remote) => remote,
            Err(error) if error.status() == Some(404) => {
                return Err(Halt::Failed("The cloud no longer has this job.".into()));
            }
            Err(error) => return Err(Halt::of(cloud, &error)),
        };
        let state = remote.state;
        let why = remote.error.clone();
        job.remote.set(Some(remote));
        match state {
            JobState::Ready => return Ok(()),
            JobState::Failed => {
                let words = crate::gallery::sentence(&why.unwrap_or_else(|| "no image produced an output".into()));
                return Err(Halt::Failed(words));
            }
            JobState::Waiting => {
                job.record.update_value(|record| record.taken = false);
                return Err(Halt::Failed("The cloud did not get the labels. Try again.".into()));
            }
            JobState::Running => job.stage.set(JobStage::Running),
        }
        browser::sleep(if document().hidden() { POLL_EVERY_HIDDEN } else { POLL_EVERY }).await;
    }
}

/// Downloads the zip: to the file that the user chose for the run, else into the browser, to be saved.
async fn download(cloud: Cloud, job: CloudJob) -> Result<(), Halt> {
    job.stage.set(JobStage::Fetching);
    let zip = fetch::zip(cloud, job).await?;
    let sha256 = cloud.engine().hash(&zip).await.map_err(|refusal| Halt::Failed(refusal.message))?;
    let chosen = job.run.get_value().and_then(|run| match &run.2 {
        ZipDestination::File(handle) => Some(handle.clone()),
        ZipDestination::Stored | ZipDestination::Memory => None,
    });
    let written = match chosen {
        Some(handle) => write(&handle.into(), &zip).await.is_some(),
        None => false,
    };
    job.saved.set(written);
    job.zip.set(Some(send_wrapper::SendWrapper::new((zip, sha256))));
    job.record.update_value(|record| record.downloaded = true);
    job.stage.set(JobStage::Ready);
    job.keep();
    cloud.announce("The zip from the cloud is here");
    if written {
        cloud.gallery.toaster.say(Tone::Good, "The zip from the cloud is written to the file you chose");
    } else {
        let save_it = move || save(cloud, job);
        cloud.gallery.toaster.offer(Tone::Good, "The zip from the cloud is here", "Save", save_it);
    }
    Ok(())
}

/// Writes a blob to a file on disk.
async fn write(handle: &JsValue, blob: &Blob) -> Option<()> {
    let promise = |of: &JsValue, method: &str, arguments: &[JsValue]| {
        browser::call(of, method, arguments).map(JsCast::unchecked_into::<js_sys::Promise>)
    };
    let stream = JsFuture::from(promise(handle, "createWritable", &[])?).await.ok()?;
    JsFuture::from(promise(&stream, "write", &[blob.into()])?).await.ok()?;
    JsFuture::from(promise(&stream, "close", &[])?).await.ok()?;
    Some(())
}

/// Saves the zip as a download.
pub(super) fn save(cloud: Cloud, job: CloudJob) {
    let zip = job.zip.with_untracked(|zip| zip.as_ref().map(|zip| zip.0.clone()));
    let name = job.record.with_value(|record| record.name.clone());
    if let Some(zip) = zip {
        match browser::download(&zip, &name) {
            Ok(()) => job.saved.set(true),
            Err(_) => cloud.gallery.toaster.say(Tone::Danger, "The browser did not save the file; try again."),
        }
    }
}

/// Removes a job with everything that was uploaded for it, here and in the cloud.
///
/// # Errors
/// With a message, if the service cannot be reached.
pub(super) async fn remove(cloud: Cloud, job: CloudJob) -> Result<(), String> {
    let id = job.id();
    job.files.set_value(None);
    job.record.with_value(SavedJob::forget);
    upload_cache::clear(&id).await;
    let mut sent = uploads(job);
    sent.extend(job.reserved_uploads.get_value());
    let shared: BTreeSet<String> = cloud.jobs.with_untracked(|jobs| {
        let others = jobs.iter().filter(|other| other.id() != id);
        others.flat_map(|other| uploads(*other)).collect()
    });
    let started = job.record.with_value(|record| record.taken) || job.remote.with_untracked(Option::is_some);
    if sent.is_empty() && !started {
        return Ok(());
    }
    let client = cloud.client(job).ok_or("The service is no longer available.")?;
    client.delete_job(&id).await.map_err(|error| cloud.gallery.error_text(&error))?;
    for upload in sent.difference(&shared) {
        client.delete(upload).await.map_err(|error| cloud.gallery.error_text(&error))?;
    }
    Ok(())
}

/// The ids of a job's uploads.
fn uploads(job: CloudJob) -> BTreeSet<String> {
    job.record.with_value(|record| record.images.iter().filter_map(|image| image.upload.clone()).collect())
}

/// Retries the images that failed in the cloud. Images that were not uploaded need another job.
///
/// # Errors
/// With a message, if the service refuses.
pub(super) async fn retry(cloud: Cloud, job: CloudJob) -> Result<(), String> {
    let client = cloud.client(job).ok_or("The service is no longer available.")?;
    let remote = client.retry_job(&job.id()).await.map_err(|error| cloud.gallery.error_text(&error))?;
    job.zip.set(None);
    job.saved.set(false);
    job.record.update_value(|record| record.downloaded = false);
    job.remote.set(Some(remote));
    job.stage.set(JobStage::Running);
    Ok(())
}
