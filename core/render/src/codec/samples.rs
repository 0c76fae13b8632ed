//! Buffers of samples that decoders share: taking memory, leaving samples out, inks and gray with alpha to colors.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image, pooled_samples};

/// A buffer of zeros, or an error where memory is short.
pub(super) fn zeroed(size: Size, samples: usize) -> Result<Vec<u8>> {
    let refused = || {
        Error::new(
            ErrorKind::Limit,
            format!("there is no memory for {}x{} pixels (lower --max-pixels)", size.width, size.height),
        )
    };
    let length = u64::from(size.width) * u64::from(size.height);
    let length = length.checked_mul(samples as u64).and_then(|n| usize::try_from(n).ok()).ok_or_else(refused)?;
    if let Some(mut spare) = pooled_samples(length) {
        // The picture before may be somebody else's, and what a decoder of hostile files leaves out is not ours to know.
        spare.fill(0);
        return Ok(spare);
    }
    // Reserved and given back first: `vec!` ends the process where memory is short, but leaves untouched pages unmapped.
    Vec::<u8>::new().try_reserve_exact(length).map_err(|_| refused())?;
    Ok(vec![0; length])
}

/// Leaves out samples of every pixel in place: `write` makes a shorter pixel of a longer one.
pub(super) fn shorten(mut data: Vec<u8>, from: usize, to: usize, write: impl Fn(&[u8], &mut [u8; 4])) -> Vec<u8> {
    let mut pixel = [0; 4];
    let pixels = data.len() / from;
    for at in 0..pixels {
        write(&data[at * from..(at + 1) * from], &mut pixel);
        data[at * to..(at + 1) * to].copy_from_slice(&pixel[..to]);
    }
    data.truncate(pixels * to);
    data.shrink_to_fit();
    data
}

/// Gray and alpha in turn to RGBA.
pub(super) fn gray_alpha_to_rgba(size: Size, data: &[u8]) -> Result<Image> {
    let mut rgba = zeroed(size, 4)?;
    for (to, from) in rgba.chunks_exact_mut(4).zip(data.chunks_exact(2)) {
        to.copy_from_slice(&[from[0], from[0], from[0], from[1]]);
    }
    Image::from_samples(size, Channels::Rgba, rgba)
}

/// Inks to RGB, the plain way: light left over by black, less the part that each ink takes.
pub(super) fn cmyk_to_rgb(inks: &[u8], inverted: bool, rgb: &mut [u8; 4]) {
    let flip = if inverted { 255 } else { 0 };
    let light = 255 - (inks[3] ^ flip);
    for (level, ink) in rgb.iter_mut().zip(&inks[..3]) {
        *level = light - scale(ink ^ flip, light);
    }
}

/// a × b / 255, rounded.
fn scale(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Fill;

    #[test]
    fn what_a_file_is_decoded_into_holds_nothing_of_an_earlier_picture() {
        let size = Size::new(203, 151);
        drop(Image::filled(size, Channels::Rgb, Fill([170; 3])));
        assert!(zeroed(size, 3).unwrap().iter().all(|level| *level == 0));
    }
}
