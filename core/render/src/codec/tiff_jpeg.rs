//! The strips or tiles of a TIFF that are JPEGs each, decoded by the same decoder as JPEG files.

use tiff::tags::Tag;

use super::tiff::Reader;
use super::{Format, broken, cut_off, jpeg, unsupported, zeroed};
use crate::error::{Context, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

/// The values of the compression tag: JPEG (TIFF Technical Note 2), and the way before it that nobody reads alike.
const JPEG: u16 = 7;
const OLD_JPEG: u16 = 6;

/// Values of `PhotometricInterpretation`.
const WHITE_IS_ZERO: u16 = 0;
const RGB: u16 = 2;
const YCBCR: u16 = 6;

/// Whether the picture is made of JPEGs.
pub(super) fn is_jpeg(decoder: &mut Reader<'_>) -> Result<bool> {
    match number(decoder, Tag::Compression)? {
        Some(OLD_JPEG) => Err(unsupported(Format::Tiff, "JPEG compression in its old form")),
        compression => Ok(compression == Some(JPEG)),
    }
}

/// The picture, put together from its parts.
pub(super) fn decode(decoder: &mut Reader<'_>, bytes: &[u8], size: Size, limits: &Limits) -> Result<Image> {
    if number(decoder, Tag::PlanarConfiguration)? == Some(2) {
        return Err(unsupported(Format::Tiff, "JPEG compression of single planes"));
    }
    let photometric = number(decoder, Tag::PhotometricInterpretation)?;
    let channels = match photometric {
        Some(WHITE_IS_ZERO | 1) => Channels::Grey,
        Some(RGB | YCBCR) => Channels::Rgb,
        _ => return Err(unsupported(Format::Tiff, "JPEG compression of other pixels than grey and RGB")),
    };
    let tiled = side(decoder, Tag::TileWidth)?.zip(side(decoder, Tag::TileLength)?);
    let (part, offsets, lengths) = match tiled {
        Some((width, height)) => {
            (Size::new(width, height), list(decoder, Tag::TileOffsets)?, list(decoder, Tag::TileByteCounts)?)
        }
        None => {
            let rows = side(decoder, Tag::RowsPerStrip)?.unwrap_or(size.height).min(size.height);
            (Size::new(size.width, rows), list(decoder, Tag::StripOffsets)?, list(decoder, Tag::StripByteCounts)?)
        }
    };
    limits.check_pixels(part.width.into(), part.height.into())?;
    let across = size.width.div_ceil(part.width);
    let parts = u64::from(across) * u64::from(size.height.div_ceil(part.height));
    if offsets.len() as u64 != parts || lengths.len() as u64 != parts {
        return Err(broken(Format::Tiff, "its parts do not make its size"));
    }
    let tables = decoder.find_tag(Tag::JPEGTables).ok().flatten().and_then(|value| value.into_u8_vec().ok());
    let mut image = Image::from_samples(size, channels, zeroed(size, channels.count())?)?;
    for (number, (offset, length)) in offsets.into_iter().zip(lengths).enumerate() {
        let data = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
        let data = data.and_then(|(offset, length)| bytes.get(offset..offset.checked_add(length)?));
        let data = data.ok_or_else(|| cut_off(Format::Tiff))?;
        let left = (number as u32 % across) * part.width;
        let top = (number as u32 / across) * part.height;
        let joined = tables.as_ref().map(|tables| joined(tables, data));
        let data = joined.as_deref().unwrap_or(data);
        let (found, kind, samples) = jpeg::decode_part(data, limits, photometric != Some(RGB))
            .within(|| format!("part {number} of the TIFF"))?;
        let columns = part.width.min(size.width - left);
        let rows = part.height.min(size.height - top);
        if kind != channels || found.width < columns || found.height < rows {
            return Err(broken(Format::Tiff, "one of its parts is of another size or kind"));
        }
        let n = channels.count();
        let lines = samples.chunks_exact(found.width as usize * n).take(rows as usize);
        for (y, line) in lines.enumerate() {
            let at = left as usize * n;
            image.row_mut(top as usize + y)[at..at + columns as usize * n]
                .copy_from_slice(&line[..columns as usize * n]);
        }
    }
    if photometric == Some(WHITE_IS_ZERO) {
        image.samples_mut().iter_mut().for_each(|level| *level = 255 - *level);
    }
    Ok(image)
}

/// A JPEG whose tables stand elsewhere, whole: the tables end and the data begins with a marker that goes.
fn joined(tables: &[u8], data: &[u8]) -> Vec<u8> {
    let tables = tables.strip_suffix(&[0xFF, 0xD9]).unwrap_or(tables);
    [tables, data.strip_prefix(&[0xFF, 0xD8]).unwrap_or(data)].concat()
}

fn number(decoder: &mut Reader<'_>, tag: Tag) -> Result<Option<u16>> {
    decoder.find_tag_unsigned(tag).map_err(super::tiff::failure)
}

fn side(decoder: &mut Reader<'_>, tag: Tag) -> Result<Option<u32>> {
    match decoder.find_tag_unsigned(tag).map_err(super::tiff::failure)? {
        Some(0) => Err(broken(Format::Tiff, "its parts have no size")),
        side => Ok(side),
    }
}

fn list(decoder: &mut Reader<'_>, tag: Tag) -> Result<Vec<u64>> {
    let values = decoder.find_tag_unsigned_vec(tag).map_err(super::tiff::failure)?;
    values.ok_or_else(|| broken(Format::Tiff, "its parts have no place"))
}
