//! A message in its place: icon, words, and what can be done.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// What a message means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    #[default]
    Info,
    /// It worked.
    Good,
    /// Something a person should look at.
    Warn,
    /// Something did not work.
    Danger,
}

impl Tone {
    /// The class of its colors.
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

/// A message in its place.
#[component]
pub fn Notice(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// What it says.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class())>
            <Icon glyph=tone.glyph() />
            <div>{children()}</div>
        </div>
    }
}
