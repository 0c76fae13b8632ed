//! The catalog's thumbnails: the selected image after one step, drawn one after another and cached.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use augment_core::transforms::{Descriptor, Kind};
use augment_web_messages::PreviewRequest;
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde_json::{Value, json};
use wasm_bindgen_futures::spawn_local;
use web_sys::ImageData;

use crate::engine::Engine;
use crate::erased::{effect, live};
use crate::studio_state::Studio;
use crate::ui::{Glyph, Icon};

/// The longest side of a thumbnail in pixels.
const SIDE: u32 = 112;

/// Thumbnails of one image, by the name of the step.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepThumbnails {
    engine: StoredValue<Option<Engine>>,
    item: usize,
    /// The thumbnails so far.
    drawn: RwSignal<Drawn>,
    waiting: StoredValue<Vec<&'static str>>,
    busy: StoredValue<bool>,
}

type Drawn = BTreeMap<&'static str, SendWrapper<Rc<ImageData>>>;

thread_local! {
    /// The last thumbnails and the name of their image, so that opening the catalog again is free.
    static KEPT: RefCell<Option<(String, Drawn)>> = const { RefCell::new(None) };
}

impl StepThumbnails {
    /// Thumbnails of the selected image.
    pub(super) fn of_chosen_image(studio: Studio) -> Self {
        let item = studio.chosen.get_untracked();
        let name = studio.listing.with_untracked(|listing| {
            let listing = listing.as_ref()?;
            listing.items.get(item).map(|info| format!("{}/{}/{}", listing.items.len(), info.bytes, info.name))
        });
        let kept = KEPT
            .with_borrow(|kept| kept.as_ref().filter(|kept| Some(&kept.0) == name.as_ref()).map(|kept| kept.1.clone()));
        let drawn = RwSignal::new(kept.unwrap_or_default());
        if let Some(name) = name {
            effect(move || {
                let drawn = drawn.get();
                KEPT.set(Some((name.clone(), drawn)));
            });
        }
        Self {
            engine: StoredValue::new(use_context::<Engine>()),
            item,
            drawn,
            waiting: StoredValue::new(Vec::new()),
            busy: StoredValue::new(false),
        }
    }

    fn request(self, entry: &'static Descriptor) {
        if self.drawn.with_untracked(|drawn| drawn.contains_key(entry.op)) {
            return;
        }
        self.waiting.update_value(|waiting| waiting.push(entry.op));
        if self.busy.get_value() {
            return;
        }
        let Some(engine) = self.engine.get_value() else { return };
        self.busy.set_value(true);
        spawn_local(async move {
            // The catalog may close while a thumbnail is being drawn.
            while let Some(op) =
                self.waiting.try_update_value(|waiting| (!waiting.is_empty()).then(|| waiting.remove(0))).flatten()
            {
                let Some(entry) = super::editor::descriptor(op) else { continue };
                let request = PreviewRequest {
                    item: self.item,
                    recipe: example(entry),
                    seed: 3,
                    copies: vec![Some(0)],
                    side: SIDE,
                };
                let Ok((_, Some(pixels))) = engine.step_thumbnail(request).await else { continue };
                let image = SendWrapper::new(Rc::new(pixels.image));
                let _ = self.drawn.try_update(|drawn| drop(drawn.insert(op, image)));
            }
            let _ = self.busy.try_update_value(|busy| *busy = false);
        });
    }
}

/// The thumbnail of a step.
pub(super) fn thumbnail(thumbnails: StepThumbnails, entry: &'static Descriptor) -> AnyView {
    let mixes = entry.kind == Kind::Mixing;
    if !mixes {
        thumbnails.request(entry);
    }
    let canvas = NodeRef::<html::Canvas>::new();
    let image = Memo::new_with_compare(
        move |_| thumbnails.drawn.with(|drawn| drawn.get(entry.op).cloned()),
        |before, now| before.map(Option::is_some) != now.map(Option::is_some),
    );
    effect(move || {
        if let (Some(canvas), Some(image)) = (canvas.get(), image.get()) {
            crate::preview::put(&canvas, &image);
        }
    });
    view! {
        <span class="tile-picture" aria-hidden="true">
            {live(move || match image.get() {
                Some(_) => view! { <canvas node_ref=canvas></canvas> }.into_any(),
                None if mixes => view! { <Icon glyph=Glyph::Grid size="l" /> }.into_any(),
                None => view! { <Icon glyph=Glyph::Image size="l" /> }.into_any(),
            })}
        </span>
    }
    .into_any()
}

/// A recipe with one step that always runs, with example parameters.
fn example(entry: &Descriptor) -> Value {
    let mut step = json!({ "op": entry.op });
    let example: Value = entry.examples.first().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    if let (Some(step), Value::Object(parameters)) = (step.as_object_mut(), example) {
        step.extend(parameters);
    }
    json!({ "version": 1, "steps": [step] })
}
