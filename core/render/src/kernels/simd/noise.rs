//! Normally distributed noise, many samples at a time.

use super::entry;
use super::lanes::{Lanes, sixteen};
use crate::kernels::noise::RowNoise;
use crate::kernels::noise::{EVEN, FRACTION, HASH, HEADROOM, ODD};

entry! {
    /// Adds a row's noise to samples, of as many as is said, from the first on.
    pub(crate) fn add_noise(samples: &mut [u8], noise: RowNoise) = add_noise_in
}

#[inline(always)]
fn add_noise_in<L: Lanes>(samples: &mut [u8], noise: RowNoise) -> usize {
    let values = Values::<L>::of(noise);
    let mut places = [words::<L>(0), words::<L>(4)];
    let ahead = L::splat32(8 * L::GROUPS as i32);
    let mut done = 0;
    while done + 16 * L::GROUPS <= samples.len() {
        let levels = L::groups(
            #[inline(always)]
            |g| sixteen(samples, done + 16 * g),
        );
        let lower = levels.widen_first8().add16(values.at(places[0]));
        let upper = levels.widen_last8().add16(values.at(places[1]));
        let noisy = lower.narrow16(upper);
        for g in 0..L::GROUPS {
            samples[done + 16 * g..][..16].copy_from_slice(&noisy.group(g));
        }
        places = [places[0].add32(ahead), places[1].add32(ahead)];
        done += 16 * L::GROUPS;
    }
    done
}

/// The numbers of four words for one half of each group of sixteen samples.
#[inline(always)]
fn words<L: Lanes>(start: usize) -> L {
    L::groups(
        #[inline(always)]
        |g| {
            let mut bytes = [0; 16];
            for (i, lane) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *lane = ((8 * g + start + i) as u32).to_le_bytes();
            }
            bytes
        },
    )
}

/// What makes noise out of the numbers of words.
struct Values<L> {
    even: L,
    odd: L,
    nibble: L,
    scale: L,
    half: L,
    hash: [L; 3],
    key: [L; 2],
}

impl<L: Lanes> Values<L> {
    #[inline(always)]
    fn of(noise: RowNoise) -> Self {
        let bytes = |table: [i8; 16]| table.map(|value| value as u8);
        let [step, first, second] = HASH.map(|v| v as i32);
        let [low, high] = noise.key.map(|v| v as i32);
        Self {
            even: L::repeat(bytes(EVEN)),
            odd: L::repeat(bytes(ODD)),
            nibble: L::splat32(0x0F0F_0F0F),
            scale: L::splat16(noise.scale),
            half: L::splat16(1 << (FRACTION - 1)),
            hash: [L::splat32(step), L::splat32(first), L::splat32(second)],
            key: [L::splat32(low), L::splat32(high)],
        }
    }

    /// The noise of two samples a word.
    #[inline(always)]
    fn at(&self, place: L) -> L {
        let v = place.mul32(self.hash[0]).add32(self.key[0]);
        let v = v.xor(v.shift_right_unsigned32::<16>()).mul32(self.hash[1]).xor(self.key[1]);
        let v = v.xor(v.shift_right_unsigned32::<15>()).mul32(self.hash[2]);
        let v = v.xor(v.shift_right_unsigned32::<16>());
        let (low, high) = (v.and(self.nibble), v.shift_right_unsigned32::<4>().and(self.nibble));
        let sums = self.even.swizzle(low).add8(self.odd.swizzle(high)).add_neighbors8();
        sums.shift_left16::<HEADROOM>().scale16(self.scale).add16(self.half).shift_right16::<FRACTION>()
    }
}
