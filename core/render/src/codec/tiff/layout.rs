//! How the samples of a TIFF lie in its file, checked before any of them is read.

use super::compression::JPEG;
use super::directory::{Directory, tag};
use crate::codec::levels::{SampleKind, SampleNumbers};
use crate::codec::{Format, broken, too_large, unsupported};
use crate::error::Result;
use crate::geometry::Size;
use crate::limits::Limits;

/// What a strip or tile may have beyond the frame: tiles stand out over its edges.
const WORKING_MEMORY: u64 = 32 << 20;

/// What the samples of a pixel mean, without its alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Gray from black up, or from white down.
    Gray {
        inverted: bool,
    },
    Rgb,
    Palette,
    Cmyk,
    YCbCr,
    /// Lightness and two color axes; `offset` where the axes are not signed but lie around their middle.
    Lab {
        offset: bool,
    },
}

impl Meaning {
    /// Samples of a pixel.
    pub(super) const fn samples(self) -> usize {
        match self {
            Self::Gray { .. } | Self::Palette => 1,
            Self::Rgb | Self::YCbCr | Self::Lab { .. } => 3,
            Self::Cmyk => 4,
        }
    }
}

/// The sample of a pixel that tells its opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alpha {
    /// Which of the samples.
    pub(super) at: usize,
    /// Whether the colors are multiplied by it.
    pub(super) associated: bool,
}

/// What was done to the samples of a row before they were compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    /// Each is the difference to the pixel before.
    Difference,
    /// The same, over the bytes of floating-point numbers, the first bytes of all of them first.
    Bytes,
}

/// The samples' place in the file.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Of the picture as stored.
    pub(super) size: Size,
    /// Of a strip or tile.
    pub(super) part: Size,
    pub(super) tiled: bool,
    /// Whether each sample of the pixels has parts of its own.
    pub(super) planar: bool,
    /// Samples of a pixel as they are stored.
    pub(super) samples: usize,
    pub(super) numbers: SampleNumbers,
    pub(super) meaning: Meaning,
    pub(super) alpha: Option<Alpha>,
    pub(super) compression: u64,
    /// Whether its JPEGs hold luma and chroma, of which their decoder makes RGB.
    pub(super) of_luma_jpegs: bool,
    pub(super) predictor: Predictor,
    /// Whether the bits of each byte stand the other way round.
    pub(super) reversed: bool,
    /// Columns and rows of luma for one of chroma.
    pub(super) subsampling: (usize, usize),
}

impl Layout {
    pub(super) fn read(directory: &Directory<'_>, limits: &Limits) -> Result<Self> {
        let size = size(directory, limits)?;
        refuse_raw(directory)?;
        let samples = directory.number(tag::SAMPLES)?.unwrap_or(1);
        let compression = directory.number(tag::COMPRESSION)?.unwrap_or(1);
        let meaning = meaning(directory, samples, compression)?;
        // More than any picture has; a bound for the memory of a pixel.
        let samples = usize::try_from(samples).ok().filter(|count| (meaning.samples()..=64).contains(count));
        let samples = samples.ok_or_else(|| {
            unsupported(Format::Tiff, "pixels of so many samples, or too few for what they are said to mean")
        })?;
        let predictor = match directory.number(tag::PREDICTOR)?.unwrap_or(1) {
            1 => Predictor::None,
            2 => Predictor::Difference,
            3 => Predictor::Bytes,
            other => return Err(unsupported(Format::Tiff, format!("predictor {other}"))),
        };
        let (part, tiled) = part(directory, size)?;
        let planar = samples > 1 && directory.number(tag::PLANAR)? == Some(2);
        let of_luma_jpegs = compression == JPEG && meaning == Meaning::YCbCr && !planar;
        let meaning = if of_luma_jpegs { Meaning::Rgb } else { meaning };
        let subsampling = if meaning == Meaning::YCbCr { subsampling(directory)? } else { (1, 1) };
        let layout = Self {
            size,
            part,
            tiled,
            planar,
            samples,
            numbers: numbers(directory, meaning)?,
            meaning,
            alpha: alpha(directory, meaning, samples)?,
            compression,
            of_luma_jpegs,
            predictor,
            reversed: directory.number(tag::FILL_ORDER)? == Some(2),
            subsampling,
        };
        layout.check(limits)?;
        Ok(layout)
    }

    /// Strips or tiles across the picture.
    pub(super) const fn across(&self) -> u32 {
        self.size.width.div_ceil(self.part.width)
    }

    /// Strips or tiles of one plane.
    pub(super) fn parts(&self) -> u64 {
        u64::from(self.across()) * u64::from(self.size.height.div_ceil(self.part.height))
    }

    /// Whether the samples are levels of up to 8 bits, or become some together, as those of L*a*b* do.
    pub(super) const fn holds_levels(&self) -> bool {
        self.numbers.are_levels() || matches!(self.meaning, Meaning::Lab { .. })
    }

    /// Samples of a pixel that lie together.
    pub(super) const fn together(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a part, each from a whole byte on; of subsampled colors of a row of units.
    pub(super) fn stride(&self) -> u64 {
        let (columns, rows) = self.subsampling;
        let samples = match self.subsampling {
            (1, 1) => u64::from(self.part.width) * self.together() as u64,
            _ => u64::from(self.part.width).div_ceil(columns as u64) * (columns * rows + 2) as u64,
        };
        (samples * u64::from(self.numbers.bits)).div_ceil(8)
    }

    /// Refuses what would take too much memory, and what does not go together.
    fn check(&self, limits: &Limits) -> Result<()> {
        limits.check_pixels(self.part.width.into(), self.part.height.into())?;
        let planes = if self.planar { self.samples as u64 } else { 1 };
        let part = self.stride().saturating_mul(self.part.height.into()).saturating_mul(planes);
        // The samples of a row become numbers of 8 bytes, or levels.
        let wide = !self.numbers.are_levels() || matches!(self.meaning, Meaning::Lab { .. });
        let row = u64::from(self.size.width) * self.samples as u64 * if wide { 8 } else { 1 };
        let most = (self.size.area() as u64).saturating_mul(16).saturating_add(WORKING_MEMORY);
        if part.max(row) > most || usize::try_from(part.max(row)).is_err() {
            return Err(too_large(Format::Tiff));
        }
        let bits = self.numbers.bits;
        let whole_bytes = matches!(bits, 8 | 16 | 32 | 64);
        if self.compression == JPEG && (bits, self.numbers.kind) != (8, SampleKind::Unsigned) {
            return Err(unsupported(Format::Tiff, format!("JPEG compression of samples of {bits} bits")));
        }
        let fits = match self.predictor {
            Predictor::None => true,
            Predictor::Difference => whole_bytes && self.subsampling == (1, 1),
            Predictor::Bytes => self.numbers.kind == SampleKind::Float,
        };
        if !fits {
            return Err(unsupported(Format::Tiff, format!("this predictor over samples of {bits} bits")));
        }
        if self.subsampling != (1, 1) && (self.planar || self.samples != 3 || bits != 8) {
            return Err(unsupported(Format::Tiff, "subsampled colors in planes, with alpha or of more than 8 bits"));
        }
        Ok(())
    }
}

/// The size of the picture as stored, within the limits.
pub(super) fn size(directory: &Directory<'_>, limits: &Limits) -> Result<Size> {
    let side = |tag| directory.number(tag)?.ok_or_else(|| broken(Format::Tiff, "its picture has no size"));
    let (width, height) = (side(tag::WIDTH)?, side(tag::HEIGHT)?);
    limits.check_pixels(width, height)?;
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(width), Ok(height)) => Ok(Size::new(width, height)),
        _ => Err(too_large(Format::Tiff)),
    }
}

/// Refuses the files of cameras' sensors, which are TIFFs whose first page is often a thumbnail alone.
fn refuse_raw(directory: &Directory<'_>) -> Result<()> {
    let is_thumbnail = directory.number(tag::NEW_SUBFILE_TYPE)?.is_some_and(|kind| kind & 1 != 0);
    let is_of_sensor = matches!(directory.number(tag::PHOTOMETRIC)?, Some(32_803 | 34_892));
    if directory.has(tag::DNG_VERSION) || is_of_sensor || (is_thumbnail && directory.has(tag::SUB_DIRECTORIES)) {
        return Err(unsupported(
            Format::Tiff,
            "it is a camera's raw file (DNG, NEF, ARW or the like); develop it and save it as JPEG, PNG or TIFF",
        ));
    }
    Ok(())
}

fn meaning(directory: &Directory<'_>, samples: u64, compression: u64) -> Result<Meaning> {
    let photometric = directory.number(tag::PHOTOMETRIC)?;
    Ok(match photometric {
        Some(0) => Meaning::Gray { inverted: true },
        Some(1) => Meaning::Gray { inverted: false },
        Some(2) => Meaning::Rgb,
        Some(3) => Meaning::Palette,
        Some(5) => Meaning::Cmyk,
        Some(6) => Meaning::YCbCr,
        Some(8) => Meaning::Lab { offset: false },
        Some(9) => Meaning::Lab { offset: true },
        Some(other) => return Err(unsupported(Format::Tiff, format!("colors of kind {other}"))),
        // Where it is left out: fax has black ink on white, the others what so many samples mostly are.
        None if matches!(compression, 2..=4) => Meaning::Gray { inverted: true },
        None if samples >= 3 => Meaning::Rgb,
        None => Meaning::Gray { inverted: false },
    })
}

fn numbers(directory: &Directory<'_>, meaning: Meaning) -> Result<SampleNumbers> {
    let same = |tag, usual: u64| {
        let first = directory.number(tag)?.unwrap_or(usual);
        // One value for all samples, or one for each.
        for i in 1..directory.count(tag).min(64) {
            // Lab says of its axes alone that they are signed.
            if directory.at(tag, i)? != Some(first)
                && !(matches!(meaning, Meaning::Lab { .. }) && tag == tag::SAMPLE_FORMAT)
            {
                return Err(unsupported(Format::Tiff, "samples of different kinds in one pixel"));
            }
        }
        Ok(first)
    };
    let bits = same(tag::BITS, 1)?;
    let kind = match same(tag::SAMPLE_FORMAT, 1)? {
        // Undefined data are taken for what data mostly are.
        1 | 4 => SampleKind::Unsigned,
        2 => SampleKind::Signed,
        3 => SampleKind::Float,
        other => return Err(unsupported(Format::Tiff, format!("samples of format {other}"))),
    };
    let is_known = match kind {
        SampleKind::Unsigned | SampleKind::Signed => matches!(bits, 1..=32 | 64),
        SampleKind::Float => matches!(bits, 16 | 32 | 64),
    };
    let suits = match meaning {
        Meaning::Palette => kind == SampleKind::Unsigned && bits <= 8,
        Meaning::YCbCr => kind == SampleKind::Unsigned && bits == 8,
        Meaning::Lab { .. } => kind != SampleKind::Float && matches!(bits, 8 | 16),
        Meaning::Gray { .. } | Meaning::Rgb | Meaning::Cmyk => true,
    };
    if !is_known || !suits {
        return Err(unsupported(Format::Tiff, format!("{meaning:?} samples of {bits} bits ({kind:?})")));
    }
    Ok(SampleNumbers { kind, bits: bits as u32 })
}

/// The first of the further samples that is said to be alpha. A fourth of RGB about which nothing is said is one, too.
fn alpha(directory: &Directory<'_>, meaning: Meaning, samples: usize) -> Result<Option<Alpha>> {
    if !directory.has(tag::EXTRA_SAMPLES) {
        let is_alpha = meaning == Meaning::Rgb && samples == 4;
        return Ok(is_alpha.then_some(Alpha { at: 3, associated: false }));
    }
    for at in meaning.samples()..samples {
        if let Some(kind @ (1 | 2)) = directory.at(tag::EXTRA_SAMPLES, (at - meaning.samples()) as u64)? {
            return Ok(Some(Alpha { at, associated: kind == 1 }));
        }
    }
    Ok(None)
}

/// The size of a strip or tile, and whether it is a tile.
fn part(directory: &Directory<'_>, size: Size) -> Result<(Size, bool)> {
    let side = |tag| match directory.number(tag)? {
        None => Ok(None),
        Some(side) => match u32::try_from(side) {
            Ok(0) => Err(broken(Format::Tiff, "its parts have no size")),
            // A strip of all rows has the greatest number there is.
            side => Ok(Some(side.unwrap_or(u32::MAX))),
        },
    };
    if let Some((width, height)) = side(tag::TILE_WIDTH)?.zip(side(tag::TILE_HEIGHT)?) {
        return Ok((Size::new(width, height), true));
    }
    let rows = side(tag::ROWS_PER_STRIP)?.unwrap_or(size.height).min(size.height);
    Ok((Size::new(size.width, rows), false))
}

fn subsampling(directory: &Directory<'_>) -> Result<(usize, usize)> {
    let factor = |index| match directory.at(tag::YCBCR_SUBSAMPLING, index)? {
        None => Ok(2),
        Some(factor @ (1 | 2 | 4)) => Ok(factor as usize),
        Some(_) => Err(broken(Format::Tiff, "its colors are subsampled by other factors than 1, 2 and 4")),
    };
    Ok((factor(0)?, factor(1)?))
}
