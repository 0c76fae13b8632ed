//! A button that copies text and shows whether that worked.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Button, ButtonKind, Glyph, Toaster, Tone};
use crate::browser;

/// A button that copies text.
#[component]
pub fn CopyButton(
    /// Its accessible name.
    label: &'static str,
    /// The text to copy.
    text: String,
    /// Whether to show the label beside the icon.
    #[prop(optional)]
    words: bool,
) -> impl IntoView {
    let toaster = expect_context::<Toaster>();
    let text = StoredValue::new(text);
    view! {
        <Button label=label glyph=Glyph::Copy icon_only=!words class="small tip-end" kind=ButtonKind::Quiet on_press=move || {
            spawn_local(async move {
                if browser::copy(&text.get_value()).await {
                    toaster.say(Tone::Good, "Copied");
                } else {
                    toaster.say(Tone::Warn, "The browser does not allow copying here: select the text instead");
                }
            });
        } />
    }
}
