//! A progress bar.

use leptos::prelude::*;

/// A bar that fills from 0 to 1; without a value it is indeterminate.
#[component]
pub fn Progress(
    /// The accessible name.
    label: &'static str,
    /// The progress, 0 to 1.
    #[prop(into)]
    value: Signal<Option<f64>>,
    /// The value for screen readers, instead of a percentage.
    #[prop(into)]
    words: Signal<String>,
    /// Whether the progress is paused.
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
