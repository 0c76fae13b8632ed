//! Weighted sums of rows of 16-bit levels, for kernels that are the same from both sides.

use super::entry;
use super::lanes::{Lanes, pair};
use crate::kernels::simd::loops::BLOCK;

entry! {
    /// What [`super::loops::weigh`] makes: how many sums, from the first on.
    pub(crate) fn weigh_rows(center: (i16, &[u16]), pairs: &[(i16, &[u16], &[u16])], sums: &mut [u32]) = weigh_in
}

/// Eight sums a group, from both rows of a pair at once.
#[inline(always)]
fn weigh_in<L: Lanes>(center: (i16, &[u16]), pairs: &[(i16, &[u16], &[u16])], sums: &mut [u32]) -> usize {
    let count = sums.len() / BLOCK * BLOCK;
    if center.1.len() < count || pairs.iter().any(|(_, one, other)| one.len().min(other.len()) < count) {
        return 0;
    }
    let (none, weight) = (L::splat32(0), L::splat32(pair(center.0, 0)));
    let step = 8 * L::GROUPS;
    for at in (0..count).step_by(step) {
        let middle = eights::<L>(center.1, at);
        let mut first = middle.zip_first16(none).dot16(weight);
        let mut last = middle.zip_last16(none).dot16(weight);
        for (weight, one, other) in pairs {
            let (one, other) = (eights::<L>(one, at), eights::<L>(other, at));
            let weight = L::splat32(pair(*weight, *weight));
            first = first.add32(one.zip_first16(other).dot16(weight));
            last = last.add32(one.zip_last16(other).dot16(weight));
        }
        for (g, sums) in sums[at..at + step].chunks_exact_mut(8).enumerate() {
            put(first.group(g), &mut sums[..4]);
            put(last.group(g), &mut sums[4..]);
        }
    }
    count
}

#[inline(always)]
fn eights<L: Lanes>(row: &[u16], at: usize) -> L {
    L::groups(
        #[inline(always)]
        |g| {
            debug_assert!(at + 8 * (g + 1) <= row.len(), "the row's length is compared for all of its sums");
            #[expect(unsafe_code, reason = "reads that were compared for the whole row at once")]
            // SAFETY: all rows are as long as the sums; any address will do for a read that needs no alignment.
            unsafe {
                row.as_ptr().add(at + 8 * g).cast::<[u8; 16]>().read_unaligned()
            }
        },
    )
}

#[inline(always)]
fn put(bytes: [u8; 16], sums: &mut [u32]) {
    for (sum, lane) in sums.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *sum = u32::from_le_bytes(*lane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::{loops, tiers};

    #[test]
    fn vectors_weigh_as_single_levels_are() {
        for case in 0..60_usize {
            let length = BLOCK * (1 + case % 5);
            let row = |k: usize| -> Vec<u16> {
                (0..length).map(|i| [0, 32_640, (i * 7919 + k * 104_729 + case) as u16 % 32_641][(i + k) % 3]).collect()
            };
            let rows: Vec<Vec<u16>> = (0..1 + 2 * (case % 9)).map(row).collect();
            let (middle, sides) = rows.split_first().unwrap();
            let pairs: Vec<(i16, &[u16], &[u16])> = sides
                .as_chunks::<2>()
                .0
                .iter()
                .enumerate()
                .map(|(k, [one, other])| ((k * 577 % 900 + 1) as i16, &one[..], &other[..]))
                .collect();
            let center = 32_767 - 2 * pairs.iter().map(|pair| pair.0).sum::<i16>();
            let mut single = vec![0; length];
            loops::weigh((center, middle), &pairs, &mut single);
            tiers::each(|| {
                let mut vector = vec![0; length];
                let done = weigh_rows((center, middle), &pairs, &mut vector);
                assert_eq!(vector[..done], single[..done], "case {case}");
                assert_eq!(done > 0, tiers::has_vectors(), "vectors are used");
            });
        }
    }
}
