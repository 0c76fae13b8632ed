//! A bar that fills.

use leptos::prelude::*;

/// A bar that fills from 0 to 1; without a value it only says that something is on.
#[component]
pub fn Progress(
    /// What is under way.
    label: &'static str,
    /// How much is done, 0 to 1.
    #[prop(into)]
    value: Signal<Option<f64>>,
    /// What a screen reader says instead of a per cent.
    #[prop(into)]
    words: Signal<String>,
    /// Whether it stands still.
    #[prop(optional, into)]
    still: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="progress" class:unknown=move || value.get().is_none() class:still=move || still.get()
            role="progressbar" aria-label=label aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=move || value.get().map(|value| format!("{:.0}", value * 100.0))
            aria-valuetext=move || words.get()>
            <div class="progress-fill" style:scale=move || value.get().map_or_else(|| "1 1".into(), |value| format!("{value:.4} 1"))></div>
        </div>
    }
}
