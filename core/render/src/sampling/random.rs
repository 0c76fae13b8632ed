//! The random stream: one portable generator for every (seed, source, copy, step), from nothing else.

use rand::rand_core::{Rng as _, SeedableRng as _};
use rand::rngs::ChaCha8Rng;

use crate::digest::Digest;
use crate::math;

/// What makes a step's stream its own: inserting, removing or reordering other transforms changes no draw of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepIdentity {
    /// The transform's or group's name.
    pub op: &'static str,
    /// How many of that name come before it in the recipe, groups entered in order.
    pub ordinal: u32,
}

/// A stream of draws. `ChaCha8`, its key the SHA-256 of everything that the draws may depend on.
#[derive(Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of one step for one copy of one source.
    #[must_use]
    pub fn for_step(seed: u64, source: Digest, copy: u32, step: &StepIdentity) -> Self {
        let key = Digest::of_parts(&[
            b"delta-augment step\0",
            &seed.to_le_bytes(),
            &source.0,
            &copy.to_le_bytes(),
            &step.ordinal.to_le_bytes(),
            step.op.as_bytes(),
        ]);
        Self(ChaCha8Rng::from_seed(key.0))
    }

    /// The stream of a number that was drawn before, for draws too many to record (noise, displacement fields).
    #[must_use]
    pub fn from_drawn(drawn: u64) -> Self {
        Self(ChaCha8Rng::from_seed(Digest::of_parts(&[b"delta-augment drawn\0", &drawn.to_le_bytes()]).0))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number to seed [`Random::from_drawn`]: 32 bits, so that every JSON reader keeps it exactly.
    pub fn drawn_seed(&mut self) -> u64 {
        self.bits() >> 32
    }

    /// Uniform in [0, 1): the upper 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in 0..n without bias (Lemire 2019, "Fast Random Integer Generation in an Interval"); 0 for n = 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let threshold = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            if product as u64 >= threshold {
                return (product >> 64) as u64;
            }
        }
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Standard normal (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = math::sqrt(-2.0 * math::ln(1.0 - self.unit()));
        radius * math::cos(2.0 * math::PI * self.unit())
    }

    /// A random order of 0..n (Fisher–Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i as u64 + 1) as usize);
        }
        order
    }
}
