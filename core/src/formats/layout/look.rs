//! What a picture looks like: a photograph, or the values of a mask.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Format, decode_mask};
use crate::filled::filled;
use crate::geometry::Size;
use crate::labels::{Mask, Value, Values};
use crate::limits::Limits;

/// Colors, each of some neighboring levels, that cover nearly all of a mask, be it a JPEG.
const FEW_COLORS: usize = 16;

/// Points a side at which the brightness of a picture is looked at.
const POINTS: usize = 16;

/// Levels that a photograph has at these points at least.
const SHADES: usize = 24;

/// What a picture looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Look {
    /// Whether its file blurs values.
    blurs: bool,
    /// Its size.
    size: Size,
    /// Whether it has one number a pixel, and no palette of colors.
    pub(super) single: bool,
    /// Whether these are numbers of more than 8 bits.
    pub(super) deep: bool,
    /// Whether its pixels are numbers: gray levels or indices.
    pub(super) numbers: bool,
    /// Whether nearly all pixels are exactly as their neighbors: areas of one value.
    pub(super) flat: bool,
    /// Whether it has few colors, or is flat: it may be a mask.
    pub(super) plain: bool,
    /// How bright it is at points that lie alike in all pictures.
    bright: [u8; POINTS * POINTS],
}

impl Look {
    /// Looks at a file; `None` for one that cannot be read.
    pub(in crate::formats) fn of(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let blurs = Format::sniff(bytes)? == Format::Jpeg;
        let (mask, _) = decode_mask(bytes, limits).ok()?;
        let numbers = matches!(mask.values(), Values::Bits | Values::Bytes | Values::Words | Values::Indices(_));
        let flat = is_flat(&mask);
        let single = numbers && !matches!(mask.values(), Values::Indices(_));
        let deep = *mask.values() == Values::Words;
        let plain = flat || has_few_colors(&mask);
        Some(Self { blurs, size: mask.size(), single, deep, numbers, flat, plain, bright: brightness(&mask) })
    }

    /// Whether it holds numbers where another, of which it may be a mask, holds a photograph: shades of a matte, or things
    /// that are numbered.
    pub(super) const fn is_numbers_of(&self, photograph: &Self) -> bool {
        self.single && !photograph.numbers || self.deep && !photograph.deep
    }

    /// Whether it shows another picture in shades of gray: it is light and dark where that is.
    pub(super) fn is_gray_copy_of(&self, photograph: &Self) -> bool {
        let gray = self.single && !self.deep && !self.flat && !photograph.flat;
        let shades: BTreeSet<&u8> = filled(self.bright.iter());
        let many = shades.len() >= SHADES;
        gray && many && self.is_shaped_as(photograph) && are_alike(&self.bright, &photograph.bright)
    }

    /// Whether it looks like a mask of another picture.
    pub(super) fn is_of(&self, photograph: &Self) -> bool {
        // Of two JPEGs in color one may well be a plain photograph.
        let unlike = !(photograph.flat || self.blurs && photograph.blurs);
        let areas = self.flat && (self.numbers && !photograph.numbers || unlike);
        self.is_shaped_as(photograph) && (areas || self.deep && !photograph.deep)
    }

    /// Whether one has the size of the other, upright or not, or a whole multiple of it: a mask has the size of its image.
    fn is_shaped_as(&self, other: &Self) -> bool {
        let is_times = |a: Size, b: Size| {
            let times = a.width / b.width.max(1);
            times > 0 && b.width.checked_mul(times) == Some(a.width) && b.height.checked_mul(times) == Some(a.height)
        };
        let (one, two, turned) = (self.size, other.size, other.size.transposed());
        is_times(one, two) || is_times(two, one) || is_times(one, turned) || is_times(turned, one)
    }
}

/// The brightness of a picture at points of a grid; of numbers, how high they are.
fn brightness(mask: &Mask) -> [u8; POINTS * POINTS] {
    let (width, height) = (mask.size().width as usize, mask.size().height as usize);
    let mut bright = [0; POINTS * POINTS];
    let at = |point: usize, side: usize| (2 * point + 1) * side / (2 * POINTS);
    let places: BTreeMap<usize, Vec<usize>> = (0..bright.len()).fold(BTreeMap::new(), |mut places, point| {
        let place = at(point / POINTS, height) * width + at(point % POINTS, width);
        places.entry(place).or_insert_with(Vec::new).push(point);
        places
    });
    let mut wanted = places.into_iter().peekable();
    for (place, value) in mask.each_value().enumerate() {
        let Some((_, points)) = wanted.next_if(|(next, _)| *next == place) else { continue };
        let level = match value {
            Value::Number(number) => number.min(255) as u8,
            Value::Color([r, g, b]) => ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8,
        };
        points.into_iter().for_each(|point| bright[point] = level);
    }
    bright
}

/// Whether levels rise and fall together: their correlation is 0.9 or more.
fn are_alike(a: &[u8], b: &[u8]) -> bool {
    let count = a.len() as i64;
    let sum = |of: &[u8]| of.iter().map(|level| i64::from(*level)).sum::<i64>();
    let product = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum::<i64>();
    let spread = |x: &[u8], y: &[u8]| i128::from(count * product(x, y) - sum(x) * sum(y));
    let (both, one, two) = (spread(a, b), spread(a, a), spread(b, b));
    both > 0 && one > 0 && two > 0 && both * both * 100 >= one * two * 81
}

/// Whether a file is a picture of many colors, and so a photograph rather than a mask.
#[must_use]
pub fn is_photograph(bytes: &[u8], limits: &Limits) -> bool {
    Look::of(bytes, limits).is_some_and(|look| !look.numbers && !look.plain)
}

fn is_flat(mask: &Mask) -> bool {
    let (n, stride) = (mask.values().bytes(), mask.size().width as usize * mask.values().bytes());
    let rows = mask.samples().chunks_exact(stride);
    let pairs = mask.samples().len() / n - rows.len();
    let equal: usize =
        rows.map(|row| row.chunks_exact(n).zip(row[n..].chunks_exact(n)).filter(|(a, b)| a == b).count()).sum();
    equal * 10 >= pairs * 9
}

fn has_few_colors(mask: &Mask) -> bool {
    let mut counts: BTreeMap<[u16; 3], usize> = BTreeMap::new();
    for value in mask.each_value() {
        let coarse = match value {
            Value::Number(number) => [number >> 3, 0, 0],
            Value::Color(color) => color.map(|level| u16::from(level >> 3)),
        };
        *counts.entry(coarse).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let most: usize = counts.iter().take(FEW_COLORS).sum();
    most * 10 >= counts.iter().sum::<usize>() * 9
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::codec::{Encoding, Subsampling, encode, encode_mask};
    use crate::geometry::Size;
    use crate::image::{Channels, Fill, Image};

    const SIZE: Size = Size::new(64, 48);
    const JPEG: Encoding = Encoding::Jpeg { quality: 85, subsampling: Subsampling::Quarter };

    /// Something like a photograph: shades everywhere.
    fn photograph() -> Image {
        let level = |i: usize| {
            let (x, y, c) = (i / 3 % 64, i / 192, i % 3);
            ((x * 3 + y * (c + 2)) as u8).wrapping_add(((i * 2_654_435) >> 7) as u8 % 23)
        };
        Image::from_samples(SIZE, Channels::Rgb, (0..SIZE.area() * 3).map(level).collect()).unwrap()
    }

    /// The same in shades of gray.
    fn photograph_image_gray() -> Vec<u8> {
        let image = photograph();
        let gray =
            |rgb: &[u8]| ((u32::from(rgb[0]) * 77 + u32::from(rgb[1]) * 150 + u32::from(rgb[2]) * 29) >> 8) as u8;
        image.samples().chunks_exact(3).map(gray).collect()
    }

    /// Areas of some numbers.
    fn areas(numbers: [u8; 3]) -> Image {
        let at = |i: usize| numbers[usize::from(i % 64 > 20) + usize::from(i / 64 > 25 && i % 64 > 40)];
        Image::from_samples(SIZE, Channels::Gray, (0..SIZE.area()).map(at).collect()).unwrap()
    }

    pub(in super::super) fn jpeg_photograph() -> Vec<u8> {
        encode(&photograph(), &JPEG, None, Fill::BLACK).unwrap()
    }

    pub(in super::super) fn png_areas() -> Vec<u8> {
        encode_mask(&areas([0, 1, 2]).into()).unwrap()
    }

    #[test]
    fn masks_look_other_than_photographs() {
        let look = |bytes: Vec<u8>| Look::of(&bytes, &Limits::default()).unwrap();
        let photograph = look(jpeg_photograph());
        assert!(!photograph.flat && !photograph.plain && !photograph.numbers, "{photograph:?}");
        let mask = look(png_areas());
        assert!(mask.flat && mask.plain && mask.numbers, "{mask:?}");
        for numbers in [[0, 255, 255], [0, 80, 200]] {
            let blurred = look(encode(&areas(numbers), &JPEG, None, Fill::BLACK).unwrap());
            assert!(blurred.plain, "{numbers:?}: {blurred:?}");
        }
        let gray = Channels::Gray;
        let samples = photograph_image_gray();
        let copy = look(encode(&Image::from_samples(SIZE, gray, samples).unwrap(), &JPEG, None, Fill::BLACK).unwrap());
        assert!(copy.is_gray_copy_of(&photograph) && !mask.is_gray_copy_of(&photograph), "{copy:?}");
        assert_eq!(Look::of(b"no picture", &Limits::default()), None);
    }
}
