//! The dialog with one output at full size: the exact bytes of a run, with labels, drawn numbers and manifest line.

use std::rc::Rc;

use augment_web_messages::Picture;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, ImageBitmap, KeyboardEvent};

use super::describe::{drawn_steps, labels_in_words};
use super::feed::Feed;
use super::stage::stage;
use super::zoom_state::{ExactOutput, ZoomState};
use crate::browser;
use crate::erased::{effect, live};
use crate::recipe::title;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Icon, Notice, Toaster, Tone, bytes};

/// The dialog; open while a cell is selected.
pub(super) fn zoom_dialog(feed: Feed) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(feed.zoomed.with(Option::is_some)));
    effect(move || {
        if !open.get()
            && let Some(index) = feed.zoomed.get_untracked()
        {
            feed.zoomed.set(None);
            // The browser returns the focus to the cell that opened the dialog; the last shown cell is better.
            focus_cell(index);
        }
    });
    let heading = Signal::derive(move || {
        let index = feed.zoomed.get().unwrap_or_default();
        let chosen = feed.studio.chosen.get();
        let name = feed.studio.listing.with(|listing| {
            let item = listing.as_ref().and_then(|listing| listing.items.get(chosen));
            item.map(|item| item.name.rsplit('/').next().unwrap_or_default().to_owned()).unwrap_or_default()
        });
        format!("{} · {name}", feed.name(index))
    });
    view! { <Dialog open=open title=heading class="zoom">{content(feed)}</Dialog> }.into_any()
}

fn focus_cell(index: usize) {
    request_animation_frame(move || {
        let found = document().query_selector(&format!("[data-cell='{index}']")).ok().flatten();
        if let Some(cell) = found.and_then(|cell| cell.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = cell.focus();
        }
    });
}

fn content(feed: Feed) -> AnyView {
    let zoom = ZoomState {
        feed,
        index: Memo::new(move |before| feed.zoomed.get().or(before.copied()).unwrap_or_default()),
        exact: RwSignal::new(None),
        original: RwSignal::new(None),
        failed: RwSignal::new(None),
        comparing: RwSignal::new(false),
        split: RwSignal::new(500),
    };
    effect(move || {
        let index = zoom.index.get();
        load(zoom, index, zoom.exact);
    });
    effect(move || {
        if zoom.comparing.get() && zoom.original.with_untracked(Option::is_none) {
            load(zoom, 0, zoom.original);
        }
    });
    let pressed = window_event_listener(leptos::ev::keydown, move |event| on_key(zoom, &event));
    on_cleanup(move || pressed.remove());
    view! {
        <div class="zoom-body">
            {stage(zoom)}
            <aside class="zoom-side" aria-label="About this output">{about(zoom)}</aside>
        </div>
    }
    .into_any()
}

/// Requests an output; the latest request wins.
fn load(zoom: ZoomState, index: usize, into: RwSignal<Option<SendWrapper<Rc<ExactOutput>>>>) {
    let Some(engine) = zoom.feed.engine() else { return };
    let what = zoom.feed.exact_request(index);
    into.set(None);
    zoom.failed.set(None);
    spawn_local(async move {
        let outcome = match engine.exact(what).await {
            Ok((picture, blob)) => bitmap(&blob).await.map(|bitmap| ExactOutput { picture, bitmap, blob }),
            Err(refusal) => Err(refusal.message),
        };
        let is_current = index == 0 && into == zoom.original || zoom.index.try_get_untracked() == Some(index);
        if !is_current {
            return;
        }
        match outcome {
            Ok(exact) => drop(into.try_set(Some(SendWrapper::new(Rc::new(exact))))),
            Err(message) => drop(zoom.failed.try_set(Some(message))),
        }
    });
}

async fn bitmap(blob: &Blob) -> Result<ImageBitmap, String> {
    let words = "the browser cannot show this output; save it and open it in another program";
    let promise = window().create_image_bitmap_with_blob(blob).map_err(|_| words)?;
    JsFuture::from(promise).await.map(JsCast::unchecked_into).map_err(|_| words.into())
}

fn step(zoom: ZoomState, by: isize) {
    let count = untrack(|| zoom.feed.count());
    let next = (zoom.index.get_untracked() + count).wrapping_add_signed(by) % count;
    zoom.feed.zoomed.set(Some(next));
}

fn on_key(zoom: ZoomState, event: &KeyboardEvent) {
    // Sliders and the stage handle their own arrow keys.
    if event.default_prevented() || event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let slides =
        document().active_element().is_some_and(|element| element.get_attribute("type").as_deref() == Some("range"));
    match event.key().as_str() {
        "ArrowLeft" | "PageUp" if !slides => step(zoom, -1),
        "ArrowRight" | "PageDown" if !slides => step(zoom, 1),
        "l" | "L" => zoom.feed.shown.update(|shown| shown.labels = !shown.labels),
        "c" | "C" => zoom.comparing.update(|comparing| *comparing = !*comparing),
        _ => return,
    }
    event.prevent_default();
}

fn about(zoom: ZoomState) -> AnyView {
    let toaster = use_context::<Toaster>();
    let say = move |words: &'static str| {
        if let Some(toaster) = toaster {
            toaster.say(Tone::Good, words);
        }
    };
    let save = move || {
        if let Some(exact) = zoom.exact.get_untracked() {
            let _ = browser::download(&exact.blob, &file_name(&exact.picture));
        }
    };
    let copy_line = move || {
        let Some(line) = zoom.exact.with_untracked(|exact| exact.as_ref().and_then(|exact| exact.picture.line.clone()))
        else {
            return;
        };
        spawn_local(async move {
            if browser::copy(&line.to_string()).await {
                say("The manifest line is copied.");
            }
        });
    };
    let waits = Signal::derive(move || zoom.exact.with(Option::is_none));
    view! {
        <div class="zoom-steps">
            <Button label="Previous" glyph=Glyph::Right icon_only=true class="small flipped" on_press=move || step(zoom, -1) />
            <Button label="Next" glyph=Glyph::Right icon_only=true class="small" on_press=move || step(zoom, 1) />
            <span class="grow"></span>
            <Button label="Save this one" glyph=Glyph::Save class="small" kind=ButtonKind::Primary disabled=waits on_press=save />
        </div>
        {live(move || zoom.failed.get().map(|message| view! { <Notice tone=Tone::Danger>{message}</Notice> }))}
        {live(move || match zoom.exact.get() {
            Some(exact) => facts(zoom, &exact),
            None if zoom.failed.with(Option::is_none) => {
                view! { <p class="zoom-wait soft"><span class="spinner" aria-hidden="true"></span>"Rendering the exact output…"</p> }.into_any()
            }
            None => ().into_any(),
        })}
        <div class="zoom-foot">
            <Button label="Copy the manifest line" glyph=Glyph::Copy class="small" disabled=waits on_press=copy_line />
        </div>
    }
    .into_any()
}

fn file_name(picture: &Picture) -> String {
    let output = picture.line.as_ref().and_then(|line| line["output"].as_str()).unwrap_or("output");
    output.rsplit('/').next().unwrap_or_default().to_owned()
}

fn facts(zoom: ZoomState, exact: &ExactOutput) -> AnyView {
    let picture = &exact.picture;
    let steps: Vec<AnyView> = drawn_steps(&picture.steps)
        .into_iter()
        .map(|step| {
            let numbers: Vec<AnyView> = step
                .numbers
                .into_iter()
                .map(|(name, value)| view! { <span class="drawn-number"><span class="soft">{name}</span>" "<span class="num">{value}</span></span> }.into_any())
                .collect();
            view! { <li class="drawn"><span class="drawn-name">{title(&step.op)}</span><span class="drawn-numbers">{numbers}</span></li> }.into_any()
        })
        .collect();
    let plain = steps.is_empty();
    let kept = classes_of(zoom, picture);
    // Only the reduced picture has the positions and classes of dropped objects.
    let dropped = zoom.feed.cell(zoom.index.get_untracked()).with_untracked(|cell| {
        let shot = cell.shot.as_ref().filter(|shot| shot.0.dropped.len() == picture.dropped.len());
        shot.map_or_else(|| picture.dropped.clone(), |shot| shot.0.dropped.clone())
    });
    let gone: Vec<AnyView> = dropped
        .iter()
        .map(|mark| {
            let class = zoom.feed.with_classes(|classes| classes.get(mark.class).map(|class| class.name.clone()));
            let reason = mark.reason.clone().unwrap_or_default();
            view! { <li><span>{class}</span><span class="soft num">{reason}</span></li> }.into_any()
        })
        .collect();
    let warnings: Vec<AnyView> = picture
        .warnings
        .iter()
        .map(|warning| view! { <li><Icon glyph=Glyph::Warning size="s" />{warning.clone()}</li> }.into_any())
        .collect();
    view! {
        <dl class="facts">
            <dt>"File"</dt><dd class="truncate">{file_name(picture)}</dd>
            <dt>"Size"</dt><dd>{format!("{} × {}", picture.width, picture.height)}</dd>
            <dt>"Bytes"</dt><dd>{bytes(exact.blob.size() as u64)}</dd>
            <dt>"Labels"</dt><dd>{labels_in_words(picture)}</dd>
        </dl>
        <section class="zoom-part">
            <h3>"Drawn numbers"</h3>
            {if plain { view! { <p class="soft small">"No step ran: these are the source's pixels."</p> }.into_any() } else { view! { <ol class="drawns">{steps}</ol> }.into_any() }}
        </section>
        {(!kept.is_empty()).then(|| view! { <section class="zoom-part"><h3>"Kept"</h3><ul class="kept">{kept}</ul></section> })}
        {(!gone.is_empty()).then(|| view! { <section class="zoom-part"><h3>"Dropped"</h3><ul class="gone">{gone}</ul></section> })}
        {(!warnings.is_empty()).then(|| view! { <section class="zoom-part"><h3>"Warnings"</h3><ul class="warned">{warnings}</ul></section> })}
    }
    .into_any()
}

/// The classes of the kept objects, with their counts.
fn classes_of(zoom: ZoomState, picture: &Picture) -> Vec<AnyView> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for mark in &picture.kept {
        match counts.iter_mut().find(|(class, _)| *class == mark.class) {
            Some((_, count)) => *count += 1,
            None => counts.push((mark.class, 1)),
        }
    }
    counts
        .into_iter()
        .filter_map(|(class, count)| {
            let class = zoom.feed.with_classes(|classes| classes.get(class).cloned())?;
            let [red, green, blue] = class.color;
            Some(
                view! {
                    <li class="chip">
                        <span class="chip-dot" style:background-color=format!("rgb({red} {green} {blue})")></span>
                        {class.name}<span class="num soft">{count}</span>
                    </li>
                }
                .into_any(),
            )
        })
        .collect()
}
