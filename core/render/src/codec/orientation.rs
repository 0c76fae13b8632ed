//! The EXIF orientation: read from its tag, applied to the pixels.

use image::metadata::Orientation;

use super::zeroed;
use crate::error::Result;
use crate::image::Image;

/// Rows and columns of a square moved at once: both of its sides then stay in the cache.
const TILE: usize = 32;

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
    let samples = image.channels().count();
    let height = image.size().height as usize;
    let mirror_rows = |image: &mut Image| {
        for y in 0..height {
            reverse_pixels(image.row_mut(y), samples);
        }
    };
    match orientation {
        2 => mirror_rows(&mut image),
        3 => reverse_pixels(image.samples_mut(), samples),
        4 => {
            let stride = image.stride();
            let (mut top, mut bottom) = (0, height);
            while top + 1 < bottom {
                bottom -= 1;
                let (upper, lower) = image.samples_mut().split_at_mut(bottom * stride);
                upper[top * stride..(top + 1) * stride].swap_with_slice(&mut lower[..stride]);
                top += 1;
            }
        }
        5..=8 => return turned(&image, orientation),
        _ => {}
    }
    Ok(image)
}

fn reverse_pixels(row: &mut [u8], samples: usize) {
    match samples {
        1 => row.reverse(),
        3 => row.as_chunks_mut::<3>().0.reverse(),
        _ => row.as_chunks_mut::<4>().0.reverse(),
    }
}

/// Orientations 5 to 8: columns become rows.
fn turned(image: &Image, orientation: u8) -> Result<Image> {
    let samples = image.channels().count();
    let size = image.size().transposed();
    let mut data = zeroed(size, samples)?;
    match samples {
        1 => turn::<1>(image, orientation, &mut data),
        3 => turn::<3>(image, orientation, &mut data),
        _ => turn::<4>(image, orientation, &mut data),
    }
    Image::from_samples(size, image.channels(), data)
}

fn turn<const N: usize>(image: &Image, orientation: u8, data: &mut [u8]) {
    let (width, height) = (image.size().width as usize, image.size().height as usize);
    let source = image.samples().as_chunks::<N>().0;
    let target = data.as_chunks_mut::<N>().0;
    // Stored row 0 is the upright right side for 6 and 7; stored column 0 is the upright bottom for 7 and 8.
    let (from_right, from_bottom) = (matches!(orientation, 6 | 7), matches!(orientation, 7 | 8));
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for x in left..width.min(left + TILE) {
                let row = if from_bottom { width - 1 - x } else { x };
                for y in top..height.min(top + TILE) {
                    let column = if from_right { height - 1 - y } else { y };
                    target[row * height + column] = source[y * width + x];
                }
            }
        }
    }
}
