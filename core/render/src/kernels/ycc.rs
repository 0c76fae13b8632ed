//! Colors as luma and chroma, as JPEG has them (ITU-T T.871), in libjpeg's 16-bit fixed point.

use super::simd::ycc::{full_rows, halved_rows};
use crate::image::luma;

/// Factors of red and green for both chroma; the remaining one is a half.
pub(super) const BLUE: [i16; 2] = [11_059, 21_709];
/// Factors of green and blue.
pub(super) const RED: [i16; 2] = [27_439, 5_329];
/// 128 and what rounds, a crumb below a half so that 255 is the most.
pub(super) const OFFSET: i32 = (128 << 16) + (1 << 15) - 1;

/// Where luma and chroma of two rows of pixels go.
#[derive(Debug)]
pub(crate) struct Planes<'a> {
    pub y: [&'a mut [u8]; 2],
    pub cb: &'a mut [u8],
    pub cr: &'a mut [u8],
}

/// Two rows of RGB pixels: luma of both, chroma averaged over two by two pixels. Halves are rounded down and up by
/// turns. The rows have an even number of pixels, as many as luma, and four bytes to spare.
pub(crate) fn halved(mut upper: &[u8], mut lower: &[u8], to: Planes<'_>) {
    let Planes { y: [mut y0, mut y1], mut cb, mut cr } = to;
    loop {
        let mut to = Planes { y: [&mut *y0, &mut *y1], cb: &mut *cb, cr: &mut *cr };
        let done = halved_rows(upper, lower, &mut to);
        if done == 0 {
            return halved_one_by_one(upper, lower, 0, to);
        }
        // What is left of wide registers may fill narrower ones.
        (upper, lower) = (&upper[3 * done..], &lower[3 * done..]);
        (y0, y1) = (&mut y0[done..], &mut y1[done..]);
        (cb, cr) = (&mut cb[done / 2..], &mut cr[done / 2..]);
    }
}

fn halved_one_by_one(upper: &[u8], lower: &[u8], from: usize, to: Planes<'_>) {
    let width = to.y[0].len();
    for left in (from..width).step_by(2) {
        let (mut blue, mut red) = (0, 0);
        for (row, y) in [upper, lower].into_iter().zip([0, 1]) {
            for x in [left, left + 1] {
                let [luma, cb, cr] = converted(&row[3 * x..3 * x + 3]);
                to.y[y][x] = luma;
                blue += u16::from(cb);
                red += u16::from(cr);
            }
        }
        let at = left / 2;
        let round = 1 + at as u16 % 2;
        to.cb[at] = ((blue + round) >> 2) as u8;
        to.cr[at] = ((red + round) >> 2) as u8;
    }
}

/// A row of RGB pixels as luma and chroma of as many. The row has four bytes to spare.
pub(crate) fn full(row: &[u8], y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    let mut at = 0;
    while at < y.len() {
        let done = full_rows(&row[3 * at..], &mut y[at..], &mut cb[at..], &mut cr[at..]);
        if done == 0 {
            return full_one_by_one(row, at, y, cb, cr);
        }
        at += done;
    }
}

/// A row of RGB pixels as luma, and chroma averaged over two pixels beside each other; `whole` has room for that of as
/// many pixels as the row has. Halves are rounded down and up by turns.
pub(crate) fn halved_across(row: &[u8], y: &mut [u8], chroma: [&mut [u8]; 2], whole: &mut [Vec<u8>; 2]) {
    let [cb, cr] = whole;
    full(row, y, cb, cr);
    for (to, from) in chroma.into_iter().zip(whole) {
        for (at, (to, pair)) in to.iter_mut().zip(from.as_chunks::<2>().0).enumerate() {
            *to = ((u16::from(pair[0]) + u16::from(pair[1]) + at as u16 % 2) >> 1) as u8;
        }
    }
}

fn full_one_by_one(row: &[u8], from: usize, y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    for at in from..y.len() {
        [y[at], cb[at], cr[at]] = converted(&row[3 * at..3 * at + 3]);
    }
}

fn converted(pixel: &[u8]) -> [u8; 3] {
    let [r, g, b] = [0, 1, 2].map(|c| i32::from(pixel[c]));
    let of = |factor: i16, level: i32| i32::from(factor) * level;
    let cb = (OFFSET - of(BLUE[0], r) - of(BLUE[1], g) + (b << 15)) >> 16;
    let cr = (OFFSET + (r << 15) - of(RED[0], g) - of(RED[1], b)) >> 16;
    [luma(pixel[0], pixel[1], pixel[2]), cb as u8, cr as u8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::tiers;

    fn rows(width: usize, case: usize) -> [Vec<u8>; 2] {
        [1, 2].map(|row| {
            let level = |at: usize| {
                if (at / 9).is_multiple_of(3) {
                    [0, 255][(at * row + case) % 2]
                } else {
                    (at * at * 31 / 7 * row + case) as u8
                }
            };
            (0..3 * width + 4).map(level).collect()
        })
    }

    #[test]
    fn vectors_convert_as_single_pixels_do() {
        type Made = [Vec<u8>; 4];
        let made = |width: usize, convert: &dyn Fn(&mut Made)| {
            let mut made = [width, width, width, width].map(|length| vec![0; length]);
            convert(&mut made);
            made
        };
        for case in 0..40 {
            let width = [32, 64, 160, 48][case % 4];
            let [upper, lower] = rows(width, case);
            fn planes([y0, y1, cb, cr]: &mut Made) -> Planes<'_> {
                let half = y0.len() / 2;
                Planes { y: [y0, y1], cb: &mut cb[..half], cr: &mut cr[..half] }
            }
            let by_pixels = made(width, &|made| halved_one_by_one(&upper, &lower, 0, planes(made)));
            let full_by_pixels = made(width, &|[y, _, cb, cr]| full_one_by_one(&lower, 0, y, cb, cr));
            tiers::each(|| {
                assert_eq!(made(width, &|made| halved(&upper, &lower, planes(made))), by_pixels, "halved, case {case}");
                let full = made(width, &|[y, _, cb, cr]| full(&lower, y, cb, cr));
                assert_eq!(full, full_by_pixels, "full, case {case}");
                made(width, &|made| {
                    let done = halved_rows(&upper, &lower, &mut planes(made));
                    assert_eq!(done > 0, tiers::has_vectors(), "vectors are used");
                });
            });
        }
    }
}
