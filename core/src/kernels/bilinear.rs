//! Bilinear sampling in fixed point: positions in 32.32, weights of 6 bits, so that every target agrees.

use crate::geometry::Border;
use crate::image::{Channels, Image};

/// Bits of a position below the pixel.
pub(crate) const FRACTION_BITS: u32 = 32;
const WEIGHT_BITS: u32 = 6;
const ONE: u32 = 1 << WEIGHT_BITS;
const HALF: u32 = 1 << (2 * WEIGHT_BITS - 1);

/// A sampling position: continuous coordinates less half a pixel, so that whole numbers are pixel centres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub x: i64,
    pub y: i64,
}

impl Position {
    /// From continuous coordinates.
    #[inline]
    pub(crate) fn new(x: f64, y: f64) -> Self {
        let fixed = |v: f64| ((v - 0.5) * (1u64 << FRACTION_BITS) as f64).floor() as i64;
        Self { x: fixed(x), y: fixed(y) }
    }

    /// From a difference of continuous coordinates.
    #[inline]
    pub(crate) fn difference(x: f64, y: f64) -> Self {
        let fixed = |v: f64| (v * (1u64 << FRACTION_BITS) as f64).floor() as i64;
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
    fn weights(self) -> (u32, u32) {
        let weight = |v: i64| (v >> (FRACTION_BITS - WEIGHT_BITS)) as u32 & (ONE - 1);
        (weight(self.x), weight(self.y))
    }

    /// The pixel left of and above the position.
    #[inline]
    pub(crate) fn pixel(self) -> (i64, i64) {
        (self.x >> FRACTION_BITS, self.y >> FRACTION_BITS)
    }
}

/// One interpolated pixel from its four neighbours.
#[inline(always)]
fn interpolate<const N: usize>(a: [u8; N], b: [u8; N], c: [u8; N], d: [u8; N], wx: u32, wy: u32) -> [u8; N] {
    let (w00, w10) = ((ONE - wx) * (ONE - wy), wx * (ONE - wy));
    let (w01, w11) = ((ONE - wx) * wy, wx * wy);
    let mut out = [0; N];
    if N == 4 {
        // Colours count by their alpha, so that transparent pixels lend none.
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

/// Samples along a line whose positions all have their four neighbours inside the image.
pub(crate) fn line<const N: usize>(image: &Image, start: Position, step: Position, out: &mut [[u8; N]]) {
    let mut at = start;
    for target in out {
        *target = inside(image, at);
        at = at.plus(step, 1);
    }
}

/// One sample whose four neighbours are inside the image.
#[inline(always)]
pub(crate) fn inside<const N: usize>(image: &Image, at: Position) -> [u8; N] {
    let stride = image.stride();
    let (x, y) = at.pixel();
    let (wx, wy) = at.weights();
    let first = y as usize * stride + x as usize * N;
    let data = image.samples();
    let (top, bottom) = (&data[first..first + 2 * N], &data[first + stride..first + stride + 2 * N]);
    let pixel = |from: &[u8]| -> [u8; N] { std::array::from_fn(|i| from[i]) };
    interpolate(pixel(top), pixel(&top[N..]), pixel(bottom), pixel(&bottom[N..]), wx, wy)
}

/// One sample anywhere; neighbours outside the image are the border's.
#[inline]
pub(crate) fn anywhere<const N: usize>(image: &Image, at: Position, border: Border, fill: [u8; 4]) -> [u8; N] {
    let (x, y) = at.pixel();
    let (wx, wy) = at.weights();
    let (width, height) = (i64::from(image.size().width), i64::from(image.size().height));
    let neighbour = |x: i64, y: i64| -> [u8; N] {
        let (x, y) = match border {
            Border::Constant if !(0..width).contains(&x) || !(0..height).contains(&y) => {
                return std::array::from_fn(|i| fill[i]);
            }
            Border::Wrap => (x.rem_euclid(width), y.rem_euclid(height)),
            // A reflected neighbour one pixel past the edge is the edge pixel itself.
            Border::Constant | Border::Replicate | Border::Reflect => (x.clamp(0, width - 1), y.clamp(0, height - 1)),
        };
        let pixel = image.pixel(x as usize, y as usize);
        std::array::from_fn(|i| pixel[i])
    };
    let (right, below) = (x.saturating_add(1), y.saturating_add(1));
    interpolate(neighbour(x, y), neighbour(right, y), neighbour(x, below), neighbour(right, below), wx, wy)
}

/// The mean of several images' rows, colours by alpha where there is one.
pub(crate) fn mean_rows(rows: &[Vec<u8>], channels: Channels, out: &mut [u8]) {
    let count = rows.len() as u32;
    let n = channels.count();
    for (i, target) in out.chunks_exact_mut(n).enumerate() {
        let pixel = |row: &Vec<u8>, c: usize| u32::from(row[i * n + c]);
        if channels == Channels::Rgba {
            let alpha: u32 = rows.iter().map(|row| pixel(row, 3)).sum();
            for (c, level) in target.iter_mut().enumerate().take(3) {
                let sum: u32 = rows.iter().map(|row| pixel(row, c) * pixel(row, 3)).sum();
                *level = (sum + alpha / 2).checked_div(alpha).unwrap_or(0) as u8;
            }
            target[3] = ((alpha + count / 2) / count) as u8;
        } else {
            for (c, level) in target.iter_mut().enumerate() {
                let sum: u32 = rows.iter().map(|row| pixel(row, c)).sum();
                *level = ((sum + count / 2) / count) as u8;
            }
        }
    }
}
