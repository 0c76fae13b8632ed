//! BMP, GIF and TIFF through the image crate.

use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, tiff::TiffDecoder};
use image::error::LimitErrorKind;
use image::{ImageDecoder, ImageError};
use std::io::Cursor;

use super::{
    Format, Stored, broken, cut_off, grey_alpha_to_rgba, shorten, to_eight_bits, too_large, unsupported, zeroed,
};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

/// What a decoder may take beside the frame and its own copy of it.
const WORKING_MEMORY: u64 = 32 << 20;

pub(super) fn probe(format: Format, bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let (mut decoder, size) = open(format, bytes, limits)?;
    Ok((size, decoder.orientation().map_or(1, |orientation| orientation.to_exif())))
}

pub(super) fn decode(format: Format, bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let (mut decoder, size) = open(format, bytes, limits)?;
    let fail = |error| failure(format, error);
    let mut warnings = Vec::new();
    let orientation = decoder.orientation().map_or_else(
        |_| {
            warnings.push("the orientation cannot be read and is ignored".to_owned());
            1
        },
        |orientation| orientation.to_exif(),
    );
    let icc = decoder.icc_profile().unwrap_or_default();
    let colour = decoder.color_type();
    let mut data = zeroed(size, colour.bytes_per_pixel().into())?;
    decoder.read_image_boxed(&mut data).map_err(fail)?;
    let depth = colour.bytes_per_pixel() / colour.channel_count();
    if depth > 1 {
        let kind = if depth == 2 { "16-bit" } else { "floating-point" };
        warnings.push(format!("{kind} samples are brought to 8 bits"));
        data = match depth {
            2 => shorten(data, 2, 1, |pair, level| level[0] = to_eight_bits(u16::from_ne_bytes([pair[0], pair[1]]))),
            _ => shorten(data, 4, 1, |four, level| {
                level[0] = unit_to_eight_bits(f32::from_ne_bytes([four[0], four[1], four[2], four[3]]));
            }),
        };
    }
    // GIF frames come with alpha always, though few use it.
    if format == Format::Gif && data.iter().skip(3).step_by(4).all(|alpha| *alpha == 255) {
        data = shorten(data, 4, 3, |rgba, rgb| rgb[..3].copy_from_slice(&rgba[..3]));
    }
    let image = if colour.channel_count() == 2 {
        grey_alpha_to_rgba(size, &data)?
    } else {
        let channels = match data.len() / size.area() {
            1 => Channels::Grey,
            3 => Channels::Rgb,
            _ => Channels::Rgba,
        };
        Image::from_samples(size, channels, data)?
    };
    Ok(Stored { image, orientation, icc, warnings })
}

type Opened<'a> = (Box<dyn ImageDecoder + 'a>, Size);

fn open<'a>(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Opened<'a>> {
    let fail = |error| failure(format, error);
    let input = Cursor::new(bytes);
    let mut decoder: Box<dyn ImageDecoder + 'a> = match format {
        Format::Bmp => Box::new(BmpDecoder::new(input).map_err(fail)?),
        Format::Gif => Box::new(GifDecoder::new(input).map_err(fail)?),
        _ => Box::new(TiffDecoder::new(input).map_err(fail)?),
    };
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width.into(), height.into())?;
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(decoder.total_bytes().saturating_mul(2).saturating_add(WORKING_MEMORY));
    decoder.set_limits(bounds).map_err(fail)?;
    Ok((decoder, Size::new(width, height)))
}

/// A level of 0 to 1 as the nearest 8-bit one; what is no number becomes 0.
fn unit_to_eight_bits(level: f32) -> u8 {
    (level * 255.0 + 0.5) as u8
}

fn failure(format: Format, error: ImageError) -> Error {
    match error {
        ImageError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => cut_off(format),
        ImageError::Limits(cause) if matches!(cause.kind(), LimitErrorKind::InsufficientMemory) => too_large(format),
        ImageError::Unsupported(cause) => unsupported(format, cause),
        other => broken(format, other),
    }
}
