//! Light or dark: the system's choice, or the person's.

use leptos::prelude::*;

use crate::browser;
use crate::settings::Settings;
use crate::ui::{Button, Glyph, Kind};

/// The stored theme: `auto`, `light` or `dark`.
#[must_use]
pub fn stored() -> String {
    browser::stored("theme").filter(|theme| theme == "light" || theme == "dark").unwrap_or_else(|| "auto".into())
}

/// Shows the stored theme, before anything is drawn.
pub fn apply_stored() {
    apply(&stored());
}

/// Stores a theme and shows it.
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

/// Goes from one theme to the next.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = expect_context::<Settings>().theme;
    let words = Signal::derive(move || match theme.get().as_str() {
        "light" => "Theme: light".into(),
        "dark" => "Theme: dark".into(),
        _ => String::from("Theme: as the system"),
    });
    let glyph = Signal::derive(move || match theme.get().as_str() {
        "light" => Glyph::Sun,
        "dark" => Glyph::Moon,
        _ => Glyph::Contrast,
    });
    view! {
        <Button label=words glyph=glyph icon_only=true kind=Kind::Quiet class="tip-end" on_press=move || {
            theme.update(|theme| {
                let next = match theme.as_str() {
                    "auto" => "light",
                    "light" => "dark",
                    _ => "auto",
                };
                next.clone_into(theme);
            });
        } />
    }
}
