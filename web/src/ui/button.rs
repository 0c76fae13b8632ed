//! Buttons with a label or only an icon.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// The prominence of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// One of several.
    #[default]
    Plain,
    /// The primary action.
    Primary,
    /// Without a border.
    Quiet,
    /// It removes something.
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

/// A button. Its label is its accessible name; a button with only an icon shows it as a tooltip.
#[component]
pub fn Button(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// The action.
    #[prop(into)]
    on_press: UnsyncCallback<()>,
    /// The prominence.
    #[prop(optional)]
    kind: ButtonKind,
    /// An icon before the label.
    #[prop(optional, into)]
    glyph: Option<Signal<Glyph>>,
    /// Whether to show only the icon.
    #[prop(optional)]
    icon_only: bool,
    /// More classes: `small`, `large`, `wide`, `tip-end`, `tip-up`.
    #[prop(optional)]
    class: &'static str,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The state of a toggle button.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// Whether the element that it opens is open.
    #[prop(optional, into)]
    expanded: Option<Signal<bool>>,
    /// The keyboard shortcut, in ARIA's notation.
    #[prop(optional)]
    keys: Option<&'static str>,
    /// A reference to the element, to focus it.
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
