//! Form fields: integers with steppers, switches, and segmented choices.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;

use super::Glyph;

/// A unique name for an element.
pub(super) fn unique(stem: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{stem}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An integer within bounds, with buttons that step by one.
#[component]
pub fn NumberField(
    /// The label.
    label: &'static str,
    /// The value.
    #[prop(into)]
    value: Signal<u64>,
    /// Sets another value.
    #[prop(into)]
    on_set: Callback<(u64,)>,
    /// The least value.
    min: u64,
    /// The greatest value.
    #[prop(into)]
    max: Signal<u64>,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// A help text.
    #[prop(optional)]
    help: Option<&'static str>,
    /// Whether to omit the buttons.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let id = unique("number");
    let wrong = RwSignal::new(None::<String>);
    let take = move |text: String| match text.trim().parse::<u64>() {
        Ok(number) if number < min || number > max.get_untracked() => {
            wrong.set(Some(format!("from {min} to {}", max.get_untracked())));
        }
        Ok(number) => {
            wrong.set(None);
            if value.get_untracked() != number {
                on_set.run((number,));
            }
        }
        Err(_) => wrong.set(Some("a whole number".into())),
    };
    let step = move |by: i64| {
        wrong.set(None);
        on_set.run((value.get_untracked().saturating_add_signed(by).clamp(min, max.get_untracked()),));
    };
    let help_id = format!("{id}-help");
    let about = help_id.clone();
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label}</label>
            <div class="joined">
                {(!plain).then(|| view! {
                    <button type="button" class="button icon-only" aria-label=format!("{label}: one less") tabindex="-1"
                        disabled=move || { disabled.get() || value.get() <= min } on:click=move |_| step(-1)>"−"</button>
                })}
                <input id=id class="input" type="number" inputmode="numeric" min=min max=move || max.get()
                    prop:value=move || value.get().to_string()
                    disabled=move || disabled.get()
                    aria-invalid=move || wrong.with(Option::is_some).to_string()
                    aria-describedby=about
                    on:input=move |event| take(event_target_value(&event))
                    on:blur=move |event| {
                        if wrong.with_untracked(Option::is_some) {
                            wrong.set(None);
                            event_target::<web_sys::HtmlInputElement>(&event).set_value(&value.get_untracked().to_string());
                        }
                    } />
                {(!plain).then(|| view! {
                    <button type="button" class="button icon-only" aria-label=format!("{label}: one more") tabindex="-1"
                        disabled=move || { disabled.get() || value.get() >= max.get() } on:click=move |_| step(1)>"+"</button>
                })}
            </div>
            <div id=help_id>
                {move || match (wrong.get(), help) {
                    (Some(wrong), _) => view! { <p class="field-error">{wrong}</p> }.into_any(),
                    (None, Some(help)) => view! { <p class="field-help">{help}</p> }.into_any(),
                    (None, None) => ().into_any(),
                }}
            </div>
        </div>
    }
}

/// A switch with its label.
#[component]
pub fn Switch(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is on.
    on: RwSignal<bool>,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// A help text.
    #[prop(optional, into)]
    help: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <div>
            <label class="switch">
                <span>{move || label.get()}</span>
                <input type="checkbox" role="switch" prop:checked=move || on.get() disabled=move || disabled.get()
                    on:change=move |event| on.set(event_target_checked(&event)) />
            </label>
            {move || help.get().map(|help| view! { <p class="field-help">{help}</p> })}
        </div>
    }
}

/// A choice of a few, as a bar of radio buttons.
#[component]
pub fn Segments(
    /// The label.
    label: &'static str,
    /// The values with their labels and icons.
    choices: Vec<(&'static str, &'static str, Option<Glyph>)>,
    /// The selected value.
    #[prop(into)]
    value: Signal<String>,
    /// Selects another value.
    #[prop(into)]
    on_choose: UnsyncCallback<(&'static str,)>,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether the label is only for screen readers.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let group = unique("choice");
    let bars = choices
        .into_iter()
        .map(|(key, words, glyph)| {
            view! {
                <label class="segment">
                    <input type="radio" name=group.clone() value=key prop:checked=move || value.with(|value| value == key)
                        disabled=move || disabled.get() on:change=move |_| on_choose.run((key,)) />
                    <span>{glyph.map(|glyph| view! { <super::Icon glyph=glyph size="s" /> })}{words}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="field" role="radiogroup" aria-label=label>
            {(!bare).then(|| view! { <span class="field-label" aria-hidden="true">{label}</span> })}
            <div class="segments">{bars}</div>
        </div>
    }
}
