//! A parameter on a card: its name, its control, its help, and the button that resets it.

use augment_core::transforms::Control;
use leptos::prelude::*;
use serde_json::Value;

use super::controls::{Knob, control, number_or_color};
use super::editor::{Editor, display_name};
use super::model::Key;
use crate::erased::memo;
use crate::ui::{Glyph, Icon};

/// Where a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueSlot {
    /// In a field of a step.
    Step(Key),
    /// In the weight of a step in its group.
    Weight(Key),
    /// In the label policy.
    Policy,
}

/// The description of a parameter.
#[derive(Clone, Debug)]
pub(super) struct ParameterInfo {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) doc: &'static str,
    pub(super) unit: &'static str,
    pub(super) control: Control,
    pub(super) default: Value,
}

impl ParameterInfo {
    pub(super) fn of(parameter: &augment_core::transforms::Parameter) -> Self {
        Self {
            name: parameter.name,
            label: display_name(parameter.name),
            doc: parameter.doc.trim(),
            unit: parameter.unit,
            control: parameter.control,
            default: (parameter.default)(),
        }
    }
}

fn read(editor: Editor, at: ValueSlot, name: &'static str) -> Option<Value> {
    editor.with(|draft| match at {
        ValueSlot::Step(key) => draft.find(key)?.fields.get(name).cloned(),
        ValueSlot::Weight(key) => draft.find(key)?.weight.clone(),
        ValueSlot::Policy => draft.policy(name).cloned(),
    })
}

fn write(editor: Editor, at: ValueSlot, name: &'static str, value: Option<Value>, settled: bool) {
    let gesture = match at {
        ValueSlot::Step(key) => format!("{key}/{name}"),
        ValueSlot::Weight(key) => format!("{key}//weight"),
        ValueSlot::Policy => format!("labels/{name}"),
    };
    editor.edit(Some(&gesture), |draft| match at {
        ValueSlot::Step(key) => draft.set(key, name, value),
        ValueSlot::Weight(key) => draft.set_weight(key, value),
        ValueSlot::Policy => draft.set_policy(name, value),
    });
    if settled {
        editor.settle();
    }
}

/// The control of a parameter with name and help.
pub(super) fn parameter(editor: Editor, at: ValueSlot, about: ParameterInfo) -> AnyView {
    let ParameterInfo { name, label, doc, unit, control: values, default } = about;
    let explicit = memo(move || read(editor, at, name));
    let stored = StoredValue::new(default);
    let value = memo(move || explicit.get().unwrap_or_else(|| stored.get_value()));
    let changed = memo(move || value.with(|value| stored.with_value(|default| !same(value, default))));
    let set = Callback::new(move |(value, settled): (Value, bool)| write(editor, at, name, Some(value), settled));
    let knob = Knob { label: StoredValue::new(label.clone()), unit, value, default: stored, set };
    // The fill of an image is a color, that of a mask usually a number.
    let of_mask = at == ValueSlot::Policy && values == Control::Fill;
    let reset = format!("Reset {} to its default", label.to_lowercase());
    view! {
        <div class="parameter" class:beside=!of_mask && matches!(values, Control::Flag | Control::Color | Control::Fill)>
            <div class="parameter-head">
                <span class="parameter-name">{label}</span>
                <Show when=move || changed.get()>
                    <button type="button" class="parameter-reset" aria-label=reset.clone() title="Back to the default"
                        on:click=move |_| write(editor, at, name, None, true)>
                        <Icon glyph=Glyph::Undo size="s" />
                    </button>
                </Show>
            </div>
            {if of_mask { number_or_color(knob) } else { control(knob, values) }}
            {(!doc.is_empty()).then(|| view! { <p class="field-help">{plain(doc)}</p> })}
        </div>
    }
    .into_any()
}

/// Whether two values are equivalent: a number is an interval with equal ends, and 1 is 1.0.
fn same(a: &Value, b: &Value) -> bool {
    if a.as_f64().is_some() || b.as_f64().is_some() || a.as_array().is_some_and(|ends| ends.len() == 2) {
        return super::scale::ends(a) == super::scale::ends(b)
            && (a.is_array() == b.is_array() || a.as_array().is_none_or(|a| a.len() == 2));
    }
    a == b
}

/// Removes the Markdown from a help text.
fn plain(doc: &str) -> String {
    doc.replace('`', "")
}
