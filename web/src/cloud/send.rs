//! Uploads what a job needs: its images, several at once, its labels, and the job itself.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

use augment_api::client::{Client, ClientError, ClientResult, Upload, UploadEvent, Uploaded};
use augment_api::{Content, JobImage, JobRequest, JobState, Limits, MAX_TITLE, UploadRequest};
use augment_core::digest::Digest;
use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::{join, join_all};
use futures::lock::Mutex;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Blob;

use super::halt::{Halt, NOT_KEPT, other_service};
use super::model::{Cloud, CloudJob, JobStage, WaitReason, labels_path, packed, unsent};
use super::saved_job::{SavedImage, SavedLabels};
use crate::browser;
use crate::gallery::{content, sentence};
use crate::network_audit;
use crate::ui::bytes;
use crate::upload_cache;

/// Images that are uploaded at once: each spends more time on responses than on bytes.
const AT_ONCE: usize = 4;
/// Milliseconds between two writes of the record.
const KEEP_EVERY: f64 = 2000.0;
/// The rate covers this many seconds.
const LOOK_BACK: f64 = 8.0;
/// The least upload that measures the speed: bytes, and seconds.
const MEASURED_BYTES: u64 = 500_000;
const MEASURED_SECONDS: f64 = 0.25;
/// Digits of an upload id.
const ID_DIGITS: usize = 20;

/// Reads all files and uploads them. Without a network, they are still read and cached.
pub(super) async fn files(cloud: Cloud, job: CloudJob) -> Result<(), Halt> {
    let (ready, line) = mpsc::unbounded();
    let reading = read(job, ready);
    let waits = if !cloud.offline.online.get_untracked() {
        Some(WaitReason::Offline)
    } else if untrack(|| cloud.needs_sign_in()) {
        Some(WaitReason::SignIn)
    } else {
        None
    };
    if let Some(why) = waits {
        job.stage.set(JobStage::Reading);
        reading.await?;
        return Err(Halt::Wait(why));
    }
    job.stage.set(JobStage::Sending);
    let client = cloud.client(job).ok_or_else(other_service)?;
    let sending = Sending {
        cloud,
        job,
        client,
        limits: untrack(|| cloud.limits()),
        salt: salt(),
        meter: Meter::new(job),
        stopped: Cell::new(false),
    };
    let line = Mutex::new(line);
    let senders = (0..AT_ONCE).map(|_| sending.from(&line));
    let (read, sent) = join(reading, join_all(senders)).await;
    sending.meter.finish();
    job.unsent.set(job.record.with_value(unsent));
    job.keep();
    // A lost connection is reported before an unreadable file: it comes back.
    sent.into_iter().collect::<Result<(), Halt>>()?;
    read
}

/// Reads the images that must be uploaded, and the labels; sends the position of each image that is ready.
async fn read(job: CloudJob, ready: mpsc::UnboundedSender<usize>) -> Result<(), Halt> {
    let mut kept = browser::now();
    let id = job.id();
    for at in 0..job.record.with_value(|record| record.images.len()) {
        let Some(image) = job.record.with_value(|record| record.images.get(at).cloned()) else { break };
        if !image.waits() {
            continue;
        }
        if !image.kept {
            let files = job.files.get_value().ok_or_else(|| Halt::Failed(NOT_KEPT.into()))?;
            if job.caches_files.get_value() {
                match files.cache(&image.path, (id.clone(), at.to_string())).await {
                    Ok(about) => job.note(at, |image| {
                        (image.size, image.sha256, image.media_type) = (about.size, about.sha256, about.media_type);
                        image.kept = true;
                    }),
                    // No space or no file: the sender will report it.
                    Err(_) => upload_cache::remove(&id, &at.to_string()).await,
                }
            }
        }
        // Without a network, no one receives it.
        let _ = ready.unbounded_send(at);
        if browser::now() - kept > KEEP_EVERY {
            kept = browser::now();
            job.keep();
        }
    }
    if packed(job).is_none() {
        let files = job.files.get_value().ok_or_else(|| Halt::Failed(NOT_KEPT.into()))?;
        let place = job.caches_files.get_value().then(|| labels_path(job));
        let found = files.pack(place).await.map_err(|refusal| Halt::Failed(sentence(&refusal.message)))?;
        let labels = found
            .map_or(SavedLabels::None, |(kept, _)| SavedLabels::Zip(Content { size: kept.size, sha256: kept.sha256 }));
        job.record.update_value(|record| record.labels = Some(labels));
    }
    job.keep();
    Ok(())
}

/// The salt of upload ids, so that an id does not reveal what was uploaded.
fn salt() -> String {
    browser::stored("salt").unwrap_or_else(|| {
        let salt = augment_api::client::secret().unwrap_or_default();
        browser::store("salt", &salt);
        salt
    })
}

/// The state of uploading images.
struct Sending {
    cloud: Cloud,
    job: CloudJob,
    client: Client,
    limits: Limits,
    salt: String,
    meter: Meter,
    /// Whether a sender met a problem that all senders share.
    stopped: Cell<bool>,
}

impl Sending {
    /// Uploads images as they get ready, one after another.
    async fn from(&self, line: &Mutex<mpsc::UnboundedReceiver<usize>>) -> Result<(), Halt> {
        loop {
            let next = line.lock().await.next().await;
            let Some(at) = next.filter(|_| !self.stopped.get()) else { return Ok(()) };
            if let Err(halt) = self.image(at).await {
                self.stopped.set(true);
                return Err(halt);
            }
            self.meter.keep();
        }
    }

    async fn image(&self, at: usize) -> Result<(), Halt> {
        let job = self.job;
        let (image, blob) = match self.content(at).await {
            Ok(found) => found,
            Err(words) => {
                job.note(at, |image| image.error = Some(words));
                return Ok(());
            }
        };
        let sent = match self.send(at, &image, &blob).await {
            // The address has expired, or the upload was removed: start over once.
            Err(error) if matches!(error.status(), Some(403 | 404)) => self.send(at, &image, &blob).await,
            sent => sent,
        };
        match sent {
            Ok((upload, there)) => {
                self.meter.arrived(at, image.size);
                job.note(at, |image| {
                    image.upload = Some(upload);
                    image.kept = false;
                });
                if there {
                    job.progress.update(|progress| progress.existing += 1);
                }
                upload_cache::remove(&job.id(), &at.to_string()).await;
                Ok(())
            }
            Err(error) => {
                self.meter.note_progress(at, 0);
                let own =
                    matches!(error.status(), Some(400 | 413 | 415 | 422)) || matches!(error, ClientError::File(_));
                if !own {
                    return Err(Halt::of(self.cloud, &error));
                }
                let words = self.cloud.gallery.error_text(&error);
                job.note(at, |image| image.error = Some(words));
                Ok(())
            }
        }
    }

    /// An image's bytes with its record, or why it cannot be uploaded.
    async fn content(&self, at: usize) -> Result<(SavedImage, Blob), String> {
        let job = self.job;
        let kept = job.record.with_value(|record| record.images.get(at).cloned());
        let mut image = kept.ok_or("It is gone.")?;
        let blob: Blob = if image.kept {
            let file = upload_cache::file(&job.id(), &at.to_string()).await;
            file.ok_or("The browser did not keep it. Add it again.")?.unchecked_into()
        } else {
            let files = job.files.get_value().ok_or("The page was closed before it was sent. Add it again.")?;
            let source = files.read(&image.path).await.map_err(|refusal| sentence(&refusal.message))?;
            (image.size, image.sha256, image.media_type) =
                (source.file.size() as u64, source.sha256, source.media_type);
            let about = image.clone();
            job.note(at, |image| *image = about);
            source.file.unchecked_into()
        };
        let most = self.limits.max_image_bytes;
        if image.size > most {
            return Err(format!("It has {}; the cloud accepts at most {}.", bytes(image.size), bytes(most)));
        }
        if image.media_type.is_none() {
            return Err("Not a valid image file.".into());
        }
        Ok((image, blob))
    }

    /// Uploads an image unless the service has it. Returns the id of its upload, and whether it was there.
    async fn send(&self, at: usize, image: &SavedImage, blob: &Blob) -> ClientResult<(String, bool)> {
        let own = Digest::of(format!("{} {}", self.salt, image.sha256).as_bytes()).to_hex();
        let id = own.chars().take(ID_DIGITS).collect::<String>();
        let name = image.path.rsplit('/').next().unwrap_or_default().to_owned();
        let media_type = image.media_type.clone().unwrap_or_default();
        let sha256 = image.sha256.clone();
        let request = UploadRequest::for_dataset(id, name, media_type, image.size, sha256);
        let begun = self.job.reserved_uploads;
        let observer = |event: UploadEvent<'_>| match event {
            UploadEvent::Reserved(reserved) => {
                network_audit::note_known(self.cloud.gallery.record, area(&reserved.original.url));
                begun.update_value(|begun| {
                    begun.insert(reserved.id.clone());
                });
            }
            UploadEvent::Sent(_, now) => self.tell(at, now),
            _ => {}
        };
        let file = content(blob.clone());
        let upload = Upload { observer: &observer, ..Upload::new(&request, &file, &self.limits) };
        match self.client.upload(&upload).await? {
            Uploaded::Sent(image, _) => {
                begun.update_value(|begun| {
                    begun.remove(&image.id);
                });
                Ok((image.facts.id, false))
            }
            Uploaded::Present(image) => Ok((image.facts.id, true)),
        }
    }

    fn tell(&self, at: usize, now: u64) {
        let more = self.meter.note_progress(at, now);
        if more > 0 {
            network_audit::note_shared(self.cloud.gallery.record, more);
        }
    }
}

/// The prefix of a store address that all images share.
pub(super) fn area(address: &str) -> &str {
    let path = address.find("://").and_then(|at| Some(at + 3 + address.get(at + 3..)?.find('/')? + 1));
    let end = path.and_then(|path| Some(path + address.get(path..)?.find('/')? + 1));
    end.and_then(|end| address.get(..end)).unwrap_or(address)
}

/// Measures how much was uploaded, and how fast.
struct Meter {
    job: CloudJob,
    /// Bytes of images that are complete.
    arrived: Cell<u64>,
    /// Bytes of images in transfer.
    in_transfer: RefCell<BTreeMap<usize, u64>>,
    /// Bytes sent over the network.
    line: Cell<u64>,
    marks: RefCell<VecDeque<(f64, u64)>>,
    started: f64,
    kept: Cell<f64>,
}

impl Meter {
    fn new(job: CloudJob) -> Self {
        let (arrived, of) = job.record.with_value(|record| {
            let sent = record.images.iter().filter(|image| image.upload.is_some());
            (sent.map(|image| image.size).sum(), record.images.iter().map(|image| image.size).sum())
        });
        job.progress.update(|progress| (progress.bytes, progress.of, progress.rate) = (arrived, of, 0.0));
        let now = browser::now();
        Self {
            job,
            arrived: Cell::new(arrived),
            in_transfer: RefCell::default(),
            line: Cell::new(0),
            marks: RefCell::new(VecDeque::from([(now, 0)])),
            started: now,
            kept: Cell::new(now),
        }
    }

    /// Notes the progress of an image; returns the new bytes.
    fn note_progress(&self, at: usize, now: u64) -> u64 {
        let before = self.in_transfer.borrow_mut().insert(at, now).unwrap_or_default();
        // A new attempt sends its bytes again.
        let more = if now >= before { now - before } else { now };
        self.line.set(self.line.get() + more);
        self.tell();
        more
    }

    fn arrived(&self, at: usize, size: u64) {
        self.in_transfer.borrow_mut().remove(&at);
        self.arrived.set(self.arrived.get() + size);
        self.tell();
    }

    fn tell(&self) {
        let now = browser::now();
        let mut marks = self.marks.borrow_mut();
        marks.push_back((now, self.line.get()));
        while marks.len() > 2 && marks.front().is_some_and(|(then, _)| now - then > LOOK_BACK * 1000.0) {
            marks.pop_front();
        }
        let (then, before) = marks.front().copied().unwrap_or((now, 0));
        let seconds = (now - then) / 1000.0;
        let rate = if seconds > 0.5 { (self.line.get() - before) as f64 / seconds } else { 0.0 };
        let bytes = self.arrived.get() + self.in_transfer.borrow().values().sum::<u64>();
        self.job.progress.update(|progress| (progress.bytes, progress.rate) = (bytes.min(progress.of), rate));
    }

    /// Stores the record from time to time.
    fn keep(&self) {
        let now = browser::now();
        if now - self.kept.get() > KEEP_EVERY {
            self.kept.set(now);
            self.job.keep();
        }
    }

    /// Stores the measured speed for the next estimate.
    fn finish(&self) {
        let seconds = (browser::now() - self.started) / 1000.0;
        if self.line.get() >= MEASURED_BYTES && seconds >= MEASURED_SECONDS {
            browser::store("upload-rate", &format!("{:.0}", self.line.get() as f64 / seconds));
        }
    }
}

/// The upload speed of earlier jobs in bytes per second.
pub(super) fn measured() -> Option<f64> {
    browser::stored("upload-rate")?.parse().ok().filter(|rate| *rate > 0.0)
}

/// Creates the job, uploads its labels and starts it. A job that the service already has is continued.
pub(super) async fn job(cloud: Cloud, job: CloudJob) -> Result<(), Halt> {
    let client = cloud.client(job).ok_or_else(other_service)?;
    let (request, places) = request(job);
    if places.is_empty() {
        return Err(Halt::Failed("None of the images could be sent.".into()));
    }
    let halt = |error: &ClientError| Halt::of(cloud, error);
    let id = job.id();
    let made = match client.make_job(&request).await {
        Err(error) if error.status() == Some(409) => {
            // The response to an earlier attempt was lost. A job that waits for labels has no address for them any
            // more, so it is created again.
            let there = client.job(&id).await.map_err(|error| halt(&error))?;
            if there.state != JobState::Waiting {
                return Ok(());
            }
            client.delete_job(&id).await.map_err(|error| halt(&error))?;
            client.make_job(&request).await
        }
        made => made,
    };
    let made = made.map_err(|error| missing(job, &places, &error).unwrap_or_else(|| halt(&error)))?;
    if let Some(target) = made.labels {
        let zip = labels(job).await?;
        network_audit::note_known(cloud.gallery.record, area(&target.url));
        network_audit::note_shared(cloud.gallery.record, zip.size() as u64);
        let sent = client.send_labels(&target, &content(zip), &|_| {}).await;
        sent.map_err(|error| halt(&error))?;
        client.start_job(&id).await.map_err(|error| halt(&error))?;
    }
    Ok(())
}

/// The request for the job, and the positions of its images.
fn request(job: CloudJob) -> (JobRequest, Vec<usize>) {
    job.record.with_value(|record| {
        let sent = record.images.iter().enumerate().filter_map(|(at, image)| Some((at, image, image.upload.clone()?)));
        let (places, images) = sent
            .map(|(at, image, id)| (at, JobImage { id, path: Some(image.path.clone()) }))
            .unzip::<_, _, Vec<_>, Vec<_>>();
        let title: String = record.title.chars().filter(|letter| !letter.is_control()).take(MAX_TITLE).collect();
        let request = JobRequest {
            id: Some(record.id.clone()),
            images,
            labels: packed(job).flatten(),
            recipe: record.recipe.clone(),
            count: Some(record.count),
            format: record.format.as_ref().and_then(|format| serde_json::from_value(format.as_str().into()).ok()),
            title: Some(title).filter(|title| !title.trim().is_empty()),
            retention: None,
            partial: record.partial,
        };
        (request, places)
    })
}

/// If the service has lost images: marks them, so that the next attempt uploads them again.
fn missing(job: CloudJob, places: &[usize], error: &ClientError) -> Option<Halt> {
    let ClientError::Refused(problem) = error else { return None };
    let place = |pointer: &str| pointer.strip_prefix("/images/")?.strip_suffix("/id")?.parse::<usize>().ok();
    let gone: Vec<usize> = problem.errors.iter().filter_map(|field| place(&field.pointer)).collect();
    for at in gone.iter().filter_map(|at| places.get(*at)) {
        job.note(*at, |image| image.upload = None);
    }
    let words = "The cloud no longer has some of the images. Try again to send them again.";
    (!gone.is_empty()).then(|| Halt::Failed(words.into()))
}

async fn labels(job: CloudJob) -> Result<Blob, Halt> {
    let (id, name) = labels_path(job);
    if let Some(file) = upload_cache::file(&id, &name).await {
        return Ok(file.unchecked_into());
    }
    let gone = || Halt::Failed(NOT_KEPT.into());
    let files = job.files.get_value().ok_or_else(gone)?;
    let packed = files.pack(None).await.map_err(|refusal| Halt::Failed(sentence(&refusal.message)))?;
    packed.and_then(|(_, zip)| zip).ok_or_else(gone)
}

#[cfg(test)]
mod tests {
    use super::area;

    #[test]
    fn an_area_of_a_store_is_its_first_folder() {
        assert_eq!(area("http://127.0.0.1:1/delta-originals/a1/x.jpg?X=1"), "http://127.0.0.1:1/delta-originals/");
        assert_eq!(area("https://b.s3.example/originals/a1/x.jpg"), "https://b.s3.example/originals/");
        assert_eq!(area("https://b.s3.example/x"), "https://b.s3.example/x");
    }
}
