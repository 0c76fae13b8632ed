//! PNG through the png crate, row by row into 8-bit samples.

use png::{
    BitDepth, ColorType, Compression, DecodingError, Encoder, Filter, InterlaceInfo, Limits as Bounds, Reader,
    Transformations,
};
use std::io::{Cursor, Write};

use super::{
    Format, PngCompression, Stored, broken, cut_off, grey_alpha_to_rgba, icc, orientation, to_eight_bits, too_large,
    zeroed,
};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

/// Deflate makes at most this many bytes of one (RFC 1951: 258 bytes by two bits).
const MAX_EXPANSION: u64 = 1032;

/// Bytes of a chunk of the picture that is written.
const IDAT_BYTES: usize = 1 << 18;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let size = size(bytes, limits)?;
    Ok((size, chunk(bytes, *b"eXIf").map_or(1, |block| orientation::from_exif(block, &mut Vec::new()))))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let size = size(bytes, limits)?;
    let mut warnings = Vec::new();
    let orientation = chunk(bytes, *b"eXIf").map_or(1, |block| orientation::from_exif(block, &mut warnings));
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), bounds(size));
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(failure)?;
    let (colour, depth) = reader.output_color_type();
    let samples = colour.samples();
    let raw = size.area() as u64 * u64::from(reader.info().bits_per_pixel() as u32) / 8;
    if raw / MAX_EXPANSION > bytes.len() as u64 {
        return Err(cut_off(Format::Png));
    }
    let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    if profile.is_none() && chunk(bytes, *b"iCCP").is_some() {
        warnings.push("the colour profile is left out: it is damaged or too large".to_owned());
    }
    if reader.info().animation_control.is_some() {
        warnings.push("the PNG is animated: only its still picture is used".to_owned());
    }
    if depth == BitDepth::Sixteen {
        warnings.push("16-bit samples are brought to 8 bits".to_owned());
    }
    let data = read_lines(&mut reader, size, samples, depth == BitDepth::Sixteen, &mut warnings)?;
    let image = match colour {
        ColorType::GrayscaleAlpha => grey_alpha_to_rgba(size, &data)?,
        ColorType::Grayscale => Image::from_samples(size, Channels::Grey, data)?,
        ColorType::Rgba => Image::from_samples(size, Channels::Rgba, data)?,
        ColorType::Rgb | ColorType::Indexed => Image::from_samples(size, Channels::Rgb, data)?,
    };
    Ok(Stored { image, orientation, icc: profile, warnings })
}

/// A mask: palette indices and 16-bit levels are numbers of classes or things, kept as they are, not shades.
pub(super) fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<Option<Image>> {
    let size = size(bytes, limits)?;
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), bounds(size));
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(failure)?;
    let (colour, depth) = reader.output_color_type();
    let bits = depth as usize;
    if colour != ColorType::Indexed && (colour, depth) != (ColorType::Grayscale, BitDepth::Sixteen) {
        return Ok(None);
    }
    let stride = (size.width as usize * bits).div_ceil(8);
    let mut packed = zeroed(Size::new(stride as u32, size.height), 1)?;
    reader.next_frame(&mut packed).map_err(failure)?;
    let mut levels = zeroed(size, 1)?;
    for (to, line) in levels.chunks_exact_mut(size.width as usize).zip(packed.chunks_exact(stride)) {
        for (x, level) in to.iter_mut().enumerate() {
            *level = if bits == 16 {
                u8::try_from(u16::from_be_bytes([line[x * 2], line[x * 2 + 1]])).map_err(|_| {
                    Error::new(ErrorKind::Unsupported, "a mask with numbers over 255 is not supported: renumber it")
                })?
            } else {
                let at = x * bits;
                let most = (1_u16 << bits) as u8;
                (line[at / 8] >> (8 - bits - at % 8)) & most.wrapping_sub(1)
            };
        }
    }
    Image::from_samples(size, Channels::Grey, levels).map(Some)
}

/// Bounds what chunks unpack to and one line; the frame is ours.
fn bounds(size: Size) -> Bounds {
    Bounds { bytes: icc::MAX_BYTES + size.width as usize * 8 + 64 }
}

/// All lines; 16-bit ones are brought to 8 bits one at a time, interlaced ones spread over the frame.
fn read_lines(
    reader: &mut Reader<Cursor<&[u8]>>,
    size: Size,
    samples: usize,
    deep: bool,
    warnings: &mut Vec<String>,
) -> Result<Vec<u8>> {
    let stride = size.width as usize * samples;
    let mut data = zeroed(size, samples)?;
    let mut line = vec![0; if deep { stride * 2 } else { stride }];
    let mut plain = 0;
    loop {
        let step = match reader.read_row(&mut line) {
            Ok(Some(step)) => step,
            Ok(None) => break,
            // All lines are there: only what follows them is not.
            Err(error) if plain == size.height as usize && is_end(&error) => {
                warnings.push("the PNG is cut off after its picture".to_owned());
                break;
            }
            Err(error) => return Err(failure(error)),
        };
        if deep {
            for at in 0..stride {
                line[at] = to_eight_bits(u16::from_be_bytes([line[at * 2], line[at * 2 + 1]]));
            }
        }
        match step {
            InterlaceInfo::Null(_) => {
                data[plain * stride..(plain + 1) * stride].copy_from_slice(&line[..stride]);
                plain += 1;
            }
            InterlaceInfo::Adam7(pass) => {
                png::expand_interlaced_row(&mut data, stride, &line, &pass, samples as u8 * 8);
            }
        }
    }
    Ok(data)
}

fn is_end(error: &DecodingError) -> bool {
    matches!(error, DecodingError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof)
}

/// The size that the head claims, within the limits.
fn size(bytes: &[u8], limits: &Limits) -> Result<Size> {
    let Some([b'I', b'H', b'D', b'R', w0, w1, w2, w3, h0, h1, h2, h3]) = bytes.get(12..24) else {
        return Err(if bytes.len() < 24 { cut_off(Format::Png) } else { broken(Format::Png, "it has no head") });
    };
    let size = Size::new(u32::from_be_bytes([*w0, *w1, *w2, *w3]), u32::from_be_bytes([*h0, *h1, *h2, *h3]));
    limits.check_pixels(size.width.into(), size.height.into())?;
    Ok(size)
}

/// The data of the first chunk of a type, wherever it stands: EXIF may follow the picture.
fn chunk(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let body = rest.get(8..)?;
        if rest.get(4..8)? == kind {
            return body.get(..length);
        }
        rest = body.get(length.checked_add(4)?..)?;
    }
}

fn failure(error: DecodingError) -> Error {
    match error {
        error if is_end(&error) => cut_off(Format::Png),
        DecodingError::LimitsExceeded => too_large(Format::Png),
        other => broken(Format::Png, other),
    }
}

pub(super) fn encode(image: &Image, compression: PngCompression, icc: Option<&[u8]>) -> Result<Vec<u8>> {
    let failure =
        |error: png::EncodingError| Error::new(ErrorKind::Encode, format!("the PNG cannot be written: {error}"));
    let mut info = png::Info::with_size(image.size().width, image.size().height);
    info.icc_profile = icc.map(Into::into);
    let mut out = Vec::new();
    let mut encoder = Encoder::with_info(&mut out, info).map_err(failure)?;
    encoder.set_color(match image.channels() {
        Channels::Grey => ColorType::Grayscale,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    // On photographs Paeth alone is as small as the best filter of every line, and twice as fast.
    let (compression, filter) = match compression {
        PngCompression::Fast => (Compression::Fast, Filter::Paeth),
        PngCompression::Small => (Compression::Balanced, Filter::Adaptive),
    };
    encoder.set_compression(compression);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().map_err(failure)?;
    // Streamed: what is compressed goes straight to the output and is not held beside it.
    let mut stream = writer.stream_writer_with_size(IDAT_BYTES).map_err(failure)?;
    stream.write_all(image.samples()).map_err(|error| failure(error.into()))?;
    stream.finish().map_err(failure)?;
    writer.finish().map_err(failure)?;
    Ok(out)
}
