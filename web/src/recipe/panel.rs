//! The recipe panel: built-in recipes, the steps or their text, the label policy, import and export.

use augment_core::plan::BUILT_IN;
use leptos::html;
use leptos::prelude::*;
use serde_json::json;
use web_sys::KeyboardEvent;

use super::card::step_list;
use super::catalog::catalog;
use super::edit::StepPosition;
use super::editor::{Editor, display_name};
use super::import_export;
use super::json_pane::json_pane;
use super::label_policy::policy;
use crate::browser;
use crate::erased::{live, memo};
use crate::ui::{Button, ButtonKind, Glyph, Icon, Menu, MenuItem};

/// The recipe panel.
#[component]
pub fn RecipePanel() -> impl IntoView {
    let editor = expect_context::<Editor>();
    let as_text = RwSignal::new(false);
    let commanding = RwSignal::new(false);
    let file = NodeRef::<html::Input>::new();
    let ways = memo(move || editor.can_undo_redo());
    let undo_keys = if browser::is_apple() { "Meta+Z" } else { "Control+Z" };
    let key = window_event_listener(leptos::ev::keydown, move |event| on_key(editor, &event));
    on_cleanup(move || key.remove());
    view! {
        <div class="panel recipe"
            on:dragover=move |event| event.prevent_default()
            on:drop=move |event| {
                if let Some(file) = import_export::dropped(&event) {
                    event.prevent_default();
                    import_export::import(editor, file);
                }
            }>
            <div class="panel-head">
                <h2 class="panel-title">"Recipe"</h2>
                <Button label="Undo" glyph=Glyph::Undo icon_only=true class="small" kind=ButtonKind::Quiet keys=undo_keys
                    disabled=Signal::derive(move || !ways.get().0) on_press=move || editor.undo_or_redo(true) />
                <Button label="Redo" glyph=Glyph::Redo icon_only=true class="small" kind=ButtonKind::Quiet
                    disabled=Signal::derive(move || !ways.get().1) on_press=move || editor.undo_or_redo(false) />
                <Button label="Edit as JSON" glyph=Glyph::Code icon_only=true class="small" kind=ButtonKind::Quiet
                    pressed=as_text on_press=move || as_text.update(|on| *on = !*on) />
                <Menu label="More for the recipe">
                    <MenuItem label="Copy as command" glyph=Glyph::Code on_choose=move || commanding.set(true) />
                    <MenuItem label="Copy a link to it" glyph=Glyph::Link on_choose=move || import_export::copy_link(editor) />
                    <MenuItem label="Save as recipe.json" glyph=Glyph::Save on_choose=move || import_export::export(editor.studio) />
                    <MenuItem label="Open a recipe file" glyph=Glyph::Folder on_choose=move || import_export::choose(file) />
                    <MenuItem label="Copy the JSON" glyph=Glyph::Copy on_choose=move || {
                        let text = super::json_text::pretty(&super::json_text::ordered(untrack(|| editor.studio.whole())));
                        import_export::copy(editor, text, "The recipe is copied.");
                    } />
                </Menu>
            </div>
            {live(move || if as_text.get() { json_pane(editor) } else { cards(editor) })}
            <p class="visually-hidden" role="status" aria-live="polite">{live(move || editor.announcement.get())}</p>
            {import_export::file_field(editor, file)}
            {catalog(editor)}
            {import_export::command_dialog(editor, commanding)}
        </div>
    }
}

fn cards(editor: Editor) -> AnyView {
    let empty = memo(move || editor.with(|draft| draft.steps.is_empty()));
    let add = move || {
        let index = editor.with_untracked(|draft| draft.steps.len());
        editor.adding.set(Some(StepPosition { parent: None, index }));
    };
    view! {
        <div class="recipe-start">
            {starts(editor)}
            <Button label="Add step" glyph=Glyph::Add class="small" on_press=add />
        </div>
        {step_list(editor, None)}
        <Show when=move || empty.get()>
            <div class="recipe-empty">
                <Icon glyph=Glyph::Layers size="l" />
                <p>"No steps: a run makes plain copies, with their labels."</p>
                <Button label="Add a step" glyph=Glyph::Add kind=ButtonKind::Primary on_press=add />
            </div>
        </Show>
        {policy(editor)}
    }
    .into_any()
}

/// The menu of built-in recipes.
fn starts(editor: Editor) -> AnyView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let current = memo(move || {
        let steps = editor.with(|draft| draft.to_json());
        BUILT_IN
            .iter()
            .find(|recipe| {
                let original = import_export::parsed(recipe.json);
                original["steps"] == steps["steps"] && original["labels"] == steps["labels"]
            })
            .map_or("", |recipe| recipe.name)
    });
    let choose = Callback::new(move |name: &'static str| {
        open.set(false);
        let recipe = BUILT_IN.iter().find(|recipe| recipe.name == name);
        editor.load(
            recipe.map_or_else(|| json!({"version": 1, "steps": []}), |recipe| import_export::parsed(recipe.json)),
            false,
        );
        editor.announce(format!(
            "{} loaded; Undo restores the former recipe",
            if name.is_empty() { "A blank recipe" } else { name }
        ));
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    });
    let entry = move |name: &'static str, words: String, about: &'static str| {
        view! {
            <li><button type="button" class="start" aria-current=live(move || (current.get() == name && !name.is_empty()).then_some("true"))
                on:click=move |_| choose.run(name)>
                <span class="start-name">{words}</span>
                <span class="start-about">{about}</span>
            </button></li>
        }
        .into_any()
    };
    view! {
        <div class="starts" on:keydown=move |event| {
            if event.key() == "Escape" && open.get_untracked() {
                event.stop_propagation();
                open.set(false);
                if let Some(button) = button.get_untracked() {
                    let _ = button.focus();
                }
            }
        }>
            <button type="button" class="button small starts-button" node_ref=button aria-expanded=live(move || open.get().to_string())
                on:click=move |_| open.update(|open| *open = !*open)>
                <span class="truncate">{live(move || match current.get() {
                    "" => "Your own".to_owned(),
                    name => display_name(&name.replace('-', "_")),
                })}</span>
                <Icon glyph=Glyph::Down size="s" />
            </button>
            <Show when=move || open.get()>
                <button type="button" class="starts-shade" tabindex="-1" aria-hidden="true" on:click=move |_| open.set(false)></button>
                <ul class="starts-list" aria-label="Start from a recipe">
                    {BUILT_IN.iter().map(|recipe| entry(recipe.name, display_name(&recipe.name.replace('-', "_")), recipe.summary)).collect::<Vec<_>>()}
                    {entry("", "Blank".into(), "no steps yet: build your own")}
                </ul>
            </Show>
        </div>
    }
    .into_any()
}

/// Undo and redo, except in text fields, which have their own.
fn on_key(editor: Editor, event: &KeyboardEvent) {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() || is_typing() {
        return;
    }
    let back = match event.key().to_lowercase().as_str() {
        "z" => !event.shift_key(),
        "y" => false,
        _ => return,
    };
    event.prevent_default();
    editor.undo_or_redo(back);
}

/// Whether the focus is in a text field.
pub(crate) fn is_typing() -> bool {
    let Some(element) = document().active_element() else { return false };
    match element.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => {
            !matches!(element.get_attribute("type").as_deref(), Some("range" | "checkbox" | "radio" | "color" | "file"))
        }
        _ => false,
    }
}
