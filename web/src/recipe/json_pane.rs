//! The recipe as JSON text: edited in place, applied when it is valid, with a list of problems.

use augment_core::plan::check;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

use super::editor::Editor;
use super::json_text::{Spot, find, in_columns, ordered, syntax_spot};
use crate::erased::{effect, live, memo};

/// The width of the panel in characters.
const COLUMNS: usize = 56;

/// A problem with its position in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextProblem {
    pub(super) spot: Spot,
    pub(super) message: String,
}

/// Parses a recipe, or returns all its problems.
pub(super) fn read(text: &str) -> Result<Value, Vec<TextProblem>> {
    let recipe: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line").next().unwrap_or_default();
        vec![TextProblem {
            spot: syntax_spot(text, error.line(), error.column()),
            message: format!("not JSON: {message}"),
        }]
    })?;
    let problems: Vec<TextProblem> = check(&recipe)
        .into_iter()
        .map(|problem| TextProblem { spot: find(text, &problem.pointer), message: problem.message })
        .collect();
    if problems.is_empty() { Ok(recipe) } else { Err(problems) }
}

/// The text with line numbers and problems.
pub(super) fn json_pane(editor: Editor) -> AnyView {
    let text = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::<TextProblem>::new());
    let typing = StoredValue::new(false);
    let area = NodeRef::<html::Textarea>::new();
    effect(move || {
        let written = in_columns(&ordered(editor.studio.whole()), COLUMNS);
        // While someone types, the text is not reformatted.
        if !typing.get_value() {
            text.set(written);
            problems.set(Vec::new());
        }
    });
    let take = move |written: String| {
        match read(&written) {
            Ok(recipe) => {
                problems.set(Vec::new());
                editor.load(recipe, true);
            }
            Err(found) => problems.set(found),
        }
        text.set(written);
    };
    let settle = move |_| {
        typing.set_value(false);
        editor.settle();
        if problems.with_untracked(Vec::is_empty) {
            text.set(in_columns(&ordered(editor.studio.whole()), COLUMNS));
        }
    };
    let lines = memo(move || text.with(|text| text.matches('\n').count() + 1));
    let wrong =
        memo(move || problems.with(|problems| problems.iter().map(|problem| problem.spot.line).collect::<Vec<_>>()));
    let go = move |spot: Spot| {
        let Some(area) = area.get_untracked() else { return };
        let units = text.with_untracked(|text| text[..spot.offset].encode_utf16().count()) as u32;
        let _ = area.focus();
        let _ = area.set_selection_range(units, units + 1);
    };
    view! {
        <div class="json">
            <div class="json-text">
                <div class="json-lines num" aria-hidden="true">
                    {live(move || (1..=lines.get()).map(|line| {
                        view! { <span class:wrong=live(move || wrong.with(|wrong| wrong.contains(&line)))>{line}</span> }.into_any()
                    }).collect::<Vec<_>>())}
                </div>
                <textarea class="json-area mono" wrap="off" spellcheck="false" autocapitalize="off" autocomplete="off"
                    aria-label="The recipe as JSON" aria-describedby="json-problems"
                    aria-invalid=live(move || (!problems.with(Vec::is_empty)).to_string())
                    rows=live(move || lines.get().to_string())
                    node_ref=area
                    prop:value=live(move || text.get())
                    on:input=move |event| {
                        typing.set_value(true);
                        take(event_target_value(&event));
                    }
                    on:change=settle></textarea>
            </div>
            <div class="json-problems" id="json-problems" role="status">
                {live(move || {
                    let problems = problems.get();
                    if problems.is_empty() {
                        return view! { <p class="field-help">"Changes apply as you write, while the text is a recipe."</p> }.into_any();
                    }
                    let rows: Vec<AnyView> = problems
                        .into_iter()
                        .map(|problem| {
                            let spot = problem.spot;
                            view! {
                                <li><button type="button" class="json-problem" on:click=move |_| go(spot)>
                                    <span class="json-place num">{format!("{}:{}", spot.line, spot.column)}</span>
                                    <span>{problem.message}</span>
                                </button></li>
                            }
                            .into_any()
                        })
                        .collect();
                    view! { <p class="field-error">"Not applied yet:"</p><ul>{rows}</ul> }.into_any()
                })}
            </div>
        </div>
    }
    .into_any()
}
