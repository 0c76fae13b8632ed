//! The queue of uploads: one after another, each with its progress; they can be cancelled and retried.

use futures::future::{AbortHandle, Abortable};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::Gallery;
use super::upload::{Failure, ShareOptions, UploadJob, UploadStage, UploadState, file_name};
use crate::ui::{Button, ButtonKind, Glyph, Icon, Progress, Tone, When, bytes, counted};

/// All uploads of this page; taken from the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uploads {
    gallery: Gallery,
    pub(super) jobs: RwSignal<Vec<UploadJob>>,
    next: StoredValue<u32>,
    busy: StoredValue<bool>,
    /// The signals of an upload live as long as the page, not as long as its dialog.
    owner: StoredValue<Owner>,
}

impl Uploads {
    pub(super) fn new(gallery: Gallery) -> Self {
        let jobs = RwSignal::new(Vec::<UploadJob>::new());
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

    /// Adds uploads, and removes finished ones from the list.
    pub(super) fn add(self, all_options: Vec<ShareOptions>) {
        let new = all_options.into_iter().map(|options| {
            self.next.update_value(|next| *next += 1);
            UploadJob {
                id: self.next.get_value(),
                options: StoredValue::new(options),
                stage: RwSignal::new(UploadStage::Waiting),
                sent: RwSignal::new(0),
                total: RwSignal::new(0),
                kept: StoredValue::new_local(UploadState::default()),
                abort: StoredValue::new(None),
            }
        });
        let new: Vec<UploadJob> = self.owner.with_value(|owner| owner.with(|| new.collect()));
        self.jobs.update(|jobs| {
            jobs.retain(|job| {
                !job.stage.with_untracked(|stage| matches!(stage, UploadStage::Done(_) | UploadStage::Cancelled))
            });
            jobs.extend(new);
        });
        self.start_next();
    }

    /// Starts the next upload, unless one is active.
    fn start_next(self) {
        if self.busy.get_value() {
            return;
        }
        let next = self.jobs.with_untracked(|jobs| {
            jobs.iter().copied().find(|job| job.stage.with_untracked(|stage| *stage == UploadStage::Waiting))
        });
        let Some(job) = next else { return };
        self.busy.set_value(true);
        let (handle, registration) = AbortHandle::new_pair();
        job.abort.set_value(Some(handle));
        spawn_local(async move {
            let outcome = Abortable::new(super::send::share(self.gallery, job), registration).await;
            match outcome {
                Ok(Ok(image)) => {
                    job.stage.set(UploadStage::Done(image.id.clone()));
                    self.gallery.add(image);
                    self.announce_done();
                }
                Ok(Err(Failure(words))) => {
                    self.gallery.toaster.say(Tone::Danger, format!("{} was not shared", self.name(job)));
                    job.stage.set(UploadStage::Failed(words));
                }
                // Cancelled: removes the reservation with everything that was uploaded.
                Err(_) => super::send::abandon(self.gallery, job).await,
            }
            self.busy.set_value(false);
            self.start_next();
        });
    }

    /// Shows a message when all are done.
    fn announce_done(self) {
        let (over, done) = self.jobs.with_untracked(|jobs| {
            let stages: Vec<UploadStage> = jobs.iter().map(|job| job.stage.get_untracked()).collect();
            (
                stages.iter().all(UploadStage::is_over),
                stages.iter().filter(|stage| matches!(stage, UploadStage::Done(_))).count(),
            )
        });
        if over {
            self.gallery.toaster.say(Tone::Good, format!("{} shared", counted(done, "image", "images")));
        }
    }

    fn name(self, job: UploadJob) -> String {
        job.options.with_value(|options| file_name(&options.image.name).to_owned())
    }

    fn cancel(self, job: UploadJob) {
        let before = job.stage.get_untracked();
        job.stage.set(UploadStage::Cancelled);
        if before == UploadStage::Waiting {
            return;
        }
        job.abort.with_value(|abort| {
            if let Some(abort) = abort {
                abort.abort();
            }
        });
    }

    fn retry(self, job: UploadJob) {
        job.stage.set(UploadStage::Waiting);
        self.start_next();
    }
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
                <When on=Signal::derive(move || uploads.jobs.with(|jobs| jobs.iter().all(|job| job.stage.with(UploadStage::is_over))))>
                    <Button label="Clear the list" class="small" kind=ButtonKind::Quiet on_press=move || uploads.jobs.set(Vec::new()) />
                </When>
            </section>
        </When>
    }
}

#[component]
fn Row(job: UploadJob) -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let words = Signal::derive(move || match job.stage.get() {
        UploadStage::Waiting => "Waiting".to_owned(),
        UploadStage::Reading => "Reading the image".into(),
        UploadStage::Making => "Making its results".into(),
        UploadStage::Sending => format!("{} of {}", bytes(job.sent.get()), bytes(job.total.get())),
        UploadStage::Checking => "Checking the upload".into(),
        UploadStage::Done(_) => "Shared".into(),
        UploadStage::Failed(words) => words,
        UploadStage::Cancelled => "Cancelled; nothing was kept".into(),
    });
    let value = Signal::derive(move || match job.stage.get() {
        UploadStage::Sending => Some(job.sent.get() as f64 / job.total.get().max(1) as f64),
        UploadStage::Checking => Some(1.0),
        _ => None,
    });
    let moves = Signal::derive(move || job.stage.with(|stage| !stage.is_over() && *stage != UploadStage::Waiting));
    let on = Signal::derive(move || job.stage.with(|stage| !stage.is_over()));
    let failed = Signal::derive(move || job.stage.with(|stage| matches!(stage, UploadStage::Failed(_))));
    let glyph = Signal::derive(move || match job.stage.get() {
        UploadStage::Done(_) => Glyph::CheckCircle,
        UploadStage::Failed(_) => Glyph::Error,
        UploadStage::Cancelled => Glyph::Close,
        _ => Glyph::Upload,
    });
    let name = uploads.name(job);
    let (cancel, again) = (format!("Cancel the upload of {name}"), format!("Try {name} again"));
    view! {
        <li class="upload" class:failed=move || failed.get() class:done=move || job.stage.with(|stage| matches!(stage, UploadStage::Done(_)))>
            <Icon glyph=glyph />
            <div class="grow">
                <p class="row apart">
                    <span class="strong truncate">{name}</span>
                    <span class="small soft num upload-words">{move || words.get()}</span>
                </p>
                <When on=moves><Progress label="Progress of the upload" value=value words=words /></When>
            </div>
            {move || match job.stage.get() {
                UploadStage::Done(id) => view! { <a class="button small" href=format!("#gallery/{id}")><span>"Show"</span></a> }.into_any(),
                _ => ().into_any(),
            }}
            {
                let (cancel, again) = (StoredValue::new(cancel), StoredValue::new(again));
                view! {
                    <When on=failed><Button label=again.get_value() glyph=Glyph::Refresh icon_only=true class="small tip-end" on_press=move || uploads.retry(job) /></When>
                    <When on=on><Button label=cancel.get_value() glyph=Glyph::Close icon_only=true class="small tip-end" kind=ButtonKind::Quiet on_press=move || uploads.cancel(job) /></When>
                }
            }
        </li>
    }
}
