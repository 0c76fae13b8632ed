//! TIFF: the first page, any strips, tiles and planes, converted to 8 bits part by part.
//!
//! The container is read here, its compressions by the crates that are made for them: libraries for the whole of it know
//! fewer kinds of pixels, and none hands out a part before it has turned it into some.

mod color;
mod compression;
mod directory;
mod fax;
mod layout;
mod old_jpeg;
mod parts;
mod samples;

use std::sync::Arc;

use self::color::Painter;
use self::compression::OLD_JPEG;
use self::directory::{Directory, tag};
use self::layout::{Layout, Meaning};
use self::parts::{Part, Parts};
use super::decoded::StoredMask;
use super::levels::{Extremes, Levels, SampleKind, SampleNumbers, level};
use super::{Stored, icc, zeroed};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::Image;
use crate::labels::{Mask, Palette, Values};
use crate::limits::Limits;
use crate::reading::{LevelRange, Reading};

pub(super) fn probe(bytes: &[u8], limits: &Limits) -> Result<(Size, u8)> {
    let directory = Directory::read(bytes)?;
    let size = layout::size(&directory, limits)?;
    Ok((size, orientation(&directory, &mut Vec::new())))
}

pub(super) fn decode(bytes: &[u8], limits: &Limits, reading: &Reading) -> Result<Stored> {
    let directory = Directory::read(bytes)?;
    let layout = Layout::read(&directory, limits)?;
    let mut warnings = Vec::new();
    let orientation = orientation(&directory, &mut warnings);
    if directory.more {
        warnings.push("the TIFF has several pages: only the first is used".to_owned());
    }
    let profile = directory.bytes(tag::ICC_PROFILE).ok().flatten().filter(|profile| profile.len() <= icc::MAX_BYTES);
    let icc = profile.map(<[u8]>::to_vec);
    let image = if layout.compression == OLD_JPEG {
        old_jpeg::decode(&directory, &layout, limits)?
    } else {
        let parts = Parts::new(&directory, &layout, limits)?;
        let painter = Painter::new(&directory, &layout, &mut warnings)?;
        paint(&Source { directory: &directory, layout: &layout, parts }, &painter, reading, &mut warnings)?
    };
    Ok(Stored { image, orientation, subsampling: None, icc, warnings })
}

/// A mask: indices of a palette and levels of more than 8 bits are numbers of classes or things, kept as they are.
pub(super) fn decode_mask(bytes: &[u8], limits: &Limits) -> Result<Option<StoredMask>> {
    let directory = Directory::read(bytes)?;
    let layout = Layout::read(&directory, limits)?;
    let SampleNumbers { kind, bits } = layout.numbers;
    let mut warnings = Vec::new();
    let values = match layout.meaning {
        _ if layout.samples != 1 || layout.compression == OLD_JPEG => return Ok(None),
        Meaning::Palette if bits <= 8 => {
            let colors = color::palette(&directory, bits, &mut warnings)?;
            Values::Indices(Arc::new(Palette { colors, alphas: Vec::new() }))
        }
        Meaning::Palette => Values::Words,
        // Tools that number things write them as whole numbers of any kind.
        Meaning::Gray { inverted: false } if kind != SampleKind::Unsigned || bits > 8 => Values::Words,
        _ => return Ok(None),
    };
    let source = Source { directory: &directory, layout: &layout, parts: Parts::new(&directory, &layout, limits)? };
    let n = values.bytes();
    let mut data = zeroed(layout.size, n)?;
    let (mut line, mut greatest, mut whole) = (Vec::new(), 0.0_f64, true);
    source.each_row(|part, y| {
        source.numbers(part, y, layout.numbers, &mut line);
        let at = (part.top as usize + y) * layout.size.width as usize + part.left as usize;
        for (to, number) in data[at * n..].chunks_exact_mut(n).zip(&line) {
            greatest = greatest.max(*number);
            whole &= *number >= 0.0 && number.trunc() == *number;
            to.copy_from_slice(&(*number as u16).to_be_bytes()[2 - n..]);
        }
    })?;
    if !whole {
        let why = "a mask with numbers below 0 or between whole ones is not supported: save it as a 16-bit PNG";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    if greatest > f64::from(u16::MAX) {
        let why = "a mask with numbers over 65,535 is not supported: renumber it, and save it as a 16-bit PNG";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    let orientation = orientation(&directory, &mut warnings);
    Ok(Some(StoredMask { mask: Mask::new(layout.size, values, data)?, orientation, warnings }))
}

fn orientation(directory: &Directory<'_>, warnings: &mut Vec<String>) -> u8 {
    match directory.number(tag::ORIENTATION) {
        Ok(None) => 1,
        Ok(Some(orientation @ 1..=8)) => orientation as u8,
        _ => {
            warnings.push("the orientation of the TIFF is damaged and ignored".to_owned());
            1
        }
    }
}

/// The picture in its file.
struct Source<'a> {
    directory: &'a Directory<'a>,
    layout: &'a Layout,
    parts: Parts<'a>,
}

impl Source<'_> {
    /// Calls for every row of every part, with the place of the row in the picture.
    fn each_row(&self, mut with: impl FnMut(&Part, usize)) -> Result<()> {
        let mut part = Part::default();
        for number in 0..self.layout.parts() {
            self.parts.read(number, &mut part)?;
            for y in 0..part.rows {
                with(&part, y);
            }
        }
        Ok(())
    }

    /// The samples of the pixels of a row of a part, one plane after the other where they lie so.
    fn samples<T: Copy + Default>(&self, part: &Part, y: usize, line: &mut Vec<T>, read: impl Fn(&[u8], &mut [T])) {
        let samples = self.layout.samples;
        line.clear();
        line.resize(part.columns * samples, T::default());
        if let [plane] = part.planes.as_slice() {
            return read(plane.rows_from(y), line);
        }
        let mut level = vec![T::default(); part.columns];
        for (at, plane) in part.planes.iter().enumerate() {
            read(plane.rows_from(y), &mut level);
            for (to, from) in line.iter_mut().skip(at).step_by(samples).zip(&level) {
                *to = *from;
            }
        }
    }

    /// The samples of a row that are levels already, in 8 bits; indices of a palette stay as they are.
    fn levels(&self, part: &Part, y: usize, line: &mut Vec<u8>) {
        let layout = self.layout;
        if layout.subsampling != (1, 1) {
            line.clear();
            line.resize(part.columns * layout.samples, 0);
            let units = part.planes[0].rows_from(y / layout.subsampling.1);
            return color::spread(units, layout.subsampling, y, line);
        }
        let bits = layout.numbers.bits;
        self.samples(part, y, line, |row, to| samples::small(bits, row, to));
        if bits < 8 {
            let most = (1_u32 << bits) - 1;
            let indices = usize::from(layout.meaning == Meaning::Palette);
            for pixel in line.chunks_exact_mut(layout.samples) {
                for level in &mut pixel[indices..] {
                    *level = ((u32::from(*level) * 255 + most / 2) / most) as u8;
                }
            }
        }
    }

    fn numbers(&self, part: &Part, y: usize, numbers: SampleNumbers, line: &mut Vec<f64>) {
        let order = self.directory.order;
        self.samples(part, y, line, |row, to| samples::wide(numbers, order, row, to));
    }

    /// The least and the greatest color of the file.
    fn extremes(&self) -> Result<(f64, f64)> {
        let (mut seen, mut line) = (Extremes::new(), Vec::new());
        self.each_row(|part, y| {
            self.numbers(part, y, self.layout.numbers, &mut line);
            for pixel in line.chunks_exact(self.layout.samples) {
                pixel[..self.layout.meaning.samples()].iter().for_each(|number| seen.see(*number));
            }
        })?;
        Ok(seen.range())
    }
}

fn paint(source: &Source<'_>, painter: &Painter, reading: &Reading, warnings: &mut Vec<String>) -> Result<Image> {
    let layout = source.layout;
    let channels = painter.channels();
    let mut image = Image::from_samples(layout.size, channels, zeroed(layout.size, channels.count())?)?;
    let mut put = |part: &Part, y: usize, row: &[u8]| {
        let at = part.left as usize * channels.count();
        let to = &mut image.row_mut(part.top as usize + y)[at..at + part.columns * channels.count()];
        painter.paint(row, to);
    };
    let mut row = Vec::new();
    let mut line = Vec::new();
    if let Meaning::Lab { offset } = layout.meaning {
        let numbers = SampleNumbers { kind: SampleKind::Unsigned, bits: layout.numbers.bits };
        warnings.push("L*a*b* colors are converted to sRGB".to_owned());
        source.each_row(|part, y| {
            source.numbers(part, y, numbers, &mut line);
            row.clear();
            for pixel in line.chunks_exact(layout.samples) {
                row.extend(color::lab(pixel, numbers.bits, offset));
                row.extend(pixel[3..].iter().map(|number| level(255.0 * numbers.share(*number))));
            }
            put(part, y, &row);
        })?;
        return Ok(image);
    }
    if layout.holds_levels() {
        source.each_row(|part, y| {
            source.levels(part, y, &mut row);
            put(part, y, &row);
        })?;
        return Ok(image);
    }
    let stated = match reading.range {
        None => None,
        Some(LevelRange::Between(low, high)) => Some((low, high)),
        Some(LevelRange::File) => Some(source.extremes()?),
    };
    let mut levels = Levels::new(layout.numbers, stated);
    let associated = layout.alpha.filter(|alpha| alpha.associated);
    source.each_row(|part, y| {
        source.numbers(part, y, layout.numbers, &mut line);
        row.clear();
        for pixel in line.chunks_exact(layout.samples) {
            let (colors, others) = pixel.split_at(layout.meaning.samples());
            let opacity = associated.map_or(1.0, |alpha| layout.numbers.share(pixel[alpha.at]));
            for number in colors {
                let place = levels.place(*number);
                row.push(if opacity > 0.0 { level(place / opacity) } else { 0 });
            }
            row.extend(others.iter().map(|number| level(255.0 * layout.numbers.share(*number))));
        }
        put(part, y, &row);
    })?;
    levels.finish(warnings)?;
    Ok(image)
}
