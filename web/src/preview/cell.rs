//! A cell of the preview grid: a picture with its labels and their counts.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, ImageData};

use super::describe::{labels_in_words, reasons};
use super::feed::{Feed, Frame};
use super::overlay::{Pen, context, draw};
use crate::erased::{effect, live, memo};
use crate::ui::{Glyph, Icon};

/// Puts pixels on a canvas, resized to fit them.
pub fn put(canvas: &HtmlCanvasElement, image: &ImageData) {
    if canvas.width() != image.width() || canvas.height() != image.height() {
        canvas.set_width(image.width());
        canvas.set_height(image.height());
    }
    if let Some(context) = context(canvas) {
        let _ = context.put_image_data(image, 0.0, 0.0);
    }
}

/// Pixels on a canvas of their own, to be drawn on another canvas.
pub(super) fn layer(image: &ImageData) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    put(&canvas, image);
    Some(canvas)
}

fn paint(canvas: &HtmlCanvasElement, shot: &Frame, feed: Feed) {
    let (picture, pixels) = &***shot;
    let Some(pixels) = pixels else { return };
    put(canvas, &pixels.image);
    let Some(context) = context(canvas) else { return };
    let shown = feed.shown.get();
    if let Some(mask) = pixels.mask.as_ref().filter(|_| shown.labels).and_then(layer) {
        let _ = context.draw_image_with_html_canvas_element(&mask, 0.0, 0.0);
    }
    let dot = window().device_pixel_ratio().max(1.0);
    let pen = Pen { scale: 1.0, x: 0.0, y: 0.0, dot, all_names: false };
    feed.with_classes(|classes| draw(&context, picture, classes, shown, pen));
}

/// The cell at a position.
pub(super) fn cell(feed: Feed, index: usize) -> AnyView {
    let cell = feed.cell(index);
    let canvas = NodeRef::<html::Canvas>::new();
    effect(move || {
        let Some(canvas) = canvas.get() else { return };
        cell.with(|cell| {
            if let Some(shot) = &cell.shot {
                paint(&canvas, shot, feed);
            }
        });
    });
    let error = memo(move || cell.with(|cell| cell.shot.as_ref().and_then(|shot| shot.0.error.clone())));
    let counts =
        memo(move || cell.with(|cell| cell.shot.as_ref().map(|shot| (shot.0.kept.len(), shot.0.dropped.len()))));
    // For screen readers, these words take the place of the counts.
    let words = move || {
        cell.with(|cell| match &cell.shot {
            None => ", not drawn yet".into(),
            Some(shot) if shot.0.error.is_some() => String::new(),
            Some(shot) => format!(", {}", labels_in_words(&shot.0)),
        })
    };
    let tip = move || {
        cell.with(|cell| {
            let shot = cell.shot.as_ref()?;
            let reasons: Vec<String> = reasons(&shot.0)
                .into_iter()
                .map(|(reason, count)| if count == 1 { reason } else { format!("{reason} ({count}×)") })
                .collect();
            (!reasons.is_empty()).then(|| format!("Dropped: {}", reasons.join(", ")))
        })
    };
    let there = memo(move || cell.with(|cell| cell.shot.is_some()));
    view! {
        <button type="button" class="cell" data-cell=index.to_string()
            class:stale=live(move || cell.with(|cell| cell.stale))
            class:failed=live(move || error.with(Option::is_some))
            title=tip
            on:click=move |_| feed.zoomed.set(Some(index))>
            <span class="cell-picture">
                <canvas node_ref=canvas hidden=live(move || !there.get() || error.with(Option::is_some))></canvas>
                {live(move || error.get().map(|error| view! {
                    <span class="cell-error"><Icon glyph=Glyph::Warning /><span>{error}</span></span>
                }))}
            </span>
            <span class="cell-caption">
                <span class="cell-name">{live(move || feed.name(index))}<span class="visually-hidden">{live(words)}</span></span>
                {live(move || counts.get().map(|(kept, dropped)| view! {
                    <span class="cell-counts num" aria-hidden="true">
                        {(dropped > 0).then(|| view! { <span class="cell-dropped">{format!("−{dropped}")}</span> })}
                        {(kept + dropped > 0).then(|| view! { <span>{format!("{kept}/{}", kept + dropped)}</span> })}
                    </span>
                }))}
            </span>
        </button>
    }
    .into_any()
}
