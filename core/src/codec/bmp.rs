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
        ColorType::L8 => Channels::Grey,
        ColorType::Rgb8 => Channels::Rgb,
        ColorType::Rgba8 => Channels::Rgba,
        other => return Err(unsupported(Format::Bmp, format!("{other:?} samples"))),
    };
    let mut data = zeroed(size, channels.count())?;
    decoder.read_image(&mut data).map_err(failure)?;
    Ok(Stored { image: Image::from_samples(size, channels, data)?, orientation: 1, icc: None, warnings: Vec::new() })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(BmpDecoder<Cursor<&'a [u8]>>, Size)> {
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(failure)?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width.into(), height.into())?;
    Ok((decoder, Size::new(width, height)))
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
