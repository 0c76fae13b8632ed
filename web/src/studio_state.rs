//! The state of the Studio: the signals that the rooms of the page share.

use std::collections::BTreeSet;

use augment_core::plan::{BUILT_IN, Split, SplitChoice};
use augment_web_messages::{Listing, SplitInfo};
use leptos::prelude::*;
use serde_json::{Value, json};

/// The largest seed that every JSON reader represents exactly.
pub const MAX_SEED: u64 = (1 << 53) - 1;
/// The most copies of one image that a recipe may ask for.
pub const MAX_COUNT: u32 = 100_000;

/// The state of the Studio. Rooms take it from the context; each says which signals it writes.
#[derive(Clone, Copy, Debug)]
pub struct Studio {
    /// The open dataset. Written by `intake`.
    pub listing: RwSignal<Option<Listing>>,
    /// The position of the image that the preview shows. Written by `intake` and `preview`.
    pub chosen: RwSignal<usize>,
    /// The names of the files and folders that were added. Written by `intake`.
    pub input: RwSignal<Vec<String>>,
    /// The recipe in the editor as JSON: its steps and label policy. Written by `recipe`.
    pub recipe: RwSignal<Value>,
    /// The recipe's `output` object: format, quality and so on. Written by `run`, and by `recipe` on load.
    pub output: RwSignal<Value>,
    /// The format to write labels in; `None` for the dataset's own. Written by `run`.
    pub labels: RwSignal<Option<String>>,
    /// Copies of each image. Written by `run`, and by `recipe` on load.
    pub count: RwSignal<u32>,
    /// The seed of previews and runs. Written by `recipe`, `preview` and `run`.
    pub seed: RwSignal<u64>,
    /// Whether to make a contact sheet. Written by `run`.
    pub sheet: RwSignal<bool>,
    /// Whether a run is active. Written by `run`.
    pub running: RwSignal<bool>,
    /// Whether there is an unsaved zip. Written by `run`.
    pub unsaved: RwSignal<bool>,
    /// The mode of the open share dialog. Written by `run` and `gallery`.
    pub share: RwSignal<Option<ShareMode>>,
    /// The part that a small screen shows. Written by `app`, and by rooms that link to another part.
    pub tab: RwSignal<Tab>,
}

/// Where the results of shared images come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareMode {
    /// They are made in this browser.
    Local,
    /// The server makes them.
    Server,
}

/// The parts of the Studio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The dataset.
    Data,
    /// The recipe.
    Recipe,
    /// The preview.
    Preview,
    /// The run.
    Run,
}

impl Studio {
    /// A Studio without a dataset, with the default recipe.
    #[must_use]
    pub fn new() -> Self {
        let studio = Self {
            listing: RwSignal::new(None),
            chosen: RwSignal::new(0),
            input: RwSignal::new(Vec::new()),
            recipe: RwSignal::new(json!({ "version": 1, "steps": [] })),
            output: RwSignal::new(json!({})),
            labels: RwSignal::new(None),
            count: RwSignal::new(5),
            seed: RwSignal::new(7),
            sheet: RwSignal::new(true),
            running: RwSignal::new(false),
            unsaved: RwSignal::new(false),
            share: RwSignal::new(None),
            tab: RwSignal::new(Tab::Preview),
        };
        if let Some(first) = BUILT_IN.first().and_then(|recipe| serde_json::from_str(recipe.json).ok()) {
            studio.load(first);
        }
        studio
    }

    /// Loads a whole recipe: seed, count and output go to their own signals, the rest to `recipe`.
    pub fn load(&self, mut recipe: Value) {
        if let Some(fields) = recipe.as_object_mut() {
            if let Some(seed) = fields.shift_remove("seed").and_then(|seed| seed.as_u64()) {
                self.seed.set(seed.min(MAX_SEED));
            }
            if let Some(count) = fields.shift_remove("count").and_then(|count| count.as_u64()) {
                self.count.set(count.clamp(1, MAX_COUNT.into()) as u32);
            }
            self.output.set(fields.shift_remove("output").filter(Value::is_object).unwrap_or_else(|| json!({})));
        }
        self.recipe.set(recipe);
    }

    /// The whole recipe for a run, with output, count and seed. Tracks all of them.
    #[must_use]
    pub fn whole(&self) -> Value {
        let mut recipe = self.drawing();
        recipe["count"] = self.count.get().into();
        recipe["seed"] = self.seed.get().into();
        recipe
    }

    /// The recipe with its output but without count and seed: what previews depend on. Tracks both.
    #[must_use]
    pub fn drawing(&self) -> Value {
        let mut recipe = self.recipe.get();
        if let Value::Object(output) = self.output.get()
            && !output.is_empty()
        {
            recipe["output"] = Value::Object(output);
        }
        recipe
    }

    /// The splits that the recipe augments.
    #[must_use]
    pub fn augment(&self) -> SplitChoice {
        self.recipe.with(|recipe| recipe["augment"].as_str().and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    /// The splits that a run copies unchanged; `None` stands for images in no split.
    #[must_use]
    pub fn unchanged(&self) -> BTreeSet<Option<Split>> {
        let splits = self.listing.with(|listing| {
            let splits = listing.iter().flat_map(|listing| &listing.splits);
            splits.map(|split| split.name.as_deref().map(Split::named)).collect()
        });
        self.augment().others(splits)
    }

    /// The number of augmented images, and of unchanged ones.
    #[must_use]
    pub fn images(&self) -> (u64, u64) {
        let unchanged = self.unchanged();
        let passes = |split: &SplitInfo| unchanged.contains(&split.name.as_deref().map(Split::named));
        self.listing.with(|listing| {
            let splits = listing.iter().flat_map(|listing| &listing.splits);
            splits.fold((0, 0), |(augmented, unchanged), split| match (passes(split), split.images as u64) {
                (true, images) => (augmented, unchanged + images),
                (false, images) => (augmented + images, unchanged),
            })
        })
    }

    /// The number of outputs of a run: copies and, if wanted, originals of augmented images, and unchanged images.
    #[must_use]
    pub fn outputs(&self) -> u64 {
        let (augmented, unchanged) = self.images();
        augmented * (u64::from(self.count.get()) + u64::from(self.originals())) + unchanged
    }

    /// Whether a run writes the originals too.
    #[must_use]
    pub fn originals(&self) -> bool {
        self.output.with(|output| output["include_original"].as_bool().unwrap_or_default())
    }
}

impl Default for Studio {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loaded_recipe_is_complete() {
        let owner = Owner::new();
        owner.set();
        let studio = Studio::new();
        let recipe = json!({
            "version": 1, "seed": 11, "count": 3,
            "output": {"format": "png", "quality": 80, "include_original": true, "compression": "small"},
            "labels": {"min_visibility": 0.2},
            "steps": [{"op": "flip_horizontal"}]
        });
        studio.load(recipe.clone());
        assert_eq!(studio.whole(), recipe);
        let split = |name: &str, images| SplitInfo { name: Some(name.to_owned()), images, objects: 0 };
        let splits = vec![split("train", 10), split("val", 3)];
        studio.listing.set(Some(Listing { splits, ..Listing::default() }));
        assert_eq!((studio.images(), studio.outputs()), ((10, 3), 43), "only train is augmented");
        studio.recipe.update(|recipe| recipe["augment"] = "all".into());
        assert_eq!((studio.images(), studio.outputs()), ((13, 0), 52), "all are");
        assert!(studio.recipe.get_untracked().get("seed").is_none(), "the seed has its own signal");
        assert!(studio.originals(), "as the recipe says");
    }
}
