//! Buttons, with words or with an icon alone.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// One among others.
    #[default]
    Plain,
    /// The one that a place is about.
    Primary,
    /// Without a frame.
    Quiet,
    /// It takes something away.
    Danger,
}

impl ButtonKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Primary => "button primary",
            Self::Quiet => "button quiet",
            Self::Danger => "button danger",
        }
    }
}

/// A button. Its label is its accessible name, also where only the icon is seen; then the label shows as a tip.
#[component]
pub fn Button(
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// What happens when it is pressed.
    #[prop(into)]
    on_press: UnsyncCallback<()>,
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// An icon before the words.
    #[prop(optional, into)]
    glyph: Option<Signal<Glyph>>,
    /// Whether the icon stands alone.
    #[prop(optional)]
    icon_only: bool,
    /// More classes: `small`, `large`, `wide`, `tip-end`, `tip-up`.
    #[prop(optional)]
    class: &'static str,
    /// Whether it cannot be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// For a button that stays down: whether it is.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// What it opens is open; for buttons that open something.
    #[prop(optional, into)]
    expanded: Option<Signal<bool>>,
    /// The keys that do the same, in ARIA's notation.
    #[prop(optional)]
    keys: Option<&'static str>,
    /// Gives the element out, to focus it.
    #[prop(optional)]
    node: NodeRef<leptos::html::Button>,
) -> impl IntoView {
    let class = format!("{} {class}{}", kind.class(), if icon_only { " icon-only" } else { "" });
    view! {
        <button
            type="button"
            class=class
            node_ref=node
            disabled=move || disabled.get()
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            aria-expanded=move || expanded.map(|expanded| expanded.get().to_string())
            aria-keyshortcuts=keys
            aria-label=move || icon_only.then(|| label.get())
            data-tip=move || icon_only.then(|| label.get())
            on:click=move |_| on_press.run(())
        >
            {glyph.map(|glyph| view! { <Icon glyph=glyph /> })}
            {(!icon_only).then(|| view! { <span>{move || label.get()}</span> })}
        </button>
    }
}
