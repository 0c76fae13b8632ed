//! Controls for parameter values: sliders with one or two handles, number fields, choices, colors, switches.

use augment_core::transforms::Control;
use leptos::prelude::*;
use serde_json::Value;
use web_sys::HtmlInputElement;

use super::scale::{Scale, display, ends, interval, number};
use crate::erased::{effect, live, memo};

/// The state of a control. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Knob {
    /// The displayed name.
    pub(super) label: StoredValue<String>,
    /// Its unit.
    pub(super) unit: &'static str,
    /// The current value, or the default.
    pub(super) value: Memo<Value>,
    /// Its default.
    pub(super) default: StoredValue<Value>,
    /// Sets a value; false while it is still changing.
    pub(super) set: Callback<(Value, bool)>,
}

impl Knob {
    fn put(self, value: Value, settled: bool) {
        self.set.run((value, settled));
    }

    fn label(self) -> String {
        self.label.get_value()
    }

    fn value_text(self, value: f64) -> String {
        format!("{} {}", display(value), self.unit)
    }
}

/// The control for a kind of value.
pub(super) fn control(knob: Knob, control: Control) -> AnyView {
    match control {
        Control::Number { .. } | Control::Integer { .. } => one_number(knob, control),
        Control::Range { .. } | Control::IntRange { .. } => two_numbers(knob, control),
        Control::Choice(words) => choice(knob, words),
        Control::Color | Control::Fill => color(knob),
        Control::Flag => flag(knob),
    }
}

fn scale_of(knob: Knob, control: Control) -> Memo<Scale> {
    Memo::new(move |before: Option<&Scale>| {
        let now = knob.value.with(ends);
        let scale = knob.default.with_value(|default| Scale::of(&control, default, now));
        scale.unwrap_or_else(Scale::fraction).no_narrower(before)
    })
}

fn one_number(knob: Knob, control: Control) -> AnyView {
    let scale = scale_of(knob, control);
    let value = memo(move || knob.value.with(ends).0);
    let put = Callback::new(move |(value, settled)| knob.put(number(value), settled));
    let label = knob.label();
    view! {
        <div class="knob-line">
            {slider(label.clone(), scale, value, knob, put)}
            {field(label, scale, value, put)}
            {unit(knob)}
        </div>
    }
    .into_any()
}

fn two_numbers(knob: Knob, control: Control) -> AnyView {
    let scale = scale_of(knob, control);
    let low = memo(move || knob.value.with(ends).0);
    let high = memo(move || knob.value.with(ends).1);
    let single = RwSignal::new(low.get_untracked() == high.get_untracked());
    // A new interval from undo, the text or a reset needs two handles. Setting the signal to its current value would
    // rebuild both handles, under the pointer that drags one.
    effect(move || {
        if low.get() != high.get() && single.get_untracked() {
            single.set(false);
        }
    });
    let put_low = Callback::new(move |(value, settled): (f64, bool)| {
        knob.put(interval(value, high.get_untracked().max(value)), settled);
    });
    let put_high = Callback::new(move |(value, settled): (f64, bool)| {
        knob.put(interval(low.get_untracked().min(value), value), settled);
    });
    let put_both = Callback::new(move |(value, settled): (f64, bool)| knob.put(number(value), settled));
    let toggle = move |_| {
        let scale = scale.get_untracked();
        let (first, last) = (low.get_untracked(), high.get_untracked());
        if single.get_untracked() {
            single.set(false);
            let (default_low, default_high) = knob.default.with_value(ends);
            let (from, to) = if default_low <= first && first <= default_high && default_low < default_high {
                (default_low, default_high)
            } else {
                let at = scale.position(first);
                let reach = (scale.last() / 10).max(1);
                (scale.value(at.saturating_sub(reach)).min(first), scale.value(at + reach).max(first))
            };
            knob.put(interval(from, to), true);
        } else {
            single.set(true);
            knob.put(number(scale.value(scale.position((first + last) / 2.0))), true);
        }
    };
    let label = knob.label();
    let (low_label, high_label) = (format!("{label}, low"), format!("{label}, high"));
    let name = StoredValue::new((label.clone(), low_label, high_label));
    view! {
        <div class="knob-line">
            {live(move || {
                let (one, first, last) = name.get_value();
                if single.get() {
                    view! { {slider(one.clone(), scale, low, knob, put_both)} {field(one, scale, low, put_both)} }.into_any()
                } else {
                    view! {
                        <div class="range2">
                            <div class="range2-track">
                                <div class="range2-fill"
                                    style:inset-inline-start=live(move || percent(scale.get().fraction_of(low.get())))
                                    style:inset-inline-end=live(move || percent(1.0 - scale.get().fraction_of(high.get())))></div>
                            </div>
                            {slider(first.clone(), scale, low, knob, put_low)}
                            {slider(last.clone(), scale, high, knob, put_high)}
                        </div>
                        {field(first, scale, low, put_low)}
                        <span class="knob-dash" aria-hidden="true">"–"</span>
                        {field(last, scale, high, put_high)}
                    }
                    .into_any()
                }
            })}
            {unit(knob)}
            <button type="button" class="knob-link" aria-pressed=live(move || single.get().to_string())
                aria-label=format!("{label}: one fixed value") data-tip="One fixed value" on:click=toggle>
                <svg class="icon s" viewBox="0 0 20 20" aria-hidden="true">
                    <path d=live(move || if single.get() { "M10 4v12M6 10h8" } else { "M5 4v12M15 4v12M5 10h10" }) />
                </svg>
            </button>
        </div>
    }
    .into_any()
}

fn percent(fraction: f64) -> String {
    format!("{:.2}%", fraction * 100.0)
}

fn unit(knob: Knob) -> AnyView {
    (!knob.unit.is_empty()).then(|| view! { <span class="knob-unit">{knob.unit}</span> }).into_any()
}

fn slider(label: String, scale: Memo<Scale>, value: Memo<f64>, knob: Knob, put: Callback<(f64, bool)>) -> AnyView {
    let take = move |event: web_sys::Event, settled: bool| {
        let position: u32 = event_target_value(&event).parse().unwrap_or_default();
        let scale = scale.get_untracked();
        // A handle that is released at its current value only ends the gesture.
        let value = if scale.position(value.get_untracked()) == position {
            value.get_untracked()
        } else {
            scale.value(position)
        };
        put.run((value, settled));
    };
    view! {
        <input class="slider" type="range" min="0" step="1" max=live(move || scale.get().last().to_string())
            aria-label=label
            aria-valuetext=live(move || knob.value_text(value.get()))
            prop:value=live(move || scale.get().position(value.get()).to_string())
            on:input=move |event| take(event, false)
            on:change=move |event| take(event, true) />
    }
    .into_any()
}

fn field(label: String, scale: Memo<Scale>, value: Memo<f64>, put: Callback<(f64, bool)>) -> AnyView {
    let written = move || display(value.get()).replace('−', "-");
    view! {
        <input class="input knob-field" type="text" inputmode="decimal" autocomplete="off" aria-label=format!("{label}, as a number")
            prop:value=written
            on:keydown=move |event| {
                let steps = match event.key().as_str() {
                    "ArrowUp" => 1.0,
                    "ArrowDown" => -1.0,
                    _ => return,
                };
                event.prevent_default();
                let scale = scale.get_untracked();
                let moved = value.get_untracked() + steps * scale.field_step();
                if let Some(value) = scale.read(&format!("{moved:.6}")) {
                    put.run((value, true));
                }
            }
            on:change=move |event| {
                if let Some(read) = scale.get_untracked().read(&event_target_value(&event)) {
                    put.run((read, true));
                }
                event_target::<HtmlInputElement>(&event).set_value(&display(value.get_untracked()).replace('−', "-"));
            } />
    }
    .into_any()
}

fn choice(knob: Knob, words: &'static [&'static str]) -> AnyView {
    let chosen = memo(move || knob.value.with(|value| value.as_str().unwrap_or_default().to_owned()));
    let short = words.iter().map(|word| word.len() + 3).sum::<usize>() <= 44;
    let label = knob.label();
    if short {
        let name = format!("choice-{label}-{}", chosen_id());
        let segments: Vec<AnyView> = words
            .iter()
            .map(|word| {
                view! {
                    <label class="segment">
                        <input type="radio" name=name.clone() prop:checked=live(move || chosen.get() == *word)
                            on:change=move |_| knob.put((*word).into(), true) />
                        <span>{word.replace('_', " ")}</span>
                    </label>
                }
                .into_any()
            })
            .collect();
        return view! { <div class="segments" role="radiogroup" aria-label=label>{segments}</div> }.into_any();
    }
    let options: Vec<AnyView> =
        words.iter().map(|word| view! { <option value=*word>{word.replace('_', " ")}</option> }.into_any()).collect();
    view! {
        <select class="select" aria-label=label prop:value=live(move || chosen.get())
            on:change=move |event| knob.put(event_target_value(&event).into(), true)>
            {options}
        </select>
    }
    .into_any()
}

/// A unique name for a group of radio buttons.
fn chosen_id() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn color(knob: Knob) -> AnyView {
    let levels = memo(move || {
        knob.value.with(|value| match value.as_array() {
            Some(levels) => [0, 1, 2].map(|i| level(levels.get(i))),
            None => [level(Some(value)); 3],
        })
    });
    let clear = memo(move || knob.value.with(|value| value.get(3).is_some_and(|alpha| level(Some(alpha)) == 0)));
    let take = move |event: web_sys::Event, settled: bool| {
        let text = event_target_value(&event);
        let level = |from: usize| text.get(from..from + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (Some(red), Some(green), Some(blue)) = (level(1), level(3), level(5)) {
            let gray = red == green && green == blue;
            knob.put(if gray { red.into() } else { Value::from(vec![red, green, blue]) }, settled);
        }
    };
    view! {
        <div class="knob-line">
            <input class="knob-color" type="color" aria-label=knob.label()
                prop:value=live(move || levels.get().iter().fold(String::from("#"), |text, level| format!("{text}{level:02x}")))
                on:input=move |event| take(event, false)
                on:change=move |event| take(event, true) />
            <span class="num small soft">{live(move || {
                let [red, green, blue] = levels.get();
                let alpha = if clear.get() { ", transparent where the image can be" } else { "" };
                if red == green && green == blue { format!("gray {red}{alpha}") } else { format!("{red}, {green}, {blue}{alpha}") }
            })}</span>
        </div>
    }
    .into_any()
}

/// A number from 0 to 255, or a color.
pub(super) fn number_or_color(knob: Knob) -> AnyView {
    let in_color = RwSignal::new(false);
    // As above: nothing under the pointer is rebuilt.
    effect(move || {
        if knob.value.with(Value::is_array) && !in_color.get_untracked() {
            in_color.set(true);
        }
    });
    let choose = move |color: bool| {
        in_color.set(color);
        if let (false, Some(levels)) = (color, knob.value.get_untracked().as_array()) {
            knob.put(level(levels.first()).into(), true);
        }
    };
    let name = format!("kind-{}", chosen_id());
    let segment = |word: &'static str, color: bool| {
        view! {
            <label class="segment">
                <input type="radio" name=name.clone() prop:checked=live(move || in_color.get() == color)
                    on:change=move |_| choose(color) />
                <span>{word}</span>
            </label>
        }
        .into_any()
    };
    let segments = [segment("number", false), segment("color", true)];
    view! {
        <div class="segments" role="radiogroup" aria-label=format!("{}: a number or a color", knob.label())>{segments.into_iter().collect::<Vec<_>>()}</div>
        {live(move || if in_color.get() { color(knob) } else { one_number(knob, Control::Integer { min: 0, max: 255 }) })}
    }
    .into_any()
}

fn level(value: Option<&Value>) -> u8 {
    value.and_then(Value::as_u64).map_or(0, |level| level.min(255) as u8)
}

fn flag(knob: Knob) -> AnyView {
    view! {
        <label class="switch knob-switch">
            <span class="visually-hidden">{knob.label()}</span>
            <input type="checkbox" role="switch" prop:checked=live(move || knob.value.with(|value| *value == Value::Bool(true)))
                on:change=move |event| knob.put(event_target_checked(&event).into(), true) />
        </label>
    }
    .into_any()
}
