//! Drags a card by its grip, with mouse, pen or finger.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::edit::StepPosition;
use super::editor::Editor;
use super::model::Key;

/// The panel scrolls when the pointer is this near to its edge, in pixels.
const EDGE_PX: f64 = 48.0;
/// How far each movement scrolls.
const SCROLL_PX: f64 = 14.0;

pub(super) fn begin(editor: Editor, key: Key, event: &PointerEvent) {
    if event.button() != 0 {
        return;
    }
    event.prevent_default();
    if let Some(grip) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
        let _ = grip.set_pointer_capture(event.pointer_id());
    }
    editor.dragged.set(Some(key));
}

pub(super) fn update(editor: Editor, event: &PointerEvent) {
    let Some(key) = editor.dragged.get_untracked() else { return };
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    let Some(under) = document().element_from_point(x as f32, y as f32) else { return };
    if let Ok(Some(panel)) = under.closest(".studio-recipe") {
        let bounds = panel.get_bounding_client_rect();
        if y < bounds.top() + EDGE_PX {
            panel.set_scroll_top(panel.scroll_top() - SCROLL_PX as i32);
        } else if y > bounds.bottom() - EDGE_PX {
            panel.set_scroll_top(panel.scroll_top() + SCROLL_PX as i32);
        }
    }
    let place = place_at(editor, &under, y);
    let place = place.filter(|place| *place != editor.with_untracked(|draft| draft.place(key)).unwrap_or(*place));
    if editor.drop.get_untracked() != place {
        editor.drop.set(place);
    }
}

pub(super) fn end(editor: Editor, drop: bool) {
    let Some(key) = editor.dragged.get_untracked() else { return };
    let place = editor.drop.get_untracked();
    editor.dragged.set(None);
    editor.drop.set(None);
    if let Some(place) = place.filter(|_| drop) {
        editor.move_to(key, place);
    }
}

/// The position between cards that is nearest to a point.
fn place_at(editor: Editor, under: &Element, y: f64) -> Option<StepPosition> {
    let list = under.closest("[data-list]").ok().flatten()?;
    if let Some(card) = under.closest("[data-step]").ok().flatten().filter(|card| list.contains(Some(card.as_ref()))) {
        let key: Key = card.get_attribute("data-step")?.parse().ok()?;
        let bounds = card.get_bounding_client_rect();
        let below = y > (bounds.top() + bounds.bottom()) / 2.0;
        let place = editor.with_untracked(|draft| draft.place(key))?;
        return Some(StepPosition { parent: place.parent, index: place.index + usize::from(below) });
    }
    // Between the cards of a list, or in an empty one: after the cards above the point.
    let parent: Option<Key> = list.get_attribute("data-list")?.parse().ok();
    let children = list.children();
    let mut index = 0;
    for i in 0..children.length() {
        let Some(card) = children.item(i).filter(|card| card.has_attribute("data-step")) else { continue };
        let bounds = card.get_bounding_client_rect();
        if y > (bounds.top() + bounds.bottom()) / 2.0 {
            index += 1;
        }
    }
    Some(StepPosition { parent, index })
}
