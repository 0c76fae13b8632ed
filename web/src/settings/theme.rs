//! The light and dark theme: the system's choice, or the user's.

use leptos::prelude::*;

use crate::browser;

/// The stored theme: `auto`, `light` or `dark`.
#[must_use]
pub fn stored() -> String {
    browser::stored("theme").filter(|theme| theme == "light" || theme == "dark").unwrap_or_else(|| "auto".into())
}

/// Applies the stored theme, before anything is drawn.
pub fn apply_stored() {
    apply(&stored());
}

/// Stores a theme and applies it.
pub fn choose(theme: &str) {
    browser::store("theme", theme);
    apply(theme);
}

fn apply(theme: &str) {
    if let Some(root) = document().document_element() {
        let _ = match theme {
            "auto" => root.remove_attribute("data-theme"),
            theme => root.set_attribute("data-theme", theme),
        };
    }
}
