//! Plain loops over whole numbers that compilers vectorize by themselves, compiled for wider vectors too.

use super::wide;

/// Numbers that are worked on at a time.
pub(crate) const BLOCK: usize = 32;

wide! {
    /// Weighted sums of rows, rounded by `1 << shift`: each row has at least as many levels as there are sums, and the
    /// weights' sum is below 2²³.
    pub(crate) fn blend(rows: &[(&[u8], i16)], shift: u32, out: &mut [u16]) {
        let half = 1 << (shift - 1);
        let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
        let whole = blocks.len() * BLOCK;
        for (out, at) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
            let mut sums = [half; BLOCK];
            for (row, weight) in rows {
                for (sum, level) in sums.iter_mut().zip(&row[at..at + BLOCK]) {
                    *sum += i32::from(*weight) * i32::from(*level);
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = (sum >> shift) as u16;
            }
        }
        for (out, at) in rest.iter_mut().zip(whole..) {
            let sum: i32 = rows.iter().map(|(row, weight)| i32::from(*weight) * i32::from(row[at])).sum();
            *out = ((sum + half) >> shift) as u16;
        }
    }
}

/// Weighted sums of shifted rows: of a row, and of pairs that weigh the same. All rows are as long as the sums, which are
/// made by blocks.
pub(crate) fn weigh(center: (i16, &[u16]), pairs: &[(i16, &[u16], &[u16])], sums: &mut [u32]) {
    let count = sums.len() / BLOCK * BLOCK;
    for (at, sum) in sums[..count].iter_mut().enumerate() {
        let product = |weight: i16, row: &[u16]| i32::from(weight) * i32::from(row[at] as i16);
        let sides = pairs.iter().map(|(weight, one, other)| product(*weight, one) + product(*weight, other));
        *sum = (product(center.0, center.1) + sides.sum::<i32>()) as u32;
    }
}

wide! {
    /// Numbers without their lowest bits, rounded.
    pub(crate) fn round16(numbers: &[u32], bits: u32, out: &mut [u16]) {
        let half = 1 << (bits - 1);
        out.iter_mut().zip(numbers).for_each(|(out, number)| *out = ((number + half) >> bits) as u16);
    }
}

wide! {
    /// Numbers without their lowest bits, rounded; what is left is a level.
    pub(crate) fn round8(numbers: &[u32], bits: u32, out: &mut [u8]) {
        let half = 1 << (bits - 1);
        out.iter_mut().zip(numbers).for_each(|(out, number)| *out = ((number + half) >> bits) as u8);
    }
}

wide! {
    /// A row of chroma as one twice as wide, between the row that is nearer and the one that is farther: libjpeg's "fancy"
    /// upsampling by two both ways (`jdsample.c`), three quarters of the nearer sample each way, rounded down and up by turns.
    pub(crate) fn widened(near: &[u8], far: &[u8], sums: &mut Vec<u16>, out: &mut [u8]) {
        let sum = |(near, far): (&u8, &u8)| 3 * u16::from(*near) + u16::from(*far);
        sums.clear();
        // Those at the ends have themselves beside them.
        sums.extend(near.first().zip(far.first()).map(sum));
        sums.extend(near.iter().zip(far).map(sum));
        sums.extend(near.last().zip(far.last()).map(sum));
        let (pairs, _) = out.as_chunks_mut::<2>();
        for (pair, three) in pairs.iter_mut().zip(sums.array_windows::<3>()) {
            let [left, middle, right] = *three;
            *pair = [((3 * middle + left + 8) >> 4) as u8, ((3 * middle + right + 7) >> 4) as u8];
        }
    }
}

wide! {
    /// Levels with bits after the point.
    pub(crate) fn widen(levels: &[u8], bits: u32, out: &mut [u16]) {
        out.iter_mut().zip(levels).for_each(|(out, level)| *out = u16::from(*level) << bits);
    }
}

wide! {
    /// Every two by two pixels of `n` samples, up to four, as one, its mean; of both rows those that make whole ones.
    pub(crate) fn halve(upper: &[u8], lower: &[u8], n: usize, out: &mut [u8]) {
        match n {
            1 => means::<1>(upper, lower, out),
            3 => means::<3>(upper, lower, out),
            _ => means::<4>(upper, lower, out),
        }
    }
}

#[inline(always)]
fn means<const N: usize>(upper: &[u8], lower: &[u8], out: &mut [u8]) {
    let [upper, lower] = [upper, lower].map(|row| row.as_chunks::<N>().0.as_chunks::<2>().0);
    for ((target, upper), lower) in out.as_chunks_mut::<N>().0.iter_mut().zip(upper).zip(lower) {
        *target = std::array::from_fn(|i| {
            let sum: u16 = [upper[0][i], upper[1][i], lower[0][i], lower[1][i]].into_iter().map(u16::from).sum();
            ((sum + 2) >> 2) as u8
        });
    }
}
