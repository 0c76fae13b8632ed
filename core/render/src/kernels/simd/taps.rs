//! Weighted sums of neighboring RGB pixels of a row: shrinking, growing and moving along rows.

use super::entry;
use super::lanes::{Lanes, four, pair, put_twelves};

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
    /// Makes RGB pixels of an input row whose values are below 2¹⁵, three a pixel: how many, from the first on. What
    /// comes after them may be overwritten.
    pub(crate) fn rgb_taps(row: &[u16], taps: RowTaps<'_>, out: &mut [[u8; 3]]) = rgb_taps_in
}

#[inline(always)]
fn rgb_taps_in<L: Lanes>(row: &[u16], taps: RowTaps<'_>, out: &mut [[u8; 3]]) -> usize {
    // Numbers of pairs that are known before leave no loop over them.
    match taps.pairs {
        0 => 0,
        1 => of_pairs::<L>(row, taps, 1, out),
        2 => of_pairs::<L>(row, taps, 2, out),
        more => of_pairs::<L>(row, taps, more, out),
    }
}

/// Four pixels a group at a time, of each its three colors in the lanes.
#[inline(always)]
fn of_pairs<L: Lanes>(row: &[u16], taps: RowTaps<'_>, pairs: usize, out: &mut [[u8; 3]]) -> usize {
    // Each color of one pixel beside that of the next.
    let by_color = L::repeat([0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 0x80, 0x80, 0x80, 0x80]);
    let close_up = L::repeat([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80]);
    let half = L::splat32(1 << (BITS - 1));
    let (count, total) = (4 * L::GROUPS, out.len());
    let Some(last) = row.len().checked_sub(6 * (pairs - 1) + SPARE) else { return 0 };
    let reached = taps.firsts.iter().fold(0, |most, first| most.max(*first));
    if total < count || taps.firsts.len() < total || taps.weights.len() / pairs < total || reached > last / 3 {
        return 0;
    }
    let flat = out.as_flattened_mut();
    let mut done = 0;
    while done < total {
        // The last ones are made together with some that are there already: the same once more.
        done = done.min(total - count);
        let (firsts, weights) = (&taps.firsts[done..][..count], &taps.weights[done * pairs..][..count * pairs]);
        let sums = four(
            #[inline(always)]
            |i| {
                let mut sum = half;
                for p in 0..pairs {
                    let samples = L::groups(
                        #[inline(always)]
                        |g| {
                            #[expect(unsafe_code, reason = "reads whose places were compared for the whole row")]
                            // SAFETY: no first value is after `last`, from which those of all pairs are left.
                            unsafe {
                                row.as_ptr().add(3 * (firsts[4 * g + i] + 2 * p)).cast::<[u8; 16]>().read_unaligned()
                            }
                        },
                    );
                    let weight = L::splats(
                        #[inline(always)]
                        |g| {
                            let [first, second] = weights[(4 * g + i) * pairs + p];
                            pair(first, second)
                        },
                    );
                    sum = sum.add32(samples.swizzle(by_color).dot16(weight));
                }
                sum.shift_right32::<BITS>()
            },
        );
        let levels = sums[0].narrow32(sums[1]).narrow16(sums[2].narrow32(sums[3])).swizzle(close_up);
        put_twelves(levels, &mut flat[3 * done..]);
        done += count;
    }
    done
}
