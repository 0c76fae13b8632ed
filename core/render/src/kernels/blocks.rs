//! Blocks of 8 × 8 samples on their way into a JPEG: the forward transform of libjpeg's "slow integer" method
//! (Loeffler, Ligtenberg and Moschytz 1989, 13 bits after the point) and the division by the steps of a table.

use super::simd::blocks::transform_side_by_side;

/// Samples of a side of a block.
pub(crate) const SIDE: usize = 8;
/// Samples of a block.
pub(crate) const AREA: usize = SIDE * SIDE;
/// Columns that a plane's rows are filled up to, so that vectors need no ends.
pub(crate) const COLUMNS: usize = 32;

/// Quantized coefficients, row by row, and which of them are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The coefficients: rows of rising vertical frequency.
    pub levels: [i16; AREA],
    /// A bit for each that is not zero.
    pub present: u64,
}

impl Block {
    pub(crate) const ZERO: Self = Self { levels: [0; AREA], present: 0 };
}

/// Bits after the point of the factors.
pub(super) const POINT: u32 = 13;
/// Bits after the point that the first pass leaves.
pub(super) const BETWEEN: u32 = 2;

/// Factors of the transform in fixed point.
pub(super) mod factor {
    pub(crate) const F0_298: i16 = 2_446;
    pub(crate) const F0_390: i16 = 3_196;
    pub(crate) const F0_541: i16 = 4_433;
    pub(crate) const F0_765: i16 = 6_270;
    pub(crate) const F0_899: i16 = 7_373;
    pub(crate) const F1_175: i16 = 9_633;
    pub(crate) const F1_501: i16 = 12_299;
    pub(crate) const F1_847: i16 = 15_137;
    pub(crate) const F1_961: i16 = 16_069;
    pub(crate) const F2_053: i16 = 16_819;
    pub(crate) const F2_562: i16 = 20_995;
    pub(crate) const F3_072: i16 = 25_172;
}

/// Divides coefficients, which are eight times too large, by the steps of a table, and rounds to the nearest.
#[derive(Debug)]
pub(crate) struct Quantizer {
    /// Eight times the steps, row by row.
    divisors: [i16; AREA],
    /// What vectors add before they multiply, and by what they multiply, twice, keeping the upper half of 32 bits:
    /// 16-bit numbers, row by row.
    pub(super) vectors: [[[u8; 2 * SIDE]; SIDE]; 3],
}

impl Quantizer {
    /// From the steps of a table, row by row, from 1 to 255 each.
    pub(crate) fn new(steps: &[u16; AREA]) -> Self {
        let divisors = steps.map(|step| 8 * step.clamp(1, 255) as i16);
        let mut vectors = [[[0; 2 * SIDE]; SIDE]; 3];
        for (at, divisor) in divisors.iter().enumerate() {
            for (to, factor) in vectors.iter_mut().zip(reciprocal(*divisor as u32)) {
                to[at / SIDE].as_chunks_mut::<2>().0[at % SIDE] = factor.to_le_bytes();
            }
        }
        Self { divisors, vectors }
    }

    fn level(&self, at: usize, coefficient: i32) -> i16 {
        let divisor = i32::from(self.divisors[at]);
        let level = (coefficient.abs() + divisor / 2) / divisor;
        (if coefficient < 0 { -level } else { level }) as i16
    }
}

/// A division by a number from 8 to 2040, rounded to the nearest, as a sum and two products of which the upper 16 of
/// 32 bits count: exact for numbers below 2¹⁵, as libjpeg-turbo's `compute_reciprocal` has it.
fn reciprocal(divisor: u32) -> [u16; 3] {
    let bits = 16 + divisor.ilog2();
    let (quotient, rest) = ((1 << bits) / divisor, (1 << bits) % divisor);
    let (add, factor, bits) = match rest {
        // One bit too many for 16.
        0 => (divisor / 2, quotient / 2, bits - 1),
        _ if rest <= divisor / 2 => (divisor / 2 + 1, quotient, bits),
        _ => (divisor / 2, quotient + 1, bits),
    };
    [add as u16, factor as u16, (1u32 << (32 - bits)) as u16]
}

/// Transforms and quantizes a row of blocks of a plane, whose rows of samples are a stride apart.
pub(crate) fn transform(plane: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    let mut done = 0;
    loop {
        // What is left of wide registers may fill narrower ones.
        let more = transform_side_by_side(&plane[SIDE * done..], stride, quantizer, &mut blocks[done..]);
        if more == 0 {
            break;
        }
        done += more;
    }
    transform_one_by_one(&plane[SIDE * done..], stride, quantizer, &mut blocks[done..]);
}

/// The same without vector instructions.
pub(super) fn transform_one_by_one(plane: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    for (at, block) in blocks.iter_mut().enumerate() {
        let mut samples = [0; AREA];
        for (y, row) in samples.chunks_exact_mut(SIDE).enumerate() {
            let levels = &plane[y * stride + at * SIDE..][..SIDE];
            row.iter_mut().zip(levels).for_each(|(to, level)| *to = i32::from(*level) - 128);
        }
        forward(&mut samples);
        *block = Block::ZERO;
        for (at, coefficient) in samples.into_iter().enumerate() {
            block.levels[at] = quantizer.level(at, coefficient);
            block.present |= u64::from(block.levels[at] != 0) << at;
        }
    }
}

fn forward(samples: &mut [i32; AREA]) {
    for row in samples.chunks_exact_mut(SIDE) {
        let line: [i32; SIDE] = std::array::from_fn(|x| row[x]);
        row.copy_from_slice(&one_way(line, |v| v << BETWEEN, |v| round(v, POINT - BETWEEN)));
    }
    for x in 0..SIDE {
        let line: [i32; SIDE] = std::array::from_fn(|y| samples[y * SIDE + x]);
        let line = one_way(line, |v| round(v, BETWEEN), |v| round(v, POINT + BETWEEN));
        line.into_iter().enumerate().for_each(|(y, v)| samples[y * SIDE + x] = v);
    }
}

const fn round(value: i32, bits: u32) -> i32 {
    (value + (1 << (bits - 1))) >> bits
}

/// The transform of a line; of sums without and with factors the scale differs.
fn one_way(d: [i32; SIDE], plain: impl Fn(i32) -> i32, scaled: impl Fn(i32) -> i32) -> [i32; SIDE] {
    use factor::*;
    let times = |v: i32, factor: i16| v * i32::from(factor);
    let [s0, s1, s2, s3] = [d[0] + d[7], d[1] + d[6], d[2] + d[5], d[3] + d[4]];
    let [d4, d5, d6, d7] = [d[3] - d[4], d[2] - d[5], d[1] - d[6], d[0] - d[7]];
    let [e0, e1, e2, e3] = [s0 + s3, s1 + s2, s1 - s2, s0 - s3];
    let turned = times(e2 + e3, F0_541);
    let both = times(d4 + d6 + d5 + d7, F1_175);
    let (z1, z2) = (times(d4 + d7, -F0_899), times(d5 + d6, -F2_562));
    let (z3, z4) = (times(d4 + d6, -F1_961) + both, times(d5 + d7, -F0_390) + both);
    [
        plain(e0 + e1),
        scaled(times(d7, F1_501) + z1 + z4),
        scaled(turned + times(e3, F0_765)),
        scaled(times(d6, F3_072) + z2 + z3),
        plain(e0 - e1),
        scaled(times(d5, F2_053) + z2 + z4),
        scaled(turned - times(e2, F1_847)),
        scaled(times(d4, F0_298) + z1 + z3),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::tiers;

    #[test]
    fn products_divide_exactly() {
        for step in 1..=255 {
            let [add, first, second] = reciprocal(8 * step).map(u32::from);
            for number in 0..(1 << 15) - 4 * step - 1 {
                let divided = ((((number + add) * first) >> 16) * second) >> 16;
                assert_eq!(divided, (number + 4 * step) / (8 * step), "{number} by {}", 8 * step);
            }
        }
    }

    #[test]
    fn vectors_make_the_blocks_that_single_samples_make() {
        let (stride, count) = (3 * COLUMNS, 12);
        for case in 0..200_usize {
            let steps = std::array::from_fn(|at| 1 + (case * 37 + at * 101) as u16 % [1, 8, 60, 255][case % 4]);
            let quantizer = Quantizer::new(&steps);
            let plane: Vec<u8> = (0..8 * stride)
                .map(|at| match (case + at / 5) % 3 {
                    // Extremes and noise: sums reach both ends of their range.
                    0 => [0, 255][(at * (1 + case % 7) / 8) % 2],
                    1 => (at * at * 31 / 7 + case) as u8,
                    _ => (at * case % 256) as u8,
                })
                .collect();
            let mut scalar = vec![Block::ZERO; count];
            transform_one_by_one(&plane, stride, &quantizer, &mut scalar);
            tiers::each(|| {
                let mut vector = vec![Block::ZERO; count];
                let done = transform_side_by_side(&plane, stride, &quantizer, &mut vector);
                assert_eq!(vector[..done], scalar[..done], "case {case}");
                assert_eq!(done, if tiers::has_vectors() { count } else { 0 });
            });
        }
    }
}
