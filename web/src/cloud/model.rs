//! The jobs, their states, and the service's limits.

use std::collections::BTreeSet;

use augment_api::client::Client;
use augment_api::{Config, Content, Limits};
use futures::future::AbortHandle;
use leptos::ev;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde::{Deserialize, Serialize};
use web_sys::Blob;

use super::saved_job::{LABELS, SavedImage, SavedJob, SavedLabels};
use crate::browser;
use crate::engine::{Engine, UploadSource, ZipDestination};
use crate::gallery::Gallery;
use crate::offline::Offline;
use crate::run::{CurrentRun, Runs};

/// The stage of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum JobStage {
    /// Its files are read, and cached in this browser.
    Reading,
    /// Its files are uploaded.
    Sending,
    /// It waits, and continues without the user.
    Waiting(WaitReason),
    /// The service is being notified.
    Starting,
    /// The service works on it.
    Running,
    /// The zip is being downloaded.
    Fetching,
    /// The zip is available.
    Ready,
    /// It failed, and does not continue without the user.
    Failed(String),
    /// It is being removed, here and in the cloud.
    Leaving,
}

/// What a job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitReason {
    /// The network.
    Offline,
    /// The service, which does not respond.
    Unreachable,
    /// The user, who must sign in.
    SignIn,
}

/// The progress of a job on this side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct JobProgress {
    /// Images that were read.
    pub(super) read: usize,
    /// Images that were uploaded.
    pub(super) sent: usize,
    /// Images that were in the cloud already.
    pub(super) existing: usize,
    pub(super) images: usize,
    /// Bytes transferred, and all bytes to transfer.
    pub(super) bytes: u64,
    pub(super) of: u64,
    /// Bytes per second.
    pub(super) rate: f64,
}

/// A job. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct CloudJob {
    pub(super) record: StoredValue<SavedJob>,
    pub(super) stage: RwSignal<JobStage>,
    pub(super) progress: RwSignal<JobProgress>,
    /// The service's own record of it.
    pub(super) remote: RwSignal<Option<augment_api::Job>>,
    /// Images that were not uploaded, each with the reason.
    pub(super) unsent: RwSignal<Vec<(String, String)>>,
    /// The zip and its SHA-256.
    pub(super) zip: RwSignal<Option<SendWrapper<(Blob, String)>>>,
    /// Whether the zip is saved.
    pub(super) saved: RwSignal<bool>,
    /// The files, while the page that began the job is open.
    pub(super) files: StoredValue<Option<UploadSource>>,
    /// Whether its files are cached in this browser.
    pub(super) caches_files: StoredValue<bool>,
    /// The same run in this browser: its number, and where its zip goes.
    pub(super) run: StoredValue<Option<SendWrapper<(Runs, u32, ZipDestination)>>>,
    /// Ids of uploads that are reserved but not complete.
    pub(super) reserved_uploads: StoredValue<BTreeSet<String>>,
    /// Whether to stop waiting now.
    pub(super) retry_now: StoredValue<bool>,
    pub(super) abort: StoredValue<Option<AbortHandle>>,
}

impl CloudJob {
    pub(super) fn id(self) -> String {
        self.record.with_value(|record| record.id.clone())
    }

    pub(super) fn title(self) -> String {
        self.record.with_value(|record| record.title.clone())
    }

    /// Changes the record of an image. The browser stores the record from time to time.
    pub(super) fn note(self, at: usize, change: impl FnOnce(&mut SavedImage)) {
        self.record.update_value(|record| {
            if let Some(image) = record.images.get_mut(at) {
                change(image);
            }
        });
        self.count();
    }

    /// Counts the images that are read and uploaded.
    pub(super) fn count(self) {
        let (read, sent, images) = self.record.with_value(|record| {
            let all = &record.images;
            let read = all.iter().filter(|image| !image.sha256.is_empty() || !image.waits()).count();
            (read, all.iter().filter(|image| image.upload.is_some()).count(), all.len())
        });
        self.progress.update(|progress| (progress.read, progress.sent, progress.images) = (read, sent, images));
    }

    /// Stores the record in the browser.
    pub(super) fn keep(self) {
        self.record.with_value(SavedJob::keep);
    }
}

/// The cloud; taken from the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cloud {
    pub(super) gallery: Gallery,
    pub(super) offline: Offline,
    engine: StoredValue<Engine>,
    pub(super) jobs: RwSignal<Vec<CloudJob>>,
    /// Whether the dialog with the list of jobs is open.
    pub(super) listed: RwSignal<bool>,
    /// The number of the run that was last offered to the cloud.
    pub(super) offered: RwSignal<Option<u32>>,
    /// The run that the user is asked to confirm.
    pub(super) asking: RwSignal<Option<SendWrapper<CurrentRun>>>,
    /// The last message for screen readers.
    pub(super) announcement: RwSignal<String>,
    /// The service's last known configuration, perhaps from an earlier page.
    known: RwSignal<Option<Config>>,
    /// The signals of a job live as long as the page.
    pub(super) owner: StoredValue<Owner>,
}

/// The configuration of a service, stored for times without a network.
#[derive(Serialize, Deserialize)]
struct StoredConfig {
    api: String,
    config: Config,
}

impl Cloud {
    pub(super) fn new() -> Self {
        let gallery = expect_context::<Gallery>();
        let cloud = Self {
            gallery,
            offline: expect_context(),
            engine: StoredValue::new(expect_context()),
            jobs: RwSignal::new(Vec::new()),
            listed: RwSignal::new(false),
            offered: RwSignal::new(None),
            asking: RwSignal::new(None),
            announcement: RwSignal::new(String::new()),
            known: RwSignal::new(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        Effect::new(move || {
            let api = gallery.service.address.get().unwrap_or_default();
            match gallery.config.get() {
                Some(config) => {
                    let known = StoredConfig { api, config };
                    browser::store("cloud", &serde_json::to_string(&known).unwrap_or_default());
                    cloud.known.set(Some(known.config));
                }
                None => {
                    let known =
                        browser::stored("cloud").and_then(|text| serde_json::from_str::<StoredConfig>(&text).ok());
                    cloud.known.set(known.filter(|known| known.api == api).map(|known| known.config));
                }
            }
        });
        let _ = window_event_listener(ev::beforeunload, move |event| {
            let would_be_lost = |job: &CloudJob| {
                let on = job.stage.with_untracked(|stage| !matches!(stage, JobStage::Ready | JobStage::Failed(_)));
                on && !job.record.with_value(SavedJob::is_safe)
            };
            if cloud.jobs.with_untracked(|jobs| jobs.iter().any(would_be_lost)) {
                event.prevent_default();
            }
        });
        // Images that were uploaded since the record was stored need not be uploaded again.
        let _ = window_event_listener_untyped("pagehide", move |_| {
            cloud.jobs.with_untracked(|jobs| jobs.iter().for_each(|job| job.keep()));
        });
        cloud
    }

    pub(super) fn engine(self) -> Engine {
        self.engine.get_value()
    }

    /// A client of the service of a job; `None` if the page now uses another one.
    pub(super) fn client(self, job: CloudJob) -> Option<Client> {
        let api = job.record.with_value(|record| record.api.clone());
        let same = self.gallery.service.address.with_untracked(|address| address.as_ref() == Some(&api));
        self.gallery.client().filter(|_| same)
    }

    pub(super) fn limits(self) -> Limits {
        self.known.with(|known| known.as_ref().map(|config| config.limits)).unwrap_or_default()
    }

    /// Whether the user must sign in before anything is uploaded.
    pub(super) fn needs_sign_in(self) -> bool {
        let wants = self.known.with(|known| known.as_ref().is_some_and(|config| config.auth.is_some()));
        wants && self.gallery.service.session.with(Option::is_none)
    }

    /// Whether the service needs no sign-in.
    pub(super) fn needs_no_sign_in(self) -> bool {
        self.known.with(|known| known.as_ref().is_some_and(|config| config.auth.is_none()))
    }

    pub(super) fn announce(self, words: impl Into<String>) {
        self.announcement.set(words.into());
    }

    pub(super) fn put(self, record: SavedJob, files: Option<UploadSource>) -> CloudJob {
        let unsent = unsent(&record);
        let new = || CloudJob {
            record: StoredValue::new(record),
            stage: RwSignal::new(JobStage::Reading),
            progress: RwSignal::default(),
            remote: RwSignal::new(None),
            unsent: RwSignal::new(unsent),
            zip: RwSignal::new(None),
            saved: RwSignal::new(false),
            files: StoredValue::new(files),
            caches_files: StoredValue::new(true),
            run: StoredValue::new(None),
            reserved_uploads: StoredValue::default(),
            retry_now: StoredValue::new(false),
            abort: StoredValue::new(None),
        };
        let job = self.owner.with_value(|owner| owner.with(new));
        job.count();
        self.jobs.update(|jobs| jobs.push(job));
        job
    }

    /// Bytes that jobs hold in this browser.
    pub(super) fn kept_bytes(self) -> u64 {
        self.jobs.with(|jobs| jobs.iter().map(|job| job.record.with_value(SavedJob::kept_bytes)).sum())
    }
}

/// The images of a record that were not uploaded.
pub(super) fn unsent(record: &SavedJob) -> Vec<(String, String)> {
    let failed = |image: &SavedImage| Some((image.path.clone(), image.error.clone()?));
    record.images.iter().filter_map(failed).collect()
}

/// The path of a job's labels in the upload cache.
pub(super) fn labels_path(job: CloudJob) -> (String, String) {
    (job.id(), LABELS.to_owned())
}

/// A job's labels, once they are packed.
pub(super) fn packed(job: CloudJob) -> Option<Option<Content>> {
    job.record.with_value(|record| match &record.labels {
        None => None,
        Some(SavedLabels::None) => Some(None),
        Some(SavedLabels::Zip(content)) => Some(Some(content.clone())),
    })
}
