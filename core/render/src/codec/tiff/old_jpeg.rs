//! JPEG in TIFF's old form (TIFF 6.0, section 22): one stream somewhere in the file, or its tables and its scan apart.

use super::directory::{Directory, tag};
use super::layout::{Layout, Meaning};
use crate::codec::{Format, broken, jpeg, unsupported, zeroed};
use crate::error::Result;
use crate::image::{Channels, Image};
use crate::limits::Limits;

/// Markers (ITU-T T.81, B.1).
const START: [u8; 2] = [0xFF, 0xD8];
const END: [u8; 2] = [0xFF, 0xD9];

pub(super) fn decode(directory: &Directory<'_>, layout: &Layout, limits: &Limits) -> Result<Image> {
    let channels = match layout.meaning {
        Meaning::Gray { .. } => Channels::Gray,
        Meaning::Rgb | Meaning::YCbCr => Channels::Rgb,
        _ => {
            return Err(unsupported(
                Format::Tiff,
                "JPEG compression in its old form of other pixels than gray and RGB",
            ));
        }
    };
    if layout.tiled || layout.planar || layout.samples != channels.count() || layout.numbers.bits != 8 {
        return Err(unsupported(Format::Tiff, "JPEG compression in its old form of tiles, planes or further samples"));
    }
    let assembled;
    let file = match stream(directory)? {
        Some(stream) => stream,
        None => {
            assembled = assembled_of(directory, layout)?;
            &assembled
        }
    };
    let (found, kind, samples) = jpeg::decode_part(file, limits, layout.meaning != Meaning::Rgb)?;
    let size = layout.size;
    if kind != channels || found.width < size.width || found.height < size.height {
        return Err(broken(Format::Tiff, "its JPEG is of another size or kind"));
    }
    let mut image = Image::from_samples(size, channels, zeroed(size, channels.count())?)?;
    let stride = found.width as usize * channels.count();
    for (y, line) in samples.chunks_exact(stride).take(size.height as usize).enumerate() {
        let row = image.row_mut(y);
        row.copy_from_slice(&line[..row.len()]);
    }
    if layout.meaning == (Meaning::Gray { inverted: true }) {
        image.samples_mut().iter_mut().for_each(|level| *level = !*level);
    }
    Ok(image)
}

/// The JPEG that is whole: where a tag says, or as the one strip there is. Its length is not always said rightly.
fn stream<'a>(directory: &Directory<'a>) -> Result<Option<&'a [u8]>> {
    let whole = |at: u64| directory.part(at, (directory.file.len() as u64).saturating_sub(at));
    for place in [tag::JPEG_STREAM, tag::STRIP_OFFSETS] {
        if let Some(at) = directory.number(place)? {
            let stream = whole(at)?;
            if stream.starts_with(&START) && directory.count(place) == 1 {
                return Ok(Some(stream));
            }
        }
    }
    Ok(None)
}

/// A JPEG of tables that stand in places of their own, and of strips that hold pieces of one scan.
fn assembled_of(directory: &Directory<'_>, layout: &Layout) -> Result<Vec<u8>> {
    let (across, down) = layout.subsampling;
    let (width, height) = match (u16::try_from(layout.size.width), u16::try_from(layout.size.height)) {
        (Ok(width), Ok(height)) => (width, height),
        _ => return Err(broken(Format::Tiff, "its JPEG is larger than a JPEG can be")),
    };
    let units = layout.size.width.div_ceil(8 * across as u32) * layout.part.height.div_ceil(8 * down as u32);
    let several = layout.parts() > 1;
    let restarts = directory.number(tag::JPEG_RESTARTS)?.unwrap_or(0);
    if several && (restarts != 0 || !layout.part.height.is_multiple_of(8 * down as u32)) {
        return Err(unsupported(Format::Tiff, "JPEG compression in its old form with strips of parts of units"));
    }
    // A scan that starts again with every strip has marks there.
    let restarts = if several { u64::from(units) } else { restarts };
    let restarts = u16::try_from(restarts).map_err(|_| broken(Format::Tiff, "its strips have too many units"))?;

    let mut file = START.to_vec();
    let count = layout.samples;
    let quantizers = tables(directory, tag::JPEG_QUANTIZERS, count, |_| 64)?;
    let codes =
        |tag| tables(directory, tag, count, |head| 16 + head.iter().map(|number| u64::from(*number)).sum::<u64>());
    let (steady, changing) = (codes(tag::JPEG_DC_CODES)?, codes(tag::JPEG_AC_CODES)?);
    for (marker, class, tables) in [(0xDB, 0, &quantizers), (0xC4, 0, &steady), (0xC4, 0x10, &changing)] {
        for (id, table) in (0..).zip(&tables.different) {
            segment(&mut file, marker, &[&[class | id], *table].concat());
        }
    }
    let mut frame = vec![8];
    frame.extend([height, width].map(u16::to_be_bytes).as_flattened());
    frame.push(count as u8);
    let mut scan = vec![count as u8];
    for component in 0..count {
        let factors = if component == 0 { (across << 4 | down) as u8 } else { 0x11 };
        frame.extend([component as u8 + 1, factors, quantizers.of[component]]);
        scan.extend([component as u8 + 1, steady.of[component] << 4 | changing.of[component]]);
    }
    segment(&mut file, 0xC0, &frame);
    segment(&mut file, 0xDD, &restarts.to_be_bytes());
    scan.extend([0, 63, 0]);
    segment(&mut file, 0xDA, &scan);
    for strip in 0..layout.parts() {
        if strip > 0 {
            file.extend([0xFF, 0xD0 + ((strip - 1) % 8) as u8]);
        }
        let at = directory.at(tag::STRIP_OFFSETS, strip)?.unwrap_or(u64::MAX);
        let rest = (directory.file.len() as u64).saturating_sub(at);
        let length = directory.at(tag::STRIP_LENGTHS, strip)?.unwrap_or(rest);
        let mut data = directory.part(at, length)?;
        while let [start @ .., 0xFF, 0xD0..=0xD7 | 0xD9] = data {
            data = start;
        }
        file.extend_from_slice(data);
    }
    file.extend(END);
    Ok(file)
}

/// The tables that components have, each different one once.
struct Tables<'a> {
    different: Vec<&'a [u8]>,
    of: Vec<u8>,
}

/// Reads the tables of some components; `length` tells that of one from its first 16 bytes.
fn tables<'a>(directory: &Directory<'a>, tag: u16, count: usize, length: impl Fn(&[u8]) -> u64) -> Result<Tables<'a>> {
    let mut tables = Tables { different: Vec::new(), of: Vec::new() };
    for component in 0..count as u64 {
        let at = directory.at(tag, component)?;
        let at = at.ok_or_else(|| unsupported(Format::Tiff, "JPEG compression in its old form without its tables"))?;
        let table = directory.part(at, length(directory.part(at, 16)?))?;
        let id = tables.different.iter().position(|known| *known == table).unwrap_or_else(|| {
            tables.different.push(table);
            tables.different.len() - 1
        });
        tables.of.push(id as u8);
    }
    Ok(tables)
}

fn segment(file: &mut Vec<u8>, marker: u8, body: &[u8]) {
    // A table has at most 16 + 16 × 255 bytes.
    file.extend([0xFF, marker]);
    file.extend((body.len() as u16 + 2).to_be_bytes());
    file.extend_from_slice(body);
}
