//! Encoding: one image, or rows as they are made, to the bytes of a file.

use super::encoding::Encoding;
use super::{icc, jpeg, png, webp};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Fill, Image, Rows};

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
