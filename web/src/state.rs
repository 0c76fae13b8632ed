//! What the page knows: the signals that its rooms share.

use augment_web_messages::Listing;
use leptos::prelude::*;
use serde_json::Value;

/// The state of the Studio. Rooms take it from the context; each says which signals it writes.
#[derive(Clone, Copy, Debug)]
pub struct Studio {
    /// The dataset that was brought, once it is opened. Written by `intake`.
    pub listing: RwSignal<Option<Listing>>,
    /// The position of the image that the preview shows. Written by `intake` and `preview`.
    pub chosen: RwSignal<usize>,
    /// The recipe as JSON, as it stands in the editor, its seed and count left out. Written by `recipe`.
    pub recipe: RwSignal<Value>,
    /// Copies of every image. Written by `recipe`.
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
            recipe: RwSignal::new(Value::Null),
            count: RwSignal::new(5),
            seed: RwSignal::new(1),
            running: RwSignal::new(false),
        }
    }
}

impl Default for Studio {
    fn default() -> Self {
        Self::new()
    }
}
