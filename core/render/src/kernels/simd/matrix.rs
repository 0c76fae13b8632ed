//! Sums over the colors of RGB pixels: color matrices, and luma.

use super::entry;
use super::lanes::{Lanes, pair, sixteen};

/// A color matrix for vectors: `out[i] = (Σ weights[i][j]·in[j] + offsets[i]) >> 14`, held within 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NarrowMatrix {
    pub weights: [[i16; 3]; 3],
    /// Including half a unit, so that the shift rounds.
    pub offsets: [i32; 3],
}

/// Bits after the point of a matrix's weights.
pub(crate) const BITS: u32 = 14;

entry! {
    /// Changes RGB pixels by a matrix: how many, from the first on.
    pub(crate) fn rgb_matrix(row: &mut [[u8; 3]], matrix: &NarrowMatrix) = rgb_matrix_in
}
entry! {
    /// Adds up the luma ([`crate::image::luma`]) of RGB pixels, of as many as is said, from the first on.
    pub(crate) fn rgb_luma(row: &[[u8; 3]], sum: &mut u64) = rgb_luma_in
}

/// Pixels of a group: 12 of its 16 bytes.
const PIXELS: usize = 4;
const NONE: u8 = 0x80;

/// Two colors of each of four pixels, or one and nothing, as 16-bit lanes.
#[inline(always)]
fn places<L: Lanes>(first: u8, second: Option<u8>) -> L {
    let at = |pixel: u8, color: Option<u8>| color.map_or(NONE, |color| 3 * pixel + color);
    L::repeat(std::array::from_fn(|i| match i % 4 {
        0 => at(i as u8 / 4, Some(first)),
        2 => at(i as u8 / 4, second),
        _ => NONE,
    }))
}

/// Four pixels a group.
#[inline(always)]
fn load<L: Lanes>(flat: &[u8], at: usize) -> L {
    L::groups(
        #[inline(always)]
        |g| sixteen(flat, at + 3 * PIXELS * g),
    )
}

/// Weights of red and green, of blue, and the offset.
#[inline(always)]
fn row_of<L: Lanes>(matrix: &NarrowMatrix, i: usize) -> [L; 3] {
    let [r, g, b] = matrix.weights[i];
    [L::splat32(pair(r, g)), L::splat32(pair(b, 0)), L::splat32(matrix.offsets[i])]
}

#[inline(always)]
fn color<L: Lanes>(red_green: L, blue: L, [first, second, offset]: [L; 3]) -> L {
    red_green.dot16(first).add32(blue.dot16(second)).add32(offset).shift_right32::<BITS>()
}

#[inline(always)]
fn rgb_matrix_in<L: Lanes>(row: &mut [[u8; 3]], matrix: &NarrowMatrix) -> usize {
    let (red_green, blue) = (places::<L>(0, Some(1)), places::<L>(2, None));
    let weights = [row_of::<L>(matrix, 0), row_of::<L>(matrix, 1), row_of::<L>(matrix, 2)];
    let interleaved = L::repeat([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, NONE, NONE, NONE, NONE]);
    let flat = row.as_flattened_mut();
    let (step, mut at) = (3 * PIXELS * L::GROUPS, 0);
    while at + step + 4 <= flat.len() {
        let samples = load::<L>(flat, at);
        let (rg, b) = (samples.swizzle(red_green), samples.swizzle(blue));
        let [red, green, blue] = [color(rg, b, weights[0]), color(rg, b, weights[1]), color(rg, b, weights[2])];
        let bytes = red.narrow32(green).narrow16(blue.narrow32(blue)).swizzle(interleaved);
        for g in 0..L::GROUPS {
            flat[at + 3 * PIXELS * g..][..3 * PIXELS].copy_from_slice(&bytes.group(g)[..3 * PIXELS]);
        }
        at += step;
    }
    at / 3
}

#[inline(always)]
fn rgb_luma_in<L: Lanes>(row: &[[u8; 3]], sum: &mut u64) -> usize {
    // Green's weight takes more than 16 bits, so it comes in two halves.
    let (red_green, green_blue) = (places::<L>(0, Some(1)), places::<L>(1, Some(2)));
    let (first, second) = (L::splat32(pair(19_595, 19_235)), L::splat32(pair(19_235, 7_471)));
    let half = L::splat32(1 << 15);
    let mut sums = L::splat32(0);
    // A lane holds the luma of that many pixels.
    let flat = row[..row.len().min(1 << 23)].as_flattened();
    let (step, mut at) = (3 * PIXELS * L::GROUPS, 0);
    while at + step + 4 <= flat.len() {
        let samples = load::<L>(flat, at);
        let luma = samples.swizzle(red_green).dot16(first).add32(samples.swizzle(green_blue).dot16(second));
        sums = sums.add32(luma.add32(half).shift_right32::<16>());
        at += step;
    }
    for g in 0..L::GROUPS {
        let (lanes, bytes) = ([0, 4, 8, 12], sums.group(g));
        let lane = |i: usize| u64::from(u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]));
        *sum += lanes.map(lane).iter().sum::<u64>();
    }
    at / 3
}
