//! The result of a run: counts, dropped objects, failures, the zip and its contact sheet.

use augment_web_messages::ProblemInfo;
use leptos::prelude::*;
use serde_json::Value;
use web_sys::Url;

use super::runs::Runs;
use crate::engine::RunResult;
use crate::service::Service;
use crate::studio_state::{ShareMode, Studio};
use crate::ui::{
    Button, ButtonKind, CopyButton, Dialog, Glyph, Icon, Notice, Tone, When, bytes, count, counted, duration,
};

/// A cancelled run: keep what is done, or discard it.
#[component]
pub(super) fn Stopped() -> impl IntoView {
    let runs = expect_context::<Runs>();
    view! {
        <div class="stack">
            <p>{move || format!(
                "Stopped. {} of {} outputs are done.",
                count(runs.stopped_at.get() as u64),
                count(runs.progress.with(|progress| progress.outputs) as u64)
            )}</p>
            <div class="run-buttons">
                <Button label="Keep what is done" glyph=Glyph::Check kind=ButtonKind::Primary on_press=move || runs.finish_stopped(true) />
                <Button label="Discard" glyph=Glyph::Trash kind=ButtonKind::Danger on_press=move || runs.finish_stopped(false) />
            </div>
        </div>
    }
}

/// The result.
#[component]
pub(super) fn RunResultView() -> impl IntoView {
    let runs = expect_context::<Runs>();
    let studio = expect_context::<Studio>();
    let asking = RwSignal::new(false);
    let again = move || if studio.unsaved.get_untracked() { asking.set(true) } else { runs.reset() };
    view! {
        <div class="stack run-done">
            {move || runs.result.get().map(|result| view! { <Summary result=(*result).clone() /> })}
            <ShareButton />
            <Button label="Run again" glyph=Glyph::Refresh class="wide" on_press=again />
        </div>
        <Dialog open=asking title="The zip is not saved">
            <div class="dialog-body">
                <p>"Another run replaces it. Save it first, or discard it."</p>
            </div>
            <div class="dialog-foot">
                <Button label="Discard it" kind=ButtonKind::Danger on_press=move || { asking.set(false); runs.reset(); } />
                <Button label="Save it first" glyph=Glyph::Save kind=ButtonKind::Primary on_press=move || {
                    asking.set(false);
                    runs.save();
                } />
            </div>
        </Dialog>
    }
}

fn number(summary: &Value, name: &str) -> u64 {
    summary[name].as_u64().unwrap_or_default()
}

#[component]
fn Summary(result: RunResult) -> impl IntoView {
    let runs = expect_context::<Runs>();
    let studio = expect_context::<Studio>();
    let finished = result.finished;
    let summary = &finished.summary;
    let failures = runs.failures.get_untracked();
    let outputs = number(summary, "outputs");
    let (read, kept) = (number(summary, "labels_read"), number(summary, "labels_kept"));
    let joints = number(summary, "keypoints_read");
    let rate = if result.seconds > 0.0 { number(summary, "pixels") as f64 / 1e6 / result.seconds } else { 0.0 };
    let tone = if failures.is_empty() && result.complete { Tone::Good } else { Tone::Warn };
    let failed = (!failures.is_empty()).then(|| match failures.len() {
        1 => "1 file failed and is left out.".to_owned(),
        more => format!("{} files failed and are left out.", count(more as u64)),
    });
    let headline = format!("{} in {}", counted(outputs as usize, "output", "outputs"), duration(result.seconds));
    let zip_is_here = result.zip.is_some();
    let save_words =
        Signal::derive(move || if studio.unsaved.get() { "Save".into() } else { String::from("Save again") });
    let saved = move || {
        (zip_is_here && !studio.unsaved.get()).then(|| view! {
        <p class="small soft run-saved"><Icon glyph=Glyph::Check size="s" /> {format!("Saved as {}", runs.name.get())}</p>
    })
    };
    let sha256 = finished.sha256.clone();
    let mut warnings: Vec<String> = finished.warnings.iter().map(|(text, times)| with_count(text, *times)).collect();
    runs.warnings.with_untracked(|more| warnings.splice(0..0, more.iter().cloned()).for_each(drop));
    view! {
        <Notice tone=tone>
            <p class="strong num">{headline}</p>
            {failed}
            {(!result.complete).then_some("Stopped before the end: the zip contains what was done.")}
        </Notice>
        {if zip_is_here {
            view! {
                <Button label=save_words glyph=Glyph::Save kind=ButtonKind::Primary class="large wide" on_press=move || runs.save() />
                {saved}
            }.into_any()
        } else {
            view! { <p class="small soft run-saved"><Icon glyph=Glyph::Check size="s" /> "Written to the file you chose"</p> }.into_any()
        }}
        <Sheet result_sheet=result.sheet />
        <dl class="facts">
            <dt>"Zip"</dt><dd>{bytes(finished.bytes)}</dd>
            <dt>"Speed"</dt><dd>{format!("{rate:.0} MP/s")}</dd>
            <dt>"Objects"</dt><dd>{if read == kept { count(kept) } else { format!("{} of {} kept", count(kept), count(read)) }}</dd>
            {(joints > 0).then(|| view! {
                <dt>"Keypoints"</dt><dd>{format!("{} of {} kept", count(number(summary, "keypoints_kept")), count(joints))}</dd>
            })}
        </dl>
        <div class="run-hash">
            <span class="field-label">"SHA-256"</span>
            <code class="tiny">{finished.sha256}</code>
            <CopyButton label="Copy the hash" text=sha256 />
        </div>
        <Failed failures=failures />
        <Listed title="Dropped" glyph=Glyph::EyeOff rows=finished.dropped.iter().map(|(why, times)| with_count(why, *times)).collect()
            total=finished.dropped.iter().map(|(_, times)| times).sum() unit=("object", "objects") />
        <Listed title="Warnings" glyph=Glyph::Warning total=warnings.len() rows=warnings unit=("kind", "kinds") />
    }
}

fn with_count(text: &str, times: usize) -> String {
    if times == 1 { text.to_owned() } else { format!("{text} (× {})", count(times as u64)) }
}

#[component]
fn Failed(failures: Vec<ProblemInfo>) -> impl IntoView {
    if failures.is_empty() {
        return ().into_any();
    }
    let text: String = failures.iter().map(|failure| format!("{}: {}\n", failure.file, failure.message)).collect();
    let title = format!("{} failed", counted(failures.len(), "file", "files"));
    let rows = failures
        .into_iter()
        .map(|failure| view! { <li><span class="strong">{failure.file}</span><span class="soft">{failure.message}</span></li> })
        .collect_view();
    view! {
        <details class="fold" open>
            <summary>
                <Icon glyph=Glyph::Right size="s" />
                <span class="problem-icon"><Icon glyph=Glyph::Error size="s" /></span>
                <span class="grow">{title}</span>
            </summary>
            <ul class="problem-rows run-scroll" tabindex="0" aria-label="Files that failed">{rows}</ul>
            <CopyButton label="Copy the list" text=text words=true />
        </details>
    }
    .into_any()
}

#[component]
fn Listed(
    title: &'static str,
    glyph: Glyph,
    rows: Vec<String>,
    total: usize,
    unit: (&'static str, &'static str),
) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let words = format!("{title}: {}", counted(total, unit.0, unit.1));
    let rows = rows.into_iter().take(200).map(|row| view! { <li>{row}</li> }).collect_view();
    view! {
        <details class="fold">
            <summary><Icon glyph=Glyph::Right size="s" /><Icon glyph=glyph size="s" /><span class="grow">{words}</span></summary>
            <ul class="problem-rows run-scroll" tabindex="0" aria-label=title>{rows}</ul>
        </details>
    }
    .into_any()
}

/// The contact sheet: a small button that opens a large view.
#[component]
fn Sheet(result_sheet: Option<web_sys::Blob>) -> impl IntoView {
    let Some(url) = result_sheet.and_then(|sheet| Url::create_object_url_with_blob(&sheet).ok()) else {
        return ().into_any();
    };
    let open = RwSignal::new(false);
    let gone = url.clone();
    on_cleanup(move || drop(Url::revoke_object_url(&gone)));
    let large = url.clone();
    view! {
        <button type="button" class="sheet" on:click=move |_| open.set(true) aria-label="Contact sheet: show it large">
            <img src=url alt="Some of the outputs with their labels drawn over them" />
        </button>
        <Dialog open=open title="Contact sheet" class="broad">
            <div class="dialog-body" tabindex="0"><img src=large.clone() alt="Some of the outputs with their labels drawn over them" /></div>
        </Dialog>
    }
    .into_any()
}

/// The button that shares images, if there is a gallery.
#[component]
fn ShareButton() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let service = expect_context::<Service>();
    view! {
        <When on=Signal::derive(move || service.address.with(Option::is_some))>
            <Button label="Share" glyph=Glyph::Upload class="wide" on_press=move || studio.share.set(Some(ShareMode::Local)) />
        </When>
    }
}
