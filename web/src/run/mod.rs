//! The run: what is made, where it goes, how far it is, what came of it.

mod done;
mod estimate;
mod live;
mod setup;
mod state;
mod watch;

use leptos::html;
use leptos::prelude::*;

use self::done::{Done, Stopped};
use self::live::Live;
use self::setup::Setup;
pub use self::state::{Asked, Phase, Runs};
pub use self::watch::RunWatch;
use crate::later::Later;
use crate::trust::TrustLine;
use crate::ui::{Notice, Tone};

/// The run.
#[component]
pub fn RunPanel() -> impl IntoView {
    let runs = expect_context::<Runs>();
    let later = expect_context::<Later>();
    let heading = NodeRef::<html::H2>::new();
    // A button that was pressed and is gone leaves the focus nowhere: the heading takes it.
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
                {move || runs.trouble.get().map(|trouble| view! {
                    <div role="alert" class="run-trouble"><Notice tone=Tone::Danger><p>{trouble}</p></Notice></div>
                })}
                {later.cloud_jobs()}
                {move || match runs.phase.get() {
                    Phase::Idle => view! { <Setup /> }.into_any(),
                    Phase::Preparing | Phase::Running | Phase::Paused | Phase::Closing => view! { <Live /> }.into_any(),
                    Phase::Stopped => view! { <Stopped /> }.into_any(),
                    Phase::Done => view! { <Done /> }.into_any(),
                }}
            </div>
            <TrustLine />
        </div>
    }
}
