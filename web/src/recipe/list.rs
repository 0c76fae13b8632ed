//! A list of cards: the recipe's own, or a group's.

use leptos::prelude::*;

use super::card::card;
use super::editor::Editor;
use super::model::Key;
use crate::lean::{live, memo};

/// The cards of a group's steps, or of the recipe's.
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
