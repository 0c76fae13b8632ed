//! Random numbers by place: any row can be made alone and comes out the same.

use super::simd;
use crate::math;
use crate::sampling::Random;

/// The odd number nearest to 2⁶⁴ / φ: steps by it visit all 64-bit numbers evenly.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Steele, Lea & Flood 2014, "Fast Splittable Pseudorandom Number Generators": `SplitMix64`'s output function.
#[inline]
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// 64 random bits for every place of an image: a `SplitMix64` sequence a row, each starting from a mixed number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field(u64);

impl Field {
    /// The field of a number that was drawn before.
    pub(crate) fn new(drawn: u64) -> Self {
        Self(Random::from_drawn(drawn).bits())
    }

    /// The bits of row `y`, from the left.
    #[inline]
    pub(crate) fn row(self, y: usize) -> impl Iterator<Item = u64> {
        let mut state = mix(self.0.wrapping_add(GOLDEN.wrapping_mul(y as u64 + 1)));
        std::iter::from_fn(move || {
            state = state.wrapping_add(GOLDEN);
            Some(mix(state))
        })
    }
}

/// What the low and high four bits of a byte stand for; those of two bytes add up to a normally distributed number with
/// a standard deviation of [`DEVIATION`]. Found by search among whole numbers that add up within eight bits: the sum's
/// distribution function is within 0.0011 of the normal one, its excess kurtosis below 0.001, its tails within a tenth
/// of their share to 3.5 deviations; the largest is 4.07 deviations.
pub(super) const EVEN: [i8; 16] = mirrored([10, 12, 15, 18, 21, 29, 40, 77]);
pub(super) const ODD: [i8; 16] = mirrored([1, 14, 15, 19, 21, 33, 34, 50]);
/// Four values' variances added up.
const VARIANCE: f64 = 2.0 * (mean_square(EVEN) + mean_square(ODD));

const fn mirrored(positive: [i8; 8]) -> [i8; 16] {
    let mut all = [0; 16];
    let mut i = 0;
    while i < 8 {
        all[8 + i] = positive[i];
        all[7 - i] = -positive[i];
        i += 1;
    }
    all
}

const fn mean_square(values: [i8; 16]) -> f64 {
    let (mut sum, mut i) = (0, 0);
    while i < 16 {
        sum += values[i] as i32 * values[i] as i32;
        i += 1;
    }
    sum as f64 / 16.0
}

/// Bits by which a sum is raised before it is scaled: what 16 bits leave.
pub(super) const HEADROOM: u32 = 7;
/// Bits after the point of a scaled sum.
pub(super) const FRACTION: u32 = 6;

/// The step between the words of a row (2³² / φ, odd), and the factors of Wellons 2018, "Prospecting for Hash
/// Functions" (lowbias32), a 32-bit mix.
pub(super) const HASH: [u32; 3] = [0x9E37_79B9, 0x7FEB_352D, 0x846C_A68B];

/// Normally distributed noise for every sample of an image: any row can be made alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    field: Field,
    scale: i16,
}

impl Noise {
    /// The widest, in levels.
    pub(crate) const MAX_SIGMA: f64 = 100.0;

    /// Of a number that was drawn before, with a standard deviation in levels, held within 0 and [`Self::MAX_SIGMA`].
    pub(crate) fn new(drawn: u64, sigma: f64) -> Self {
        let factor = sigma.clamp(0.0, Self::MAX_SIGMA) / math::sqrt(VARIANCE);
        let scale = factor * f64::from(1 << (15 + FRACTION - HEADROOM));
        Self { field: Field::new(drawn), scale: math::round_half_up(scale) as i16 }
    }

    /// The noise of row `y`.
    pub(crate) fn row(&self, y: usize) -> RowNoise {
        let key = self.field.row(y).next().unwrap_or_default();
        RowNoise { key: [key as u32, (key >> 32) as u32], scale: self.scale }
    }
}

/// The noise of a row of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowNoise {
    pub(super) key: [u32; 2],
    /// Below 2¹⁵ with a sum's largest value and its headroom.
    pub(super) scale: i16,
}

impl RowNoise {
    /// What is added to sample `i`, in levels.
    #[inline]
    pub(crate) fn at(self, i: usize) -> i16 {
        let word = (i as u32 / 2).wrapping_mul(HASH[0]).wrapping_add(self.key[0]);
        let word = (word ^ (word >> 16)).wrapping_mul(HASH[1]) ^ self.key[1];
        let word = (word ^ (word >> 15)).wrapping_mul(HASH[2]);
        let bits = ((word ^ (word >> 16)) >> (16 * (i as u32 & 1))) as usize;
        let value = |table: &[i8; 16], at: u32| i32::from(table[bits >> at & 15]);
        let sum = value(&EVEN, 0) + value(&ODD, 4) + value(&EVEN, 8) + value(&ODD, 12);
        let scaled = ((sum << HEADROOM) * i32::from(self.scale) + (1 << 14)) >> 15;
        ((scaled + (1 << (FRACTION - 1))) >> FRACTION) as i16
    }

    /// Adds to each of a row's samples its own noise.
    pub(crate) fn add(self, samples: &mut [u8]) {
        let done = simd::noise::add_noise(samples, self);
        for (i, level) in samples.iter_mut().enumerate().skip(done) {
            *level = noisy(*level, self.at(i));
        }
    }
}

/// A level with noise.
#[inline]
pub(crate) fn noisy(level: u8, noise: i16) -> u8 {
    (i16::from(level) + noise).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::tiers;

    #[test]
    fn values_have_the_moments_of_a_normal_distribution() {
        for sigma in [5.0, 20.0, 60.0] {
            let noise = Noise::new(5, sigma);
            let values: Vec<f64> =
                (0..1000).flat_map(|y| (0..1500).map(move |x| f64::from(noise.row(y).at(x)))).collect();
            let n = values.len() as f64;
            let moment =
                |power: i32| values.iter().map(|v| (0..power).fold(1.0, |m, _| m * v / sigma)).sum::<f64>() / n;
            // Whole levels add a twelfth to the variance.
            let variance = 1.0 + 1.0 / (12.0 * sigma * sigma);
            assert!(moment(1).abs() < 0.004, "mean {}", moment(1));
            assert!((moment(2) - variance).abs() < 0.006, "variance {}", moment(2));
            assert!(moment(3).abs() < 0.02, "skew {}", moment(3));
            assert!((moment(4) - 3.0 * variance * variance).abs() < 0.06, "kurtosis {}", moment(4));
            let beyond = |k: f64| values.iter().filter(|v| v.abs() > k * sigma).count() as f64 / n;
            if sigma >= 20.0 {
                // Whole levels: the bound lies half a level above.
                assert!((beyond(2.0) - 0.043).abs() < 0.003, "tail {}", beyond(2.0));
                assert!((beyond(3.0) - 0.002_48).abs() < 0.000_3, "tail {}", beyond(3.0));
                assert!((beyond(3.5) - 0.000_42).abs() < 0.000_15, "tail {}", beyond(3.5));
            }
        }
    }

    #[test]
    fn noise_of_neighbors_and_rows_is_not_correlated() {
        let noise = Noise::new(9, 30.0);
        let rows: Vec<Vec<f64>> =
            (0..300).map(|y| (0..1000).map(|x| f64::from(noise.row(y).at(x)) / 30.0).collect()).collect();
        for (dx, dy) in [(1, 0), (2, 0), (3, 0), (6, 0), (0, 1), (1, 1), (0, 2), (7, 3)] {
            let (mut sum, mut n) = (0.0, 0);
            for y in dy..rows.len() {
                for x in dx..1000 {
                    sum += rows[y][x] * rows[y - dy][x - dx];
                    n += 1;
                }
            }
            let correlation = sum / f64::from(n);
            assert!(correlation.abs() < 0.008, "({dx}, {dy}): {correlation}");
        }
    }

    #[test]
    fn vectors_add_what_single_samples_get() {
        tiers::each(|| {
            for (case, sigma) in [0.0, 0.3, 1.0, 7.5, 33.3, 100.0].into_iter().enumerate() {
                for length in [0, 15, 16, 31, 32, 33, 100, 4099] {
                    let row = Noise::new(case as u64, sigma).row(length);
                    let levels: Vec<u8> = (0..length).map(|i| [0, 255, 3, (i * 31) as u8][i % 4]).collect();
                    let expected: Vec<u8> = (0..length).map(|i| noisy(levels[i], row.at(i))).collect();
                    let mut found = levels;
                    row.add(&mut found);
                    assert_eq!(found, expected, "{length} samples, σ = {sigma}");
                }
            }
        });
    }

    #[test]
    fn neighbors_and_rows_are_not_correlated() {
        let field = Field::new(9);
        let rows: Vec<Vec<f64>> = (0..300)
            .map(|y| field.row(y).take(1000).map(|bits| (bits & 1023) as f64 / 512.0 - 1.0).collect())
            .collect();
        let correlation = |dx: usize, dy: usize| {
            let (mut sum, mut n) = (0.0, 0);
            for y in dy..rows.len() {
                for x in dx..1000 {
                    sum += rows[y][x] * rows[y - dy][x - dx];
                    n += 1;
                }
            }
            3.0 * sum / f64::from(n)
        };
        for (dx, dy) in [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (7, 3)] {
            assert!(correlation(dx, dy).abs() < 0.008, "({dx}, {dy}): {}", correlation(dx, dy));
        }
    }

    #[test]
    fn rows_are_the_same_alone_and_together() {
        let third: Vec<u64> = Field::new(4).row(3).take(8).collect();
        assert_eq!(third, Field::new(4).row(3).take(8).collect::<Vec<_>>());
        assert_ne!(third, Field::new(4).row(2).take(8).collect::<Vec<_>>());
        assert_ne!(third, Field::new(5).row(3).take(8).collect::<Vec<_>>());
    }
}
