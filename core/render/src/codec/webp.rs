//! WebP through the image-webp crate: lossy and lossless in, lossless out.

use image_webp::{ColorType, DecodingError, WebPDecoder, WebPEncoder};
use std::io::Cursor;

use super::{Format, Stored, broken, cut_off, orientation, too_large, unsupported, zeroed};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image};
use crate::limits::Limits;

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let (mut decoder, size) = open(bytes, limits)?;
    Ok((size, read_orientation(&mut decoder, &mut Vec::new())))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored> {
    let (mut decoder, size) = open(bytes, limits)?;
    let mut warnings = Vec::new();
    let orientation = read_orientation(&mut decoder, &mut warnings);
    let icc = decoder.icc_profile().unwrap_or_else(|_| {
        warnings.push("the color profile is left out: it is damaged".to_owned());
        None
    });
    if decoder.is_animated() {
        warnings.push("the WebP is animated: only its first frame is used".to_owned());
    }
    let channels = if decoder.has_alpha() { Channels::Rgba } else { Channels::Rgb };
    let mut data = zeroed(size, channels.count())?;
    decoder.read_image(&mut data).map_err(failure)?;
    let image = Image::from_samples(size, channels, data)?;
    Ok(Stored { image, orientation, subsampling: None, icc, warnings })
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(WebPDecoder<Cursor<&'a [u8]>>, Size)> {
    // The head tells how long the file is to be; its last byte may be padding that some programs leave out.
    let stated = bytes.get(4..8).and_then(|field| field.try_into().ok()).map_or(0, u32::from_le_bytes);
    if u64::from(stated) + 8 > bytes.len() as u64 + 1 {
        return Err(cut_off(Format::WebP));
    }
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(failure)?;
    // No part of a file is longer than the file.
    decoder.set_memory_limit(bytes.len());
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width.into(), height.into())?;
    check_frames(bytes, limits)?;
    Ok((decoder, Size::new(width, height)))
}

/// Lossy frames tell their own size, and the decoder takes memory for it before it looks at the canvas.
fn check_frames(bytes: &[u8], limits: &Limits) -> Result<()> {
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some(([k0, k1, k2, k3, l0, l1, l2, l3], body)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
        rest = match &[*k0, *k1, *k2, *k3] {
            // A frame of an animation holds parts of its own after 16 bytes.
            b"ANMF" => body.get(16..).unwrap_or_default(),
            kind => {
                if let (b"VP8 ", Some([.., w0, w1, h0, h1])) = (kind, body.first_chunk::<10>()) {
                    let side = |low: &u8, high: &u8| u64::from(u16::from_le_bytes([*low, *high]) & 0x3FFF);
                    limits.check_pixels(side(w0, w1), side(h0, h1))?;
                }
                length.checked_add(length % 2).and_then(|length| body.get(length..)).unwrap_or_default()
            }
        };
    }
    Ok(())
}

fn read_orientation(decoder: &mut WebPDecoder<Cursor<&[u8]>>, warnings: &mut Vec<String>) -> u8 {
    match decoder.exif_metadata() {
        Ok(None) => 1,
        Ok(Some(block)) => orientation::from_exif(&block, warnings),
        Err(_) => orientation::from_exif(&[], warnings),
    }
}

fn failure(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => cut_off(Format::WebP),
        DecodingError::MemoryLimitExceeded => too_large(Format::WebP),
        DecodingError::UnsupportedFeature(what) => unsupported(Format::WebP, what),
        other => broken(Format::WebP, other),
    }
}

pub(super) fn encode(image: &Image, icc: Option<&[u8]>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = WebPEncoder::new(&mut out);
    if let Some(profile) = icc {
        encoder.set_icc_profile(profile.to_vec());
    }
    let color = match image.channels() {
        Channels::Gray => ColorType::L8,
        Channels::Rgb => ColorType::Rgb8,
        Channels::Rgba => ColorType::Rgba8,
    };
    encoder
        .encode(image.samples(), image.size().width, image.size().height, color)
        .map_err(|error| Error::new(ErrorKind::Encode, format!("the WebP cannot be written: {error}")))?;
    Ok(out)
}
