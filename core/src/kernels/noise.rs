//! Random numbers by place: any row can be made alone and comes out the same.

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

/// Entries of one part of [`Normal`].
const PART_BITS: u32 = 10;
const PART: usize = 1 << PART_BITS;
/// Bits of a level's fraction in [`Normal`].
const FRACTION: u32 = 6;

/// Normally distributed whole levels out of random bits. Each is the sum of two equally likely entries of a table of
/// 1024 normal quantiles: a million values, to ±4.6 standard deviations.
#[derive(Debug)]
pub(crate) struct Normal(Box<[i16; PART]>);

impl Normal {
    /// Random bits that one value takes.
    pub(crate) const BITS: u32 = 2 * PART_BITS;
    /// The widest that a table holds, in levels.
    pub(crate) const MAX_SIGMA: f64 = 100.0;

    /// With a standard deviation in levels, held within 0 and [`Self::MAX_SIGMA`].
    pub(crate) fn new(sigma: f64) -> Self {
        let quantiles = quantiles();
        let variance = quantiles.iter().map(|z| z * z).sum::<f64>() / PART as f64;
        let scale = sigma.clamp(0.0, Self::MAX_SIGMA) / math::sqrt(2.0 * variance) * f64::from(1 << FRACTION);
        Self(Box::new(quantiles.map(|z| math::round_half_up(z * scale) as i16)))
    }

    /// A level with the noise of the lowest [`Self::BITS`] bits added.
    #[inline]
    pub(crate) fn add(&self, level: u8, bits: u64) -> u8 {
        let part = |shift: u32| i32::from(self.0[(bits >> shift) as usize & (PART - 1)]);
        let sum = (i32::from(level) << FRACTION) + part(0) + part(PART_BITS);
        ((sum + (1 << (FRACTION - 1))) >> FRACTION).clamp(0, 255) as u8
    }
}

/// Standard normal quantiles at the middles of equal parts, by Newton's method from the median outwards.
fn quantiles() -> [f64; PART] {
    let mut table = [0.0; PART];
    let mut z = 0.0;
    for i in PART / 2..PART {
        let p = (i as f64 + 0.5) / PART as f64;
        for _ in 0..4 {
            let below = 0.5 + 0.5 * math::erf(z * std::f64::consts::FRAC_1_SQRT_2);
            let density = math::exp(-0.5 * z * z) / math::sqrt(2.0 * math::PI);
            z += (p - below) / density;
        }
        table[i] = z;
        table[PART - 1 - i] = -z;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        let table = quantiles();
        // Φ(1) = 0.841344746, Φ(2) = 0.977249868.
        let below = |z: f64| table.iter().filter(|q| **q < z).count();
        assert_eq!(below(0.0), 512);
        assert_eq!(below(1.0), 862);
        assert_eq!(below(2.0), 1001);
        assert!((table[PART - 1] - 3.297_193).abs() < 1e-4, "{}", table[PART - 1]);
    }

    #[test]
    fn values_have_the_moments_of_a_normal_distribution() {
        let sigma = 20.0;
        let (normal, mut values) = (Normal::new(sigma), Vec::new());
        for y in 0..1000 {
            values.extend(
                Field::new(5)
                    .row(y)
                    .take(500)
                    .flat_map(|bits| [0, 20, 40].map(|shift| f64::from(normal.add(128, bits >> shift)) - 128.0)),
            );
        }
        let n = values.len() as f64;
        let moment = |power: i32| values.iter().map(|v| (0..power).fold(1.0, |m, _| m * v / sigma)).sum::<f64>() / n;
        assert!(moment(1).abs() < 0.004, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.006, "variance {}", moment(2));
        assert!(moment(3).abs() < 0.02, "skew {}", moment(3));
        assert!((moment(4) - 3.0).abs() < 0.06, "kurtosis {}", moment(4));
        let beyond = |k: f64| values.iter().filter(|v| v.abs() > k * sigma).count() as f64 / n;
        // Whole levels: the bound lies half a level above 60 and 70.
        assert!((beyond(3.0) - 0.002_48).abs() < 0.000_25, "tail {}", beyond(3.0));
        assert!((beyond(3.5) - 0.000_42).abs() < 0.000_12, "tail {}", beyond(3.5));
    }

    #[test]
    fn neighbours_and_rows_are_not_correlated() {
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
