//! BMP through the image crate.

use image::codecs::bmp::BmpDecoder;
use image::error::LimitErrorKind;
use image::{ColorType, ImageDecoder, ImageError};
use std::io::Cursor;

use super::{Format, Stored, broken, cut_off, too_large, unsupported, zeroed};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    Ok((open(bytes, limits)?.1, 1))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let (decoder, size) = open(bytes, limits)?;
    let channels = match decoder.color_type() {
        ColorType::L8 => Channels::Gray,
        ColorType::Rgb8 => Channels::Rgb,
        ColorType::Rgba8 => Channels::Rgba,
        other => return Err(unsupported(Format::Bmp, format!("{other:?} samples"))),
    };
    let mut data = zeroed(size, channels.count())?;
    decoder.read_image(&mut data).map_err(failure)?;
    let image = Image::from_samples(size, channels, data)?;
    Ok(Stored { image, orientation: 1, subsampling: None, icc: None, warnings: Vec::new() })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(BmpDecoder<Cursor<&'a [u8]>>, Size)> {
    // First by our own look: where addresses have 32 bits, the decoder refuses large sizes in other words.
    if let Some((width, height)) = stated_size(bytes) {
        limits.check_pixels(width, height)?;
    }
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(failure)?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width.into(), height.into())?;
    Ok((decoder, Size::new(width, height)))
}

/// Width and height in the header: two bytes each in the oldest one (12 bytes long), four in the others; a negative
/// height means rows from the top.
fn stated_size(bytes: &[u8]) -> Option<(u64, u64)> {
    let four = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(i32::from_le_bytes);
    if four(14)? == 12 {
        let both = four(18)? as u32;
        return Some((u64::from(both & 0xFFFF), u64::from(both >> 16)));
    }
    Some((u64::from(four(18)?.unsigned_abs()), u64::from(four(22)?.unsigned_abs())))
}

fn failure(error: ImageError) -> Error {
    match error {
        ImageError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => cut_off(Format::Bmp),
        ImageError::Limits(cause) if matches!(cause.kind(), LimitErrorKind::InsufficientMemory) => {
            too_large(Format::Bmp)
        }
        ImageError::Unsupported(cause) => unsupported(Format::Bmp, cause),
        other => broken(Format::Bmp, other),
    }
}
