//! The card of a step: its name, probability, switch and menu; opened, its parameters or the group's steps.

use augment_core::transforms::Control;
use leptos::prelude::*;
use serde_json::Value;
use web_sys::KeyboardEvent;

use super::drag;
use super::edit::StepPosition;
use super::editor::{Editor, descriptor, focus_card, summary, title};
use super::model::Key;
use super::parameter::{ParameterInfo, ValueSlot, parameter};
use crate::erased::{live, memo};
use crate::ui::{Glyph, Icon, Menu, MenuItem};

/// The card of a step.
pub(super) fn card(editor: Editor, key: Key) -> AnyView {
    let op = memo(move || editor.with(|draft| draft.find(key).map(|step| step.op().to_owned()).unwrap_or_default()));
    let on = memo(move || editor.with(|draft| draft.find(key).is_some_and(|step| step.on)));
    let group = editor.with_untracked(|draft| draft.find(key).is_some_and(|step| step.steps.is_some()));
    let short = memo(move || editor.with(|draft| draft.find(key).map(summary).unwrap_or_default()));
    let place = memo(move || editor.with(|draft| draft.place(key)));
    let probability = memo(move || probability_text(editor, key));
    let open = memo(move || group || editor.open.with(|open| open.contains(&key)));
    let body = format!("step-{key}");
    let controls = body.clone();
    let toggle = move |_| {
        if !group {
            editor.open.update(|open| {
                if !open.remove(&key) {
                    open.insert(key);
                }
            });
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let up = match event.key().as_str() {
            "ArrowUp" => true,
            "ArrowDown" => false,
            _ => return,
        };
        if event.alt_key() {
            event.prevent_default();
            event.stop_propagation();
            editor.shift(key, up);
        }
    };
    let landing = move |after: usize| {
        editor.drop.get().is_some_and(|drop| {
            place.get().is_some_and(|at| at.parent == drop.parent && at.index + after == drop.index)
        })
    };
    let last = memo(move || {
        editor.with(|draft| draft.place(key).is_some_and(|at| at.index + 1 == draft.children(at.parent).len()))
    });
    view! {
        <li class="step" class:off=live(move || !on.get()) class:group=group class:open=live(move || open.get())
            class:dragged=live(move || editor.dragged.get() == Some(key))
            class:drop-before=live(move || landing(0))
            class:drop-after=live(move || last.get() && landing(1))
            data-step=key.to_string() on:keydown=on_key>
            <div class="step-head">
                <span class="step-grip" aria-hidden="true" title="Drag to reorder"
                    on:pointerdown=move |event| drag::begin(editor, key, &event)
                    on:pointermove=move |event| drag::update(editor, &event)
                    on:pointerup=move |_| drag::end(editor, true)
                    on:pointercancel=move |_| drag::end(editor, false)>
                    <Icon glyph=Glyph::Grip />
                </span>
                <button type="button" class="step-title" aria-expanded=live(move || (!group).then(|| open.get().to_string()))
                    aria-controls=(!group).then_some(controls) aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown" on:click=toggle>
                    <span class="step-name">{live(move || title(&op.get()))}</span>
                    <span class="step-short">{live(move || short.get())}</span>
                </button>
                <span class="step-odds num">{live(move || probability.get())}</span>
                <input class="step-switch" type="checkbox" role="switch" prop:checked=live(move || on.get())
                    aria-label=live(move || format!("{} is on", title(&op.get())))
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        editor.edit(None, |draft| draft.switch(key, on));
                    } />
                {menu(editor, key, op, group)}
            </div>
            <Show when=move || open.get()>
                <div class="step-body" id=body.clone()>
                    {if group { group_body(editor, key, op) } else { body_of(editor, key, op) }}
                </div>
            </Show>
        </li>
    }
    .into_any()
}

/// The probability of a step, or its share of a `one_of`.
fn probability_text(editor: Editor, key: Key) -> String {
    editor.with(|draft| {
        let Some(step) = draft.find(key) else { return String::new() };
        let parent = draft.place(key).and_then(|place| place.parent).and_then(|parent| draft.find(parent));
        let mut share = 1.0;
        if let Some(group) = parent.filter(|group| group.op() == "one_of" && step.runs()) {
            let all: f64 = group.running().map(super::model::DraftStep::weight).sum();
            share = if all > 0.0 { step.weight() / all } else { 0.0 };
        }
        let odds = share * step.probability();
        if odds == 1.0 { String::new() } else { format!("{:.0}\u{202f}%", odds * 100.0) }
    })
}

fn menu(editor: Editor, key: Key, op: Memo<String>, group: bool) -> AnyView {
    let group_in = move |kind: &'static str| {
        let made = editor.edit(None, |draft| draft.wrap(key, kind));
        match made {
            Some(group) => {
                editor.announce(format!("In a new group: {}", title(kind)));
                focus_card(group);
            }
            None => editor.announce("Groups are nested too deeply here"),
        }
    };
    view! {
        <Menu label=Signal::derive(move || format!("More for {}", title(&op.get())))>
            <MenuItem label="Move up" glyph=Glyph::Up on_choose=move || editor.shift(key, true) />
            <MenuItem label="Move down" glyph=Glyph::Down on_choose=move || editor.shift(key, false) />
            <MenuItem label="Duplicate" glyph=Glyph::Copy on_choose=move || {
                if let Some(copy) = editor.edit(None, |draft| draft.duplicate(key)) {
                    editor.announce("Duplicated");
                    focus_card(copy);
                }
            } />
            <MenuItem label="Put in “One of these”" glyph=Glyph::Layers on_choose=move || group_in("one_of") />
            <MenuItem label="Put in “Some of these”" glyph=Glyph::Layers on_choose=move || group_in("some_of") />
            <MenuItem label="Put in “Together”" glyph=Glyph::Layers on_choose=move || group_in("sequence") />
            {group.then(|| view! {
                <MenuItem label="Dissolve the group" glyph=Glyph::Grid on_choose=move || {
                    editor.edit(None, |draft| draft.dissolve(key));
                    editor.announce("Dissolved: its steps take its place");
                } />
            })}
            <MenuItem label="Remove" glyph=Glyph::Trash danger=true on_choose=move || editor.remove(key) />
        </Menu>
    }
    .into_any()
}

/// The probability, and the weight in a `one_of`.
fn probability_controls(editor: Editor, key: Key) -> AnyView {
    let weighs = memo(move || {
        editor.with(|draft| {
            let parent = draft.place(key).and_then(|place| place.parent);
            parent.and_then(|parent| draft.find(parent)).is_some_and(|group| group.op() == "one_of")
        })
    });
    let probability = ParameterInfo {
        name: "p",
        label: "Probability".into(),
        doc: "",
        unit: "",
        control: Control::Number { min: 0.0, max: 1.0 },
        default: 1.into(),
    };
    view! {
        <Show when=move || weighs.get()>
            {parameter(editor, ValueSlot::Weight(key), ParameterInfo {
                name: "weight",
                label: "Weight".into(),
                doc: "How often it is picked, relative to the other steps of its group.",
                unit: "",
                control: Control::Number { min: 0.0, max: 20.0 },
                default: 1.into(),
            })}
        </Show>
        {parameter(editor, ValueSlot::Step(key), probability)}
    }
    .into_any()
}

fn body_of(editor: Editor, key: Key, op: Memo<String>) -> AnyView {
    let Some(descriptor) = descriptor(&op.get_untracked()) else { return ().into_any() };
    let parameters: Vec<AnyView> = descriptor
        .parameters
        .iter()
        .map(|about| {
            let control = parameter(editor, ValueSlot::Step(key), ParameterInfo::of(about));
            if about.name != "fill" {
                return control;
            }
            // A fill color that never shows is hidden.
            let idle = memo(move || {
                let word = |name: &str| {
                    let default = descriptor.parameters.iter().find(|other| other.name == name)?;
                    let set = editor.with(|draft| draft.find(key).and_then(|step| step.fields.get(name).cloned()));
                    set.unwrap_or_else(|| (default.default)()).as_str().map(str::to_owned)
                };
                word("border").is_some_and(|border| border != "constant" && border != "auto")
                    || word("paint").is_some_and(|paint| paint == "noise")
            });
            view! { <div hidden=live(move || idle.get())>{control}</div> }.into_any()
        })
        .collect();
    view! {
        <p class="step-summary">{descriptor.summary.trim()}</p>
        {probability_controls(editor, key)}
        {parameters}
    }
    .into_any()
}

fn group_body(editor: Editor, key: Key, op: Memo<String>) -> AnyView {
    let kinds = [("one_of", "One"), ("some_of", "Some"), ("sequence", "All")];
    let name = format!("group-{key}");
    let segments: Vec<AnyView> = kinds
        .into_iter()
        .map(|(kind, words)| {
            view! {
                <label class="segment">
                    <input type="radio" name=name.clone() prop:checked=live(move || op.get() == kind)
                        on:change=move |_| editor.edit(None, |draft| draft.regroup(key, kind)) />
                    <span>{words}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    let most = memo(move || editor.with(|draft| draft.children(Some(key)).len()));
    let settings = RwSignal::new(false);
    view! {
        <div class="group-kind">
            <div class="segments" role="radiogroup" aria-label="How many of its steps run">{segments}</div>
            <button type="button" class="button quiet small" aria-expanded=live(move || settings.get().to_string())
                on:click=move |_| settings.update(|open| *open = !*open)>"Probability"</button>
        </div>
        <Show when=move || settings.get()>{probability_controls(editor, key)}</Show>
        {live(move || (op.get() == "some_of").then(|| {
            let most = most.get().max(1) as i64;
            parameter(editor, ValueSlot::Step(key), ParameterInfo {
                name: "count",
                label: "How many".into(),
                doc: "Different steps, in this order.",
                unit: "",
                control: Control::IntRange { min: 0, max: most },
                default: if most == 1 { 1.into() } else { Value::from(vec![1, most]) },
            })
        }))}
        {step_list(editor, Some(key))}
        <button type="button" class="button quiet small" on:click=move |_| {
            let index = editor.with_untracked(|draft| draft.children(Some(key)).len());
            editor.adding.set(Some(StepPosition { parent: Some(key), index }));
        }>
            <Icon glyph=Glyph::Add size="s" /><span>"Add to the group"</span>
        </button>
    }
    .into_any()
}

/// The cards of a group, or of the whole recipe.
pub(super) fn step_list(editor: Editor, parent: Option<Key>) -> AnyView {
    let keys =
        memo(move || editor.with(|draft| draft.children(parent).iter().map(|step| step.key).collect::<Vec<_>>()));
    let into = move || editor.drop.get().is_some_and(|drop| drop.parent == parent) && keys.with(Vec::is_empty);
    view! {
        <ol class="steps" class:drop-into=into data-list=parent.map_or_else(|| "all".into(), |key| key.to_string())
            aria-label=if parent.is_some() { "Steps of the group" } else { "Steps" }>
            <For each=move || keys.get() key=|key| *key children=move |key| card(editor, key) />
            {live(move || (parent.is_some() && keys.with(Vec::is_empty))
                .then(|| view! { <li class="steps-empty">"Drag steps here. An empty group is left out."</li> }))}
        </ol>
    }
    .into_any()
}
