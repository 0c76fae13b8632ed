//! Convolution in fixed point with kernels that look the same from both sides.

use std::collections::BTreeMap;

use super::simd::loops::{self, BLOCK, round16};
use super::simd::weigh::weigh_rows;
use super::window::{FRACTION, Window, mirror, padded_length, widen};
use crate::image::{Channels, Image};
use crate::math;

/// Bits after the point of weights; weights of one kernel add up to exactly 1.
const WEIGHT_BITS: u32 = 15;
/// Bits after the point of what [`separable`] and [`symmetric`] hand out.
pub(crate) const BITS: u32 = FRACTION + WEIGHT_BITS;

/// The widest Gaussian, in pixels.
pub(crate) const MAX_SIGMA: f64 = 20.0;

/// A kernel along a line: the middle weight, then those on either side outwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GaussianKernel {
    center: i16,
    sides: Vec<i16>,
}

impl GaussianKernel {
    /// A sampled Gaussian to three standard deviations; `None` when it is so narrow that it changes nothing. `sigma` is
    /// held within [`MAX_SIGMA`].
    pub(crate) fn of_sigma(sigma: f64) -> Option<Self> {
        if sigma.is_nan() || sigma <= 0.0 {
            return None;
        }
        let sigma = sigma.min(MAX_SIGMA);
        let radius = (3.0 * sigma).ceil() as usize;
        let bell = |k: usize| math::exp(-0.5 * (k as f64 / sigma) * (k as f64 / sigma));
        let sum: f64 = 1.0 + 2.0 * (1..=radius).map(bell).sum::<f64>();
        let mut sides: Vec<i16> = (1..=radius).map(|k| fixed(bell(k) / sum)).collect();
        while sides.last() == Some(&0) {
            sides.pop();
        }
        let rest = (1 << WEIGHT_BITS) - 2 * sides.iter().map(|w| i32::from(*w)).sum::<i32>();
        i16::try_from(rest).ok().map(|center| Self { center, sides })
    }

    fn radius(&self) -> usize {
        self.sides.len()
    }
}

/// A kernel in the plane that a half turn does not change: the middle weight, and weights that count twice, at an offset
/// and opposite to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plane {
    center: i16,
    pairs: Vec<(isize, isize, i16)>,
}

impl Plane {
    /// Points of equal weight on both sides of the middle, given by those on one side, each spread over the four pixels
    /// around it; `middle` says whether the middle is a point too. `None` when the kernel changes nothing.
    pub(crate) fn from_points(points: &[(f64, f64)], middle: bool) -> Option<Self> {
        let weight = 1.0 / (2 * points.len() + usize::from(middle)) as f64;
        let mut pairs = BTreeMap::new();
        for (x, y) in points {
            let (left, top) = (x.floor(), y.floor());
            let (u, v) = (x - left, y - top);
            for (dx, dy, share) in
                [(0, 0, (1.0 - u) * (1.0 - v)), (1, 0, u * (1.0 - v)), (0, 1, (1.0 - u) * v), (1, 1, u * v)]
            {
                let (dx, dy) = (left as isize + dx, top as isize + dy);
                let key = if (dy, dx) < (0, 0) { (-dx, -dy) } else { (dx, dy) };
                *pairs.entry(key).or_insert(0.0) += share * weight;
            }
        }
        pairs.remove(&(0, 0));
        let pairs: Vec<(isize, isize, i16)> =
            pairs.into_iter().map(|((dx, dy), w)| (dx, dy, fixed(w))).filter(|(_, _, w)| *w > 0).collect();
        let sides: i32 = pairs.iter().map(|(_, _, w)| i32::from(*w)).sum();
        let rest = (1 << WEIGHT_BITS) - 2 * sides;
        i16::try_from(rest).ok().map(|center| Self { center, pairs })
    }

    fn radius(&self) -> usize {
        self.pairs.iter().map(|(dx, dy, _)| dx.abs().max(*dy)).max().unwrap_or(0) as usize
    }
}

/// Weighted sums of rows, by vectors where there are any.
fn weigh(center: (i16, &[u16]), pairs: &[(i16, &[u16], &[u16])], sums: &mut [u32]) {
    if weigh_rows(center, pairs, sums) == 0 {
        loops::weigh(center, pairs, sums);
    }
}

fn fixed(weight: f64) -> i16 {
    math::round_half_up(weight * f64::from(1 << WEIGHT_BITS)) as i16
}

/// Convolves an image with a line kernel along both axes. `finish` gets every row of the image still unchanged, with its
/// averages: [`widen`]ed levels with [`BITS`] bits after the point.
pub(crate) fn separable(image: &mut Image, line: &GaussianKernel, mut finish: impl FnMut(&mut [u8], &[u32], Channels)) {
    let (channels, size, radius) = (image.channels(), image.size(), line.radius());
    let (n, width, stride) = (channels.count(), size.width as usize, image.stride());
    let mut padded = vec![0u16; padded_length(width, radius, n)];
    let mut sums = vec![0; stride.next_multiple_of(BLOCK)];
    let mut window = Window::new(size.height as usize, radius, sums.len());
    for y in 0..size.height as usize {
        window.advance(y, |row, out| {
            widen(image.row(row), channels, &mut padded[radius * n..]);
            mirror(&mut padded, width, radius, n);
            let sides =
                line.sides.iter().zip(1..).map(|(w, k)| (*w, &padded[(radius - k) * n..], &padded[(radius + k) * n..]));
            let sides: Vec<_> = sides.collect();
            weigh((line.center, &padded[radius * n..]), &sides, &mut sums);
            round16(&sums, WEIGHT_BITS, out);
        });
        let sides =
            line.sides.iter().zip(1..).map(|(w, k)| (*w, window.row(y as isize - k), window.row(y as isize + k)));
        let sides: Vec<_> = sides.collect();
        weigh((line.center, window.row(y as isize)), &sides, &mut sums);
        finish(image.row_mut(y), &sums[..stride], channels);
    }
}

/// Convolves an image with a kernel in the plane; `finish` as in [`separable`].
pub(crate) fn symmetric(image: &mut Image, plane: &Plane, mut finish: impl FnMut(&mut [u8], &[u32], Channels)) {
    let (channels, size, radius) = (image.channels(), image.size(), plane.radius());
    let (n, width, stride) = (channels.count(), size.width as usize, image.stride());
    let mut window = Window::new(size.height as usize, radius, padded_length(width, radius, n));
    let mut sums = vec![0; stride.next_multiple_of(BLOCK)];
    for y in 0..size.height as usize {
        window.advance(y, |row, out| {
            widen(image.row(row), channels, &mut out[radius * n..]);
            mirror(out, width, radius, n);
        });
        let at = |dx: isize, dy: isize| &window.row(y as isize + dy)[(radius as isize + dx) as usize * n..];
        let pairs: Vec<_> = plane.pairs.iter().map(|(dx, dy, w)| (*w, at(*dx, *dy), at(-dx, -dy))).collect();
        weigh((plane.center, at(0, 0)), &pairs, &mut sums);
        finish(image.row_mut(y), &sums[..stride], channels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one() {
        for sigma in [0.2, 0.5, 1.0, 2.7, 20.0, 1e9] {
            let Some(line) = GaussianKernel::of_sigma(sigma) else { continue };
            let sides: i32 = line.sides.iter().map(|w| i32::from(*w)).sum();
            assert_eq!(i32::from(line.center) + 2 * sides, 1 << WEIGHT_BITS, "σ = {sigma}");
            assert!(line.radius() <= 60, "σ = {sigma}");
        }
        assert_eq!(GaussianKernel::of_sigma(0.0), None);
        assert_eq!(GaussianKernel::of_sigma(f64::NAN), None);
        assert_eq!(GaussianKernel::of_sigma(0.05), None);
    }

    #[test]
    fn a_row_of_points_is_a_box() {
        let plane = Plane::from_points(&[(1.0, 0.0), (2.0, 0.0)], true).unwrap();
        assert_eq!(plane.pairs, [(1, 0, 6554), (2, 0, 6554)]);
        assert_eq!(plane.center, 6552);
        assert_eq!(Plane::from_points(&[], true), None);
    }

    #[test]
    fn points_on_either_side_fall_together_with_their_opposites() {
        let up = Plane::from_points(&[(0.0, -1.0)], true).unwrap();
        assert_eq!(up, Plane::from_points(&[(0.0, 1.0)], true).unwrap());
        let half = Plane::from_points(&[(0.5, 0.0)], false).unwrap();
        assert_eq!((half.center, half.pairs), (16_384, vec![(1, 0, 8192)]));
    }
}
