//! Chance that is the same everywhere: a small generator for the layout, and lattice noise for textures.

use std::collections::BTreeMap;

/// A `SplitMix64` generator (Steele, Lea, Flood 2014): enough for pictures.
pub(crate) struct Dice {
    state: u64,
    /// For every kind of choice, how far its values are dealt.
    dealt: BTreeMap<&'static str, usize>,
}

impl Dice {
    /// A generator of its own for every seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: scramble(seed), dealt: BTreeMap::new() }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.state)
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in [low, high).
    pub(crate) fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Whether something of probability `p` happens.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of some values; there must be one.
    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[(self.next() % values.len() as u64) as usize]
    }

    /// One of some values, for a kind of choice that shall not repeat itself soon; their number shares no factor with 3.
    pub(crate) fn deal<T: Copy>(&mut self, kind: &'static str, values: &[T]) -> T {
        let first = (self.next() % values.len() as u64) as usize;
        let at = self.dealt.entry(kind).or_insert(first);
        *at = (*at + 3) % values.len();
        values[*at]
    }
}

fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number in [0, 1) for every lattice point.
pub(crate) fn lattice(x: i64, y: i64, seed: u64) -> f64 {
    let mixed = (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (y as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
        ^ seed.wrapping_mul(0x1656_67B1_9E37_79F9);
    (scramble(mixed) >> 40) as f64 / (1u64 << 24) as f64
}

/// Smooth noise in [0, 1): lattice values joined by cubic steps.
pub(crate) fn noise(x: f64, y: f64, seed: u64) -> f64 {
    let (left, top) = (x.floor(), y.floor());
    let (u, v) = (ease(x - left), ease(y - top));
    let (i, j) = (left as i64, top as i64);
    let upper = lattice(i, j, seed) * (1.0 - u) + lattice(i + 1, j, seed) * u;
    let lower = lattice(i, j + 1, seed) * (1.0 - u) + lattice(i + 1, j + 1, seed) * u;
    upper * (1.0 - v) + lower * v
}

/// Noise in [0, 1) with detail down to 1/2^octaves of its cells.
pub(crate) fn fractal(x: f64, y: f64, octaves: u32, seed: u64) -> f64 {
    let (mut sum, mut weight, mut total, mut scale) = (0.0, 1.0, 0.0, 1.0);
    for octave in 0..octaves {
        sum += weight * noise(x * scale, y * scale, seed.wrapping_add(u64::from(octave)));
        total += weight;
        weight *= 0.5;
        scale *= 2.0;
    }
    sum / total
}

/// 0 to 1 with flat ends.
fn ease(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(crate) fn smoothstep(low: f64, high: f64, x: f64) -> f64 {
    ease(((x - low) / (high - low)).clamp(0.0, 1.0))
}
