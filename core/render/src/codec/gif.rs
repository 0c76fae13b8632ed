//! GIF through the gif crate: the first frame on its canvas.

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};
use std::io::Cursor;
use std::num::NonZeroU64;

use super::{Format, Stored, broken, cut_off, too_large, zeroed};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    Ok((open(bytes, limits)?.1, 1))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let (mut decoder, size) = open(bytes, limits)?;
    let frame = decoder.next_frame_info().map_err(failure)?.ok_or_else(|| broken(Format::Gif, "it has no picture"))?;
    let frame_size = Size::new(frame.width.into(), frame.height.into());
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let transparent = frame.transparent;
    limits.check_pixels(frame_size.width.into(), frame_size.height.into())?;
    let colours = frame.palette.clone();
    let colours = match &colours {
        Some(local) => local.as_slice(),
        None => decoder.global_palette().ok_or_else(|| broken(Format::Gif, "it has no colours"))?,
    }
    .to_vec();
    let mut indices = zeroed(frame_size, 1)?;
    decoder.read_into_buffer(&mut indices).map_err(failure)?;

    let mut warnings = Vec::new();
    if matches!(decoder.next_frame_info(), Ok(Some(_))) {
        warnings.push("the GIF is animated: only its first frame is used".to_owned());
    }
    let (width, frame_width) = (size.width as usize, frame_size.width as usize);
    let columns = frame_width.min(width.saturating_sub(left));
    let rows = (frame_size.height as usize).min((size.height as usize).saturating_sub(top));
    let covered = left == 0 && top == 0 && columns == width && rows == size.height as usize;
    let opaque = covered && !transparent.is_some_and(|index| indices.contains(&index));
    let channels = if opaque { Channels::Rgb } else { Channels::Rgba };
    // What the frame leaves of its canvas stays transparent.
    let mut image = Image::from_samples(size, channels, zeroed(size, channels.count())?)?;
    for (y, line) in indices.chunks_exact(frame_width).take(rows).enumerate() {
        let target = image.row_mut(top + y)[left * channels.count()..].chunks_exact_mut(channels.count());
        for (pixel, index) in target.zip(&line[..columns]) {
            let at = usize::from(*index) * 3;
            // An index past the palette is black.
            pixel[..3].copy_from_slice(colours.get(at..at + 3).unwrap_or(&[0; 3]));
            pixel[3..].fill(if Some(*index) == transparent { 0 } else { 255 });
        }
    }
    Ok(Stored { image, orientation: 1, icc: decoder.icc_profile().map(<[u8]>::to_vec), warnings })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Decoder<Cursor<&'a [u8]>>, Size)> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(limits.max_pixels).unwrap_or(NonZeroU64::MIN)));
    let decoder = options.read_info(Cursor::new(bytes)).map_err(failure)?;
    let size = Size::new(decoder.width().into(), decoder.height().into());
    limits.check_pixels(size.width.into(), size.height.into())?;
    Ok((decoder, size))
}

fn failure(error: DecodingError) -> Error {
    match error {
        DecodingError::UnexpectedEof => cut_off(Format::Gif),
        DecodingError::MemoryLimit | DecodingError::OutOfMemory => too_large(Format::Gif),
        other => broken(Format::Gif, other),
    }
}
