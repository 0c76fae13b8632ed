//! The card of a job: its progress, its failures and its buttons.

use augment_api::JobState;
use leptos::prelude::*;

use super::model::{Cloud, CloudJob, JobStage, WaitReason};
use super::run_job;
use super::saved_job::SavedJob;
use crate::gallery::{SignIn, day, sentence};
use crate::ui::{
    Button, ButtonKind, CopyButton, Dialog, Glyph, Icon, Notice, Progress, Tone, When, bytes, count, counted, duration,
    ratio,
};

/// The state of a job as a sentence.
fn words(job: CloudJob) -> String {
    let progress = job.progress.get();
    let (done, images) = job.remote.with(|remote| remote.as_ref().map_or((0, 0), |job| (job.done, job.images)));
    match job.stage.get() {
        JobStage::Reading => {
            format!("Reading the files: {} of {}", progress.read, counted(progress.images, "image", "images"))
        }
        JobStage::Sending => {
            let there = match progress.existing {
                0 => String::new(),
                there => format!(", {there} of them already in the cloud"),
            };
            format!("{} of {} sent{there}", progress.sent, counted(progress.images, "image", "images"))
        }
        JobStage::Waiting(why) => waiting(job, why),
        JobStage::Starting => "Starting the job".into(),
        JobStage::Running => {
            format!("In the cloud: {} of {} done", count(done.into()), counted(images as usize, "image", "images"))
        }
        JobStage::Fetching => format!("Downloading the zip: {} of {}", bytes(progress.bytes), bytes(progress.of)),
        JobStage::Ready if job.zip.with(Option::is_some) => "The zip is here".into(),
        JobStage::Ready => "The zip is in the cloud".into(),
        JobStage::Failed(words) => words,
        JobStage::Leaving => "Removing the job".into(),
    }
}

fn waiting(job: CloudJob, why: WaitReason) -> String {
    let taken = job.record.with_value(|record| record.taken);
    match why {
        WaitReason::Offline if taken => "Waiting for the network; the cloud continues".into(),
        WaitReason::Offline => {
            let progress = job.progress.get();
            let kept = bytes(job.record.with_value(SavedJob::kept_bytes));
            format!(
                "Waiting for the network: {} of {} sent, {kept} kept in this browser",
                progress.sent, progress.images
            )
        }
        WaitReason::Unreachable => "The service does not respond; trying again".into(),
        WaitReason::SignIn => "Waiting for you to sign in".into(),
    }
}

/// The rate and time left of a transfer.
fn figures(job: CloudJob) -> Option<String> {
    let progress = job.progress.get();
    let on = job.stage.with(|stage| matches!(stage, JobStage::Sending | JobStage::Fetching));
    let left = progress.of.saturating_sub(progress.bytes) as f64;
    (on && progress.rate > 0.0).then(|| {
        let rate = bytes(progress.rate as u64);
        format!(
            "{} of {} · {rate}/s · {} left",
            bytes(progress.bytes),
            bytes(progress.of),
            duration(left / progress.rate)
        )
    })
}

fn value(job: CloudJob) -> Option<f64> {
    let progress = job.progress.get();
    let part = |of: u64, all: u64| if all == 0 { None } else { Some((of as f64 / all as f64).min(1.0)) };
    match job.stage.get() {
        JobStage::Reading => Some(ratio(progress.read, progress.images)),
        JobStage::Sending | JobStage::Fetching => part(progress.bytes, progress.of),
        JobStage::Waiting(_) => Some(ratio(progress.sent, progress.images)),
        JobStage::Running => {
            job.remote.with(|remote| part(remote.as_ref()?.done.into(), remote.as_ref()?.images.into()))
        }
        JobStage::Ready => Some(1.0),
        JobStage::Starting | JobStage::Failed(_) | JobStage::Leaving => None,
    }
}

fn glyph(stage: &JobStage) -> Glyph {
    match stage {
        JobStage::Waiting(_) => Glyph::Offline,
        JobStage::Ready => Glyph::CheckCircle,
        JobStage::Failed(_) => Glyph::Error,
        _ => Glyph::Cloud,
    }
}

const fn class(stage: &JobStage) -> &'static str {
    match stage {
        JobStage::Waiting(_) => "cloud-job card waits",
        JobStage::Ready => "cloud-job card done",
        JobStage::Failed(_) => "cloud-job card failed",
        _ => "cloud-job card",
    }
}

/// The card.
#[component]
fn Card(job: CloudJob) -> impl IntoView {
    let title = job.title();
    let heading = format!("In the cloud: {title}");
    let stage = job.stage;
    let words = Signal::derive(move || words(job));
    let value = Signal::derive(move || value(job));
    let moves = Signal::derive(move || stage.with(|stage| !matches!(stage, JobStage::Ready | JobStage::Failed(_))));
    let still = Signal::derive(move || stage.with(|stage| matches!(stage, JobStage::Waiting(_))));
    let sign_in = Signal::derive(move || stage.get() == JobStage::Waiting(WaitReason::SignIn));
    view! {
        <section class=move || stage.with(class) aria-label=heading.clone()>
            <div class="row cloud-head">
                <Icon glyph=Signal::derive(move || stage.with(glyph)) />
                <p class="strong truncate grow">{heading.clone()}</p>
            </div>
            <p class="small num cloud-words">{move || words.get()}</p>
            <When on=moves><Progress label="Progress of the job" value=value words=words still=still /></When>
            {move || figures(job).map(|figures| view! { <p class="small soft num">{figures}</p> })}
            <When on=sign_in><SignIn /></When>
            <Outcome job=job />
            <Failures job=job />
            <Buttons job=job />
        </section>
    }
}

/// The outcome: figures and the zip's hash.
#[component]
fn Outcome(job: CloudJob) -> impl IntoView {
    move || {
        if job.stage.get() != JobStage::Ready {
            return None;
        }
        let remote = job.remote.get()?;
        let outputs = remote.made.as_ref().map(|made| made.outputs);
        let hash = job.zip.get().map(|zip| zip.1.clone());
        let name = job.record.with_value(|record| record.name.clone());
        Some(view! {
            <dl class="facts">
                {outputs.map(|outputs| view! { <dt>"Outputs"</dt><dd>{count(outputs)}</dd> })}
                {remote.facts.results.map(|results| view! { <dt>"Zip"</dt><dd>{bytes(results.size)}</dd> })}
                <dt>"Expires"</dt><dd>{day(&remote.expires_at)}</dd>
            </dl>
            {hash.map(|hash| view! {
                <div class="run-hash">
                    <span class="field-label">"SHA-256"</span>
                    <code class="tiny">{hash.clone()}</code>
                    <CopyButton label="Copy the hash" text=hash />
                </div>
            })}
            {move || job.saved.get().then(|| view! {
                <p class="small soft run-saved"><Icon glyph=Glyph::Check size="s" /> {format!("Saved as {name}")}</p>
            })}
        })
    }
}

/// The failures: images that were not uploaded, and images that failed in the cloud.
#[component]
fn Failures(job: CloudJob) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let mut rows = job.unsent.get();
        let unsent = rows.len();
        let ended = job.stage.with(|stage| matches!(stage, JobStage::Ready | JobStage::Failed(_)));
        let failed = job.remote.with(|remote| remote.as_ref().filter(|_| ended).map_or(0, |remote| remote.failed));
        job.remote.with(|remote| {
            let failures = remote.iter().filter(|_| ended).flat_map(|remote| &remote.failures);
            rows.extend(failures.map(|failure| (failure.path.clone(), sentence(&failure.error))));
        });
        (rows, unsent + failed as usize)
    });
    move || {
        let (rows, all) = rows.get();
        if all == 0 {
            return None;
        }
        let text: String = rows.iter().map(|(path, why)| format!("{path}: {why}\n")).collect();
        let more = all.saturating_sub(rows.len());
        let rows = rows
            .into_iter()
            .map(|(path, why)| view! { <li><span class="strong">{path}</span><span class="soft">{why}</span></li> });
        Some(view! {
            <details class="fold" open>
                <summary>
                    <Icon glyph=Glyph::Right size="s" />
                    <span class="problem-icon"><Icon glyph=Glyph::Error size="s" /></span>
                    <span class="grow">{format!("{} failed", counted(all, "image", "images"))}</span>
                </summary>
                <ul class="problem-rows run-scroll" tabindex="0" aria-label="Images that failed">{rows.collect_view()}</ul>
                {(more > 0).then(|| view! { <p class="small soft">{format!("{more} more are named in the zip's manifest.")}</p> })}
                <CopyButton label="Copy the list" text=text words=true />
            </details>
        })
    }
}

#[component]
fn Buttons(job: CloudJob) -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    let stage = job.stage;
    let is = move |test: fn(&JobStage) -> bool| Signal::derive(move || stage.with(test));
    let on = is(|stage| !matches!(stage, JobStage::Ready | JobStage::Failed(_) | JobStage::Leaving));
    let waits = is(|stage| matches!(stage, JobStage::Waiting(WaitReason::Unreachable | WaitReason::Offline)));
    let failed = is(|stage| matches!(stage, JobStage::Failed(_)));
    let ended = is(|stage| matches!(stage, JobStage::Ready | JobStage::Failed(_)));
    let ready = is(|stage| *stage == JobStage::Ready);
    let here = Signal::derive(move || ready.get() && job.zip.with(Option::is_some));
    let there = Signal::derive(move || ready.get() && job.zip.with(Option::is_none));
    let some_failed = Signal::derive(move || {
        ready.get() && job.remote.with(|remote| remote.as_ref().is_some_and(|remote| remote.failed > 0))
    });
    let save_words = Signal::derive(move || if job.saved.get() { "Save again".to_owned() } else { "Save".into() });
    let again = move || {
        let service_failed =
            job.remote.with_untracked(|remote| remote.as_ref().map(|job| job.state)) == Some(JobState::Failed);
        if service_failed { cloud.retry(job) } else { cloud.resume(job) }
    };
    view! {
        <div class="row cloud-buttons">
            <When on=here><Button label=save_words glyph=Glyph::Save kind=ButtonKind::Primary on_press=move || run_job::save(cloud, job) /></When>
            <When on=there><Button label="Download the zip" glyph=Glyph::Save kind=ButtonKind::Primary on_press=move || {
                job.record.update_value(|record| record.downloaded = false);
                cloud.resume(job);
            } /></When>
            <When on=some_failed><Button label="Try the failed ones again" glyph=Glyph::Refresh on_press=move || cloud.retry(job) /></When>
            <When on=failed><Button label="Try again" glyph=Glyph::Refresh kind=ButtonKind::Primary on_press=again /></When>
            <When on=waits><Button label="Try now" glyph=Glyph::Refresh on_press=move || job.retry_now.set_value(true) /></When>
            <When on=on><Button label="Cancel the job" glyph=Glyph::Stop kind=ButtonKind::Danger on_press=move || cloud.remove(job) /></When>
            <When on=ended><Button label="Remove from the cloud" glyph=Glyph::Trash on_press=move || cloud.remove(job) /></When>
        </div>
    }
}

/// The jobs in the run panel.
#[component]
pub(super) fn Jobs() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    view! {
        <div class="cloud-jobs">
            <For each=move || cloud.jobs.get() key=|job| job.id() children=move |job| view! { <Card job=job /> } />
        </div>
    }
}

/// The button in the page's header that opens the list of jobs.
#[component]
pub(super) fn Badge() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    let any = Signal::derive(move || cloud.jobs.with(|jobs| !jobs.is_empty()));
    let words = Signal::derive(move || {
        let latest = cloud.jobs.with(|jobs| jobs.last().copied());
        let Some(job) = latest else { return String::new() };
        match job.stage.get() {
            JobStage::Ready => "ready".into(),
            JobStage::Failed(_) => "failed".into(),
            JobStage::Waiting(_) => "waiting".into(),
            _ => value(job).map_or_else(|| "active".into(), |value| format!("{:.0}%", (value * 100.0).floor())),
        }
    });
    view! {
        <When on=any>
            <button type="button" class="button small quiet cloud-badge" aria-haspopup="dialog"
                aria-label=move || format!("Jobs in the cloud: {}", words.get()) on:click=move |_| cloud.listed.set(true)>
                <Icon glyph=Glyph::Cloud size="s" /><span class="num">{move || words.get()}</span>
            </button>
        </When>
    }
}

/// The dialog with all jobs.
#[component]
pub(super) fn JobList() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    let none = Signal::derive(move || cloud.jobs.with(Vec::is_empty));
    let kept = Signal::derive(move || {
        cloud.jobs.with(|jobs| jobs.iter().for_each(|job| job.progress.track()));
        cloud.kept_bytes()
    });
    view! {
        <Dialog open=cloud.listed title="Jobs in the cloud">
            <div class="dialog-body stack">
                <When on=none><Notice tone=Tone::Info><p>"There are none."</p></Notice></When>
                <Jobs />
                {move || (kept.get() > 0).then(|| view! {
                    <p class="small soft num">{format!("{} are kept in this browser until they are sent.", bytes(kept.get()))}</p>
                })}
            </div>
        </Dialog>
    }
}
