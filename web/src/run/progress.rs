//! The progress of an active run: outputs, speed, time left, failures.

use leptos::prelude::*;

use super::runs::{Phase, Runs};
use crate::lazy::LazyCloud;
use crate::ui::{Button, ButtonKind, Glyph, Icon, Progress, When, bytes, count, counted, duration, ratio};

/// How many of the latest failures are shown.
const FAILURES_SHOWN: usize = 50;

/// The progress of an active run.
#[component]
pub(super) fn RunProgress() -> impl IntoView {
    let runs = expect_context::<Runs>();
    let cloud = expect_context::<LazyCloud>();
    let progress = runs.progress;
    let phase = runs.phase;
    let paused = Signal::derive(move || phase.get() == Phase::Paused);
    let value = Signal::derive(move || match (phase.get(), runs.surveyed.get()) {
        (Phase::Preparing, Some((done, total))) => Some(ratio(done, total)),
        (Phase::Preparing, None) | (Phase::Closing, _) => None,
        _ => Some(progress.with(|progress| ratio(progress.outputs_done, progress.outputs))),
    });
    let words = Signal::derive(move || match (phase.get(), runs.surveyed.get()) {
        (Phase::Preparing, Some((done, total))) => {
            format!("Reading {} of {} for mixing", count(done as u64), counted(total, "image", "images"))
        }
        (Phase::Preparing, None) => "Starting".into(),
        (Phase::Closing, _) => "Finishing the zip".into(),
        _ => progress.with(|progress| {
            format!("{} of {} outputs", count(progress.outputs_done as u64), count(progress.outputs as u64))
        }),
    });
    let per_cent = move || value.get().map_or_else(String::new, |value| format!("{:.0}%", (value * 100.0).floor()));
    let left = move || match (phase.get(), progress.with(|progress| progress.left)) {
        (Phase::Paused, _) => "paused".into(),
        (Phase::Running, Some(seconds)) => format!("{} left", duration(seconds)),
        (Phase::Running, None) => "measuring".into(),
        _ => String::new(),
    };
    let rate = move || {
        progress.with(|progress| {
            let each = if progress.seconds > 0.0 { progress.outputs_done as f64 / progress.seconds } else { 0.0 };
            format!("{each:.1}/s · {:.0} MP/s", progress.rate)
        })
    };
    view! {
        <div class="stack run-live">
            <div class="row apart run-figures">
                <span class="run-percent num">{per_cent}</span>
                <span class="soft num">{left}</span>
            </div>
            <Progress label="Progress of the run" value=value words=words still=paused />
            <p class="num small soft">{move || words.get()}</p>
            <dl class="facts">
                <dt>"Images done"</dt>
                <dd>{move || progress.with(|progress| format!("{} of {}", count(progress.items_done as u64), count(progress.items as u64)))}</dd>
                <dt>"Outputs"</dt><dd>{rate}</dd>
                <dt>"Time so far"</dt><dd>{move || duration(progress.with(|progress| progress.seconds))}</dd>
                <dt>"Written"</dt><dd>{move || bytes(progress.with(|progress| progress.bytes))}</dd>
                <dt>"Failed"</dt><dd>{move || count(runs.failures.with(Vec::len) as u64)}</dd>
            </dl>
            <div class="run-buttons">
                <Button
                    label=Signal::derive(move || if paused.get() { "Resume".to_owned() } else { "Pause".to_owned() })
                    glyph=Signal::derive(move || if paused.get() { Glyph::Play } else { Glyph::Pause })
                    disabled=Signal::derive(move || !matches!(phase.get(), Phase::Running | Phase::Paused))
                    on_press=move || runs.pause(!paused.get_untracked()) />
                <Button label="Cancel" glyph=Glyph::Stop kind=ButtonKind::Danger
                    disabled=Signal::derive(move || phase.get() == Phase::Closing) on_press=move || runs.cancel() />
            </div>
            {cloud.show(|cloud| cloud.offer)}
            <Failures />
        </div>
    }
}

/// The files that failed so far, the latest first.
#[component]
fn Failures() -> impl IntoView {
    let runs = expect_context::<Runs>();
    let shown = move || {
        runs.failures.with(|failures| {
            let latest = failures.iter().enumerate().rev().take(FAILURES_SHOWN);
            latest.map(|(at, failure)| (at, failure.clone())).collect::<Vec<_>>()
        })
    };
    let any = Memo::new(move |_| runs.failures.with(|failures| !failures.is_empty()));
    view! {
        <When on=any>
            <h3 class="run-sub"><span class="problem-icon"><Icon glyph=Glyph::Error size="s" /></span> "Failed; the rest continues"</h3>
            <ul class="problem-rows run-scroll" tabindex="0" aria-label="Files that failed">
                <For each=shown key=|(at, _)| *at children=|(_, failure)| view! {
                    <li><span class="strong">{failure.file}</span><span class="soft">{failure.message}</span></li>
                } />
            </ul>
        </When>
    }
}
