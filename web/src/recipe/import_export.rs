//! Imports and exports recipes: files, links, command lines.

use augment_core::plan::check;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, File};

use super::command::{CommandInput, command};
use super::editor::Editor;
use super::{json_pane, json_text, link};
use crate::browser;
use crate::erased::{live, memo};
use crate::studio_state::Studio;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Tone, counted};

/// Larger files are not recipes.
const MAX_BYTES: f64 = 1e6;

/// Loads a recipe from a file, or shows what is wrong.
pub(super) fn import(editor: Editor, file: File) {
    let say = move |tone, words: String| editor.toast(tone, words);
    spawn_local(async move {
        let name = file.name();
        if file.size() > MAX_BYTES {
            say(Tone::Danger, format!("{name} is larger than any recipe"));
            return;
        }
        let Some(text) = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) else {
            say(Tone::Danger, format!("{name} cannot be read; choose it again"));
            return;
        };
        match json_pane::read(&text) {
            Ok(recipe) => {
                editor.load(recipe, false);
                say(Tone::Good, format!("The recipe in {name} is loaded; Undo restores the former one"));
            }
            Err(problems) => {
                let first = problems.first().map(|problem| format!("line {}: {}", problem.spot.line, problem.message));
                let more =
                    if problems.len() > 1 { format!(" (and {} more)", problems.len() - 1) } else { String::new() };
                say(Tone::Danger, format!("{name} is not a recipe: {}{more}", first.unwrap_or_default()));
            }
        }
    });
}

/// Saves the recipe as a file.
pub(super) fn export(studio: Studio) {
    let written = json_text::pretty(&json_text::ordered(untrack(|| studio.whole())));
    let parts = js_sys::Array::of1(&written.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/json");
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        let _ = browser::download(&blob, "recipe.json");
    }
}

/// Copies a link to the page with this recipe.
pub(super) fn copy_link(editor: Editor) {
    let studio = editor.studio;
    let location = window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default();
    let link = format!("{page}{}", link::fragment(&json_text::ordered(untrack(|| studio.whole()))));
    copy(editor, link, "The link is copied. It contains the recipe, seed and count, but no image.");
}

/// Copies text and shows a message.
pub(super) fn copy(editor: Editor, words: String, done: &'static str) {
    spawn_local(async move {
        if browser::copy(&words).await {
            editor.toast(Tone::Good, done);
        } else {
            editor.toast(Tone::Warn, "The browser does not let this page copy; select the text and copy it by hand");
        }
    });
}

/// Loads the recipe in the page's address, now and whenever the address changes.
pub(super) fn follow_links(editor: Editor) {
    let look = move || {
        let location = window().location();
        let Some(fragment) = location.hash().ok().filter(|fragment| link::is_recipe(fragment)) else { return };
        let (tone, words) = match link::read(&fragment).map(|recipe| (check(&recipe), recipe)) {
            Err(error) => (Tone::Danger, error),
            Ok((problems, recipe)) => match problems.first() {
                Some(problem) => (Tone::Danger, format!("the link's recipe is not valid on this page: {problem}")),
                None => {
                    let steps = recipe["steps"].as_array().map_or(0, Vec::len);
                    editor.load(recipe, false);
                    (
                        Tone::Info,
                        format!(
                            "The link's recipe is loaded: {}. A link contains no images.",
                            counted(steps, "step", "steps")
                        ),
                    )
                }
            },
        };
        editor.toast(tone, words);
        // Otherwise every reload would load the recipe again.
        if let (Ok(history), Ok(path)) = (window().history(), location.pathname()) {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
        }
    };
    look();
    let moved = window_event_listener(leptos::ev::hashchange, move |_| look());
    on_cleanup(move || moved.remove());
}

/// The dialog with the command line.
pub(super) fn command_dialog(editor: Editor, open: RwSignal<bool>) -> AnyView {
    view! {
        <Dialog open=open title="The same on the command line">{command_content(editor)}</Dialog>
    }
    .into_any()
}

fn command_content(editor: Editor) -> AnyView {
    let studio = editor.studio;
    let line = memo(move || {
        let recipe = json_text::ordered(studio.whole());
        let inputs = studio.input.get();
        let labels = studio.labels.get();
        command(CommandInput { recipe: &recipe, inputs: &inputs, labels: labels.as_deref() })
    });
    view! {
        <div class="dialog-body stack">
            <p class="soft">"Run this where your images are: it makes the same zip as the page, byte for byte."</p>
            <pre class="command mono" tabindex="0">{live(move || line.get())}</pre>
        </div>
        <div class="dialog-foot">
            <Button label="Copy" glyph=Glyph::Copy kind=ButtonKind::Primary
                on_press=move || copy(editor, line.get_untracked(), "The command is copied.") />
        </div>
    }
    .into_any()
}

/// A hidden input that picks a recipe file.
pub(super) fn file_field(editor: Editor, node: NodeRef<html::Input>) -> AnyView {
    view! {
        <input class="visually-hidden" type="file" accept=".json,application/json" tabindex="-1" aria-label="Recipe file" node_ref=node
            on:change=move |event| {
                let field: web_sys::HtmlInputElement = event_target(&event);
                if let Some(file) = field.files().and_then(|files| files.get(0)) {
                    import(editor, file);
                }
                field.set_value("");
            } />
    }
    .into_any()
}

/// The dropped recipe, if a single JSON file was dropped.
pub(super) fn dropped(event: &web_sys::DragEvent) -> Option<File> {
    let files = event.data_transfer()?.files()?;
    let file = files.get(0).filter(|_| files.length() == 1)?;
    file.name().to_lowercase().ends_with(".json").then_some(file)
}

/// The JSON of a built-in recipe.
pub(super) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Opens the file picker of a hidden input.
pub(super) fn choose(node: NodeRef<html::Input>) {
    if let Some(field) = node.get_untracked() {
        field.unchecked_ref::<web_sys::HtmlElement>().click();
    }
}
