//! The stage that shows one output: zooming, panning, and comparing with the original.

use std::rc::Rc;

use augment_web_messages::Picture;
use leptos::html;
use leptos::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, KeyboardEvent, PointerEvent, WheelEvent};

use super::cell::layer;
use super::overlay::{Pen, context, draw};
use super::viewport::Viewport;
use super::zoom_state::{ExactOutput, ZoomState};
use crate::erased::{effect, live};
use crate::ui::{Button, ButtonKind, Glyph};

/// From this zoom on, pixels are shown as squares.
const SQUARES: f64 = 2.0;
/// How far an arrow key moves the image, in stage pixels.
const ARROW_PX: f64 = 60.0;

#[derive(Clone, Copy)]
struct Stage {
    zoom: ZoomState,
    canvas: NodeRef<html::Canvas>,
    /// The size of the stage in CSS pixels.
    size: RwSignal<(f64, f64)>,
    /// The position of the image; `None` fits it to the stage.
    view: RwSignal<Option<Viewport>>,
    /// The pointers on the stage: id and position.
    touches: StoredValue<Vec<(i32, f64, f64)>>,
}

impl Stage {
    /// The size of the output.
    fn image(self) -> (f64, f64) {
        let full =
            self.zoom.exact.with(|exact| exact.as_ref().map(|exact| (exact.picture.width, exact.picture.height)));
        let full = full.or_else(|| {
            self.zoom.feed.cell(self.zoom.index.get()).with(|cell| cell.shot.as_ref().map(|shot| shot.0.full))
        });
        full.map_or((1.0, 1.0), |(width, height)| (f64::from(width.max(1)), f64::from(height.max(1))))
    }

    fn viewport(self) -> Viewport {
        self.view.get().unwrap_or_else(|| Viewport::fit(self.image(), self.size.get()))
    }

    fn change(self, change: impl FnOnce(Viewport, (f64, f64), (f64, f64)) -> Viewport) {
        let view = untrack(|| change(self.viewport(), self.image(), self.size.get()));
        self.view.set(Some(view));
    }

    fn zoom_by(self, factor: f64, at: Option<(f64, f64)>) {
        self.change(|view, image, size| view.zoomed(factor, at.unwrap_or((size.0 / 2.0, size.1 / 2.0)), image, size));
    }

    fn at_full_size(self) {
        let dot = window().device_pixel_ratio().max(1.0);
        self.change(|view, image, size| view.zoomed(1.0 / dot / view.scale, (size.0 / 2.0, size.1 / 2.0), image, size));
    }

    fn measure(self) {
        if let Some(canvas) = self.canvas.get_untracked() {
            self.size.set((f64::from(canvas.client_width()), f64::from(canvas.client_height())));
        }
    }

    fn place(self, x: i32, y: i32) -> (f64, f64) {
        let bounds = self.canvas.get_untracked().map(|canvas| canvas.get_bounding_client_rect());
        bounds.map_or((0.0, 0.0), |bounds| (f64::from(x) - bounds.left(), f64::from(y) - bounds.top()))
    }
}

/// The stage and its controls.
pub(super) fn stage(zoom: ZoomState) -> AnyView {
    let stage = Stage {
        zoom,
        canvas: NodeRef::new(),
        size: RwSignal::new((0.0, 0.0)),
        view: RwSignal::new(None),
        touches: StoredValue::new(Vec::new()),
    };
    effect(move || {
        if stage.canvas.get().is_some() {
            request_animation_frame(move || {
                stage.measure();
                // The stage takes the focus, so that its keys work at once.
                if let Some(canvas) = stage.canvas.get_untracked() {
                    let _ = canvas.focus();
                }
            });
        }
    });
    // A new output is fitted to the stage.
    effect(move || {
        zoom.index.track();
        stage.view.set(None);
    });
    effect(move || paint(stage));
    let resized = window_event_listener(leptos::ev::resize, move |_| stage.measure());
    on_cleanup(move || resized.remove());
    let percent = move || {
        let dot = window().device_pixel_ratio().max(1.0);
        format!("{:.0}\u{202f}%", stage.viewport().scale * dot * 100.0)
    };
    view! {
        <div class="stage">
            <canvas class="stage-canvas" tabindex="0" role="img"
                aria-label="The output; plus and minus enlarge it, 0 fits it, 1 shows it at 100 %, arrow keys move it"
                node_ref=stage.canvas
                on:wheel=move |event| on_wheel(stage, &event)
                on:pointerdown=move |event| on_down(stage, &event)
                on:pointermove=move |event| on_move(stage, &event)
                on:pointerup=move |event| on_up(stage, &event)
                on:pointercancel=move |event| on_up(stage, &event)
                on:dblclick=move |event| {
                    let at = stage.place(event.client_x(), event.client_y());
                    if untrack(|| stage.viewport().exceeds(stage.image(), stage.size.get())) { stage.view.set(None) } else { stage.zoom_by(3.0, Some(at)) }
                }
                on:keydown=move |event| on_key(stage, &event)></canvas>
            {live(move || zoom.comparing.get().then(|| view! {
                <input class="stage-split" type="range" min="0" max="1000" aria-label="Original to the left of here, output to the right"
                    prop:value=live(move || zoom.split.get().to_string())
                    on:input=move |event| zoom.split.set(event_target_value(&event).parse().unwrap_or(500)) />
            }))}
            <div class="stage-bar">
                <Button label="Fit" class="small" kind=ButtonKind::Quiet on_press=move || stage.view.set(None) />
                <Button label="100 %" class="small" kind=ButtonKind::Quiet on_press=move || stage.at_full_size() />
                <button type="button" class="button quiet small icon-only" aria-label="Smaller" on:click=move |_| stage.zoom_by(1.0 / 1.5, None)>"−"</button>
                <span class="stage-percent num" aria-live="off">{percent}</span>
                <button type="button" class="button quiet small icon-only" aria-label="Larger" on:click=move |_| stage.zoom_by(1.5, None)>"+"</button>
                <span class="stage-gap"></span>
                <Button label="Labels" glyph=Glyph::Bounds icon_only=true class="small tip-up" kind=ButtonKind::Quiet keys="L"
                    pressed=Signal::derive(move || zoom.feed.shown.get().labels)
                    on_press=move || zoom.feed.shown.update(|shown| shown.labels = !shown.labels) />
                <Button label="Dropped labels" glyph=Glyph::EyeOff icon_only=true class="small tip-up" kind=ButtonKind::Quiet
                    pressed=Signal::derive(move || zoom.feed.shown.get().dropped)
                    on_press=move || zoom.feed.shown.update(|shown| shown.dropped = !shown.dropped) />
                <Button label="Class names" glyph=Glyph::Tag icon_only=true class="small tip-up" kind=ButtonKind::Quiet
                    pressed=Signal::derive(move || zoom.feed.shown.get().names)
                    on_press=move || zoom.feed.shown.update(|shown| shown.names = !shown.names) />
                <Button label="Compare with the original" glyph=Glyph::Compare icon_only=true class="small tip-up tip-end" kind=ButtonKind::Quiet keys="C"
                    pressed=zoom.comparing on_press=move || zoom.comparing.update(|comparing| *comparing = !*comparing) />
            </div>
        </div>
    }
    .into_any()
}

fn paint(stage: Stage) {
    let Some(canvas) = stage.canvas.get() else { return };
    let size = stage.size.get();
    let dot = window().device_pixel_ratio().max(1.0);
    let (wide, high) = ((size.0 * dot) as u32, (size.1 * dot) as u32);
    if wide == 0 || high == 0 {
        return;
    }
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
    }
    let Some(context) = context(&canvas) else { return };
    context.clear_rect(0.0, 0.0, f64::from(wide), f64::from(high));
    let view = stage.viewport();
    let image = stage.image();
    let scale = view.scale * dot;
    let (x, y) = (view.x * dot, view.y * dot);
    context.set_image_smoothing_enabled(scale < SQUARES);
    let zoom = stage.zoom;
    let shot = zoom.feed.cell(zoom.index.get()).with(|cell| cell.shot.clone());
    let exact = zoom.exact.get();
    let (full_width, full_height) = (image.0 * scale, image.1 * scale);
    if let Some(exact) = &exact {
        let _ = context.draw_image_with_image_bitmap_and_dw_and_dh(&exact.bitmap, x, y, full_width, full_height);
    } else if let Some(small) = shot.as_ref().and_then(|shot| shot.1.as_ref()).and_then(|pixels| layer(&pixels.image)) {
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(&small, x, y, full_width, full_height);
    }
    let shown = zoom.feed.shown.get();
    let mask = shot.as_ref().and_then(|shot| shot.1.as_ref()).and_then(|pixels| pixels.mask.as_ref());
    if let Some(mask) = mask.filter(|_| shown.labels).and_then(layer) {
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(&mask, x, y, full_width, full_height);
    }
    let pen = |picture: &Picture| Pen {
        scale: scale * image.0 / f64::from(picture.width.max(1)),
        x,
        y,
        dot,
        all_names: true,
    };
    zoom.feed.with_classes(|classes| {
        if let Some(shot) = &shot {
            // Only the reduced picture has the positions of dropped objects.
            let exact_labels = exact.is_some();
            let small = super::overlay::Shown { labels: shown.labels && !exact_labels, ..shown };
            draw(&context, &shot.0, classes, small, pen(&shot.0));
        }
        if let Some(exact) = &exact {
            let kept = super::overlay::Shown { dropped: false, ..shown };
            draw(&context, &exact.picture, classes, kept, pen(&exact.picture));
        }
    });
    if zoom.comparing.get()
        && let Some(original) = zoom.original.get()
    {
        compare(&context, &canvas, &original, (x, y, full_width, full_height), zoom.split.get(), dot);
    }
}

/// Draws the original to the left of the split.
fn compare(
    context: &CanvasRenderingContext2d,
    canvas: &HtmlCanvasElement,
    original: &Rc<ExactOutput>,
    frame: (f64, f64, f64, f64),
    split: u32,
    dot: f64,
) {
    let (x, y, width, height) = frame;
    let edge = f64::from(canvas.width()) * f64::from(split) / 1000.0;
    context.save();
    context.begin_path();
    context.rect(0.0, 0.0, edge, f64::from(canvas.height()));
    context.clip();
    context.clear_rect(0.0, 0.0, edge, f64::from(canvas.height()));
    let (own_width, own_height) = (f64::from(original.picture.width.max(1)), f64::from(original.picture.height.max(1)));
    let scale = (width / own_width).min(height / own_height);
    let (w, h) = (own_width * scale, own_height * scale);
    let (left, top) = (x + (width - w) / 2.0, y + (height - h) / 2.0);
    let _ = context.draw_image_with_image_bitmap_and_dw_and_dh(&original.bitmap, left, top, w, h);
    context.restore();
    context.set_fill_style_str("rgba(0,0,0,.55)");
    context.fill_rect(edge - 1.5 * dot, 0.0, 3.0 * dot, f64::from(canvas.height()));
    context.set_fill_style_str("#fff");
    context.fill_rect(edge - 0.5 * dot, 0.0, dot, f64::from(canvas.height()));
}

fn on_wheel(stage: Stage, event: &WheelEvent) {
    event.prevent_default();
    // Lines and pages are converted to pixels.
    let unit = if event.delta_mode() == 0 { 1.0 } else { 30.0 };
    let amount = (-event.delta_y() * unit * if event.ctrl_key() { 0.01 } else { 0.0022 }).clamp(-0.3, 0.4);
    stage.zoom_by(1.0 + amount, Some(stage.place(event.client_x(), event.client_y())));
}

fn on_down(stage: Stage, event: &PointerEvent) {
    if let Some(canvas) = stage.canvas.get_untracked() {
        let _ = canvas.set_pointer_capture(event.pointer_id());
    }
    let (x, y) = stage.place(event.client_x(), event.client_y());
    stage.touches.update_value(|touches| touches.push((event.pointer_id(), x, y)));
}

fn on_move(stage: Stage, event: &PointerEvent) {
    let (x, y) = stage.place(event.client_x(), event.client_y());
    let before = stage.touches.get_value();
    let Some(at) = before.iter().position(|touch| touch.0 == event.pointer_id()) else { return };
    stage.touches.update_value(|touches| touches[at] = (event.pointer_id(), x, y));
    match before.as_slice() {
        [(_, from_x, from_y)] => stage.change(|view, image, size| view.moved((x - from_x, y - from_y), image, size)),
        [_, _] => {
            let now = stage.touches.get_value();
            let spread = |touches: &[(i32, f64, f64)]| {
                let (dx, dy) = (touches[0].1 - touches[1].1, touches[0].2 - touches[1].2);
                (dx * dx + dy * dy).sqrt().max(1.0)
            };
            let middle = ((now[0].1 + now[1].1) / 2.0, (now[0].2 + now[1].2) / 2.0);
            let was = ((before[0].1 + before[1].1) / 2.0, (before[0].2 + before[1].2) / 2.0);
            stage.change(|view, image, size| {
                let moved = view.moved((middle.0 - was.0, middle.1 - was.1), image, size);
                moved.zoomed(spread(&now) / spread(&before), middle, image, size)
            });
        }
        _ => {}
    }
}

fn on_up(stage: Stage, event: &PointerEvent) {
    stage.touches.update_value(|touches| touches.retain(|touch| touch.0 != event.pointer_id()));
}

fn on_key(stage: Stage, event: &KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let by = |x: f64, y: f64| stage.change(|view, image, size| view.moved((x, y), image, size));
    let exceeds = untrack(|| stage.viewport().exceeds(stage.image(), stage.size.get()));
    match event.key().as_str() {
        "+" | "=" => stage.zoom_by(1.5, None),
        "-" => stage.zoom_by(1.0 / 1.5, None),
        "0" => stage.view.set(None),
        "1" => stage.at_full_size(),
        "ArrowLeft" if exceeds => by(ARROW_PX, 0.0),
        "ArrowRight" if exceeds => by(-ARROW_PX, 0.0),
        "ArrowUp" if exceeds => by(0.0, ARROW_PX),
        "ArrowDown" if exceeds => by(0.0, -ARROW_PX),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
