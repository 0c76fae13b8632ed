//! The settings: loaded from this browser's storage, and stored on every change.

use leptos::prelude::*;

use super::theme;
use crate::browser;

/// The settings. Every change is stored in this browser.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Workers of a run; 0 for one per core.
    pub workers: RwSignal<u64>,
    /// The longest side of a preview picture in pixels.
    pub preview_side: RwSignal<u64>,
    /// The theme: `auto`, `light` or `dark`.
    pub theme: RwSignal<String>,
}

impl Settings {
    /// The stored settings.
    #[must_use]
    pub fn load() -> Self {
        let number = |name: &str, usual: u64, least: u64, most: u64| {
            let stored = browser::stored(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
            RwSignal::new(stored.clamp(least, most))
        };
        let settings = Self {
            workers: number("workers", 0, 0, 64),
            preview_side: number("preview", 720, 160, 1280),
            theme: RwSignal::new(theme::stored()),
        };
        let keep = |name: &'static str, signal: RwSignal<u64>| {
            Effect::watch(move || signal.get(), move |value, _, _| browser::store(name, &value.to_string()), false);
        };
        keep("workers", settings.workers);
        keep("preview", settings.preview_side);
        Effect::watch(move || settings.theme.get(), |theme, _, _| theme::choose(theme), false);
        settings
    }

    /// The number of workers of a run.
    #[must_use]
    pub fn worker_count(&self) -> u64 {
        match self.workers.get() {
            0 => browser::cores(),
            some => some,
        }
    }
}
