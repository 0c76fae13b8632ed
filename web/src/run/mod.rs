//! The run panel: the setup of a run, its progress and its result.

mod estimate;
mod page_effects;
mod progress;
mod result;
mod runs;
mod setup;

use leptos::html;
use leptos::prelude::*;

pub use self::page_effects::PageEffects;
use self::progress::RunProgress;
use self::result::{RunResultView, Stopped};
pub use self::runs::{CurrentRun, Phase, Runs};
use self::setup::Setup;
use crate::lazy::LazyCloud;
use crate::network_audit::NetworkAuditLine;
use crate::ui::{Notice, Tone};

/// The run panel.
#[component]
pub fn RunPanel() -> impl IntoView {
    let runs = expect_context::<Runs>();
    let cloud = expect_context::<LazyCloud>();
    let heading = NodeRef::<html::H2>::new();
    // When the focused button disappears, the heading takes the focus.
    Effect::watch(
        move || runs.phase.get(),
        move |_, _, _| {
            request_animation_frame(move || {
                let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
                if let Some(heading) = heading.get_untracked().filter(|_| lost) {
                    let _ = heading.focus();
                }
            });
        },
        false,
    );
    let title = move || match runs.phase.get() {
        Phase::Idle => "Run",
        Phase::Preparing | Phase::Running | Phase::Paused | Phase::Closing => "Running",
        Phase::Stopped => "Stopped",
        Phase::Done => "Finished",
    };
    view! {
        <div class="run">
            <div class="run-body">
                <div class="panel-head"><h2 class="panel-title" tabindex="-1" node_ref=heading>{title}</h2></div>
                {move || runs.error.get().map(|error| view! {
                    <div role="alert" class="run-trouble"><Notice tone=Tone::Danger><p>{error}</p></Notice></div>
                })}
                {cloud.show(|cloud| cloud.jobs)}
                {move || match runs.phase.get() {
                    Phase::Idle => view! { <Setup /> }.into_any(),
                    Phase::Preparing | Phase::Running | Phase::Paused | Phase::Closing => view! { <RunProgress /> }.into_any(),
                    Phase::Stopped => view! { <Stopped /> }.into_any(),
                    Phase::Done => view! { <RunResultView /> }.into_any(),
                }}
            </div>
            <NetworkAuditLine />
        </div>
    }
}
