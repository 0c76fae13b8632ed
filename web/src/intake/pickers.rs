//! The buttons that open the file and folder pickers of the browser.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

use super::Intake;
use super::walk::Walk;
use crate::ui::{Glyph, Icon};

/// "Add files" and "Add a folder".
#[component]
pub(super) fn Pickers(
    /// More classes of both buttons.
    class: &'static str,
    /// Whether adding files is the primary action here.
    #[prop(optional)]
    primary: bool,
) -> impl IntoView {
    let intake = expect_context::<Intake>();
    let files = NodeRef::<html::Input>::new();
    let take = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(files) = input.files().filter(|files| files.length() > 0) {
            let walk = Walk::picked(&files);
            intake.take(walk);
            // So that picking the same files again is a change.
            input.set_value("");
        }
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let modifier = event.ctrl_key() || event.meta_key();
        if modifier && !event.shift_key() && !event.alt_key() && event.key().eq_ignore_ascii_case("o") {
            event.prevent_default();
            if let Some(files) = files.get_untracked() {
                files.click();
            }
        }
    });
    on_cleanup(move || keys.remove());
    let main = if primary { "primary" } else { "" };
    view! {
        <label class=format!("button pick {main} {class}")>
            <Icon glyph=Glyph::Add />
            <span>"Add files"</span>
            <input class="pick-input" type="file" multiple node_ref=files on:change=take aria-keyshortcuts="Control+O" />
        </label>
        <label class=format!("button pick {class}")>
            <Icon glyph=Glyph::Folder />
            <span>"Add a folder"</span>
            <input class="pick-input" type="file" multiple on:change=take
                node_ref=folder_ref() />
        </label>
    }
}

/// An input that picks folders: the bindings have no name for the attribute. Browsers without it pick files.
fn folder_ref() -> NodeRef<html::Input> {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(input) = node.get() {
            let _ = input.unchecked_ref::<web_sys::Element>().set_attribute("webkitdirectory", "");
        }
    });
    node
}
