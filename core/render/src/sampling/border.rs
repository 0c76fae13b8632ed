//! What a recipe says of borders: one of them, or whichever tells no lies about an image's labels.

use super::Facts;
use crate::geometry::Border;

/// A border as recipes name it; a draw makes it one that a plan can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BorderChoice {
    /// [`Border::Reflect`] where the image has no object labels. Where it has, [`Border::Constant`]: a mirror would show
    /// parts of objects that no label covers.
    #[default]
    Auto,
    /// See [`Border::Constant`].
    Constant,
    /// See [`Border::Replicate`].
    Replicate,
    /// See [`Border::Reflect`].
    Reflect,
    /// See [`Border::Wrap`].
    Wrap,
}

impl BorderChoice {
    /// All of them by their names in JSON.
    pub const NAMES: &[&str] = &["auto", "constant", "replicate", "reflect", "wrap"];

    /// The border for an image.
    #[must_use]
    pub const fn draw(self, facts: &Facts<'_>) -> Border {
        match self {
            Self::Auto if facts.labeled => Border::Constant,
            Self::Auto | Self::Reflect => Border::Reflect,
            Self::Constant => Border::Constant,
            Self::Replicate => Border::Replicate,
            Self::Wrap => Border::Wrap,
        }
    }
}
