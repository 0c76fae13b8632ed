//! The jobs that were begun, and what is known of the cloud.

use std::collections::BTreeSet;

use augment_api::client::Client;
use augment_api::{Config, Limits};
use futures::future::{AbortHandle, Abortable};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use serde::{Deserialize, Serialize};
use web_sys::Blob;

use super::record::{self, Image, Record};
use super::work;
use crate::browser;
use crate::engine::{Engine, Handover, Place};
use crate::gallery::Gallery;
use crate::offline::Offline;
use crate::run::{Asked, Phase, Runs};
use crate::shelf;
use crate::ui::Tone;

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its files are read, and kept here.
    Reading,
    /// They are sent.
    Sending,
    /// It goes on by itself, when what it waits for is there.
    Waiting(Why),
    /// The service is being notified.
    Starting,
    /// The service works on it.
    Running,
    /// The zip is fetched.
    Fetching,
    /// The zip can be had.
    Ready,
    /// It does not go on by itself.
    Failed(String),
    /// It is being removed, here and there.
    Leaving,
}

/// What a job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The network.
    Offline,
    /// The service, which does not answer.
    Unreachable,
    /// Somebody who signs in.
    SignIn,
}

/// How far a job is on this side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Going {
    /// Images that were read, of all.
    pub(super) read: usize,
    /// Images that are there, of all.
    pub(super) sent: usize,
    /// Images that were there already.
    pub(super) there: usize,
    pub(super) images: usize,
    /// Bytes that went up, or come down, of all.
    pub(super) bytes: u64,
    pub(super) of: u64,
    /// Bytes a second.
    pub(super) rate: f64,
}

/// A job; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) record: StoredValue<Record>,
    pub(super) stage: RwSignal<Stage>,
    pub(super) going: RwSignal<Going>,
    /// What the service says of it.
    pub(super) remote: RwSignal<Option<augment_api::Job>>,
    /// Images that were not sent, each with the reason.
    pub(super) unsent: RwSignal<Vec<(String, String)>>,
    /// The zip and its SHA-256.
    pub(super) zip: RwSignal<Option<SendWrapper<(Blob, String)>>>,
    /// Whether the zip is saved.
    pub(super) saved: RwSignal<bool>,
    /// The files, as long as the page that began it is there.
    pub(super) files: StoredValue<Option<Handover>>,
    /// Whether its files are kept in this browser.
    pub(super) keeps: StoredValue<bool>,
    /// The run here that does the same, and where its zip was to go.
    pub(super) run: StoredValue<Option<SendWrapper<(Runs, u32, Place)>>>,
    /// Ids of uploads that were reserved and are not complete.
    pub(super) begun: StoredValue<BTreeSet<String>>,
    /// Whether waiting ends now.
    pub(super) hurry: StoredValue<bool>,
    abort: StoredValue<Option<AbortHandle>>,
}

impl Job {
    pub(super) fn id(self) -> String {
        self.record.with_value(|record| record.id.clone())
    }

    pub(super) fn title(self) -> String {
        self.record.with_value(|record| record.title.clone())
    }

    /// Changes what is known of an image. What is kept of it in the browser is written now and then.
    pub(super) fn note(self, at: usize, change: impl FnOnce(&mut Image)) {
        self.record.update_value(|record| {
            if let Some(image) = record.images.get_mut(at) {
                change(image);
            }
        });
        self.count();
    }

    /// Counts what is read and sent.
    pub(super) fn count(self) {
        let (read, sent, images) = self.record.with_value(|record| {
            let all = &record.images;
            let read = all.iter().filter(|image| !image.sha256.is_empty() || !image.waits()).count();
            (read, all.iter().filter(|image| image.upload.is_some()).count(), all.len())
        });
        self.going.update(|going| (going.read, going.sent, going.images) = (read, sent, images));
    }

    /// Keeps the record in the browser.
    pub(super) fn keep(self) {
        self.record.with_value(Record::keep);
    }
}

/// The cloud; taken from the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cloud {
    pub(super) gallery: Gallery,
    pub(super) offline: Offline,
    engine: StoredValue<Engine>,
    pub(super) jobs: RwSignal<Vec<Job>>,
    /// Whether the dialog that lists them is open.
    pub(super) listed: RwSignal<bool>,
    /// The run that was offered to the cloud last, by its number.
    pub(super) offered: RwSignal<Option<u32>>,
    /// What the person is asked to confirm.
    pub(super) asking: RwSignal<Option<SendWrapper<Asked>>>,
    /// What a screen reader is told.
    pub(super) said: RwSignal<String>,
    /// What the service allowed when it was asked last, perhaps by an earlier page.
    known: RwSignal<Option<Config>>,
    /// What belongs to a job lives as long as the page.
    owner: StoredValue<Owner>,
}

/// What a service allows, as it is kept for times without a network.
#[derive(Serialize, Deserialize)]
struct Known {
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
            said: RwSignal::new(String::new()),
            known: RwSignal::new(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        Effect::new(move || {
            let api = gallery.service.address.get().unwrap_or_default();
            match gallery.config.get() {
                Some(config) => {
                    let known = Known { api, config };
                    browser::store("cloud", &serde_json::to_string(&known).unwrap_or_default());
                    cloud.known.set(Some(known.config));
                }
                None => {
                    let known = browser::stored("cloud").and_then(|text| serde_json::from_str::<Known>(&text).ok());
                    cloud.known.set(known.filter(|known| known.api == api).map(|known| known.config));
                }
            }
        });
        let _ = window_event_listener(ev::beforeunload, move |event| {
            let would_be_lost = |job: &Job| {
                let on = job.stage.with_untracked(|stage| !matches!(stage, Stage::Ready | Stage::Failed(_)));
                on && !job.record.with_value(Record::is_safe)
            };
            if cloud.jobs.with_untracked(|jobs| jobs.iter().any(would_be_lost)) {
                event.prevent_default();
            }
        });
        // What was sent since it was kept last need not be sent again.
        let _ = window_event_listener_untyped("pagehide", move |_| {
            cloud.jobs.with_untracked(|jobs| jobs.iter().for_each(|job| job.keep()));
        });
        cloud.find();
        cloud
    }

    pub(super) fn engine(self) -> Engine {
        self.engine.get_value()
    }

    /// A client of the service that a job goes to; `None` where the page has another one now.
    pub(super) fn client(self, job: Job) -> Option<Client> {
        let api = job.record.with_value(|record| record.api.clone());
        let same = self.gallery.service.address.with_untracked(|address| address.as_ref() == Some(&api));
        self.gallery.client().filter(|_| same)
    }

    pub(super) fn limits(self) -> Limits {
        self.known.with(|known| known.as_ref().map(|config| config.limits)).unwrap_or_default()
    }

    /// Whether somebody must sign in before anything is sent.
    pub(super) fn wants_sign_in(self) -> bool {
        let wants = self.known.with(|known| known.as_ref().is_some_and(|config| config.auth.is_some()));
        wants && self.gallery.service.session.with(Option::is_none)
    }

    /// Whether the service lets anybody in.
    pub(super) fn is_open(self) -> bool {
        self.known.with(|known| known.as_ref().is_some_and(|config| config.auth.is_none()))
    }

    pub(super) fn say(self, words: impl Into<String>) {
        self.said.set(words.into());
    }

    /// Takes up the jobs of earlier pages; what is kept of others goes.
    fn find(self) {
        spawn_local(async move {
            for record in record::all() {
                // Another window of the page may be at it.
                if browser::lock(&format!("job.{}", record.id)).await {
                    let safe = record.is_safe();
                    let job = self.put(record, None);
                    if safe {
                        self.go(job);
                    } else {
                        job.stage.set(Stage::Failed(work::NOT_KEPT.into()));
                    }
                }
            }
            shelf::clear_others(&record::ids()).await;
        });
    }

    /// Begins a job for a run that is on.
    pub(super) fn begin(self, runs: Runs, asked: Asked) {
        spawn_local(async move {
            match work::begin(self, &asked).await {
                Ok((record, files, keeps)) => {
                    let _ = browser::lock(&format!("job.{}", record.id)).await;
                    let job = self.put(record, Some(files));
                    job.keeps.set_value(keeps);
                    job.run.set_value(Some(SendWrapper::new((runs, asked.number, asked.place.clone()))));
                    self.say("The job for the cloud was begun");
                    self.owner.with_value(|owner| owner.with(|| self.race(job, runs, asked.number)));
                    self.go(job);
                }
                Err(words) => self.gallery.toaster.say(Tone::Danger, words),
            }
        });
    }

    /// Gives a job up that the run here outruns: its zip is not needed twice.
    fn race(self, job: Job, runs: Runs, number: u32) {
        Effect::new(move || {
            let whole = runs.result.with(|result| result.as_ref().is_some_and(|result| result.whole));
            let same = runs.asked().is_some_and(|asked| asked.number == number);
            let open = !job.record.with_value(|record| record.taken)
                && job.stage.with_untracked(|stage| *stage != Stage::Leaving);
            if runs.phase.get() == Phase::Done && whole && same && open {
                self.gallery.toaster.say(Tone::Good, "Finished here first: what was sent for the cloud is removed");
                self.remove(job);
            }
        });
    }

    fn put(self, record: Record, files: Option<Handover>) -> Job {
        let unsent = unsent(&record);
        let new = || Job {
            record: StoredValue::new(record),
            stage: RwSignal::new(Stage::Reading),
            going: RwSignal::default(),
            remote: RwSignal::new(None),
            unsent: RwSignal::new(unsent),
            zip: RwSignal::new(None),
            saved: RwSignal::new(false),
            files: StoredValue::new(files),
            keeps: StoredValue::new(true),
            run: StoredValue::new(None),
            begun: StoredValue::default(),
            hurry: StoredValue::new(false),
            abort: StoredValue::new(None),
        };
        let job = self.owner.with_value(|owner| owner.with(new));
        job.count();
        self.jobs.update(|jobs| jobs.push(job));
        job
    }

    /// Goes on with a job until it is ready or needs a person.
    pub(super) fn go(self, job: Job) {
        let (handle, registration) = AbortHandle::new_pair();
        job.abort.set_value(Some(handle));
        spawn_local(async move {
            match Abortable::new(work::work(self, job), registration).await {
                Ok(Ok(())) => {}
                Ok(Err(words)) => {
                    self.say(format!("The job in the cloud failed: {words}"));
                    job.stage.set(Stage::Failed(words));
                    job.keep();
                }
                // What stopped it decides what becomes of it.
                Err(_) => {}
            }
        });
    }

    /// Stops a job and removes it, here and there.
    pub(super) fn remove(self, job: Job) {
        job.abort.with_value(|abort| {
            if let Some(abort) = abort {
                abort.abort();
            }
        });
        job.stage.set(Stage::Leaving);
        spawn_local(async move {
            let gone = work::remove(self, job).await;
            self.jobs.update(|jobs| jobs.retain(|other| other.id() != job.id()));
            if let Err(words) = gone {
                let late = "What was sent goes by itself when its time is over.";
                self.gallery.toaster.say(Tone::Warn, format!("{words} {late}"));
            }
        });
    }

    /// Has the images that failed tried again.
    pub(super) fn retry(self, job: Job) {
        spawn_local(async move {
            match work::retry(self, job).await {
                Ok(()) => self.go(job),
                Err(words) => self.gallery.toaster.say(Tone::Danger, words),
            }
        });
    }

    /// What jobs hold in this browser, in bytes.
    pub(super) fn kept_bytes(self) -> u64 {
        self.jobs.with(|jobs| jobs.iter().map(|job| job.record.with_value(Record::kept_bytes)).sum())
    }
}

/// The images of a record that were not sent.
pub(super) fn unsent(record: &Record) -> Vec<(String, String)> {
    let failed = |image: &Image| Some((image.path.clone(), image.error.clone()?));
    record.images.iter().filter_map(failed).collect()
}
