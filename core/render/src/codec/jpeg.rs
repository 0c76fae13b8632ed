//! JPEG: the same pixels, by libjpeg-turbo-rs, and the same files, by an encoder that takes rows, as libjpeg-turbo makes.

mod encoder;
mod rows;

use libjpeg_turbo_rs::encode::pipeline::inject_metadata;
use libjpeg_turbo_rs::{
    ColorSpace, ComponentInfo, DecodeLimits, DecodeWarning, Decoder, JpegError, PixelFormat, ScalingFactor,
};

use self::rows::{ColourRows, Sampling};
use super::{
    Format, Stored, Subsampling, broken, cmyk_to_rgb, cut_off, orientation, shorten, too_large, unsupported, zeroed,
};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Fill, Image, Rows};
use crate::limits::Limits;

/// Scans of one picture: progressive files have about ten, and each one costs time over the whole frame.
const MAX_SCANS: usize = 256;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let decoder = open(bytes, limits)?;
    let frame = decoder.header();
    let orientation = decoder.exif_data().map_or(1, |block| orientation::from_exif(block, &mut Vec::new()));
    Ok((Size::new(frame.width.into(), frame.height.into()), orientation))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    Begun::new(bytes, limits)?.stored()
}

/// The picture upright, with the size as it is stored. Where that has columns for rows, it is turned while its rows are made
/// if the kind of JPEG allows it, and takes no second frame.
pub(super) fn decode_upright(bytes: &[u8], limits: &Limits) -> Result<(Stored, Size)> {
    let begun = Begun::new(bytes, limits)?;
    let sampling = if begun.orientation >= 5 { Sampling::of(&begun.decoder) } else { None };
    match sampling {
        Some(sampling) => begun.turned(sampling),
        None => begun.stored()?.upright(),
    }
}

/// A file of which the head is read.
struct Begun<'a> {
    bytes: &'a [u8],
    decoder: Decoder<'a>,
    size: Size,
    orientation: u8,
    icc: Option<Vec<u8>>,
    warnings: Vec<String>,
}

impl<'a> Begun<'a> {
    fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self> {
        let decoder = open(bytes, limits)?;
        let mut warnings = Vec::new();
        let orientation = decoder.exif_data().map_or(1, |block| orientation::from_exif(block, &mut warnings));
        let icc = decoder.icc_profile().map_err(failure)?;
        let size = Size::new(decoder.header().width.into(), decoder.header().height.into());
        Ok(Self { bytes, decoder, size, orientation, icc, warnings })
    }

    fn stored(self) -> Result<Stored> {
        let Self { bytes, mut decoder, size, orientation, icc, mut warnings } = self;
        let (format, channels) = match decoder.header().components.len() {
            1 => (PixelFormat::Grayscale, Channels::Grey),
            3 => (PixelFormat::Rgb, Channels::Rgb),
            _ => (PixelFormat::Cmyk, Channels::Rgb),
        };
        // Adobe's programs store inverted inks, and no other writes this marker on four of them.
        let inverted = format == PixelFormat::Cmyk && has_adobe_marker(bytes);
        decoder.set_output_format(format);
        let mut data = zeroed(size, format.bytes_per_pixel())?;
        let info = decoder.decode_image_into(&mut data).map_err(failure)?;
        tell(&info.warnings, &mut warnings)?;
        if format == PixelFormat::Cmyk {
            warnings.push("CMYK pixels are converted to RGB without a colour profile".to_owned());
            data = shorten(data, 4, 3, |inks, rgb| cmyk_to_rgb(inks, inverted, rgb));
        }
        Ok(Stored { image: Image::from_samples(size, channels, data)?, orientation, icc, warnings })
    }

    fn turned(self, sampling: Sampling) -> Result<(Stored, Size)> {
        let Self { decoder, size, orientation, icc, mut warnings, .. } = self;
        let upright = size.transposed();
        let mut data = zeroed(upright, 3)?;
        let (planes, told) = decoder.decode_raw_with_warnings().map_err(failure)?;
        tell(&told, &mut warnings)?;
        let mut rows = ColourRows::new(planes, sampling);
        orientation::write_columns(size, orientation, |y, row| rows.make(y, row), &mut data);
        Ok((Stored { image: Image::from_samples(upright, Channels::Rgb, data)?, orientation, icc, warnings }, size))
    }
}

/// Puts the decoder's warnings to ours; those of damage are errors.
fn tell(told: &[DecodeWarning], warnings: &mut Vec<String>) -> Result<()> {
    for warning in told {
        match warning {
            DecodeWarning::ExtraneousData { bytes } => {
                warnings.push(format!("{bytes} stray bytes between the parts of the JPEG are ignored"));
            }
            other => return Err(broken(Format::Jpeg, other)),
        }
    }
    Ok(())
}

/// A picture decoded at a fraction of its size by fewer coefficients of each block, by how much, and its full size;
/// `None` where that saves nothing or the kind of JPEG does not have it.
pub(super) fn decode_reduced(
    bytes: &[u8],
    limits: &Limits,
    factor: impl Fn(Size) -> u32,
) -> Result<Option<(Stored, u32, Size)>> {
    let mut decoder = open(bytes, limits)?;
    let frame = decoder.header();
    let size = Size::new(frame.width.into(), frame.height.into());
    let by = [8, 4, 2].into_iter().find(|by| *by <= factor(size));
    let (Some(by), false, 1 | 3) = (by, frame.is_lossless, frame.components.len()) else { return Ok(None) };
    let (format, channels) = match frame.components.len() {
        1 => (PixelFormat::Grayscale, Channels::Grey),
        _ => (PixelFormat::Rgb, Channels::Rgb),
    };
    let mut warnings = Vec::new();
    let orientation = decoder.exif_data().map_or(1, |block| orientation::from_exif(block, &mut warnings));
    decoder.set_output_format(format);
    decoder.set_scale(ScalingFactor::try_new(1, by).map_err(failure)?);
    let decoded = decoder.decode_image().map_err(failure)?;
    if let Some(damage) = decoded.warnings.iter().find(|warning| !is_harmless(warning)) {
        return Err(broken(Format::Jpeg, damage));
    }
    let small = Size::new(size.width.div_ceil(by), size.height.div_ceil(by));
    let image = Image::from_samples(small, channels, decoded.data)?;
    Ok(Some((Stored { image, orientation, icc: None, warnings }, by, size)))
}

/// A JPEG inside another file: its size and samples, grey or RGB. Where `converted` is false the three components are
/// red, green and blue already.
pub(super) fn decode_part(bytes: &[u8], limits: &Limits, converted: bool) -> Result<(Size, Channels, Vec<u8>)> {
    let mut decoder = open(bytes, limits)?;
    let size = Size::new(decoder.header().width.into(), decoder.header().height.into());
    let (format, channels) = match decoder.header().components.len() {
        1 => (PixelFormat::Grayscale, Channels::Grey),
        3 => (PixelFormat::Rgb, Channels::Rgb),
        other => return Err(unsupported(Format::Jpeg, format!("{other} components in this place"))),
    };
    decoder.set_output_format(format);
    if !converted && decoder.jpeg_color_space() == ColorSpace::YCbCr {
        // Asked for in their own space, the components come unconverted.
        decoder.set_output_colorspace(ColorSpace::YCbCr);
    }
    let image = decoder.decode_image().map_err(failure)?;
    let length = size.area() * channels.count();
    if image.data.len() != length || image.warnings.iter().any(|warning| !is_harmless(warning)) {
        return Err(broken(Format::Jpeg, "its samples do not make its size"));
    }
    Ok((size, channels, image.data))
}

fn is_harmless(warning: &DecodeWarning) -> bool {
    matches!(warning, DecodeWarning::ExtraneousData { .. })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Decoder<'a>> {
    let bounds = DecodeLimits { max_pixels: limits.max_pixels, max_scans: MAX_SCANS, ..DecodeLimits::default() };
    let decoder = Decoder::new_with_limits(bytes, bounds).map_err(failure)?;
    let frame = decoder.header();
    limits.check_pixels(frame.width.into(), frame.height.into())?;
    if frame.precision != 8 {
        return Err(unsupported(Format::Jpeg, format!("{} bits a sample", frame.precision)));
    }
    if !matches!(frame.components.len(), 1 | 3 | 4) {
        return Err(unsupported(Format::Jpeg, format!("{} colour components", frame.components.len())));
    }
    if frame.components.len() == 4 && !has_usual_sampling(&frame.components) {
        return Err(unsupported(Format::Jpeg, "four components in these proportions"));
    }
    // A Huffman-coded block takes a bit at least: a head alone never makes a large frame.
    let blocks = frame.width().div_ceil(8) * frame.height().div_ceil(8);
    if !decoder.is_arithmetic() && !frame.is_lossless && blocks / 8 > bytes.len() {
        return Err(cut_off(Format::Jpeg));
    }
    Ok(decoder)
}

/// Whether the first and last of four components are whole and the middle two alike, a whole fraction of them: the
/// decoder takes that for granted.
fn has_usual_sampling(components: &[ComponentInfo]) -> bool {
    let factors: Vec<(u8, u8)> =
        components.iter().map(|part| (part.horizontal_sampling, part.vertical_sampling)).collect();
    let [first, second, third, last] = factors[..] else { return false };
    let divides = |part: u8, whole: u8| part != 0 && whole.is_multiple_of(part);
    first == last && second == third && divides(second.0, first.0) && divides(second.1, first.1)
}

fn has_adobe_marker(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            0xFF => at += 1,
            0xDA | 0xD9 => return false,
            0x01 | 0xD0..=0xD8 => at += 2,
            0xEE if bytes[at + 4..].starts_with(b"Adobe") => return true,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}

fn failure(error: JpegError) -> Error {
    match error {
        JpegError::UnexpectedEof => cut_off(Format::Jpeg),
        JpegError::Unsupported(what) => unsupported(Format::Jpeg, what),
        JpegError::LimitExceeded { .. } => Error::new(ErrorKind::Limit, format!("the JPEG is too large: {error}")),
        JpegError::AllocationFailed { .. } => too_large(Format::Jpeg),
        other => broken(Format::Jpeg, other),
    }
}

pub(super) fn encode(
    rows: &mut dyn Rows,
    quality: u8,
    subsampling: Subsampling,
    icc: Option<&[u8]>,
    background: Fill,
) -> Result<Vec<u8>> {
    if !(1..=100).contains(&quality) {
        return Err(Error::new(ErrorKind::Encode, format!("a JPEG quality is from 1 to 100, not {quality}")));
    }
    let file = encoder::encode(rows, quality, subsampling, background)?;
    let Some(icc) = icc else { return Ok(file) };
    inject_metadata(&file, Some(icc), None)
        .map_err(|error| Error::new(ErrorKind::Encode, format!("the JPEG cannot be written: {error}")))
}
