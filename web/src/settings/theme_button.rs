//! The button in the page's header that switches the theme.

use leptos::prelude::*;

use super::Settings;
use crate::ui::{Button, ButtonKind, Glyph};

/// Switches to the next theme.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = expect_context::<Settings>().theme;
    let words = Signal::derive(move || match theme.get().as_str() {
        "light" => "Theme: light".into(),
        "dark" => "Theme: dark".into(),
        _ => String::from("Theme: same as the system"),
    });
    let glyph = Signal::derive(move || match theme.get().as_str() {
        "light" => Glyph::Sun,
        "dark" => Glyph::Moon,
        _ => Glyph::Contrast,
    });
    view! {
        <Button label=words glyph=glyph icon_only=true kind=ButtonKind::Quiet class="tip-end" on_press=move || {
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
