//! Weighted sums of neighbouring RGB pixels of a row: shrinking, growing and moving along rows.

use super::entry;
use super::lanes::{Lanes, pair};

/// For every pixel of an output row the pixels of an input row that make it, as many for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowTaps<'a> {
    /// The first input pixel of each output pixel.
    pub firsts: &'a [usize],
    /// Two weights after the other: [`Self::pairs`] a pixel, those that are not needed zero.
    pub weights: &'a [[i16; 2]],
    /// Pairs of weights of a pixel.
    pub pairs: usize,
}

/// Values after the last one that is weighed that a row must have.
pub(crate) const SPARE: usize = 8;
/// Bits after the point of a weighted sum of what [`rgb_taps`] gets.
pub(crate) const BITS: u32 = 21;

entry! {
    /// Makes RGB pixels of an input row whose values are below 2¹⁵, three a pixel: how many, from the first on.
    pub(crate) fn rgb_taps(row: &[u16], taps: RowTaps<'_>, out: &mut [[u8; 3]]) = rgb_taps_in
}

#[inline(always)]
fn rgb_taps_in<L: Lanes>(row: &[u16], taps: RowTaps<'_>, out: &mut [[u8; 3]]) -> usize {
    // Each colour of one pixel beside that of the next.
    let by_colour = L::repeat([0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 0x80, 0x80, 0x80, 0x80]);
    let half = L::splat32(1 << (BITS - 1));
    let mut done = 0;
    let blocks = out.chunks_exact_mut(L::GROUPS).zip(taps.firsts.chunks_exact(L::GROUPS));
    for ((targets, firsts), weights) in blocks.zip(taps.weights.chunks_exact(taps.pairs * L::GROUPS)) {
        let mut sums = half;
        for p in 0..taps.pairs {
            let samples = L::groups(
                #[inline(always)]
                |g| eight(row, 3 * (firsts[g] + 2 * p)),
            );
            let weight = L::splats(
                #[inline(always)]
                |g| {
                    let [first, second] = weights[g * taps.pairs + p];
                    pair(first, second)
                },
            );
            sums = sums.add32(samples.swizzle(by_colour).dot16(weight));
        }
        let words = sums.shift_right32::<BITS>().narrow32(half);
        let levels = words.narrow16(words);
        for (g, target) in targets.iter_mut().enumerate() {
            let [r, g, b, ..] = levels.group(g);
            *target = [r, g, b];
        }
        done += L::GROUPS;
    }
    done
}

/// Eight values from a place on.
#[inline(always)]
fn eight(row: &[u16], at: usize) -> [u8; 16] {
    let values = &row[at..at + SPARE];
    let mut bytes = [0; 16];
    for (bytes, value) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    bytes
}
