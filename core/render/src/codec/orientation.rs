//! The EXIF orientation: read from its tag, applied to the pixels.

use image::metadata::Orientation;

use super::zeroed;
use crate::error::Result;
use crate::geometry::Size;
use crate::image::Image;
use crate::kernels::copy::{self, Pixels};
use crate::labels::Mask;

/// Rows that become columns together: pieces of the upright rows that are some cache lines long.
const BAND: usize = 32;

/// The orientation that an EXIF block (with or without its `Exif` prefix) tells: 1 where it tells none, with a warning
/// where it cannot be read.
pub(super) fn from_exif(block: &[u8], warnings: &mut Vec<String>) -> u8 {
    let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    if let Some(orientation) = Orientation::from_exif_chunk(block) {
        return orientation.to_exif();
    }
    if !is_readable(block) {
        warnings.push("the EXIF data is damaged: its orientation, if any, is ignored".to_owned());
    }
    1
}

/// Whether an EXIF block without an orientation is whole as far as its first directory.
fn is_readable(block: &[u8]) -> bool {
    let little = match block.get(..4) {
        Some([b'I', b'I', 42, 0]) => true,
        Some([b'M', b'M', 0, 42]) => false,
        _ => return false,
    };
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let field = block.get(at..at.checked_add(bytes)?)?;
        let digit = |sum: usize, byte: &u8| (sum << 8) | usize::from(*byte);
        Some(if little { field.iter().rev().fold(0, digit) } else { field.iter().fold(0, digit) })
    };
    let Some(directory) = number(4, 4) else { return false };
    let Some(entries) = number(directory, 2) else { return false };
    let has_tag = (0..entries).any(|entry| number(directory + 2 + entry * 12, 2) == Some(0x0112));
    !has_tag && directory + 2 + entries * 12 <= block.len()
}

/// The image as it is to be displayed. Orientations 5 to 8 need a second frame for a moment, the others none.
pub(super) fn upright(mut image: Image, orientation: u8) -> Result<Image> {
    let (size, channels) = (image.size(), image.channels());
    match orientation {
        5..=8 => {
            let samples = turned((&image).into(), size, channels.count(), orientation)?;
            Image::from_samples(size.transposed(), channels, samples)
        }
        _ => {
            mirror(image.samples_mut(), size, channels.count(), orientation);
            Ok(image)
        }
    }
}

/// As [`upright`], of a mask.
pub(super) fn upright_mask(mut mask: Mask, orientation: u8) -> Result<Mask> {
    let (size, bytes) = (mask.size(), mask.values().bytes());
    match orientation {
        5..=8 => {
            let samples = turned((&mask).into(), size, bytes, orientation)?;
            Mask::new(size.transposed(), mask.values().clone(), samples).map(|turned| turned.with_role_of(&mask))
        }
        _ => {
            mirror(mask.samples_mut(), size, bytes, orientation);
            Ok(mask)
        }
    }
}

/// Orientations 2 to 4: pixels of some bytes change places in their frame.
fn mirror(samples: &mut [u8], size: Size, each: usize, orientation: u8) {
    let stride = (size.width as usize * each).max(1);
    match orientation {
        2 => samples.chunks_exact_mut(stride).for_each(|row| reverse_pixels(row, each)),
        3 => reverse_pixels(samples, each),
        4 => {
            let (mut top, mut bottom) = (0, size.height as usize);
            while top + 1 < bottom {
                bottom -= 1;
                let (upper, lower) = samples.split_at_mut(bottom * stride);
                upper[top * stride..(top + 1) * stride].swap_with_slice(&mut lower[..stride]);
                top += 1;
            }
        }
        _ => {}
    }
}

fn reverse_pixels(row: &mut [u8], each: usize) {
    match each {
        1 => row.reverse(),
        2 => row.as_chunks_mut::<2>().0.reverse(),
        3 => row.as_chunks_mut::<3>().0.reverse(),
        _ => row.as_chunks_mut::<4>().0.reverse(),
    }
}

/// Orientations 5 to 8: columns become rows.
fn turned(from: Pixels<'_>, size: Size, each: usize, orientation: u8) -> Result<Vec<u8>> {
    let mut upright = zeroed(size, each)?;
    copy::transpose(from, size, ends(orientation), &mut upright);
    Ok(upright)
}

/// Writes a picture of RGB pixels as orientations 5 to 8 display it: `row` makes its stored rows, from the first one on.
pub(super) fn write_columns(size: Size, orientation: u8, mut row: impl FnMut(usize, &mut [u8]), to: &mut [u8]) {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut band = vec![0; 3 * width * BAND.min(height)];
    for top in (0..height).step_by(BAND) {
        let band = &mut band[..3 * width * BAND.min(height - top)];
        for (y, line) in (top..).zip(band.chunks_exact_mut(3 * width)) {
            row(y, line);
        }
        copy::put_columns(band, size, top, ends(orientation), to);
    }
}

/// Where the columns of orientations 5 to 8 are read from the bottom, and where their rows are from the right: stored row 0
/// is the upright right side for 6 and 7; stored column 0 is the upright bottom for 7 and 8.
const fn ends(orientation: u8) -> (bool, bool) {
    (matches!(orientation, 6 | 7), matches!(orientation, 7 | 8))
}
