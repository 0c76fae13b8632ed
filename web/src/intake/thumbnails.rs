//! Thumbnails of the list: made one after another, the latest request first, in a bounded cache.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use augment_web_messages::{ClassInfo, Mark, Picture};
use leptos::prelude::document;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement};

use crate::engine::{Engine, Pixels};

/// The longest side of a thumbnail in pixels: twice the shown size, for sharp displays.
const SIDE: u32 = 96;
/// The most thumbnails in the cache: 16 MB.
const KEPT: usize = 400;

/// Makes thumbnails of one listing. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Thumbnails(SendWrapper<Rc<Inner>>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    colors: Vec<String>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    ready: BTreeMap<usize, HtmlCanvasElement>,
    /// In the order of their creation.
    order: VecDeque<usize>,
    /// Requested images, each with the element that shows it.
    wanted: Vec<(usize, Element)>,
    at_work: bool,
}

impl Thumbnails {
    pub(super) fn new(engine: Engine, classes: &[ClassInfo]) -> Self {
        let colors = classes.iter().map(|class| color(class.color)).collect();
        Self(SendWrapper::new(Rc::new(Inner { engine, colors, state: RefCell::default() })))
    }

    /// Shows the thumbnail of an image in an element, now or when it is made. An element that has left the document by
    /// then is skipped.
    pub(super) fn request(&self, item: usize, place: Element) {
        let mut state = self.0.state.borrow_mut();
        if let Some(canvas) = state.ready.get(&item) {
            let _ = place.append_child(canvas);
            return;
        }
        state.wanted.push((item, place));
        if !state.at_work {
            state.at_work = true;
            let inner = Rc::clone(&self.0);
            spawn_local(async move { inner.work().await });
        }
    }
}

impl Inner {
    async fn work(&self) {
        loop {
            let next = {
                let mut state = self.state.borrow_mut();
                // Elements that have scrolled away are skipped.
                state.wanted.retain(|(_, place)| place.is_connected());
                let next = state.wanted.pop();
                state.at_work = next.is_some();
                next
            };
            let Some((item, place)) = next else { return };
            let made = self.engine.thumbnail(item, SIDE).await;
            let canvas = match made {
                Ok((picture, Some(pixels))) => self.draw(&picture, &pixels),
                Ok((_, None)) => None,
                // The dataset is closed, or the worker has stopped: the next request will find out.
                Err(_) => {
                    let mut state = self.state.borrow_mut();
                    state.wanted.clear();
                    state.at_work = false;
                    return;
                }
            };
            let Some(canvas) = canvas else {
                let _ = place.class_list().add_1("broken");
                continue;
            };
            let _ = place.append_child(&canvas);
            let mut state = self.state.borrow_mut();
            state.ready.insert(item, canvas);
            state.order.push_back(item);
            if state.order.len() > KEPT
                && let Some(oldest) = state.order.pop_front()
            {
                state.ready.remove(&oldest);
            }
        }
    }

    fn draw(&self, picture: &Picture, pixels: &Pixels) -> Option<HtmlCanvasElement> {
        let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.unchecked_into();
        canvas.set_width(picture.width);
        canvas.set_height(picture.height);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
        context.put_image_data(&pixels.image, 0.0, 0.0).ok()?;
        context.set_line_width(2.0);
        for mark in &picture.kept {
            context.set_stroke_style_str(self.colors.get(mark.class).map_or("#fff", String::as_str));
            outline(&context, mark);
        }
        Some(canvas)
    }
}

fn outline(context: &CanvasRenderingContext2d, mark: &Mark) {
    if let Some([x0, y0, x1, y1]) = mark.bbox {
        context.stroke_rect(x0, y0, x1 - x0, y1 - y0);
    }
}

/// A color in CSS.
pub(super) fn color([r, g, b]: [u8; 3]) -> String {
    format!("rgb({r} {g} {b})")
}
