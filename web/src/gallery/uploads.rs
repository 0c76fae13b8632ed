//! Uploads: one after the other, each with its progress, to be cancelled and taken up again.

use augment_api::{Retention, Visibility};
use futures::future::{AbortHandle, Abortable};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::Gallery;
use super::work::{Failure, Kept};
use crate::engine::OneImage;
use crate::state::Share;
use crate::ui::{Button, Glyph, Icon, Kind, Progress, Tone, When, bytes, counted};

/// The image to share, and how.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) image: OneImage,
    pub(super) way: Share,
    /// The whole recipe, with count and seed.
    pub(super) recipe: serde_json::Value,
    pub(super) count: u32,
    pub(super) seed: u64,
    /// The format of the labels.
    pub(super) labels: Option<String>,
    pub(super) title: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) group: Option<String>,
    pub(super) visibility: Visibility,
    pub(super) retention: Retention,
}

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits for those before it.
    Waiting,
    /// The image is read.
    Reading,
    /// Its results are made here.
    Making,
    /// Bytes are sent.
    Sending,
    /// The service looks at what arrived.
    Checking,
    /// It is in the gallery, by this id.
    Done(String),
    /// It is not, for this reason.
    Failed(String),
    /// A person stopped it.
    Cancelled,
}

impl Stage {
    const fn is_over(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_) | Self::Cancelled)
    }
}

/// An upload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    id: u32,
    pub(super) wish: StoredValue<Wish>,
    pub(super) stage: RwSignal<Stage>,
    /// Bytes that arrived, of all.
    pub(super) sent: RwSignal<u64>,
    pub(super) total: RwSignal<u64>,
    /// What was done already, so that another try goes on from there.
    pub(super) kept: StoredValue<Kept, LocalStorage>,
    abort: StoredValue<Option<AbortHandle>>,
}

/// All uploads since the page began; taken from the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uploads {
    gallery: Gallery,
    pub(super) jobs: RwSignal<Vec<Job>>,
    next: StoredValue<u32>,
    busy: StoredValue<bool>,
    /// What belongs to an upload lives as long as the page, not as long as the dialog that began it.
    owner: StoredValue<Owner>,
}

impl Uploads {
    pub(super) fn new(gallery: Gallery) -> Self {
        let jobs = RwSignal::new(Vec::<Job>::new());
        let _ = window_event_listener(ev::beforeunload, move |event| {
            let under_way =
                jobs.with_untracked(|jobs| jobs.iter().any(|job| job.stage.with_untracked(|stage| !stage.is_over())));
            if under_way {
                event.prevent_default();
            }
        });
        let owner = StoredValue::new(Owner::current().unwrap_or_default());
        Self { gallery, jobs, next: StoredValue::new(0), busy: StoredValue::new(false), owner }
    }

    /// Adds uploads; what came to an end before goes.
    pub(super) fn add(self, wishes: Vec<Wish>) {
        let new = wishes.into_iter().map(|wish| {
            self.next.update_value(|next| *next += 1);
            Job {
                id: self.next.get_value(),
                wish: StoredValue::new(wish),
                stage: RwSignal::new(Stage::Waiting),
                sent: RwSignal::new(0),
                total: RwSignal::new(0),
                kept: StoredValue::new_local(Kept::default()),
                abort: StoredValue::new(None),
            }
        });
        let new: Vec<Job> = self.owner.with_value(|owner| owner.with(|| new.collect()));
        self.jobs.update(|jobs| {
            jobs.retain(|job| !job.stage.with_untracked(|stage| matches!(stage, Stage::Done(_) | Stage::Cancelled)));
            jobs.extend(new);
        });
        self.go();
    }

    /// Begins the next one, unless one is on.
    fn go(self) {
        if self.busy.get_value() {
            return;
        }
        let next = self.jobs.with_untracked(|jobs| {
            jobs.iter().copied().find(|job| job.stage.with_untracked(|stage| *stage == Stage::Waiting))
        });
        let Some(job) = next else { return };
        self.busy.set_value(true);
        let (handle, registration) = AbortHandle::new_pair();
        job.abort.set_value(Some(handle));
        spawn_local(async move {
            let outcome = Abortable::new(super::work::share(self.gallery, job), registration).await;
            match outcome {
                Ok(Ok(image)) => {
                    job.stage.set(Stage::Done(image.id.clone()));
                    self.gallery.add(image);
                    self.told();
                }
                Ok(Err(Failure(words))) => {
                    self.gallery.toaster.say(Tone::Danger, format!("{} was not shared", self.name(job)));
                    job.stage.set(Stage::Failed(words));
                }
                // Cancelled: what was reserved goes, with whatever arrived.
                Err(_) => super::work::give_up(self.gallery, job).await,
            }
            self.busy.set_value(false);
            self.go();
        });
    }

    /// Says that all is done, once it is.
    fn told(self) {
        let (over, done) = self.jobs.with_untracked(|jobs| {
            let stages: Vec<Stage> = jobs.iter().map(|job| job.stage.get_untracked()).collect();
            (stages.iter().all(Stage::is_over), stages.iter().filter(|stage| matches!(stage, Stage::Done(_))).count())
        });
        if over {
            self.gallery.toaster.say(Tone::Good, format!("{} shared", counted(done, "image", "images")));
        }
    }

    fn name(self, job: Job) -> String {
        job.wish.with_value(|wish| file_name(&wish.image.name).to_owned())
    }

    fn cancel(self, job: Job) {
        let before = job.stage.get_untracked();
        job.stage.set(Stage::Cancelled);
        if before == Stage::Waiting {
            return;
        }
        job.abort.with_value(|abort| {
            if let Some(abort) = abort {
                abort.abort();
            }
        });
    }

    fn again(self, job: Job) {
        job.stage.set(Stage::Waiting);
        self.go();
    }
}

/// A name without its folders.
pub(super) fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// All uploads with their progress.
#[component]
pub(super) fn UploadList() -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let any = Signal::derive(move || uploads.jobs.with(|jobs| !jobs.is_empty()));
    view! {
        <When on=any>
            <section class="uploads" aria-label="Uploads">
                <ul class="stack tight">
                    <For each=move || uploads.jobs.get() key=|job| job.id children=move |job| view! { <Row job=job /> } />
                </ul>
                <When on=Signal::derive(move || uploads.jobs.with(|jobs| jobs.iter().all(|job| job.stage.with(Stage::is_over))))>
                    <Button label="Clear the list" class="small" kind=Kind::Quiet on_press=move || uploads.jobs.set(Vec::new()) />
                </When>
            </section>
        </When>
    }
}

#[component]
fn Row(job: Job) -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let words = Signal::derive(move || match job.stage.get() {
        Stage::Waiting => "Waiting".to_owned(),
        Stage::Reading => "Reading the image".into(),
        Stage::Making => "Making its results".into(),
        Stage::Sending => format!("{} of {}", bytes(job.sent.get()), bytes(job.total.get())),
        Stage::Checking => "Checking what arrived".into(),
        Stage::Done(_) => "Shared".into(),
        Stage::Failed(words) => words,
        Stage::Cancelled => "Cancelled; nothing of it stays".into(),
    });
    let value = Signal::derive(move || match job.stage.get() {
        Stage::Sending => Some(job.sent.get() as f64 / job.total.get().max(1) as f64),
        Stage::Checking => Some(1.0),
        _ => None,
    });
    let moves = Signal::derive(move || job.stage.with(|stage| !stage.is_over() && *stage != Stage::Waiting));
    let on = Signal::derive(move || job.stage.with(|stage| !stage.is_over()));
    let failed = Signal::derive(move || job.stage.with(|stage| matches!(stage, Stage::Failed(_))));
    let glyph = Signal::derive(move || match job.stage.get() {
        Stage::Done(_) => Glyph::CheckCircle,
        Stage::Failed(_) => Glyph::Error,
        Stage::Cancelled => Glyph::Close,
        _ => Glyph::Upload,
    });
    let name = uploads.name(job);
    let (cancel, again) = (format!("Cancel the upload of {name}"), format!("Try {name} again"));
    view! {
        <li class="upload" class:failed=move || failed.get() class:done=move || job.stage.with(|stage| matches!(stage, Stage::Done(_)))>
            <Icon glyph=glyph />
            <div class="grow">
                <p class="row apart">
                    <span class="strong truncate">{name}</span>
                    <span class="small soft num upload-words">{move || words.get()}</span>
                </p>
                <When on=moves><Progress label="Progress of the upload" value=value words=words /></When>
            </div>
            {move || match job.stage.get() {
                Stage::Done(id) => view! { <a class="button small" href=format!("#gallery/{id}")><span>"Show"</span></a> }.into_any(),
                _ => ().into_any(),
            }}
            {
                let (cancel, again) = (StoredValue::new(cancel), StoredValue::new(again));
                view! {
                    <When on=failed><Button label=again.get_value() glyph=Glyph::Refresh icon_only=true class="small tip-end" on_press=move || uploads.again(job) /></When>
                    <When on=on><Button label=cancel.get_value() glyph=Glyph::Close icon_only=true class="small tip-end" kind=Kind::Quiet on_press=move || uploads.cancel(job) /></When>
                }
            }
        </li>
    }
}
