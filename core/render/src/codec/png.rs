//! PNG through the png crate, row by row into 8-bit samples.

use png::{
    BitDepth, ColorType, Compression, DecodingError, Encoder, Filter, InterlaceInfo, Limits as Bounds, Reader,
    Transformations,
};
use std::io::{Cursor, Write};
use std::sync::Arc;

use super::decoded::StoredMask;
use super::levels::{Extremes, Levels, SampleKind, SampleNumbers, level};
use super::{Format, PngCompression, Stored, broken, cut_off, gray_alpha_to_rgba, icc, orientation, too_large, zeroed};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::labels::{Mask, Palette, Values};
use crate::limits::Limits;
use crate::reading::{LevelRange, Reading};

/// Deflate makes at most this many bytes of one (RFC 1951: 258 bytes by two bits).
const MAX_EXPANSION: u64 = 1032;

/// Bytes of a chunk of the picture that is written.
const IDAT_BYTES: usize = 1 << 18;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let size = size(bytes, limits)?;
    Ok((size, chunk(bytes, *b"eXIf").map_or(1, |block| orientation::from_exif(block, &mut Vec::new()))))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<Stored> {
    let size = size(bytes, limits)?;
    let mut warnings = Vec::new();
    let orientation = chunk(bytes, *b"eXIf").map_or(1, |block| orientation::from_exif(block, &mut warnings));
    let mut reader = expanded(bytes, size)?;
    let (color, depth) = reader.output_color_type();
    let samples = color.samples();
    let raw = size.area() as u64 * u64::from(reader.info().bits_per_pixel() as u32) / 8;
    if raw / MAX_EXPANSION > bytes.len() as u64 {
        return Err(cut_off(Format::Png));
    }
    let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    if profile.is_none() && chunk(bytes, *b"iCCP").is_some() {
        warnings.push("the color profile is left out: it is damaged or too large".to_owned());
    }
    if reader.info().animation_control.is_some() {
        warnings.push("the PNG is animated: only its still picture is used".to_owned());
    }
    let data = if depth == BitDepth::Sixteen {
        let colors = if matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba) { samples - 1 } else { samples };
        let stated = match reading.range {
            None => None,
            Some(LevelRange::Between(low, high)) => Some((low, high)),
            Some(LevelRange::File) => {
                let mut seen = Extremes::new();
                each_line(&mut expanded(bytes, size)?, size, &mut Vec::new(), |line, _| {
                    for words in line.as_chunks::<2>().0.chunks_exact(samples) {
                        words[..colors].iter().for_each(|word| seen.see(number(*word)));
                    }
                })?;
                Some(seen.range())
            }
        };
        let mut levels = Levels::new(WORDS, stated);
        let data = read_lines(&mut reader, size, samples, &mut warnings, |line, to| {
            let words = line.as_chunks::<2>().0.chunks_exact(samples);
            for (to, words) in to.chunks_exact_mut(samples).zip(words) {
                for (at, (to, word)) in to.iter_mut().zip(words).enumerate() {
                    let number = number(*word);
                    *to = level(if at < colors { levels.place(number) } else { 255.0 * WORDS.share(number) });
                }
            }
        })?;
        levels.finish(&mut warnings)?;
        data
    } else {
        read_lines(&mut reader, size, samples, &mut warnings, |line, to| to[..line.len()].copy_from_slice(line))?
    };
    let image = match color {
        ColorType::GrayscaleAlpha => gray_alpha_to_rgba(size, &data)?,
        ColorType::Grayscale => Image::from_samples(size, Channels::Gray, data)?,
        ColorType::Rgba => Image::from_samples(size, Channels::Rgba, data)?,
        ColorType::Rgb | ColorType::Indexed => Image::from_samples(size, Channels::Rgb, data)?,
    };
    Ok(Stored { image, orientation, subsampling: None, icc: profile, warnings })
}

/// A mask whose pixels are numbers: indices of a palette or levels of 16 bits, as they are stored; `None` for others.
pub(super) fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<Option<StoredMask>> {
    let size = size(bytes, limits)?;
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), bounds(size));
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(failure)?;
    let (color, depth) = reader.output_color_type();
    let values = match (color, depth) {
        (ColorType::Indexed, _) => {
            let info = reader.info();
            let colors = info.palette.as_deref().unwrap_or_default().as_chunks::<3>().0.to_vec();
            let alphas = info.trns.as_deref().unwrap_or_default().iter().take(colors.len()).copied().collect();
            Values::Indices(Arc::new(Palette { colors, alphas }))
        }
        (ColorType::Grayscale, BitDepth::Sixteen) => Values::Words,
        (ColorType::Grayscale, BitDepth::One) => Values::Bits,
        (_, BitDepth::Sixteen) => {
            let why =
                "a mask with colors of 16 bits is not supported: save its colors in 8 bits, or its numbers as gray";
            return Err(Error::new(ErrorKind::Unsupported, why));
        }
        _ => return Ok(None),
    };
    let bits = depth as usize;
    let stride = (size.width as usize * bits).div_ceil(8);
    let mut packed = zeroed(Size::new(stride as u32, size.height), 1)?;
    reader.next_frame(&mut packed).map_err(failure)?;
    let mut data = if bits < 8 { unpacked(&packed, size, bits)? } else { packed };
    if values == Values::Bits {
        data.iter_mut().for_each(|bit| *bit *= 255);
    }
    let mut warnings = Vec::new();
    let orientation = chunk(bytes, *b"eXIf").map_or(1, |block| orientation::from_exif(block, &mut warnings));
    Ok(Some(StoredMask { mask: Mask::new(size, values, data)?, orientation, warnings }))
}

/// Indices of fewer than 8 bits, a byte each.
fn unpacked(packed: &[u8], size: Size, bits: usize) -> Result<Vec<u8>> {
    let mut indices = zeroed(size, 1)?;
    let (width, stride) = (size.width as usize, packed.len() / size.height as usize);
    for (to, line) in indices.chunks_exact_mut(width).zip(packed.chunks_exact(stride)) {
        for (x, index) in to.iter_mut().enumerate() {
            let at = x * bits;
            *index = (line[at / 8] >> (8 - bits - at % 8)) & ((1 << bits) - 1);
        }
    }
    Ok(indices)
}

/// Bounds what chunks unpack to and one line; the frame is ours.
fn bounds(size: Size) -> Bounds {
    Bounds { bytes: icc::MAX_BYTES + size.width as usize * 8 + 64 }
}

/// A file begun, its palettes and fewer bits to be made whole samples.
fn expanded(bytes: &[u8], size: Size) -> Result<Reader<Cursor<&[u8]>>> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), bounds(size));
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.read_info().map_err(failure)
}

const WORDS: SampleNumbers = SampleNumbers { kind: SampleKind::Unsigned, bits: 16 };

fn number(word: [u8; 2]) -> f64 {
    u16::from_be_bytes(word).into()
}

/// Calls for every line as it comes; interlaced ones come in parts.
fn each_line(
    reader: &mut Reader<Cursor<&[u8]>>,
    size: Size,
    warnings: &mut Vec<String>,
    mut with: impl FnMut(&[u8], InterlaceInfo),
) -> Result<()> {
    let mut plain = 0;
    loop {
        match reader.next_interlaced_row() {
            Ok(Some(row)) => {
                plain += u32::from(matches!(row.interlace(), InterlaceInfo::Null(_)));
                with(row.data(), *row.interlace());
            }
            Ok(None) => return Ok(()),
            // All lines are there: only what follows them is not.
            Err(error) if plain == size.height && is_end(&error) => {
                warnings.push("the PNG is cut off after its picture".to_owned());
                return Ok(());
            }
            Err(error) => return Err(failure(error)),
        }
    }
}

/// All lines in 8 bits, which `reduce` makes of one as it is stored; interlaced ones are spread over the frame.
fn read_lines(
    reader: &mut Reader<Cursor<&[u8]>>,
    size: Size,
    samples: usize,
    warnings: &mut Vec<String>,
    mut reduce: impl FnMut(&[u8], &mut [u8]),
) -> Result<Vec<u8>> {
    let stride = size.width as usize * samples;
    let mut data = zeroed(size, samples)?;
    let (mut plain, mut part) = (0, vec![0; stride]);
    each_line(reader, size, warnings, |line, interlace| match interlace {
        InterlaceInfo::Null(_) => {
            reduce(line, &mut data[plain..plain + stride]);
            plain += stride;
        }
        InterlaceInfo::Adam7(pass) => {
            reduce(line, &mut part);
            png::expand_interlaced_row(&mut data, stride, &part, &pass, samples as u8 * 8);
        }
    })?;
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
    let mut info = png::Info::with_size(image.size().width, image.size().height);
    info.icc_profile = icc.map(Into::into);
    info.color_type = match image.channels() {
        Channels::Gray => ColorType::Grayscale,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    };
    write(info, image.samples(), compression)
}

pub(super) fn encode_mask(mask: &Mask) -> Result<Vec<u8>> {
    let mut info = png::Info::with_size(mask.size().width, mask.size().height);
    info.color_type = match mask.values() {
        Values::Bits | Values::Bytes | Values::Words => ColorType::Grayscale,
        Values::Indices(_) => ColorType::Indexed,
        Values::Rgb => ColorType::Rgb,
        Values::Rgba => ColorType::Rgba,
    };
    match mask.values() {
        Values::Words => info.bit_depth = BitDepth::Sixteen,
        Values::Bits => {
            info.bit_depth = BitDepth::One;
            let byte = |bits: &[u8]| bits.iter().zip(0..).fold(0, |byte, (bit, at)| byte | (bit & 1) << (7 - at));
            let row = |row: &[u8]| row.chunks(8).map(byte).collect::<Vec<u8>>();
            let packed: Vec<u8> = mask.samples().chunks_exact(mask.size().width as usize).flat_map(row).collect();
            return write(info, &packed, PngCompression::Fast);
        }
        Values::Indices(palette) => {
            // A file whose numbers go past its colors is damaged: they are shown black.
            let most = mask.samples().iter().max().map_or(0, |most| usize::from(*most));
            let mut colors = palette.colors.clone();
            colors.resize(colors.len().max(most + 1), [0; 3]);
            info.palette = Some(colors.into_flattened().into());
            info.trns = (!palette.alphas.is_empty()).then(|| palette.alphas.clone().into());
        }
        _ => {}
    }
    write(info, mask.samples(), PngCompression::Fast)
}

fn write(mut info: png::Info<'_>, samples: &[u8], compression: PngCompression) -> Result<Vec<u8>> {
    let failure =
        |error: png::EncodingError| Error::new(ErrorKind::Encode, format!("the PNG cannot be written: {error}"));
    if !matches!(info.bit_depth, BitDepth::One | BitDepth::Sixteen) {
        info.bit_depth = BitDepth::Eight;
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::with_info(&mut out, info).map_err(failure)?;
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
    stream.write_all(samples).map_err(|error| failure(error.into()))?;
    stream.finish().map_err(failure)?;
    writer.finish().map_err(failure)?;
    Ok(out)
}
