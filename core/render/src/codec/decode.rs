//! Decoding: the first bytes tell the format, and limits are checked before memory is taken.

use super::decoded::{Decoded, Glance, Header, Stored};
use super::format::Format;
use super::kind::{FileKind, Foreign, HEAD_BYTES, kind};
use super::{bmp, gif, icc, jpeg, orientation, png, tiff, webp};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::Image;
use crate::kernels::reduce::box_reduce;
use crate::limits::Limits;
use crate::reading::Reading;

/// Reads size and orientation from the head of a file; no memory is taken for pixels.
///
/// # Errors
/// `Unsupported` for an unknown format or kind of picture, `Limit` for a size over `limits`, `Decode` for a broken head.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Header> {
    let format = format_of(bytes, limits)?;
    let (stored, orientation) = match format {
        Format::Jpeg => {
            let (stored, orientation, subsampling) = jpeg::probe(bytes, limits)?;
            return Ok(Header { format, stored, orientation, subsampling });
        }
        Format::Png => png::probe(bytes, limits)?,
        Format::WebP => webp::probe(bytes, limits)?,
        Format::Bmp => bmp::probe(bytes, limits)?,
        Format::Gif => gif::probe(bytes, limits)?,
        Format::Tiff => tiff::probe(bytes, limits)?,
    };
    Ok(Header { format, stored, orientation, subsampling: None })
}

/// Decodes a file to upright 8-bit pixels.
///
/// # Errors
/// `Unsupported` for an unknown format or kind of picture, `Limit` for a size over `limits` (checked before memory is
/// taken), `Decode` for a file that is damaged or cut off.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded> {
    decode_as(bytes, limits, &Reading::default())
}

/// As [`decode`], read as it is said.
///
/// # Errors
/// As [`decode`].
pub fn decode_as(bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<Decoded> {
    let format = format_of(bytes, limits)?;
    let (mut upright, stored) = match format {
        Format::Jpeg => jpeg::decode_upright(bytes, limits, reading)?,
        _ => decode_stored(format, bytes, limits, reading)?.upright()?,
    };
    let header = upright.header(format, stored);
    let icc = icc::fitting(upright.icc, upright.image.channels(), &mut upright.warnings);
    Ok(Decoded { image: upright.image, header, icc, warnings: upright.warnings })
}

fn decode_stored(format: Format, bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<Stored> {
    match format {
        Format::Jpeg => jpeg::decode(bytes, limits, reading),
        Format::Png => png::decode(bytes, limits, reading),
        Format::WebP => webp::decode(bytes, limits),
        Format::Bmp => bmp::decode(bytes, limits),
        Format::Gif => gif::decode(bytes, limits),
        Format::Tiff => tiff::decode(bytes, limits, reading),
    }
}

/// Decodes a file to a reduced picture whose longest side is still at least `side`, where the file has as much.
///
/// # Errors
/// As [`decode`].
pub fn decode_small(bytes: &[u8], limits: &Limits, reading: &Reading, side: u32) -> Result<Glance> {
    let format = format_of(bytes, limits)?;
    let factor = |size: Size| (size.width.max(size.height) / side.max(1)).max(1);
    // What fails here may be a kind that is not reduced; if not, decoding it in full says why.
    if format == Format::Jpeg
        && let Ok(Some((stored, by, size))) = jpeg::decode_reduced(bytes, limits, factor)
    {
        let header = stored.header(format, size);
        return Ok(Glance { image: stored.image, by, header, warnings: stored.warnings });
    }
    let mut stored = decode_stored(format, bytes, limits, reading)?;
    let header = stored.header(format, stored.image.size());
    // For the warning alone; the profile itself is not shown.
    icc::fitting(stored.icc.take(), stored.image.channels(), &mut stored.warnings);
    let by = factor(header.stored);
    let image = if by > 1 { box_reduce(&stored.image, by as usize, by as usize) } else { stored.image };
    Ok(Glance { image, by, header, warnings: stored.warnings })
}

/// A stored picture as it is displayed, by its EXIF orientation.
///
/// # Errors
/// `Limit` where memory is short.
pub fn upright(image: Image, orientation: u8) -> Result<Image> {
    orientation::upright(image, orientation)
}

pub(super) fn format_of(bytes: &[u8], limits: &Limits) -> Result<Format> {
    if bytes.is_empty() {
        return Err(Error::new(ErrorKind::Decode, "the file is empty"));
    }
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(Error::new(
            ErrorKind::Limit,
            format!("{} bytes are more than the limit of {}", bytes.len(), limits.max_file_bytes),
        ));
    }
    let refused = |what| Err(Error::new(ErrorKind::Unsupported, what));
    match kind(&bytes[..bytes.len().min(HEAD_BYTES)]) {
        FileKind::Picture(format) => Ok(format),
        FileKind::Foreign(Foreign { name, advice }) => refused(format!("{name} pictures are not read: {advice}")),
        FileKind::Other => refused("this is no picture in a known format (JPEG, PNG, WebP, BMP, GIF, TIFF)".to_owned()),
    }
}
