//! GIF through the gif crate: the first frame on its canvas.

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};
use std::io::Cursor;
use std::num::NonZeroU64;
use std::sync::Arc;

use super::decoded::StoredMask;
use super::{Format, Stored, broken, cut_off, too_large, zeroed};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::labels::{Mask, Palette, Values};
use crate::limits::Limits;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    Ok((open(bytes, limits)?.1, 1))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let Frame { size, place, indices, colors, transparent, icc, warnings } = Frame::first(bytes, limits)?;
    let opaque = place.covers(size) && !transparent.is_some_and(|index| indices.contains(&index));
    let channels = if opaque { Channels::Rgb } else { Channels::Rgba };
    // What the frame leaves of its canvas stays transparent.
    let mut image = Image::from_samples(size, channels, zeroed(size, channels.count())?)?;
    for (y, line) in place.lines(&indices) {
        let target = image.row_mut(y)[place.left * channels.count()..].chunks_exact_mut(channels.count());
        for (pixel, index) in target.zip(line) {
            let at = usize::from(*index) * 3;
            // An index past the palette is black.
            pixel[..3].copy_from_slice(colors.get(at..at + 3).unwrap_or(&[0; 3]));
            pixel[3..].fill(if Some(*index) == transparent { 0 } else { 255 });
        }
    }
    Ok(Stored { image, orientation: 1, subsampling: None, icc, warnings })
}

/// A mask: the indices, or gray levels where the palette shows each number as itself. What the frame leaves of its canvas
/// is 0.
pub(super) fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<StoredMask> {
    let Frame { size, place, indices, colors, transparent, warnings, .. } = Frame::first(bytes, limits)?;
    let mut data = zeroed(size, 1)?;
    let width = size.width as usize;
    for (y, line) in place.lines(&indices) {
        data[y * width + place.left..][..line.len()].copy_from_slice(line);
    }
    let colors = colors.as_chunks::<3>().0.to_vec();
    let are_grays = colors.iter().zip(0..=255).all(|(color, gray)| *color == [gray; 3]);
    let values = if are_grays {
        Values::Bytes
    } else {
        let transparent = transparent.map(usize::from).filter(|index| *index < colors.len());
        let alphas = transparent.map_or_else(Vec::new, |index| [vec![255; index], vec![0]].concat());
        Values::Indices(Arc::new(Palette { colors, alphas }))
    };
    Ok(StoredMask { mask: Mask::new(size, values, data)?, orientation: 1, warnings })
}

/// The first frame.
struct Frame {
    /// Of the canvas.
    size: Size,
    place: Place,
    indices: Vec<u8>,
    colors: Vec<u8>,
    transparent: Option<u8>,
    icc: Option<Vec<u8>>,
    warnings: Vec<String>,
}

/// Where on the canvas a frame of a width lies, and what of it.
#[derive(Clone, Copy)]
struct Place {
    left: usize,
    top: usize,
    columns: usize,
    rows: usize,
    width: usize,
}

impl Place {
    const fn covers(&self, canvas: Size) -> bool {
        let whole = self.columns == canvas.width as usize && self.rows == canvas.height as usize;
        self.left == 0 && self.top == 0 && whole
    }

    /// The rows of the canvas that it has something on, and what.
    fn lines<'a>(&self, indices: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let (columns, top) = (self.columns, self.top);
        let lines = indices.chunks_exact(self.width).take(self.rows).enumerate();
        lines.map(move |(y, line)| (top + y, &line[..columns]))
    }
}

impl Frame {
    fn first(bytes: &[u8], limits: &Limits) -> Result<Self> {
        let (mut decoder, size) = open(bytes, limits)?;
        let frame = decoder.next_frame_info().map_err(failure)?;
        let frame = frame.ok_or_else(|| broken(Format::Gif, "it has no picture"))?;
        let (left, top, transparent) = (usize::from(frame.left), usize::from(frame.top), frame.transparent);
        let own = Size::new(frame.width.into(), frame.height.into());
        limits.check_pixels(own.width.into(), own.height.into())?;
        let colors = frame.palette.as_ref().map(|local| local.to_vec());
        let colors = colors.or_else(|| decoder.global_palette().map(<[u8]>::to_vec));
        let colors = colors.ok_or_else(|| broken(Format::Gif, "it has no colors"))?;
        let mut indices = zeroed(own, 1)?;
        decoder.read_into_buffer(&mut indices).map_err(failure)?;

        let mut warnings = Vec::new();
        if matches!(decoder.next_frame_info(), Ok(Some(_))) {
            warnings.push("the GIF is animated: only its first frame is used".to_owned());
        }
        let (width, height) = (own.width as usize, own.height as usize);
        let columns = width.min((size.width as usize).saturating_sub(left));
        let rows = height.min((size.height as usize).saturating_sub(top));
        if columns == 0 || rows == 0 {
            return Err(broken(Format::Gif, "its first frame lies outside its canvas"));
        }
        if columns < width || rows < height {
            warnings.push("the first frame of the GIF is cut: it stands out over its canvas".to_owned());
        }
        let icc = decoder.icc_profile().map(<[u8]>::to_vec);
        Ok(Self { size, place: Place { left, top, columns, rows, width }, indices, colors, transparent, icc, warnings })
    }
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

#[cfg(test)]
mod tests {
    use gif::{Encoder, Frame};

    use super::*;

    const COLORS: [[u8; 3]; 4] = [[9, 8, 7], [250, 1, 2], [3, 240, 5], [6, 7, 230]];

    /// A canvas with a frame of 7 x 5 somewhere, or nowhere, on it.
    fn file(size: (u16, u16), left: u16, top: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, size.0, size.1, COLORS.as_flattened()).unwrap();
        let buffer: Vec<u8> = (0..35).map(|at| (at * at % 4) as u8).collect();
        encoder
            .write_frame(&Frame { left, top, width: 7, height: 5, buffer: buffer.into(), ..Frame::default() })
            .unwrap();
        drop(encoder);
        bytes
    }

    #[test]
    fn a_frame_lies_where_it_says_and_is_cut_at_its_canvas() {
        for size in [(7, 5), (8, 8), (3, 9), (20, 2)] {
            for left in [0, 1, 2, 6, 7, 8, 19, 20, 21, 300, u16::MAX] {
                for top in [0, 1, 2, 4, 5, 7, 8, 9, 300, u16::MAX] {
                    let place = format!("{size:?}, frame at {left}, {top}");
                    let decoded = decode(&file(size, left, top), &Limits::default());
                    let inside = left < size.0 && top < size.1;
                    let Ok(Stored { image, warnings, .. }) = decoded else {
                        assert!(!inside, "{place}");
                        assert!(decoded.is_err_and(|e| e.message().contains("outside its canvas")), "{place}");
                        continue;
                    };
                    assert!(inside, "{place}");
                    for y in 0..size.1 {
                        for x in 0..size.0 {
                            let at = x.checked_sub(left).zip(y.checked_sub(top)).filter(|(x, y)| *x < 7 && *y < 5);
                            let mut expected = [0; 4];
                            if let Some((x, y)) = at.map(|(x, y)| (usize::from(x), usize::from(y))) {
                                let at = y * 7 + x;
                                expected[..3].copy_from_slice(&COLORS[at * at % 4]);
                                expected[3] = 255;
                            }
                            let pixel = image.pixel(x.into(), y.into());
                            assert_eq!(pixel, &expected[..pixel.len()], "{place}, pixel {x}, {y}");
                        }
                    }
                    let is_cut = left + 7 > size.0 || top + 5 > size.1;
                    assert_eq!(warnings.iter().any(|warning| warning.contains("is cut")), is_cut, "{place}");
                }
            }
        }
    }
}
