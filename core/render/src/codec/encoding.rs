//! The settings that an output is written with.

use serde::{Deserialize, Serialize};

use super::format::Format;

/// Chroma resolution of a JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Subsampling {
    /// Halved both ways: a quarter of the chroma samples.
    #[default]
    #[serde(rename = "4:2:0")]
    Quarter,
    /// Halved across: half of the chroma samples.
    #[serde(rename = "4:2:2")]
    Half,
    /// As many chroma as luma samples.
    #[serde(rename = "4:4:4")]
    Full,
}

impl Subsampling {
    /// Luma samples for one of chroma, across and down.
    pub(super) const fn factors(self) -> (usize, usize) {
        match self {
            Self::Quarter => (2, 2),
            Self::Half => (2, 1),
            Self::Full => (1, 1),
        }
    }

    /// The coarsest one that has all chroma of a picture with these factors.
    pub(super) const fn holding(across: u8, down: u8) -> Self {
        match (across, down) {
            (0 | 1, _) => Self::Full,
            (_, 0 | 1) => Self::Half,
            _ => Self::Quarter,
        }
    }
}

/// How hard the PNG encoder tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PngCompression {
    /// For speed.
    #[default]
    Fast,
    /// For size: some ten times slower.
    Small,
}

/// The format of an output and its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "lowercase", deny_unknown_fields)]
pub enum Encoding {
    /// Baseline JPEG; alpha is composed on the background.
    Jpeg {
        /// 1 to 100, on libjpeg's scale.
        quality: u8,
        /// Chroma resolution.
        #[serde(default)]
        subsampling: Subsampling,
    },
    /// PNG.
    Png {
        /// Speed or size.
        #[serde(default)]
        compression: PngCompression,
    },
    /// Lossless WebP.
    WebP,
}

impl Encoding {
    /// The file format that this encodes to.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self {
            Self::Jpeg { .. } => Format::Jpeg,
            Self::Png { .. } => Format::Png,
            Self::WebP => Format::WebP,
        }
    }
}
