//! An inline message: an icon and text, with its possible actions.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// The meaning of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Information.
    #[default]
    Info,
    /// Success.
    Good,
    /// A warning.
    Warn,
    /// An error.
    Danger,
}

impl Tone {
    /// The CSS class of its colors.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Info => "",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }

    /// Its icon.
    #[must_use]
    pub const fn glyph(self) -> Glyph {
        match self {
            Self::Info => Glyph::Info,
            Self::Good => Glyph::CheckCircle,
            Self::Warn => Glyph::Warning,
            Self::Danger => Glyph::Error,
        }
    }
}

/// An inline message.
#[component]
pub fn Notice(
    /// The meaning.
    #[prop(optional)]
    tone: Tone,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class())>
            <Icon glyph=tone.glyph() />
            <div>{children()}</div>
        </div>
    }
}
