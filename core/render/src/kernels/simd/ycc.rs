//! Luma and chroma of rows of RGB pixels.

use super::entry;
use super::lanes::{Lanes, four, pair, sixteen};
use crate::kernels::ycc::{BLUE, OFFSET, Planes, RED};

/// Pixels of a group: four registers of four.
const PIXELS: usize = 16;

entry! {
    /// Converts two rows, chroma halved: how many pixels, from the first on.
    pub(crate) fn halved_rows(upper: &[u8], lower: &[u8], to: &mut Planes<'_>) = halved_in
}

entry! {
    /// Converts a row: how many pixels, from the first on.
    pub(crate) fn full_rows(row: &[u8], y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) = full_in
}

#[inline(always)]
fn halved_in<L: Lanes>(upper: &[u8], lower: &[u8], to: &mut Planes<'_>) -> usize {
    let factors = Factors::<L>::new();
    let (one, bias) = (L::splat16(1), L::splat32(pair(1, 2)));
    let count = PIXELS * L::GROUPS;
    let [y0, y1] = &mut to.y;
    let mut done = 0;
    while done + count <= y0.len() {
        let read = 3 * done..3 * (done + count) + 4;
        let rows = [&upper[read.clone()], &lower[read]];
        let (upper, lower) = (factors.of(rows[0]), factors.of(rows[1]));
        put(upper.luma(), &mut y0[done..done + count]);
        put(lower.luma(), &mut y1[done..done + count]);
        let chroma = means(upper.cb, lower.cb, one, bias).narrow16(means(upper.cr, lower.cr, one, bias));
        let half = PIXELS / 2;
        for g in 0..L::GROUPS {
            let (bytes, at) = (chroma.group(g), done / 2 + half * g);
            to.cb[at..at + half].copy_from_slice(&bytes[..half]);
            to.cr[at..at + half].copy_from_slice(&bytes[half..]);
        }
        done += count;
    }
    done
}

/// Means of two by two, in 16 bits.
#[inline(always)]
fn means<L: Lanes>(upper: [L; 4], lower: [L; 4], one: L, bias: L) -> L {
    let both = four(
        #[inline(always)]
        |at| upper[at].add32(lower[at]),
    );
    let sums = both[0].narrow32(both[1]).dot16(one).narrow32(both[2].narrow32(both[3]).dot16(one));
    sums.add16(bias).shift_right16::<2>()
}

#[inline(always)]
fn full_in<L: Lanes>(row: &[u8], y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) -> usize {
    let factors = Factors::<L>::new();
    let count = PIXELS * L::GROUPS;
    let mut done = 0;
    while done + count <= y.len() {
        let colors = factors.of(&row[3 * done..3 * (done + count) + 4]);
        put(colors.luma(), &mut y[done..done + count]);
        put(levels(colors.cb), &mut cb[done..done + count]);
        put(levels(colors.cr), &mut cr[done..done + count]);
        done += count;
    }
    done
}

/// Sixteen pixels a group, of which four are in each register.
struct Colors<L> {
    y: [L; 4],
    cb: [L; 4],
    cr: [L; 4],
}

impl<L: Lanes> Colors<L> {
    #[inline(always)]
    fn luma(&self) -> L {
        levels(self.y)
    }
}

#[inline(always)]
fn levels<L: Lanes>(four: [L; 4]) -> L {
    four[0].narrow32(four[1]).narrow16(four[2].narrow32(four[3]))
}

#[inline(always)]
fn put<L: Lanes>(levels: L, to: &mut [u8]) {
    for g in 0..L::GROUPS {
        to[PIXELS * g..PIXELS * (g + 1)].copy_from_slice(&levels.group(g));
    }
}

/// What a register of red and green by turns, and one of blue and green, are multiplied by.
struct Factors<L> {
    red_green: L,
    blue_green: L,
    y: [L; 2],
    cb: [L; 2],
    cr: [L; 2],
}

impl<L: Lanes> Factors<L> {
    #[inline(always)]
    fn new() -> Self {
        const NONE: u8 = 0x80;
        Self {
            red_green: L::repeat([0, NONE, 1, NONE, 3, NONE, 4, NONE, 6, NONE, 7, NONE, 9, NONE, 10, NONE]),
            blue_green: L::repeat([2, NONE, 1, NONE, 5, NONE, 4, NONE, 8, NONE, 7, NONE, 11, NONE, 10, NONE]),
            // Green's 38 470 has no room in 16 signed bits: it comes in two parts.
            y: [L::splat32(pair(19_595, 22_086)), L::splat32(pair(7_471, 16_384))],
            // A half of 2¹⁶ has room only as a negative: these sums are taken away.
            cb: [L::splat32(pair(BLUE[0], BLUE[1])), L::splat32(pair(i16::MIN, 0))],
            cr: [L::splat32(pair(i16::MIN, RED[0])), L::splat32(pair(RED[1], 0))],
        }
    }

    #[inline(always)]
    fn of(&self, row: &[u8]) -> Colors<L> {
        let (half, offset) = (L::splat32(1 << 15), L::splat32(OFFSET));
        let [first, second, third, last] = four(
            #[inline(always)]
            |at| {
                let pixels = L::groups(
                    #[inline(always)]
                    |g| sixteen(row, 3 * (PIXELS * g + 4 * at)),
                );
                let (rg, bg) = (pixels.swizzle(self.red_green), pixels.swizzle(self.blue_green));
                let y = sum(rg, bg, self.y).add32(half).shift_right32::<16>();
                let cb = offset.sub32(sum(rg, bg, self.cb)).shift_right32::<16>();
                let cr = offset.sub32(sum(rg, bg, self.cr)).shift_right32::<16>();
                (y, cb, cr)
            },
        );
        Colors {
            y: [first.0, second.0, third.0, last.0],
            cb: [first.1, second.1, third.1, last.1],
            cr: [first.2, second.2, third.2, last.2],
        }
    }
}

#[inline(always)]
fn sum<L: Lanes>(red_green: L, blue_green: L, factors: [L; 2]) -> L {
    red_green.dot16(factors[0]).add32(blue_green.dot16(factors[1]))
}
