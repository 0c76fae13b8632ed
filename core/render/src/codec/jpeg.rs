//! JPEG: the same pixels, by libjpeg-turbo-rs, and the same files, by an encoder that takes rows, as libjpeg-turbo makes.

mod encoder;
mod rows;

use libjpeg_turbo_rs::encode::pipeline::inject_metadata;
use libjpeg_turbo_rs::{
    ColorSpace, ComponentInfo, DecodeLimits, DecodeWarning, Decoder, JpegError, PixelFormat, ScalingFactor,
};

use self::rows::{ColorRows, Sampling};
use super::{
    Format, Stored, Subsampling, broken, cmyk_to_rgb, cut_off, orientation, shorten, too_large, unsupported, zeroed,
};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Fill, Image, Rows};
use crate::limits::Limits;
use crate::reading::Reading;

/// A cut goes through one segment; others may look as if they were in it.
const CUT_SEGMENTS: usize = 3;

/// Scans of one picture: progressive files have about ten, and each one costs time over the whole frame.
const MAX_SCANS: usize = 256;

type Outcome<T> = std::result::Result<T, Fault>;

/// Why a file is not decoded.
enum Fault {
    /// It ends too early; what is there is whole.
    CutOff,
    Other(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::CutOff => cut_off(Format::Jpeg),
            Fault::Other(error) => error,
        }
    }
}

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8, Option<Subsampling>)> {
    let tell = |bytes: &[u8]| {
        let begun = Begun::new(begin(bytes, limits)?, bytes)?;
        Ok((begun.size, begun.orientation, begun.subsampling))
    };
    match tell(bytes) {
        // The head may be whole all the same.
        Err(Fault::CutOff) => Ok(tell(&ended(bytes))?),
        told => Ok(told?),
    }
}

pub(super) fn decode(bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<Stored> {
    let whole = open(bytes, limits).and_then(|decoder| Begun::new(decoder, bytes)).and_then(Begun::stored);
    or_part(whole, bytes, limits, reading)
}

/// The picture upright, with the size as it is stored. Where that has columns for rows, it is turned while its rows are made
/// if the kind of JPEG allows it, and takes no second frame.
pub(super) fn decode_upright(bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<(Stored, Size)> {
    let whole = open(bytes, limits).and_then(|decoder| Begun::new(decoder, bytes)).and_then(|begun| {
        let sampling = if begun.orientation >= 5 { Sampling::of(&begun.decoder) } else { None };
        match sampling {
            Some(sampling) => begun.turned(sampling),
            None => Ok(begun.stored()?.upright()?),
        }
    });
    match whole {
        Ok(whole) => Ok(whole),
        Err(fault) => or_part(Err(fault), bytes, limits, reading)?.upright(),
    }
}

/// The picture, or of a file that is cut off what there is of it, if that is wanted.
fn or_part(whole: Outcome<Stored>, bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<Stored> {
    match whole {
        Err(Fault::CutOff) if reading.keep_truncated => {
            let mut there = bytes;
            // Where the cut goes through a marker's segment, what comes before that is whole.
            for _ in 0..CUT_SEGMENTS {
                if let Ok(part) = part(&ended(there), limits) {
                    return Ok(part);
                }
                let is_marker = |pair: &[u8]| matches!(pair, [0xFF, 0xC4 | 0xDA..=0xDD | 0xE0..=0xEF | 0xFE]);
                let Some(last) = there.windows(2).rposition(is_marker) else { break };
                there = &there[..last];
            }
            Err(hinted(Fault::CutOff))
        }
        whole => whole.map_err(hinted),
    }
}

/// A file that is cut off with the mark of its end: so its markers are read as far as they go.
fn ended(bytes: &[u8]) -> Vec<u8> {
    [bytes, &[0xFF, 0xD9]].concat()
}

/// What there is of a picture whose file is cut off: what was not reached is gray, and coarse where a progressive file
/// has only begun it.
fn part(bytes: &[u8], limits: &Limits) -> Outcome<Stored> {
    let mut decoder = begin(bytes, limits)?;
    decoder.set_lenient(true);
    let mut begun = Begun::new(decoder, bytes)?;
    let (decoded, told) = begun.pixels()?;
    let there = told.iter().find_map(|warning| match warning {
        DecodeWarning::TruncatedData { decoded_mcus, total_mcus } => Some((*decoded_mcus, *total_mcus)),
        _ => None,
    });
    let is_progressive = begun.decoder.header().is_progressive;
    begun.warnings.push(match there {
        Some((there, total)) if !is_progressive => {
            format!("the JPEG is cut off: {there} of {total} parts of its picture are there, the rest is gray")
        }
        _ => "the JPEG is cut off: its picture is as far as it goes, coarse or gray in places".to_owned(),
    });
    Ok(begun.finished(decoded)?)
}

/// The words for a failure, with what can be done about it.
fn hinted(fault: Fault) -> Error {
    match fault {
        Fault::CutOff => {
            let cause = cut_off(Format::Jpeg);
            Error::new(cause.kind(), format!("{} (--keep-truncated takes it as far as it goes)", cause.message()))
        }
        Fault::Other(error) => error,
    }
}

/// A file of which the head is read.
struct Begun<'a> {
    bytes: &'a [u8],
    decoder: Decoder<'a>,
    size: Size,
    orientation: u8,
    subsampling: Option<Subsampling>,
    icc: Option<Vec<u8>>,
    warnings: Vec<String>,
}

impl<'a> Begun<'a> {
    fn new(decoder: Decoder<'a>, bytes: &'a [u8]) -> Outcome<Self> {
        let mut warnings = Vec::new();
        let orientation = decoder.exif_data().map_or(1, |block| orientation::from_exif(block, &mut warnings));
        let icc = decoder.icc_profile().map_err(failure)?;
        let size = Size::new(decoder.header().width.into(), decoder.header().height.into());
        let subsampling = match decoder.header().components[..] {
            [ref luma, ref chroma, ..] => Some(Subsampling::holding(
                luma.horizontal_sampling / chroma.horizontal_sampling.max(1),
                luma.vertical_sampling / chroma.vertical_sampling.max(1),
            )),
            _ => None,
        };
        Ok(Self { bytes, decoder, size, orientation, subsampling, icc, warnings })
    }

    fn stored(mut self) -> Outcome<Stored> {
        let (data, told) = self.pixels()?;
        tell(&told, &mut self.warnings)?;
        Ok(self.finished(data)?)
    }

    /// The samples as the decoder makes them, gray, RGB or CMYK, and what it says of them.
    fn pixels(&mut self) -> Outcome<(Vec<u8>, Vec<DecodeWarning>)> {
        let format = match self.decoder.header().components.len() {
            1 => PixelFormat::Grayscale,
            3 => PixelFormat::Rgb,
            _ => PixelFormat::Cmyk,
        };
        self.decoder.set_output_format(format);
        let mut data = zeroed(self.size, format.bytes_per_pixel())?;
        let info = self.decoder.decode_image_into(&mut data).map_err(failure)?;
        Ok((data, info.warnings))
    }

    /// The picture of these samples.
    fn finished(self, mut data: Vec<u8>) -> Result<Stored> {
        let Self { bytes, decoder, size, orientation, subsampling, icc, mut warnings } = self;
        let channels = if decoder.header().components.len() == 1 { Channels::Gray } else { Channels::Rgb };
        if decoder.header().components.len() == 4 {
            warnings.push("CMYK pixels are converted to RGB without a color profile".to_owned());
            // Adobe's programs store inverted inks, and no other writes this marker on four of them.
            let inverted = has_adobe_marker(bytes);
            data = shorten(data, 4, 3, |inks, rgb| cmyk_to_rgb(inks, inverted, rgb));
        }
        Ok(Stored { image: Image::from_samples(size, channels, data)?, orientation, subsampling, icc, warnings })
    }

    fn turned(self, sampling: Sampling) -> Outcome<(Stored, Size)> {
        let Self { decoder, size, orientation, subsampling, icc, mut warnings, .. } = self;
        let upright = size.transposed();
        let mut data = zeroed(upright, 3)?;
        let (planes, told) = decoder.decode_raw_with_warnings().map_err(failure)?;
        tell(&told, &mut warnings)?;
        let mut rows = ColorRows::new(planes, sampling);
        orientation::write_columns(size, orientation, |y, row| rows.make(y, row), &mut data);
        let image = Image::from_samples(upright, Channels::Rgb, data)?;
        Ok((Stored { image, orientation, subsampling, icc, warnings }, size))
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
        1 => (PixelFormat::Grayscale, Channels::Gray),
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
    Ok(Some((Stored { image, orientation, subsampling: None, icc: None, warnings }, by, size)))
}

/// A JPEG inside another file: its size and samples, gray or RGB. Where `converted` is false the three components are
/// red, green and blue already.
pub(super) fn decode_part(bytes: &[u8], limits: &Limits, converted: bool) -> Result<(Size, Channels, Vec<u8>)> {
    let mut decoder = open(bytes, limits)?;
    let size = Size::new(decoder.header().width.into(), decoder.header().height.into());
    let (format, channels) = match decoder.header().components.len() {
        1 => (PixelFormat::Grayscale, Channels::Gray),
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

/// A file whose head is read, with as many bytes as its picture takes at least.
fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Outcome<Decoder<'a>> {
    let decoder = begin(bytes, limits)?;
    let frame = decoder.header();
    // A Huffman-coded block takes a bit at least: a head alone never makes a large frame.
    let blocks = frame.width().div_ceil(8) * frame.height().div_ceil(8);
    let is_short = !decoder.is_arithmetic() && !frame.is_lossless && blocks / 8 > bytes.len();
    if is_short { Err(Fault::CutOff) } else { Ok(decoder) }
}

/// A file whose head is read, of a kind and size that are taken.
fn begin<'a>(bytes: &'a [u8], limits: &Limits) -> Outcome<Decoder<'a>> {
    let bounds = DecodeLimits { max_pixels: limits.max_pixels, max_scans: MAX_SCANS, ..DecodeLimits::default() };
    let decoder = Decoder::new_with_limits(bytes, bounds).map_err(failure)?;
    let frame = decoder.header();
    limits.check_pixels(frame.width.into(), frame.height.into())?;
    if frame.precision != 8 {
        return Err(unsupported(Format::Jpeg, format!("{} bits a sample", frame.precision)).into());
    }
    if !matches!(frame.components.len(), 1 | 3 | 4) {
        return Err(unsupported(Format::Jpeg, format!("{} color components", frame.components.len())).into());
    }
    if frame.components.len() == 4 && !has_usual_sampling(&frame.components) {
        return Err(unsupported(Format::Jpeg, "four components in these proportions").into());
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

fn failure(error: JpegError) -> Fault {
    Fault::Other(match error {
        JpegError::UnexpectedEof => return Fault::CutOff,
        JpegError::Unsupported(what) => unsupported(Format::Jpeg, what),
        JpegError::LimitExceeded { .. } => Error::new(ErrorKind::Limit, format!("the JPEG is too large: {error}")),
        JpegError::AllocationFailed { .. } => too_large(Format::Jpeg),
        other => broken(Format::Jpeg, other),
    })
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
