//! TIFF through the tiff crate: the first page, any strips, tiles and planes, brought to 8 bits.

use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult, Limits as Bounds};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::{
    Format, Stored, broken, cmyk_to_rgb, cut_off, grey_alpha_to_rgba, icc, shorten, tiff_jpeg, to_eight_bits,
    too_large, unsupported, zeroed,
};
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

/// What the decoder may take beside the frame: tiles stand out over its edges, and some files come in one strip.
const WORKING_MEMORY: usize = 32 << 20;

/// The tag value of alpha that the colours are already multiplied by (TIFF 6.0, `ExtraSamples`).
const ASSOCIATED_ALPHA: u16 = 1;

pub(super) type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let (mut decoder, size) = open(bytes, limits)?;
    Ok((size, orientation(&mut decoder, &mut Vec::new())))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let (mut decoder, size) = open(bytes, limits)?;
    let mut warnings = Vec::new();
    let orientation = orientation(&mut decoder, &mut warnings);
    let profile = decoder.find_tag(Tag::IccProfile).ok().flatten().and_then(|value| value.into_u8_vec().ok());
    if decoder.more_images() {
        warnings.push("the TIFF has several pages: only the first is used".to_owned());
    }
    if tiff_jpeg::is_jpeg(&mut decoder)? {
        let image = tiff_jpeg::decode(&mut decoder, bytes, size, limits)?;
        return Ok(Stored { image, orientation, icc: profile, warnings });
    }
    let colour = decoder.colortype().map_err(failure)?;
    let alpha = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).ok().flatten().unwrap_or_default();
    let (samples, bits) = match colour {
        ColorType::Gray(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::Multiband { bit_depth, num_samples: 2 } if matches!(alpha.as_slice(), [1 | 2]) => (2, bit_depth),
        ColorType::RGB(bits) => (3, bits),
        ColorType::RGBA(bits) | ColorType::CMYK(bits) => (4, bits),
        other => return Err(unsupported(Format::Tiff, format!("{other:?} pixels"))),
    };
    if bits < 8 && samples > 1 {
        return Err(unsupported(Format::Tiff, format!("{samples} samples of {bits} bits")));
    }
    let mut pixels = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut pixels).map_err(failure)?;
    if pixels.as_buffer(0).as_bytes().len() < layout.complete_len {
        return Err(too_large(Format::Tiff));
    }
    let mut data = eight_bits(pixels, &mut warnings)?;
    if bits < 8 {
        data = unpacked(size, bits, &data)?;
    }
    if data.len() != size.area() * samples {
        return Err(broken(Format::Tiff, "its samples do not make its size"));
    }
    if layout.planes > 1 {
        data = interleaved(size, samples, &data)?;
    }
    let image = match (samples, colour) {
        (1, _) => Image::from_samples(size, Channels::Grey, data)?,
        (2, _) => grey_alpha_to_rgba(size, &data)?,
        (3, _) => Image::from_samples(size, Channels::Rgb, data)?,
        (_, ColorType::CMYK(_)) => {
            warnings.push("CMYK pixels are converted to RGB without a colour profile".to_owned());
            let data = shorten(data, 4, 3, |inks, rgb| cmyk_to_rgb(inks, false, rgb));
            Image::from_samples(size, Channels::Rgb, data)?
        }
        _ => {
            if alpha.first() == Some(&ASSOCIATED_ALPHA) {
                divide_by_alpha(&mut data);
            }
            Image::from_samples(size, Channels::Rgba, data)?
        }
    };
    Ok(Stored { image, orientation, icc: profile, warnings })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Reader<'a>, Size)> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(failure)?;
    let (width, height) = decoder.dimensions().map_err(failure)?;
    limits.check_pixels(width.into(), height.into())?;
    let size = Size::new(width, height);
    let mut bounds = Bounds::default();
    // Four samples of four bytes are the most that is read.
    bounds.decoding_buffer_size = size.area().saturating_mul(16);
    bounds.intermediate_buffer_size = bounds.decoding_buffer_size.saturating_add(WORKING_MEMORY);
    bounds.ifd_value_size = icc::MAX_BYTES;
    Ok((decoder.with_limits(bounds), size))
}

fn orientation(decoder: &mut Reader<'_>, warnings: &mut Vec<String>) -> u8 {
    match decoder.find_tag_unsigned::<u8>(Tag::Orientation) {
        Ok(None) => 1,
        Ok(Some(orientation @ 1..=8)) => orientation,
        _ => {
            warnings.push("the orientation of the TIFF is damaged and ignored".to_owned());
            1
        }
    }
}

fn eight_bits(pixels: DecodingResult, warnings: &mut Vec<String>) -> Result<Vec<u8>> {
    let mut note = |kind: &str| warnings.push(format!("{kind} samples are brought to 8 bits"));
    Ok(match pixels {
        DecodingResult::U8(levels) => levels,
        DecodingResult::U16(levels) => {
            note("16-bit");
            levels.into_iter().map(to_eight_bits).collect()
        }
        DecodingResult::F32(levels) => {
            note("floating-point");
            // What is no number becomes 0.
            levels.into_iter().map(|level| (level * 255.0 + 0.5) as u8).collect()
        }
        DecodingResult::F64(levels) => {
            note("floating-point");
            levels.into_iter().map(|level| (level * 255.0 + 0.5) as u8).collect()
        }
        _ => return Err(unsupported(Format::Tiff, "signed samples or ones of more than 16 bits")),
    })
}

/// Grey levels of fewer than 8 bits, each line from a whole byte, to 8 bits.
fn unpacked(size: Size, bits: u8, packed: &[u8]) -> Result<Vec<u8>> {
    if !matches!(bits, 1 | 2 | 4) {
        return Err(unsupported(Format::Tiff, format!("grey levels of {bits} bits")));
    }
    let most = (1_u8 << bits) - 1;
    let stride = (size.width as usize * usize::from(bits)).div_ceil(8);
    let mut data = zeroed(size, 1)?;
    for (to, from) in data.chunks_exact_mut(size.width as usize).zip(packed.chunks_exact(stride)) {
        for (x, level) in to.iter_mut().enumerate() {
            let at = x * usize::from(bits);
            let shift = 8 - usize::from(bits) - at % 8;
            *level = ((from[at / 8] >> shift) & most) * (255 / most);
        }
    }
    Ok(data)
}

/// Planes one after the other to pixels.
fn interleaved(size: Size, samples: usize, planes: &[u8]) -> Result<Vec<u8>> {
    let mut data = zeroed(size, samples)?;
    for (channel, plane) in planes.chunks_exact(size.area()).enumerate() {
        for (to, level) in data.iter_mut().skip(channel).step_by(samples).zip(plane) {
            *to = *level;
        }
    }
    Ok(data)
}

fn divide_by_alpha(data: &mut [u8]) {
    for pixel in data.as_chunks_mut::<4>().0 {
        let alpha = u32::from(pixel[3]);
        for level in &mut pixel[..3] {
            *level = (u32::from(*level) * 255).checked_div(alpha).unwrap_or(0).min(255) as u8;
        }
    }
}

pub(super) fn failure(error: TiffError) -> Error {
    match error {
        TiffError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => cut_off(Format::Tiff),
        TiffError::UnsupportedError(cause) => unsupported(Format::Tiff, cause),
        TiffError::LimitsExceeded => too_large(Format::Tiff),
        other => broken(Format::Tiff, other),
    }
}
