//! Drag and drop anywhere on the page, and paste.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element};

use super::Intake;
use super::walk::Walk;
use crate::ui::{Glyph, Icon, When};

/// Shows that files can be dropped; takes dropped and pasted files.
#[component]
pub fn DropOverlay() -> impl IntoView {
    let intake = expect_context::<Intake>();
    let over = RwSignal::new(false);
    let brings_files =
        |event: &DragEvent| event.data_transfer().is_some_and(|data| data.types().iter().any(|kind| kind == "Files"));
    let listeners = [
        window_event_listener(ev::dragover, move |event| {
            if brings_files(&event) {
                event.prevent_default();
                if let Some(data) = event.data_transfer() {
                    data.set_drop_effect("copy");
                }
                if !over.get_untracked() {
                    over.set(true);
                }
            }
        }),
        window_event_listener(ev::dragleave, move |event| {
            if event.related_target().is_none() {
                over.set(false);
            }
        }),
        window_event_listener(ev::drop, move |event| {
            over.set(false);
            // Another element took it: the recipe panel takes recipes.
            if event.default_prevented() || !brings_files(&event) {
                return;
            }
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                let walk = Walk::dropped(&data);
                if !walk.is_empty() {
                    intake.take(walk);
                }
            }
        }),
        window_event_listener(ev::paste, move |event| {
            let into_field = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .is_some_and(|target| target.closest("input, textarea, [contenteditable]").ok().flatten().is_some());
            let files = event.clipboard_data().and_then(|data| data.files());
            let Some(files) = files.filter(|files| files.length() > 0 && !into_field) else { return };
            event.prevent_default();
            intake.paste((0..files.length()).filter_map(|at| files.get(at)).collect());
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    view! {
        <When on=over>
            <div class="drop-overlay">
                <div class="drop-overlay-card">
                    <Icon glyph=Glyph::Upload size="l" />
                    <p>"Drop to add"</p>
                    <p class="small soft">"Files, folders and zips. Nothing is uploaded."</p>
                </div>
            </div>
        </When>
    }
}
