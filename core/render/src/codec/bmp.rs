//! BMP through the image crate.

use image::codecs::bmp::BmpDecoder;
use image::error::LimitErrorKind;
use image::{ColorType, ImageDecoder, ImageError};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use super::decoded::StoredMask;
use super::{Format, Stored, broken, cut_off, too_large, unsupported, zeroed};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::labels::{Mask, Palette, Values};
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

/// A mask whose pixels are indices: numbers where the palette shows each as itself, black and white, or numbers with their
/// colors; `None` for others.
pub(super) fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<Option<StoredMask>> {
    let (mut decoder, size) = open(bytes, limits)?;
    let Some(colors) = decoder.get_palette().map(<[[u8; 3]]>::to_vec) else { return Ok(None) };
    let stated = PaletteHeader::of(bytes).unwrap_or_default();
    let mut data = zeroed(size, 1)?;
    if stated.is_plain_bytes {
        decoder.set_indexed_color(true);
        decoder.read_image(&mut data).map_err(failure)?;
    } else if !find_indices(&decode(bytes, limits)?.image, &colors[..stated.colors.min(colors.len())], &mut data) {
        return Ok(None);
    }
    // The decoder fills a short palette up with black.
    let most = data.iter().copied().max().map_or(0, usize::from);
    let colors = &colors[..stated.colors.max(most + 1).min(colors.len())];
    let are_grays = colors.iter().zip(0..=255).all(|(color, gray)| *color == [gray; 3]);
    let values = if *colors == [[0; 3], [255; 3]] {
        data.iter_mut().for_each(|index| *index *= 255);
        Values::Bits
    } else if are_grays {
        Values::Bytes
    } else {
        Values::Indices(Arc::new(Palette { colors: colors.to_vec(), alphas: Vec::new() }))
    };
    Ok(Some(StoredMask { mask: Mask::new(size, values, data)?, orientation: 1, warnings: Vec::new() }))
}

/// Finds the index of every color: the decoder hands out those of plain bytes alone. Tells whether each has exactly one.
fn find_indices(image: &Image, colors: &[[u8; 3]], indices: &mut [u8]) -> bool {
    let places: BTreeMap<[u8; 3], u8> = colors.iter().copied().zip(0..=255).collect();
    let pixels = image.samples().as_chunks::<3>().0;
    let found = indices.iter_mut().zip(pixels).all(|(index, color)| {
        let place = places.get(color);
        *index = place.copied().unwrap_or_default();
        place.is_some()
    });
    found && places.len() == colors.len() && image.channels() == Channels::Rgb
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

/// What a header says of its palette.
#[derive(Clone, Copy, Default)]
struct PaletteHeader {
    colors: usize,
    /// Whether every pixel is a byte, and none is packed.
    is_plain_bytes: bool,
}

impl PaletteHeader {
    /// `None` where the header is cut off.
    fn of(bytes: &[u8]) -> Option<Self> {
        let two = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes);
        let four = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        let (bits, packing, used) = match four(14)? {
            12 => (two(24)?, 0, 0),
            _ => (two(28)?, four(30)?, four(46)? as usize),
        };
        let of_bits = 1 << bits.min(8);
        Some(Self { colors: if used == 0 { of_bits } else { used }, is_plain_bytes: bits == 8 && packing == 0 })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::ExtendedColorType;
    use image::codecs::bmp::BmpEncoder;

    const SIZE: Size = Size::new(3, 2);

    fn mask(levels: &[u8], color: ExtendedColorType, palette: Option<&[[u8; 3]]>) -> Option<Mask> {
        let mut bytes = Vec::new();
        BmpEncoder::new(&mut bytes).encode_with_palette(levels, SIZE.width, SIZE.height, color, palette).unwrap();
        decode_mask(&bytes, &Limits::default()).unwrap().map(|stored| stored.mask)
    }

    #[test]
    fn masks_keep_their_numbers() {
        let levels = [0, 1, 2, 1, 0, 2];
        let gray = mask(&levels, ExtendedColorType::L8, None).unwrap();
        assert_eq!((gray.values(), gray.samples()), (&Values::Bytes, &levels[..]));
        let colors = [[0, 0, 0], [128, 0, 0], [0, 128, 0]];
        let indices = mask(&levels, ExtendedColorType::L8, Some(&colors)).unwrap();
        let Values::Indices(palette) = indices.values() else { panic!("{:?}", indices.values()) };
        assert_eq!((&palette.colors[..3], indices.samples()), (&colors[..], &levels[..]));
        let bits = mask(&[0, 1, 1, 0, 0, 1], ExtendedColorType::L8, Some(&[[0; 3], [255; 3]])).unwrap();
        assert_eq!((bits.values(), bits.samples()), (&Values::Bits, &[0, 255, 255, 0, 0, 255][..]));
        assert!(mask(&[7; 18], ExtendedColorType::Rgb8, None).is_none(), "colors are colors");
    }

    /// A file of 3 by 2 pixels in a number of bits and a packing, of some colors.
    fn file(bits: u8, packing: u8, colors: &[[u8; 3]], pixels: &[u8]) -> Vec<u8> {
        let start = 54 + colors.len() as u8 * 4;
        let mut bytes = b"BM\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend([start, 0, 0, 0, 40, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, bits, 0, packing, 0, 0, 0]);
        bytes.extend([0; 12]);
        bytes.extend([colors.len() as u8, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(colors.iter().flat_map(|[red, green, blue]| [*blue, *green, *red, 0]));
        bytes.extend(pixels);
        bytes
    }

    #[test]
    fn masks_of_few_bits_and_packed_ones_keep_their_numbers() {
        let colors = [[0, 0, 0], [128, 0, 0], [0, 128, 0]];
        let read = |bytes: &[u8]| decode_mask(bytes, &Limits::default()).unwrap().map(|stored| stored.mask);
        for bytes in [
            file(4, 0, &colors, &[0x12, 0x00, 0, 0, 0x01, 0x20, 0, 0]),
            file(8, 1, &colors, &[1, 1, 1, 2, 1, 0, 0, 0, 1, 0, 1, 1, 1, 2, 0, 1]),
        ] {
            let mask = read(&bytes).unwrap();
            assert_eq!(mask.samples(), [0, 1, 2, 1, 2, 0], "{bytes:?}");
            let Values::Indices(palette) = mask.values() else { panic!("{:?}", mask.values()) };
            assert_eq!(palette.colors, colors);
        }
        let twins = [[0, 0, 0], [9, 9, 9], [9, 9, 9]];
        assert!(read(&file(4, 0, &twins, &[0; 8])).is_none(), "of two equal colors nothing says which is meant");
    }
}
