//! Effects of a run outside its panel: the document's title, screen reader announcements, the shortcut, and the warning
//! before the page closes.

use leptos::ev;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::runs::{Phase, Runs};
use crate::studio_state::Studio;
use crate::ui::ratio;

/// Announces the state of a run outside its panel.
#[component]
pub fn PageEffects() -> impl IntoView {
    let runs = expect_context::<Runs>();
    let studio = expect_context::<Studio>();
    let title = Memo::new(move |_| {
        let name = "Delta Augment";
        match runs.phase.get() {
            Phase::Idle => name.to_owned(),
            Phase::Preparing => format!("Starting · {name}"),
            Phase::Running => {
                let done = runs.progress.with(|progress| ratio(progress.outputs_done, progress.outputs));
                format!("{:.0}% · {name}", (done * 100.0).floor())
            }
            Phase::Paused => format!("Paused · {name}"),
            Phase::Stopped => format!("Stopped · {name}"),
            Phase::Closing => format!("Finishing · {name}"),
            Phase::Done => format!("Done · {name}"),
        }
    });
    Effect::new(move || document().set_title(&title.get()));

    let leaving = window_event_listener(ev::beforeunload, move |event| {
        if studio.running.get_untracked() || studio.unsaved.get_untracked() {
            event.prevent_default();
        }
    });
    let keys = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.repeat() {
            event.prevent_default();
            if runs.phase.get_untracked() == Phase::Idle {
                runs.start();
            }
        }
    });
    on_cleanup(move || {
        leaving.remove();
        keys.remove();
    });
    view! { <p class="visually-hidden" role="status" aria-live="polite">{move || runs.announcement.get()}</p> }
}
