//! The forward transform and the quantization of blocks side by side, one a group.

use super::entry;
use super::lanes::{Lanes, MAX_GROUPS, pair};
use crate::kernels::blocks::{BETWEEN, Block, POINT, Quantizer, SIDE, factor::*};

entry! {
    /// Transforms and quantizes a row of blocks: how many, from the first on.
    pub(crate) fn transform_side_by_side(plane: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) = transform_in
}

/// What the first pass takes from sums of eight samples for the 128 that a level shift takes from each.
const SHIFT: i16 = (128 * 8) << BETWEEN;

#[inline(always)]
fn transform_in<L: Lanes>(plane: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) -> usize {
    if plane.len() < 7 * stride + SIDE * blocks.len() {
        return 0;
    }
    let mut done = 0;
    for blocks in blocks.chunks_exact_mut(L::GROUPS) {
        let columns = columns::<L>(plane, stride, done * SIDE);
        let mut rows = one_way::<L, true>(columns);
        rows[0] = rows[0].sub16(L::splat16(SHIFT));
        let coefficients = one_way::<L, false>(transposed(rows));
        let mut present = [0u64; MAX_GROUPS];
        for y in (0..SIDE).step_by(2) {
            let levels = [quantized(coefficients[y], quantizer, y), quantized(coefficients[y + 1], quantizer, y + 1)];
            let zeros = levels[0].zeros16(levels[1]);
            for (g, block) in blocks.iter_mut().enumerate() {
                present[g] |= u64::from(!zeros[g]) << (y * SIDE);
                block.levels[y * SIDE..][..SIDE].copy_from_slice(&levels[0].words(g));
                block.levels[(y + 1) * SIDE..][..SIDE].copy_from_slice(&levels[1].words(g));
            }
        }
        for (g, block) in blocks.iter_mut().enumerate() {
            block.present = present[g];
        }
        done += L::GROUPS;
    }
    done
}

/// The eight columns of blocks, sample by sample down.
#[inline(always)]
fn columns<L: Lanes>(plane: &[u8], stride: usize, left: usize) -> [L; SIDE] {
    let by_turns = L::repeat([0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15]);
    let mut two_rows = [by_turns; 4];
    for (pair, rows) in two_rows.iter_mut().enumerate() {
        let at = 2 * pair * stride + left;
        let both = L::halves(
            #[inline(always)]
            |g| [eight(plane, at + SIDE * g), eight(plane, at + stride + SIDE * g)],
        );
        *rows = both.swizzle(by_turns);
    }
    let (upper, lower) = (
        (two_rows[0].zip_first16(two_rows[1]), two_rows[0].zip_last16(two_rows[1])),
        (two_rows[2].zip_first16(two_rows[3]), two_rows[2].zip_last16(two_rows[3])),
    );
    let two_columns = [
        upper.0.zip_first32(lower.0),
        upper.0.zip_last32(lower.0),
        upper.1.zip_first32(lower.1),
        upper.1.zip_last32(lower.1),
    ];
    let [a, b, c, d] = two_columns;
    [
        a.widen_first8(),
        a.widen_last8(),
        b.widen_first8(),
        b.widen_last8(),
        c.widen_first8(),
        c.widen_last8(),
        d.widen_first8(),
        d.widen_last8(),
    ]
}

/// Eight bytes of a plane that is known to reach so far.
#[inline(always)]
fn eight(from: &[u8], at: usize) -> i64 {
    debug_assert!(at + 8 <= from.len(), "the plane's length is compared for all of its blocks");
    #[expect(unsafe_code, reason = "reads that were compared for the whole plane at once")]
    // SAFETY: the caller has compared the plane's length with the last byte of its blocks; any address will do for a
    // read that needs no alignment.
    unsafe {
        from.as_ptr().add(at).cast::<i64>().read_unaligned()
    }
}

#[inline(always)]
fn transposed<L: Lanes>(r: [L; SIDE]) -> [L; SIDE] {
    let (mut first, mut last) = ([r[0]; 4], [r[0]; 4]);
    for at in 0..4 {
        first[at] = r[2 * at].zip_first16(r[2 * at + 1]);
        last[at] = r[2 * at].zip_last16(r[2 * at + 1]);
    }
    let four = [
        (first[0].zip_first32(first[1]), first[2].zip_first32(first[3])),
        (first[0].zip_last32(first[1]), first[2].zip_last32(first[3])),
        (last[0].zip_first32(last[1]), last[2].zip_first32(last[3])),
        (last[0].zip_last32(last[1]), last[2].zip_last32(last[3])),
    ];
    let [a, b, c, d] = four;
    [
        a.0.first_halves(a.1),
        a.0.last_halves(a.1),
        b.0.first_halves(b.1),
        b.0.last_halves(b.1),
        c.0.first_halves(c.1),
        c.0.last_halves(c.1),
        d.0.first_halves(d.1),
        d.0.last_halves(d.1),
    ]
}

/// The transform along the registers, in every lane by itself.
#[inline(always)]
fn one_way<L: Lanes, const FIRST: bool>(d: [L; SIDE]) -> [L; SIDE] {
    let [s0, s1, s2, s3] = [d[0].add16(d[7]), d[1].add16(d[6]), d[2].add16(d[5]), d[3].add16(d[4])];
    let [d4, d5, d6, d7] = [d[3].sub16(d[4]), d[2].sub16(d[5]), d[1].sub16(d[6]), d[0].sub16(d[7])];
    let [e0, e1, e2, e3] = [s0.add16(s3), s1.add16(s2), s1.sub16(s2), s0.sub16(s3)];
    let even = Zipped::of(e3, e2);
    let (z, outer, inner) = (Zipped::of(d4.add16(d6), d5.add16(d7)), Zipped::of(d4, d7), Zipped::of(d5, d6));
    let z3 = z.dot(F1_175 - F1_961, F1_175);
    let z4 = z.dot(F1_175, F1_175 - F0_390);
    [
        plain::<L, FIRST>(e0.add16(e1)),
        outer.dot(-F0_899, F1_501 - F0_899).add(z4).rounded::<FIRST>(),
        even.dot(F0_541 + F0_765, F0_541).rounded::<FIRST>(),
        inner.dot(-F2_562, F3_072 - F2_562).add(z3).rounded::<FIRST>(),
        plain::<L, FIRST>(e0.sub16(e1)),
        inner.dot(F2_053 - F2_562, -F2_562).add(z4).rounded::<FIRST>(),
        even.dot(F0_541, F0_541 - F1_847).rounded::<FIRST>(),
        outer.dot(F0_298 - F0_899, -F0_899).add(z3).rounded::<FIRST>(),
    ]
}

#[inline(always)]
fn plain<L: Lanes, const FIRST: bool>(sum: L) -> L {
    if FIRST {
        sum.shift_left16::<BETWEEN>()
    } else {
        sum.add16(L::splat16(1 << (BETWEEN - 1))).shift_right16::<BETWEEN>()
    }
}

/// The lanes of two registers by turns.
#[derive(Clone, Copy)]
struct Zipped<L>(L, L);

impl<L: Lanes> Zipped<L> {
    #[inline(always)]
    fn of(a: L, b: L) -> Self {
        Self(a.zip_first16(b), a.zip_last16(b))
    }

    /// Sums of products with one factor for the lanes of each register, in 32 bits.
    #[inline(always)]
    fn dot(self, a: i16, b: i16) -> Self {
        let factors = L::splat32(pair(a, b));
        Self(self.0.dot16(factors), self.1.dot16(factors))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.add32(other.0), self.1.add32(other.1))
    }

    /// Back in 16 bits.
    #[inline(always)]
    fn rounded<const FIRST: bool>(self) -> L {
        if FIRST { self.without::<{ POINT - BETWEEN }>() } else { self.without::<{ POINT + BETWEEN }>() }
    }

    #[inline(always)]
    fn without<const BITS: u32>(self) -> L {
        let half = L::splat32(1 << (BITS - 1));
        self.0.add32(half).shift_right32::<BITS>().narrow32(self.1.add32(half).shift_right32::<BITS>())
    }
}

/// A row of coefficients as levels.
#[inline(always)]
fn quantized<L: Lanes>(coefficients: L, quantizer: &Quantizer, y: usize) -> L {
    let [add, first, second] =
        [L::repeat(quantizer.vectors[0][y]), L::repeat(quantizer.vectors[1][y]), L::repeat(quantizer.vectors[2][y])];
    let sign = coefficients.shift_right16::<15>();
    let absolute = coefficients.xor(sign).sub16(sign);
    let level = absolute.add16(add).mul_high_unsigned16(first).mul_high_unsigned16(second);
    level.xor(sign).sub16(sign)
}
