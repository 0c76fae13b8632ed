//! The panel of the preview: the name of the image, the seed, the label toggles, and the grid.

use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::cell::cell;
use super::feed::{Feed, MOST};
use super::overlay::Shown;
use super::zoom::zoom_dialog;
use crate::erased::{effect, live, memo};
use crate::recipe::is_typing;
use crate::settings::Settings;
use crate::studio_state::Studio;
use crate::ui::{Button, ButtonKind, Glyph, Icon, Notice, Tone};

/// Numbers of cells that fill a grid.
const COUNTS: [usize; 6] = [4, 6, 9, 12, 16, MOST];

/// The preview panel.
#[component]
pub fn PreviewPanel() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let settings = expect_context::<Settings>();
    let feed = Feed::new(studio);
    let grid = NodeRef::<html::Div>::new();
    let measure = move || {
        let Some(grid) = grid.get_untracked() else { return };
        let Ok(Some(picture)) = grid.query_selector(".cell-picture") else { return };
        let wide = f64::from(picture.client_width()) * window().device_pixel_ratio().max(1.0);
        if wide > 0.0 {
            // In steps, so that resizing the window does not redraw for every pixel.
            let most = settings.preview_side.get_untracked() as f64;
            feed.side.set(((wide.min(most) / 32.0).ceil() as u32) * 32);
        }
    };
    effect(move || {
        if let Some(grid) = grid.get() {
            feed.wanted.set(fitting(&grid));
        }
    });
    effect(move || {
        feed.wanted.track();
        feed.unchanged_split.track();
        studio.tab.track();
        settings.preview_side.track();
        request_animation_frame(measure);
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    let pressed = window_event_listener(leptos::ev::keydown, move |event| on_key(feed, &event));
    on_cleanup(move || {
        resized.remove();
        pressed.remove();
    });
    view! {
        <div class="preview">
            {bar(feed)}
            {live(move || feed.error.get().map(|refused| view! {
                <div class="preview-note"><Notice tone=Tone::Danger>{refused}</Notice></div>
            }))}
            {live(move || feed.unchanged_split.get().map(|split| view! {
                <div class="preview-note">
                    <Notice><p>{format!("A run does not augment {split}: this image goes through unchanged, with its labels.")}</p></Notice>
                </div>
            }))}
            <div class="preview-grid" node_ref=grid data-count=live(move || feed.count().to_string())
                aria-busy=live(move || feed.busy.get().to_string()) role="group" aria-label="Draws of the chosen image">
                <For each=move || 0..feed.count() key=|index| *index children=move |index| cell(feed, index) />
            </div>
            <p class="visually-hidden" role="status" aria-live="polite">{live(move || feed.summary())}</p>
            {zoom_dialog(feed)}
        </div>
    }
}

/// The number of cells that fit into the panel, at least six.
fn fitting(grid: &web_sys::Element) -> usize {
    let wide = f64::from(grid.client_width());
    let high = f64::from(grid.closest(".studio-preview").ok().flatten().map_or(600, |panel| panel.client_height()));
    // Three columns of 4:3 pictures with captions.
    let row = (wide - 56.0) / 3.0 * 0.75 + 34.0;
    match wide {
        _ if wide < 480.0 => 6,
        _ if high >= 3.0 * row + 40.0 || wide < 640.0 => 9,
        _ if wide >= 840.0 => 12,
        _ => 9,
    }
}

fn bar(feed: Feed) -> AnyView {
    let studio = feed.studio;
    let name = memo(move || {
        let chosen = studio.chosen.get();
        studio.listing.with(|listing| {
            let listing = listing.as_ref()?;
            Some((listing.items.get(chosen)?.name.clone(), chosen + 1, listing.items.len()))
        })
    });
    let toggle = move |label: &'static str, glyph: Glyph, get: fn(Shown) -> bool, set: fn(&mut Shown)| {
        view! {
            <Button label=label glyph=glyph icon_only=true class="small tip-end" kind=ButtonKind::Quiet
                pressed=Signal::derive(move || get(feed.shown.get())) on_press=move || feed.shown.update(set) />
        }
        .into_any()
    };
    view! {
        <div class="preview-bar">
            <div class="preview-image">
                <Button label="Previous image" glyph=Glyph::Right icon_only=true class="small flipped" kind=ButtonKind::Quiet keys="[" on_press=move || feed.turn_page(-1) />
                <Button label="Next image" glyph=Glyph::Right icon_only=true class="small" kind=ButtonKind::Quiet keys="]" on_press=move || feed.turn_page(1) />
                <h2 class="preview-name truncate" title=live(move || name.get().map(|(name, ..)| name))>
                    {live(move || name.get().map(|(name, ..)| name.rsplit('/').next().unwrap_or_default().to_owned()))}
                </h2>
                <span class="soft small num preview-place">{live(move || name.get().map(|(_, at, of)| format!("{at} / {of}")))}</span>
            </div>
            <div class="preview-tools">
                {toggle("Labels", Glyph::Bounds, |shown| shown.labels, |shown| shown.labels = !shown.labels)}
                {toggle("Dropped labels", Glyph::EyeOff, |shown| shown.dropped, |shown| shown.dropped = !shown.dropped)}
                {toggle("Class names", Glyph::Tag, |shown| shown.names, |shown| shown.names = !shown.names)}
                <label class="preview-count">
                    <span class="visually-hidden">"Pictures"</span>
                    <Icon glyph=Glyph::Grid size="s" />
                    <select class="select" prop:value=live(move || feed.wanted.get().to_string()) disabled=live(move || feed.unchanged_split.with(Option::is_some))
                        on:change=move |event| feed.wanted.set(event_target_value(&event).parse().unwrap_or(9))>
                        {COUNTS.into_iter().map(|count| view! {
                            <option value=count.to_string() selected=live(move || feed.wanted.get() == count)>{count}</option>
                        }.into_any()).collect::<Vec<_>>()}
                    </select>
                </label>
                <div class="preview-seed">
                    <Button label=Signal::derive(move || format!("Seed {}", studio.seed.get())) glyph=Glyph::Dice class="small num" keys="R"
                        disabled=feed.locked on_press=move || feed.reseed() />
                    <button type="button" class="button quiet small icon-only tip-end" data-tip=live(move || if feed.locked.get() { "The seed is locked" } else { "Lock the seed" })
                        aria-label="Lock the seed" aria-pressed=live(move || feed.locked.get().to_string())
                        on:click=move |_| feed.locked.update(|locked| *locked = !*locked)>
                        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                            <path d=live(move || if feed.locked.get() {
                                "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9"
                            } else {
                                "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 5.8-1"
                            }) />
                        </svg>
                    </button>
                </div>
            </div>
            <div class="preview-busy" class:on=live(move || feed.busy.get()) aria-hidden="true"></div>
        </div>
    }
    .into_any()
}

fn on_key(feed: Feed, event: &KeyboardEvent) {
    let held = event.ctrl_key() || event.meta_key() || event.alt_key();
    if held || is_typing() || document().query_selector("dialog[open]").is_ok_and(|open| open.is_some()) {
        return;
    }
    match event.key().as_str() {
        "r" | "R" => feed.reseed(),
        "[" => feed.turn_page(-1),
        "]" => feed.turn_page(1),
        _ => {}
    }
}
