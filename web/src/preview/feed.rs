//! The pictures of the preview grid: requested when the recipe, the seed or the image changes.

use std::rc::Rc;

use augment_core::plan::Split;
use augment_web_messages::{ClassInfo, Picture, PreviewRequest};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use super::describe::{copy_name, labels_in_words};
use super::overlay::Shown;
use crate::engine::{Engine, Pixels};
use crate::erased::memo;
use crate::studio_state::Studio;

/// The most cells.
pub const MOST: usize = 24;

/// A picture with its pixels; without pixels if it has an error.
pub type Frame = SendWrapper<Rc<(Picture, Option<Pixels>)>>;

/// A cell of the grid.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The picture.
    pub shot: Option<Frame>,
    /// Whether a newer one is on its way.
    pub stale: bool,
}

/// The pictures of the selected image.
#[derive(Clone, Copy, Debug)]
pub struct Feed {
    /// The state of the Studio.
    pub studio: Studio,
    engine: StoredValue<Option<Engine>>,
    cells: StoredValue<Vec<RwSignal<Cell>>>,
    /// The number of cells to show, including the original.
    pub wanted: RwSignal<usize>,
    /// The split of the selected image, if a run copies it unchanged.
    pub unchanged_split: Memo<Option<String>>,
    /// The longest side of a picture, in pixels.
    pub side: RwSignal<u32>,
    /// Which labels are shown.
    pub shown: RwSignal<Shown>,
    /// Whether the seed is locked.
    pub locked: RwSignal<bool>,
    /// Whether pictures are on their way.
    pub busy: RwSignal<bool>,
    /// Why there are no pictures.
    pub error: RwSignal<Option<String>>,
    /// The cell that is enlarged.
    pub zoomed: RwSignal<Option<usize>>,
    /// Counts requests: the latest wins.
    turn: StoredValue<u64>,
}

impl Feed {
    /// A feed that follows the Studio.
    #[must_use]
    pub fn new(studio: Studio) -> Self {
        let feed = Self {
            studio,
            engine: StoredValue::new(use_context()),
            cells: StoredValue::new((0..MOST).map(|_| RwSignal::new(Cell::default())).collect()),
            wanted: RwSignal::new(9),
            unchanged_split: memo(move || unchanged_split(studio)),
            side: RwSignal::new(0),
            shown: RwSignal::new(Shown { labels: true, dropped: true, names: true }),
            locked: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            zoomed: RwSignal::new(None),
            turn: StoredValue::new(0),
        };
        Effect::new(move |before: Option<Option<usize>>| {
            let item = feed.studio.chosen.get();
            let can_draw =
                feed.studio.listing.with(|listing| listing.as_ref().is_some_and(|listing| item < listing.items.len()));
            let same_image = before.flatten() == Some(item);
            if !can_draw || feed.side.get() == 0 {
                return None;
            }
            let what = PreviewRequest {
                item,
                recipe: feed.studio.drawing(),
                seed: feed.studio.seed.get(),
                copies: (0..feed.count()).map(copy_of).collect(),
                side: feed.side.get(),
            };
            feed.request(what, same_image);
            Some(item)
        });
        feed
    }

    /// The number of shown cells: an unchanged image has no copies.
    #[must_use]
    pub fn count(&self) -> usize {
        if self.unchanged_split.with(Option::is_some) { 1 } else { self.wanted.get() }
    }

    /// The name of a cell.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        if self.unchanged_split.with(Option::is_some) { "Unchanged".into() } else { copy_name(copy_of(index)) }
    }

    /// The cell at a position.
    #[must_use]
    pub fn cell(&self, index: usize) -> RwSignal<Cell> {
        self.cells.with_value(|cells| cells[index.min(MOST - 1)])
    }

    /// The engine that draws.
    #[must_use]
    pub fn engine(&self) -> Option<Engine> {
        self.engine.get_value()
    }

    /// The classes of the dataset's objects.
    pub fn with_classes<T>(&self, look: impl FnOnce(&[ClassInfo]) -> T) -> T {
        self.studio.listing.with(|listing| look(listing.as_ref().map_or(&[], |listing| &listing.classes)))
    }

    /// The request for the output of one cell.
    #[must_use]
    pub fn exact_request(&self, index: usize) -> PreviewRequest {
        PreviewRequest {
            item: self.studio.chosen.get(),
            recipe: self.studio.drawing(),
            seed: self.studio.seed.get(),
            copies: vec![copy_of(index)],
            side: 0,
        }
    }

    /// Draws another seed, unless it is locked.
    pub fn reseed(&self) {
        if !self.locked.get_untracked() {
            // Short enough to tell someone.
            self.studio.seed.set((js_sys::Math::random() * 1e6) as u64);
        }
    }

    /// Shows another image of the dataset.
    pub fn turn_page(&self, by: isize) {
        let images =
            self.studio.listing.with_untracked(|listing| listing.as_ref().map_or(0, |listing| listing.items.len()));
        if images > 0 {
            let next = (self.studio.chosen.get_untracked() + images).wrapping_add_signed(by) % images;
            self.studio.chosen.set(next);
        }
    }

    /// What the grid shows, as a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        if let Some(refused) = self.error.get() {
            return format!("No preview: {refused}");
        }
        if self.busy.get() {
            return String::new();
        }
        let first = self.cell(0).with(|cell| cell.shot.as_ref().map(|shot| labels_in_words(&shot.0)));
        first.map_or_else(String::new, |_| match self.count() {
            1 => "1 picture: the image goes through unchanged".into(),
            count => format!("{count} pictures, seed {}", self.studio.seed.get()),
        })
    }

    fn request(&self, what: PreviewRequest, same_image: bool) {
        let Some(engine) = self.engine.get_value() else { return };
        let feed = *self;
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.busy.set(true);
        for (index, _) in what.copies.iter().enumerate() {
            // The original of the same image will not change.
            let keeps = same_image && index == 0;
            self.cell(index).update(|cell| cell.stale = cell.shot.is_some() && !keeps);
        }
        spawn_local(async move {
            let latest = move || feed.turn.try_get_value() == Some(turn);
            let outcome = engine
                .preview(what, move |picture, pixels| {
                    if latest() {
                        let index = index_of(picture.copy);
                        let shot = Some(SendWrapper::new(Rc::new((picture, pixels))));
                        feed.cell(index).set(Cell { shot, stale: false });
                    }
                })
                .await;
            if !latest() {
                return;
            }
            feed.busy.set(false);
            match outcome {
                Ok(_) => feed.error.set(None),
                Err(refusal) => feed.error.set(Some(refusal.message)),
            }
        });
    }
}

/// The split of the selected image, if a run makes no copies of it.
fn unchanged_split(studio: Studio) -> Option<String> {
    let chosen = studio.chosen.get();
    let split = studio.listing.with(|listing| Some(listing.as_ref()?.items.get(chosen)?.split.clone()))?;
    let named = split.as_deref().map(Split::named);
    studio.unchanged().contains(&named).then(|| split.unwrap_or_else(|| "no split".into()))
}

/// The copy in a cell; the first cell shows the source itself.
#[must_use]
pub const fn copy_of(index: usize) -> Option<u32> {
    if index == 0 { None } else { Some(index as u32 - 1) }
}

/// The cell of a copy.
const fn index_of(copy: Option<u32>) -> usize {
    match copy {
        None => 0,
        Some(copy) => copy as usize + 1,
    }
}
