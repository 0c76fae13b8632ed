//! Bytes of an image file to pixels and back: the format is told by its first bytes, never by a name.

mod bmp;
mod encoding;
mod format;
mod gif;
mod icc;
mod jpeg;
mod kind;
mod lab;
mod levels;
mod mask;
mod orientation;
mod png;
mod tiff;
mod webp;

pub use encoding::{Encoding, PngCompression, Subsampling, encode, encode_rows};
pub use format::Format;
pub use kind::{Foreign, HEAD_BYTES, Kind, kind};
pub use mask::{decode_mask, encode_mask, upright_mask};

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image, spare_samples};
use crate::kernels::reduce::box_reduce;
use crate::limits::Limits;
use crate::reading::Reading;

/// What the head of a file tells about its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The file format.
    pub format: Format,
    /// Columns and rows as stored, before the orientation is applied.
    pub stored: Size,
    /// The EXIF orientation, 1 to 8; 1 where there is none.
    pub orientation: u8,
    /// Chroma resolution of a JPEG in colors: the coarsest that can be written and has all of it.
    pub subsampling: Option<Subsampling>,
}

impl Header {
    /// The size of the picture as displayed: that of the decoded image.
    #[must_use]
    pub const fn upright(&self) -> Size {
        if self.orientation >= 5 { self.stored.transposed() } else { self.stored }
    }
}

/// A decoded picture, upright.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The pixels with the orientation applied.
    pub image: Image,
    /// What the file said.
    pub header: Header,
    /// The color profile, where there is one that fits the channels of the image.
    pub icc: Option<Vec<u8>>,
    /// What was not kept or could not be read, though the picture could.
    pub warnings: Vec<String>,
}

/// A picture as a decoder of one format returns it: not yet upright.
struct Stored {
    image: Image,
    orientation: u8,
    subsampling: Option<Subsampling>,
    icc: Option<Vec<u8>>,
    warnings: Vec<String>,
}

impl Stored {
    /// What the head of the file says; `size` is the picture's as stored.
    const fn header(&self, format: Format, size: Size) -> Header {
        Header { format, stored: size, orientation: self.orientation, subsampling: self.subsampling }
    }

    /// With the image upright, and the size that it had.
    fn upright(mut self) -> Result<(Self, Size)> {
        let size = self.image.size();
        self.image = orientation::upright(self.image, self.orientation)?;
        Ok((self, size))
    }
}

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

/// A picture decoded for the eye, upright only after [`upright`].
#[derive(Clone, Debug)]
pub struct Glance {
    /// Stored pixels, each standing for `by` × `by` of the file's; those at the edges may reach over it.
    pub image: Image,
    /// How many of the file's columns, and rows, one of the image's stands for.
    pub by: u32,
    /// What the head of the file says.
    pub header: Header,
    /// What was not kept or could not be read, though the picture could.
    pub warnings: Vec<String>,
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

fn format_of(bytes: &[u8], limits: &Limits) -> Result<Format> {
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
        Kind::Picture(format) => Ok(format),
        Kind::Foreign(Foreign { name, advice }) => refused(format!("{name} pictures are not read: {advice}")),
        Kind::Other => refused("this is no picture in a known format (JPEG, PNG, WebP, BMP, GIF, TIFF)".to_owned()),
    }
}

/// An error of a decoder, with the name of the format in front.
fn broken(format: Format, cause: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Decode, format!("the {} is damaged: {}", format.name(), lower(&cause.to_string())))
}

/// The error for a file that ends too early.
fn cut_off(format: Format) -> Error {
    Error::new(ErrorKind::Decode, format!("the file is cut off: {} ends in the middle of the picture", format.name()))
}

/// The error for a kind of picture that is not supported.
fn unsupported(format: Format, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Unsupported, format!("this kind of {} is not supported: {what}", format.name()))
}

/// The error for a decoder that would take more memory than the picture warrants.
fn too_large(format: Format) -> Error {
    Error::new(ErrorKind::Limit, format!("the {} would take more memory than its picture needs", format.name()))
}

/// Messages of other crates begin with capitals and end with full stops; ours do not.
fn lower(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut letters = message.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(message.chars().skip(1)).collect()
        }
        _ => message.to_owned(),
    }
}

/// A buffer of zeros, or an error where memory is short.
fn zeroed(size: Size, samples: usize) -> Result<Vec<u8>> {
    let refused = || {
        Error::new(
            ErrorKind::Limit,
            format!("there is no memory for {}x{} pixels (lower --max-pixels)", size.width, size.height),
        )
    };
    let length = u64::from(size.width) * u64::from(size.height);
    let length = length.checked_mul(samples as u64).and_then(|n| usize::try_from(n).ok()).ok_or_else(refused)?;
    if let Some(mut spare) = spare_samples(length) {
        // The picture before may be somebody else's, and what a decoder of hostile files leaves out is not ours to know.
        spare.fill(0);
        return Ok(spare);
    }
    // Reserved and given back first: `vec!` ends the process where memory is short, but leaves untouched pages unmapped.
    Vec::<u8>::new().try_reserve_exact(length).map_err(|_| refused())?;
    Ok(vec![0; length])
}

/// Leaves out samples of every pixel in place: `write` makes a shorter pixel of a longer one.
fn shorten(mut data: Vec<u8>, from: usize, to: usize, write: impl Fn(&[u8], &mut [u8; 4])) -> Vec<u8> {
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
fn gray_alpha_to_rgba(size: Size, data: &[u8]) -> Result<Image> {
    let mut rgba = zeroed(size, 4)?;
    for (to, from) in rgba.chunks_exact_mut(4).zip(data.chunks_exact(2)) {
        to.copy_from_slice(&[from[0], from[0], from[0], from[1]]);
    }
    Image::from_samples(size, Channels::Rgba, rgba)
}

/// Inks to RGB, the plain way: light left over by black, less the part that each ink takes.
fn cmyk_to_rgb(inks: &[u8], inverted: bool, rgb: &mut [u8; 4]) {
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
