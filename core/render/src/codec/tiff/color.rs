//! What the samples of a TIFF mean: rows of them to rows of gray, RGB or RGBA.

use super::directory::{Directory, tag};
use super::layout::{Alpha, Layout, Meaning};
use crate::codec::lab::lab_to_rgb;
use crate::codec::levels::level;
use crate::codec::{Format, broken, cmyk_to_rgb};
use crate::error::Result;
use crate::image::Channels;

/// Paints pixels of samples.
#[derive(Debug)]
pub(super) struct Painter {
    meaning: Meaning,
    alpha: Option<Alpha>,
    /// Samples of a pixel.
    samples: usize,
    palette: Vec<[u8; 3]>,
    chroma: Chroma,
    /// Whether alpha is still in the colors.
    divides: bool,
    channels: Channels,
}

impl Painter {
    pub(super) fn new(directory: &Directory<'_>, layout: &Layout, warnings: &mut Vec<String>) -> Result<Self> {
        let Layout { meaning, alpha, samples, .. } = *layout;
        let left = samples - meaning.samples() - usize::from(alpha.is_some());
        if left > 0 {
            warnings
                .push(format!("{left} further samples of each pixel, which are neither color nor alpha, are left out"));
        }
        if meaning == Meaning::Cmyk {
            warnings.push("CMYK pixels are converted to RGB without a color profile".to_owned());
        }
        let palette =
            if meaning == Meaning::Palette { palette(directory, layout.numbers.bits, warnings)? } else { Vec::new() };
        let channels = match meaning {
            _ if alpha.is_some() => Channels::Rgba,
            Meaning::Gray { .. } => Channels::Gray,
            _ => Channels::Rgb,
        };
        let chroma = if meaning == Meaning::YCbCr { Chroma::read(directory)? } else { Chroma::USUAL };
        // Wider numbers are divided before they become levels.
        let divides = alpha.is_some_and(|alpha| alpha.associated) && layout.holds_levels();
        Ok(Self { meaning, alpha, samples, palette, chroma, divides, channels })
    }

    pub(super) const fn channels(&self) -> Channels {
        self.channels
    }

    /// Paints a row of pixels from their 8-bit samples.
    pub(super) fn paint(&self, row: &[u8], to: &mut [u8]) {
        let pixels = row.chunks_exact(self.samples);
        match (self.channels, self.meaning) {
            // As they are, but for the samples that are left out.
            (Channels::Gray, Meaning::Gray { inverted }) => {
                let flip = if inverted { 255 } else { 0 };
                for (to, from) in to.iter_mut().zip(pixels) {
                    *to = from[0] ^ flip;
                }
            }
            (Channels::Rgb, Meaning::Rgb) => {
                for (to, from) in to.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
                    to.copy_from_slice(&from[..3]);
                }
            }
            _ => {
                for (to, from) in to.chunks_exact_mut(self.channels.count()).zip(pixels) {
                    self.pixel(from, to);
                }
            }
        }
    }

    fn pixel(&self, from: &[u8], to: &mut [u8]) {
        let mut rgb = [0; 4];
        match self.meaning {
            Meaning::Gray { inverted } => rgb[..3].fill(if inverted { !from[0] } else { from[0] }),
            Meaning::Rgb | Meaning::Lab { .. } => rgb[..3].copy_from_slice(&from[..3]),
            // An index past the palette is black.
            Meaning::Palette => {
                rgb[..3].copy_from_slice(self.palette.get(usize::from(from[0])).unwrap_or(&[0; 3]));
            }
            Meaning::Cmyk => cmyk_to_rgb(&from[..4], false, &mut rgb),
            Meaning::YCbCr => rgb[..3].copy_from_slice(&self.chroma.rgb(from)),
        }
        to[..3].copy_from_slice(&rgb[..3]);
        let Some(alpha) = self.alpha.map(|alpha| from[alpha.at]) else { return };
        to[3] = alpha;
        if self.divides {
            for level in &mut to[..3] {
                *level = (u32::from(*level) * 255).checked_div(alpha.into()).unwrap_or(0).min(255) as u8;
            }
        }
    }
}

/// The colors of a palette: all reds, all greens, all blues, in 16 bits each.
pub(super) fn palette(directory: &Directory<'_>, bits: u32, warnings: &mut Vec<String>) -> Result<Vec<[u8; 3]>> {
    let count = 1_u64 << bits;
    if directory.count(tag::COLOR_MAP) < 3 * count {
        return Err(broken(Format::Tiff, "its palette has too few colors"));
    }
    let mut levels = Vec::with_capacity(3 * count as usize);
    for at in 0..3 * count {
        levels.push(directory.at(tag::COLOR_MAP, at)?.unwrap_or(0).min(0xFFFF) as u16);
    }
    // Some programs put 8-bit levels there.
    let deep = levels.iter().any(|level| *level > 255);
    if !deep && levels.iter().any(|level| *level > 0) {
        warnings.push("the palette of the TIFF is taken for one of 8 bits, since all of its levels are low".to_owned());
    }
    // The high byte: right for levels that are 256 times the 8-bit ones, and for those that are 257 times.
    let level = |at: u64| if deep { (levels[at as usize] >> 8) as u8 } else { levels[at as usize] as u8 };
    Ok((0..count).map(|at| [level(at), level(count + at), level(2 * count + at)]).collect())
}

/// How luma and chroma become RGB (TIFF 6.0, section 21).
#[derive(Debug)]
struct Chroma {
    /// The parts of red, green and blue in luma.
    luma: [f64; 3],
    /// Of luma and both chroma, which levels are black or no color, and which white or the most color.
    reference: [[f64; 2]; 3],
}

impl Chroma {
    const USUAL: Self = Self { luma: [0.299, 0.587, 0.114], reference: [[0.0, 255.0], [128.0, 255.0], [128.0, 255.0]] };

    fn read(directory: &Directory<'_>) -> Result<Self> {
        let Self { mut luma, mut reference } = Self::USUAL;
        for (at, factor) in (0..).zip(&mut luma) {
            *factor = directory.real(tag::YCBCR_FACTORS, at)?.unwrap_or(*factor);
        }
        for (at, level) in (0..).zip(reference.as_flattened_mut()) {
            *level = directory.real(tag::REFERENCE, at)?.unwrap_or(*level);
        }
        let is_usable = luma[1] > 0.0
            && luma.iter().all(|factor| factor.is_finite())
            && reference.iter().all(|[low, high]| low.is_finite() && high.is_finite() && high > low);
        if is_usable {
            Ok(Self { luma, reference })
        } else {
            Err(broken(Format::Tiff, "its factors of luma are unusable"))
        }
    }

    fn rgb(&self, sample: &[u8]) -> [u8; 3] {
        let part = |at: usize, most: f64| {
            let [low, high] = self.reference[at];
            (f64::from(sample[at]) - low) * most / (high - low)
        };
        let (y, cb, cr) = (part(0, 255.0), part(1, 127.0), part(2, 127.0));
        let [red, green, blue] = self.luma;
        let r = y + cr * (2.0 - 2.0 * red);
        let b = y + cb * (2.0 - 2.0 * blue);
        let g = (y - blue * b - red * r) / green;
        [level(r), level(g), level(b)]
    }
}

/// Samples of subsampled colors, unit after unit, to those of pixels: one row of them.
pub(super) fn spread(units: &[u8], (across, down): (usize, usize), row: usize, to: &mut [u8]) {
    let unit = across * down + 2;
    let first = row % down * across;
    for (x, pixel) in to.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let unit = &units[x / across * unit..][..unit];
        *pixel = [unit[first + x % across], unit[unit.len() - 2], unit[unit.len() - 1]];
    }
}

/// L*a*b* samples of 8 or 16 bits, read without signs, to RGB.
pub(super) fn lab(samples: &[f64], bits: u32, offset: bool) -> [u8; 3] {
    let most = ((1_u32 << bits) - 1) as f64;
    // Axes have 8 bits before the point: 128 is the middle, or 0 where they are signed.
    let one = if bits == 16 { 256.0 } else { 1.0 };
    let axis = |raw: f64| match raw / one {
        axis if offset => axis - 128.0,
        axis if axis >= 128.0 => axis - 256.0,
        axis => axis,
    };
    lab_to_rgb([samples[0] / most * 100.0, axis(samples[1]), axis(samples[2])])
}
