//! What a run asks for of a source: its bytes, which output of it, and what its draws come from.

use crate::digest::Digest;

/// The bytes of a source.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// Of the image.
    pub image: Vec<u8>,
    /// Of its masks.
    pub masks: Vec<Vec<u8>>,
    /// Of its label file, where the output may have it as it is.
    pub labels: Option<Vec<u8>>,
}

impl From<Vec<u8>> for Raw {
    fn from(image: Vec<u8>) -> Self {
        Self { image, ..Self::default() }
    }
}

/// Which output of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKind {
    /// The source itself, unaugmented.
    Original,
    /// The source as it is, since its split is not augmented.
    Untouched,
    /// The copy of a number, from 0.
    Augmented(u32),
}

impl CopyKind {
    /// The number of an augmented copy, as manifests have it.
    #[must_use]
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Original | Self::Untouched => None,
            Self::Augmented(number) => Some(number),
        }
    }
}

impl From<Option<u32>> for CopyKind {
    fn from(number: Option<u32>) -> Self {
        number.map_or(Self::Original, Self::Augmented)
    }
}

/// What the draws of a source come from: its content, and, of several of the same content, its number.
pub(crate) fn drawn_from(content: Digest, twin: u32) -> Digest {
    if twin == 0 {
        return content;
    }
    Digest::of(format!("{content} {twin}").as_bytes())
}
