//! What an output is written as, and the writing.

use serde::{Deserialize, Serialize};

use super::{Format, icc, jpeg, png, webp};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Fill, Image, Rows};

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

/// Encodes an image. A color profile is written where it fits the channels that are written, no other metadata is.
///
/// # Errors
/// `Encode` for an image that the format cannot hold, or a quality outside 1 to 100.
pub fn encode(image: &Image, encoding: &Encoding, icc: Option<&[u8]>, background: Fill) -> Result<Vec<u8>> {
    encode_rows(&mut &*image, encoding, icc, background)
}

/// As [`encode`], of rows as they are made: a JPEG needs few of them at a time, the other formats all.
///
/// # Errors
/// As [`encode`], and those of the rows.
pub fn encode_rows(rows: &mut dyn Rows, encoding: &Encoding, icc: Option<&[u8]>, background: Fill) -> Result<Vec<u8>> {
    let Size { width, height } = rows.size();
    let most = match encoding {
        Encoding::Jpeg { .. } => 65_500,
        Encoding::Png { .. } => i32::MAX as u32,
        Encoding::WebP => 16_383,
    };
    let name = encoding.format().name();
    if width == 0 || height == 0 {
        return Err(Error::new(ErrorKind::Encode, format!("an image of {width}x{height} cannot be written")));
    }
    if width > most || height > most {
        return Err(Error::new(
            ErrorKind::Encode,
            format!(
                "{width}x{height} is too large for {name}, which ends at {most} pixels a side: choose another format"
            ),
        ));
    }
    // WebP stores gray as RGB.
    let written = match encoding {
        Encoding::WebP if rows.channels() == Channels::Gray => Channels::Rgb,
        _ => rows.channels(),
    };
    let icc = icc.filter(|profile| icc::fits(profile, written));
    match *encoding {
        Encoding::Jpeg { quality, subsampling } => jpeg::encode(rows, quality, subsampling, icc, background),
        Encoding::Png { compression } => png::encode(&*rows.whole()?, compression, icc),
        Encoding::WebP => webp::encode(&*rows.whole()?, icc),
    }
}
