//! The handle of the editor: the history of the recipe, open cards, announcements.

use std::collections::BTreeSet;

use augment_core::transforms::{CATALOG, Descriptor};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::edit::StepPosition;
use super::history::History;
use super::model::{Draft, DraftStep, Key};
use crate::erased::effect;
use crate::studio_state::Studio;
use crate::ui::{Toaster, Tone};

/// A handle on the editor; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Editor {
    /// The state of the Studio.
    pub(super) studio: Studio,
    toaster: Option<Toaster>,
    history: RwSignal<History>,
    /// The recipe as last passed to the Studio.
    published: StoredValue<Value>,
    waiting: StoredValue<bool>,
    /// The cards that are open.
    pub(super) open: RwSignal<BTreeSet<Key>>,
    /// The last message for screen readers.
    pub(super) announcement: RwSignal<String>,
    /// Where the catalog inserts a step; the catalog is open while there is a position.
    pub(super) adding: RwSignal<Option<StepPosition>>,
    /// Where a dragged step would land.
    pub(super) drop: RwSignal<Option<StepPosition>>,
    /// The dragged step.
    pub(super) dragged: RwSignal<Option<Key>>,
}

impl Editor {
    /// Provides the editor of a Studio's recipe as context.
    pub fn provide(studio: Studio) -> Self {
        let recipe = studio.recipe.get_untracked();
        let editor = Self {
            studio,
            toaster: use_context(),
            history: RwSignal::new(History::new(Draft::from_json(&recipe))),
            published: StoredValue::new(recipe),
            waiting: StoredValue::new(false),
            open: RwSignal::new(BTreeSet::new()),
            announcement: RwSignal::new(String::new()),
            adding: RwSignal::new(None),
            drop: RwSignal::new(None),
            dragged: RwSignal::new(None),
        };
        // Follows recipes that other rooms load into the Studio.
        effect(move || {
            let recipe = studio.recipe.get();
            if !editor.waiting.get_value() && editor.published.with_value(|published| *published != recipe) {
                editor.published.set_value(recipe.clone());
                editor.history.update(|history| history.edit(None, |draft| *draft = draft.with_json(&recipe)));
            }
        });
        provide_context(editor);
        editor
    }

    /// Reads the recipe and tracks it.
    pub(super) fn with<T>(&self, look: impl FnOnce(&Draft) -> T) -> T {
        self.history.track();
        self.with_untracked(look)
    }

    /// Reads the recipe without tracking it.
    pub(super) fn with_untracked<T>(&self, look: impl FnOnce(&Draft) -> T) -> T {
        let (mut look, mut seen) = (Some(look), None);
        self.look(&mut |draft| seen = look.take().map(|look| look(draft)));
        seen.expect("the editor's signals live as long as the page")
    }

    /// Not generic: all reads share this code.
    fn look(&self, look: &mut dyn FnMut(&Draft)) {
        self.history.with_untracked(|history| look(history.now()));
    }

    /// Whether undo and redo are possible.
    pub(super) fn can_undo_redo(&self) -> (bool, bool) {
        self.history.with(History::can_undo_redo)
    }

    /// Changes the recipe; consecutive changes of one gesture are undone together.
    pub(super) fn edit<T>(&self, gesture: Option<&str>, change: impl FnOnce(&mut Draft) -> T) -> T {
        let (mut change, mut result) = (Some(change), None);
        self.change(gesture, &mut |draft| result = change.take().map(|change| change(draft)));
        result.expect("the editor's signals live as long as the page")
    }

    /// Not generic: all edits share this code.
    fn change(&self, gesture: Option<&str>, change: &mut dyn FnMut(&mut Draft)) {
        self.history.update(|history| history.edit(gesture, change));
        self.publish();
    }

    /// Ends a gesture.
    pub(super) fn settle(&self) {
        self.history.update_untracked(History::settle);
    }

    /// Undoes or redoes a change.
    pub(super) fn undo_or_redo(&self, back: bool) {
        let moved = self.history.try_update(|history| if back { history.undo() } else { history.redo() });
        if moved == Some(true) {
            self.announce(if back { "Undone" } else { "Redone" });
            self.publish();
        }
    }

    /// Loads a whole recipe; its seed, count and output go to the Studio. With `same_text`, unchanged steps keep their
    /// cards.
    pub(super) fn load(&self, recipe: Value, same_text: bool) {
        self.studio.load(recipe);
        let recipe = self.studio.recipe.get_untracked();
        self.published.set_value(recipe.clone());
        self.history.update(|history| {
            let gesture = same_text.then_some("text");
            history.edit(gesture, |draft| {
                *draft = if same_text { draft.with_json(&recipe) } else { draft.replaced_by(&recipe) };
            });
        });
    }

    /// Shows a toast.
    pub(super) fn toast(&self, tone: Tone, words: impl Into<String>) {
        if let Some(toaster) = self.toaster {
            toaster.say(tone, words);
        }
    }

    /// Announces a message to screen readers.
    pub(super) fn announce(&self, words: impl Into<String>) {
        self.announcement.set(words.into());
    }

    /// Moves a step up or down, announces its position, and keeps the focus on it.
    pub(super) fn shift(&self, key: Key, up: bool) {
        if self.edit(None, |draft| draft.shift(key, up)) {
            self.announce_position(key);
            focus_card(key);
        } else {
            self.announce(if up { "It is already the first" } else { "It is already the last" });
        }
    }

    /// Moves a step to a position.
    pub(super) fn move_to(&self, key: Key, to: StepPosition) {
        if self.edit(None, |draft| draft.move_to(key, to)) {
            self.announce_position(key);
        }
    }

    fn announce_position(&self, key: Key) {
        let words = self.with_untracked(|draft| {
            let place = draft.place(key)?;
            let step = draft.find(key)?;
            let of = draft.children(place.parent).len();
            let inside = place.parent.and_then(|parent| draft.find(parent));
            let inside = inside.map_or_else(String::new, |group| format!(" in {}", title(group.op())));
            Some(format!("{}: now {} of {of}{inside}", title(step.op()), place.index + 1))
        });
        if let Some(words) = words {
            self.announce(words);
        }
    }

    /// Inserts a new step, opens its card and scrolls to it.
    pub(super) fn insert(&self, step: &Value, at: StepPosition) {
        let Some(key) = self.edit(None, |draft| draft.insert(step, at)) else { return };
        self.open.update(|open| {
            open.insert(key);
        });
        self.announce(format!("{} added", title(step["op"].as_str().unwrap_or_default())));
        focus_card(key);
    }

    /// Removes a step.
    pub(super) fn remove(&self, key: Key) {
        let neighbor = self.with_untracked(|draft| {
            let place = draft.place(key)?;
            let siblings = draft.children(place.parent);
            siblings.get(place.index + 1).or_else(|| siblings.get(place.index.checked_sub(1)?)).map(|step| step.key)
        });
        if let Some(step) = self.edit(None, |draft| draft.remove(key)) {
            self.announce(format!("{} removed; Undo restores it", title(step.op())));
            if let Some(neighbor) = neighbor {
                focus_card(neighbor);
            }
        }
    }

    /// Passes the recipe to the Studio in the next frame: a slider moves faster than previews can follow.
    fn publish(&self) {
        if self.waiting.get_value() {
            return;
        }
        self.waiting.set_value(true);
        let editor = *self;
        request_animation_frame(move || {
            editor.waiting.set_value(false);
            let recipe = editor.with_untracked(Draft::to_json);
            if editor.published.with_value(|published| *published != recipe) {
                editor.published.set_value(recipe.clone());
                editor.studio.recipe.set(recipe);
            }
        });
    }
}

/// Focuses a step's card once it is mounted.
pub(super) fn focus_card(key: Key) {
    request_animation_frame(move || {
        let found = document().query_selector(&format!("[data-step='{key}'] .step-title")).ok().flatten();
        if let Some(title) = found.and_then(|title| title.dyn_into::<HtmlElement>().ok()) {
            let _ = title.focus();
            if let Ok(Some(card)) = title.closest(".step") {
                scroll_to(&card);
            }
        }
    });
}

fn scroll_to(card: &web_sys::Element) {
    let nearest = web_sys::ScrollIntoViewOptions::new();
    nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
    card.scroll_into_view_with_scroll_into_view_options(&nearest);
}

/// The description of a transform.
#[must_use]
pub(super) fn descriptor(op: &str) -> Option<&'static Descriptor> {
    CATALOG.iter().copied().find(|descriptor| descriptor.op == op)
}

/// The displayed name of a transform or group.
#[must_use]
pub fn title(op: &str) -> String {
    match op {
        "clahe" => "CLAHE".into(),
        "jpeg_artifacts" => "JPEG artifacts".into(),
        "one_of" => "One of these".into(),
        "some_of" => "Some of these".into(),
        "sequence" => "Together".into(),
        _ => display_name(op),
    }
}

/// A name with spaces and a capital letter.
#[must_use]
pub(super) fn display_name(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A step's parameters in one line: those that are set, or else the first one.
#[must_use]
pub(super) fn summary(step: &DraftStep) -> String {
    if let Some(steps) = &step.steps {
        let titles: Vec<String> = steps.iter().filter(|step| step.on).map(|step| title(step.op())).collect();
        return titles.join(", ");
    }
    let Some(descriptor) = descriptor(step.op()) else { return String::new() };
    let mut parts = Vec::new();
    for parameter in descriptor.parameters {
        if let Some(value) = step.fields.get(parameter.name) {
            parts.push(value_summary(value, parameter.unit));
        }
    }
    if parts.is_empty()
        && let Some(first) = descriptor.parameters.first()
    {
        parts.push(value_summary(&(first.default)(), first.unit));
    }
    parts.join(" · ")
}

fn value_summary(value: &Value, unit: &str) -> String {
    let unit = unit.split(' ').next().unwrap_or_default();
    let gap = if unit.is_empty() || unit == "°" { "" } else { "\u{202f}" };
    let (unit, before) = if unit == "×" { ("", "×") } else { (unit, "") };
    let gap = if before.is_empty() { gap } else { "" };
    match value {
        Value::Array(ends) if ends.len() == 2 => {
            let (low, high) = super::scale::ends(value);
            format!("{before}{}…{}{gap}{unit}", super::scale::display(low), super::scale::display(high))
        }
        Value::Array(levels) => {
            let levels: Vec<String> = levels.iter().map(ToString::to_string).collect();
            format!("rgb {}", levels.join(" "))
        }
        Value::Number(number) => {
            format!("{before}{}{gap}{unit}", super::scale::display(number.as_f64().unwrap_or_default()))
        }
        Value::String(word) => word.replace('_', " "),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
        _ => String::new(),
    }
}
