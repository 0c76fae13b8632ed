//! Bilinear sampling in fixed point: positions with 24 bits after the point, weights of 6 bits, so that every target agrees.

use super::simd::line::rgb_line;
use crate::geometry::Border;
use crate::image::Image;
use crate::math;

/// Bits of a position below the pixel.
pub(crate) const FRACTION_BITS: u32 = 24;
/// Bits of a weight: the two of a direction sum to [`ONE`].
pub(super) const WEIGHT_BITS: u32 = 6;
pub(super) const ONE: u32 = 1 << WEIGHT_BITS;
/// What rounds the sum of weighted levels.
pub(super) const HALF: u32 = 1 << (2 * WEIGHT_BITS - 1);

/// Samples that are taken one by one where vectors stop.
const ALONE: usize = 8;

/// A sampling position: continuous coordinates less half a pixel, so that whole numbers are pixel centers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub x: i64,
    pub y: i64,
}

impl Position {
    /// From continuous coordinates.
    #[inline]
    pub(crate) fn new(x: f64, y: f64) -> Self {
        // Half a unit of the weights more, so that cutting their lower bits rounds them.
        const ROUND: f64 = 0.5 / ONE as f64;
        let fixed = |v: f64| math::floor((v - 0.5 + ROUND) * (1u64 << FRACTION_BITS) as f64) as i64;
        Self { x: fixed(x), y: fixed(y) }
    }

    /// From a difference of continuous coordinates.
    #[inline]
    pub(crate) fn difference(x: f64, y: f64) -> Self {
        // To the nearest: over a row of 65 535 pixels the error stays below a quarter of a weight's unit.
        let fixed = |v: f64| math::floor(v * (1u64 << FRACTION_BITS) as f64 + 0.5) as i64;
        Self { x: fixed(x), y: fixed(y) }
    }

    /// This position and `count` differences.
    #[inline]
    pub(crate) fn plus(self, difference: Self, count: i64) -> Self {
        Self {
            x: self.x.wrapping_add(difference.x.wrapping_mul(count)),
            y: self.y.wrapping_add(difference.y.wrapping_mul(count)),
        }
    }

    #[inline]
    pub(super) fn weights(self) -> (u32, u32) {
        let weight = |v: i64| (v >> (FRACTION_BITS - WEIGHT_BITS)) as u32 & (ONE - 1);
        (weight(self.x), weight(self.y))
    }

    /// The pixel left of and above the position.
    #[inline]
    pub(crate) fn pixel(self) -> (i64, i64) {
        (self.x >> FRACTION_BITS, self.y >> FRACTION_BITS)
    }
}

/// One interpolated pixel from its four neighbors.
#[inline(always)]
fn interpolate<const N: usize>(a: [u8; N], b: [u8; N], c: [u8; N], d: [u8; N], wx: u32, wy: u32) -> [u8; N] {
    let (w00, w10) = ((ONE - wx) * (ONE - wy), wx * (ONE - wy));
    let (w01, w11) = ((ONE - wx) * wy, wx * wy);
    let mut out = [0; N];
    if N == 4 {
        // Colors count by their alpha, so that transparent pixels lend none.
        let weights = [w00 * u32::from(a[3]), w10 * u32::from(b[3]), w01 * u32::from(c[3]), w11 * u32::from(d[3])];
        let alpha: u32 = weights.iter().sum();
        for i in 0..3 {
            let sum = weights[0] * u32::from(a[i])
                + weights[1] * u32::from(b[i])
                + weights[2] * u32::from(c[i])
                + weights[3] * u32::from(d[i]);
            out[i] = (sum + alpha / 2).checked_div(alpha).unwrap_or(0) as u8;
        }
        out[3] = ((alpha + HALF) >> (2 * WEIGHT_BITS)) as u8;
        return out;
    }
    for i in 0..N {
        let sum = w00 * u32::from(a[i]) + w10 * u32::from(b[i]) + w01 * u32::from(c[i]) + w11 * u32::from(d[i]);
        out[i] = ((sum + HALF) >> (2 * WEIGHT_BITS)) as u8;
    }
    out
}

/// An image to sample along straight lines, and what lies around it.
#[derive(Debug)]
pub(crate) struct ScanLine<'a> {
    pub source: &'a Image,
    pub border: Border,
    /// The color for a constant border.
    pub fill: [u8; 4],
}

impl ScanLine<'_> {
    /// One sample a step. Most of a line lies where all four neighbors are in the image; only its ends may not.
    /// What lies `ahead` of a sample, as many bytes, is wanted soon; 0 where nothing is.
    pub(crate) fn sample<const N: usize>(&self, start: Position, step: Position, ahead: isize, out: &mut [[u8; N]]) {
        let (width, height) = (i64::from(self.source.size().width), i64::from(self.source.size().height));
        let fits = |index: usize| {
            let (x, y) = start.plus(step, index as i64).pixel();
            x >= 0 && y >= 0 && x < width - 1 && y < height - 1
        };
        let first = (0..out.len()).find(|index| fits(*index)).unwrap_or(out.len());
        let end = (first..out.len()).rfind(|index| fits(*index)).map_or(first, |last| last + 1);
        let (before, rest) = out.split_at_mut(first);
        let (within, after) = rest.split_at_mut(end - first);
        self.at_edges(start, step, before);
        self.inside(start.plus(step, first as i64), step, ahead, within);
        self.at_edges(start.plus(step, end as i64), step, after);
    }

    /// Samples whose four neighbors are in the image.
    fn inside<const N: usize>(&self, start: Position, step: Position, ahead: isize, out: &mut [[u8; N]]) {
        let mut done = 0;
        while N == 3 && done < out.len() {
            let (pixels, _) = out[done..].as_flattened_mut().as_chunks_mut::<3>();
            let (source, from) = (self.source, start.plus(step, done as i64));
            done += rgb_line(source.samples(), source.stride(), from, step, ahead, pixels);
            // Vectors stop at the end of the image, and go on once that is passed.
            let end = (done + ALONE).min(out.len());
            self.inside_one_by_one(start.plus(step, done as i64), step, &mut out[done..end]);
            done = end;
        }
        self.inside_one_by_one(start.plus(step, done as i64), step, &mut out[done..]);
    }

    /// The same without vector instructions.
    pub(super) fn inside_one_by_one<const N: usize>(&self, start: Position, step: Position, out: &mut [[u8; N]]) {
        let (stride, data) = (self.source.stride(), self.source.samples());
        let mut at = start;
        for target in out {
            let (x, y) = at.pixel();
            let (wx, wy) = at.weights();
            let first = y as usize * stride + x as usize * N;
            let (top, bottom) = (&data[first..first + 2 * N], &data[first + stride..first + stride + 2 * N]);
            let pixel = |from: &[u8]| -> [u8; N] { std::array::from_fn(|i| from[i]) };
            *target = interpolate(pixel(top), pixel(&top[N..]), pixel(bottom), pixel(&bottom[N..]), wx, wy);
            at = at.plus(step, 1);
        }
    }

    /// Samples anywhere; neighbors outside the image are the border's.
    fn at_edges<const N: usize>(&self, start: Position, step: Position, out: &mut [[u8; N]]) {
        let (width, height) = (i64::from(self.source.size().width), i64::from(self.source.size().height));
        let neighbor = |x: i64, y: i64| -> [u8; N] {
            let (x, y) = match self.border {
                Border::Constant if !(0..width).contains(&x) || !(0..height).contains(&y) => {
                    return std::array::from_fn(|i| self.fill[i]);
                }
                Border::Wrap => (x.rem_euclid(width), y.rem_euclid(height)),
                // A reflected neighbor one pixel past the edge is the edge pixel itself.
                Border::Constant | Border::Replicate | Border::Reflect => {
                    (x.clamp(0, width - 1), y.clamp(0, height - 1))
                }
            };
            let pixel = self.source.pixel(x as usize, y as usize);
            std::array::from_fn(|i| pixel[i])
        };
        let mut at = start;
        for target in out {
            let (x, y) = at.pixel();
            let (wx, wy) = at.weights();
            let (right, below) = (x + 1, y + 1);
            *target =
                interpolate(neighbor(x, y), neighbor(right, y), neighbor(x, below), neighbor(right, below), wx, wy);
            at = at.plus(step, 1);
        }
    }
}
