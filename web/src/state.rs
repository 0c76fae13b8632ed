//! What the page knows: the signals that its rooms share.

use augment_web_messages::Listing;
use leptos::prelude::*;
use serde_json::{Value, json};

/// The state of the Studio. Rooms take it from the context; each says which signals it writes.
#[derive(Clone, Copy, Debug)]
pub struct Studio {
    /// The dataset that was brought, once it is opened. Written by `intake`.
    pub listing: RwSignal<Option<Listing>>,
    /// The position of the image that the preview shows. Written by `intake` and `preview`.
    pub chosen: RwSignal<usize>,
    /// What the input is called: the names of the files and folders that were brought. Written by `intake`.
    pub input: RwSignal<Vec<String>>,
    /// The recipe as JSON, as it stands in the editor: its steps and label policy. Written by `recipe`.
    pub recipe: RwSignal<Value>,
    /// The recipe's `output` object: format, quality and so on. Written by `run`, and by `recipe` when one is loaded.
    pub output: RwSignal<Value>,
    /// The format to write labels in; `None` for the dataset's own. Written by `run`.
    pub labels: RwSignal<Option<String>>,
    /// Copies of every image. Written by `run`, and by `recipe` when one is loaded.
    pub count: RwSignal<u32>,
    /// The seed of previews and runs. Written by `recipe` and `preview`.
    pub seed: RwSignal<u64>,
    /// Whether a run is on. Written by `run`.
    pub running: RwSignal<bool>,
}

impl Studio {
    /// An empty Studio with the default recipe.
    #[must_use]
    pub fn new() -> Self {
        Self {
            listing: RwSignal::new(None),
            chosen: RwSignal::new(0),
            input: RwSignal::new(Vec::new()),
            recipe: RwSignal::new(json!({ "version": 1, "steps": [] })),
            output: RwSignal::new(json!({})),
            labels: RwSignal::new(None),
            count: RwSignal::new(5),
            seed: RwSignal::new(1),
            running: RwSignal::new(false),
        }
    }

    /// The whole recipe as a run takes it: with its output, count and seed. Follows all of them.
    #[must_use]
    pub fn whole(&self) -> Value {
        let mut recipe = self.drawing();
        recipe["count"] = self.count.get().into();
        recipe["seed"] = self.seed.get().into();
        recipe
    }

    /// The recipe with its output but without count and seed: what outputs depend on. Follows both.
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
}

impl Default for Studio {
    fn default() -> Self {
        Self::new()
    }
}
