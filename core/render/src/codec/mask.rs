//! Masks as files: numbers stay the numbers that are stored, and what is written has them as they came.

use super::decode::{decode, format_of};
use super::decoded::{Decoded, StoredMask};
use super::{Format, bmp, gif, orientation, png, tiff};
use crate::error::Result;
use crate::labels::Mask;
use crate::limits::Limits;

/// How far from black or white JPEG may have moved a level that was one of them.
const BLUR: usize = 32;

/// Decodes a mask, upright: the indices of palettes and levels of 16 bits (of PNG, GIF, TIFF and BMP) are kept as numbers, gray
/// levels and colors as they are. Gray levels of fewer than 8 bits are spread over 0 to 255, as all readers of images do. In a JPEG that is
/// black and white, or of colors that are full or none in red, green and blue, levels are brought back to 0 and 255; other
/// JPEGs are taken as they are read. Tells what was not kept, too.
///
/// # Errors
/// As [`decode`]; `Unsupported` for colors of 16 bits and numbers over 65,535.
pub fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<(Mask, Vec<String>)> {
    let format = format_of(bytes, limits)?;
    let stored = match format {
        Format::Png => png::decode_mask(bytes, limits)?,
        Format::Gif => Some(gif::decode_mask(bytes, limits)?),
        Format::Tiff => tiff::decode_mask(bytes, limits)?,
        Format::Bmp => bmp::decode_mask(bytes, limits)?,
        _ => None,
    };
    if let Some(StoredMask { mask, orientation, warnings }) = stored {
        return Ok((upright_mask(mask, orientation)?, warnings));
    }
    let Decoded { mut image, warnings, .. } = decode(bytes, limits)?;
    if format == Format::Jpeg {
        unblur(image.samples_mut());
    }
    Ok((image.into(), warnings))
}

/// Encodes a mask as a PNG: numbers as gray levels of 8 or 16 bits or as indices of their palette, colors as colors.
///
/// # Errors
/// `Encode` for a mask that PNG cannot hold.
pub fn encode_mask(mask: &Mask) -> Result<Vec<u8>> {
    png::encode_mask(mask)
}

/// A mask that was drawn on stored pixels, as an EXIF orientation displays it.
///
/// # Errors
/// `Limit` where memory is short.
pub fn upright_mask(mask: Mask, orientation: u8) -> Result<Mask> {
    orientation::upright_mask(mask, orientation)
}

/// Brings levels back to black and white where nearly all are near them.
fn unblur(levels: &mut [u8]) {
    let mut counts = [0_usize; 256];
    levels.iter().for_each(|level| counts[usize::from(*level)] += 1);
    let black: usize = counts[..=BLUR].iter().sum();
    let white: usize = counts[255 - BLUR..].iter().sum();
    if white > 0 && (black + white) * 10 >= levels.len() * 9 {
        levels.iter_mut().for_each(|level| *level = if *level < 128 { 0 } else { 255 });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::codec::{Encoding, Subsampling, encode};
    use crate::geometry::Size;
    use crate::image::{Channels, Fill, Image};
    use crate::labels::{Palette, Values};

    const SIZE: Size = Size::new(67, 41);

    fn limits() -> Limits {
        Limits::default()
    }

    fn values() -> Vec<Values> {
        let palette = |n: u8| {
            let colors = (0..n).map(|i| [i, 255 - i, i.wrapping_mul(7)]).collect();
            Values::Indices(Arc::new(Palette { colors, alphas: vec![0; usize::from(n / 3)] }))
        };
        vec![Values::Bits, Values::Bytes, Values::Words, palette(251), palette(3), Values::Rgb, Values::Rgba]
    }

    #[test]
    fn what_is_written_is_read_again() {
        for values in values() {
            let most = if let Values::Indices(palette) = &values { palette.colors.len() } else { 256 };
            let level =
                |at: usize| if values == Values::Bits { (at % 3 % 2 * 255) as u8 } else { (at * 31 % most) as u8 };
            let data = (0..SIZE.area() * values.bytes()).map(level).collect();
            let mask = Mask::new(SIZE, values, data).unwrap();
            let (again, warnings) = decode_mask(&encode_mask(&mask).unwrap(), &limits()).unwrap();
            assert!(again == mask, "{mask:?} {:?}", mask.values());
            assert_eq!(warnings, Vec::<String>::new());
        }
    }

    #[test]
    fn masks_turn_as_pictures_do() {
        for values in values() {
            let n = values.bytes();
            for orientation in 1..=8 {
                let at = |x: usize, y: usize| (y * SIZE.width as usize + x) as u8;
                let data = (0..SIZE.area()).flat_map(|i| (0..n).map(move |c| (i * (c + 1)) as u8)).collect();
                let mask = upright_mask(Mask::new(SIZE, values.clone(), data).unwrap(), orientation).unwrap();
                let gray = (0..SIZE.area()).map(|i| i as u8).collect();
                let image = Image::from_samples(SIZE, Channels::Gray, gray).unwrap();
                let image = super::super::upright(image, orientation).unwrap();
                assert_eq!(mask.size(), image.size());
                for (x, y) in [(0, 0), (3, 1), (1, 3), (40, 40)] {
                    let first = image.pixel(x, y)[0];
                    let pixel = mask.pixel(x, y);
                    assert_eq!(pixel[0], first, "{n} bytes, orientation {orientation}, at {x}, {y}");
                    assert!(n == 1 || orientation > 1 || pixel[1] == at(x, y).wrapping_mul(2), "bytes stay together");
                }
            }
        }
    }

    #[test]
    fn a_blurred_mask_of_black_and_white_is_sharp_again() {
        let disc = |n: usize, full: u8| -> Vec<u8> {
            let inside = |at: usize| (at % 67).abs_diff(33).pow(2) + (at / 67).abs_diff(20).pow(2) < 200;
            (0..SIZE.area()).flat_map(|at| vec![if inside(at) { full } else { 0 }; n]).collect()
        };
        for (n, channels) in [(1, Channels::Gray), (3, Channels::Rgb)] {
            let image = Image::from_samples(SIZE, channels, disc(n, 255)).unwrap();
            let encoding = Encoding::Jpeg { quality: 70, subsampling: Subsampling::Full };
            let bytes = encode(&image, &encoding, None, Fill::BLACK).unwrap();
            assert!(decode(&bytes, &limits()).unwrap().image != image, "JPEG blurs");
            let (mask, _) = decode_mask(&bytes, &limits()).unwrap();
            let wrong = mask.samples().iter().zip(image.samples()).filter(|(a, b)| a != b).count();
            assert!(wrong * 200 < image.samples().len(), "{wrong} samples differ");
            assert!(mask.samples().iter().all(|level| [0, 255].contains(level)), "only black and white are left");
        }
        let mut classes = disc(1, 3);
        unblur(&mut classes);
        assert!(classes == disc(1, 3), "small numbers are no blurred black");
        let mut ramp: Vec<u8> = (0..=255).collect();
        unblur(&mut ramp);
        assert!(ramp.iter().copied().eq(0..=255), "shades stay");
    }
}
