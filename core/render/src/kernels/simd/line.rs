//! Bilinear samples of RGB images along straight lines.

use super::entry;
use super::lanes::{Lanes, MAX_GROUPS, bring_near, four, put_twelves};
use crate::kernels::bilinear::{FRACTION_BITS, HALF, ONE, Position, WEIGHT_BITS};

/// The samples of a register are less than so many pixels apart.
const MAX_REACH: i64 = 128 << FRACTION_BITS;

entry! {
    /// Samples along a line whose positions all have their four neighbors inside: how many, from the first on. What
    /// comes after them may be overwritten. What lies so many bytes ahead of them, if any, is brought near.
    pub(crate) fn rgb_line(
        data: &[u8],
        stride: usize,
        start: Position,
        step: Position,
        ahead: isize,
        out: &mut [[u8; 3]]
    ) = rgb_line_in
}

/// A pixel a lane: places and weights for all of them at once; then, of each group one pixel at a time, its colors
/// in the lanes. Ends where neighbors would be read past the end of the image.
#[inline(always)]
fn rgb_line_in<L: Lanes>(
    data: &[u8],
    stride: usize,
    start: Position,
    step: Position,
    ahead: isize,
    out: &mut [[u8; 3]],
) -> usize {
    let most = MAX_REACH / (4 * L::GROUPS as i64);
    let fits = |step: i64| -most < step && step < most;
    let (Ok(last), Ok(row)) = (i32::try_from(data.len() as i64 - stride as i64 - 16), i32::try_from(stride)) else {
        return 0;
    };
    if last < 0 || !fits(step.x) || !fits(step.y) {
        return 0;
    }
    let lanes = lane_numbers::<L>();
    let (along_x, along_y) = (lanes.mul32(L::splat32(step.x as i32)), lanes.mul32(L::splat32(step.y as i32)));
    let (last, row) = (L::splat32(last), L::splat32(row));
    let (all, mask, half) = (L::splat32((ONE * ONE) as i32), L::splat32(ONE as i32 - 1), L::splat32(HALF as i32));
    // The three colors one after the other, of each the left sample and the right one, as words.
    let by_color = L::repeat([0, 0x80, 3, 0x80, 1, 0x80, 4, 0x80, 2, 0x80, 5, 0x80, 0x80, 0x80, 0x80, 0x80]);
    let close_up = L::repeat([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80]);
    let pixel = [all_of::<L>(0), all_of::<L>(1), all_of::<L>(2), all_of::<L>(3)];

    #[expect(unsafe_code, reason = "the second row of an image that is longer than that")]
    // SAFETY: `last` is not negative, so that the data are longer than a row.
    let two_rows = unsafe { [data.as_ptr(), data.as_ptr().add(stride)] };

    let (count, total) = (4 * L::GROUPS, out.len());
    let (mut at, mut done) = (start, 0);
    let flat = out.as_flattened_mut();
    while done < total && count <= total {
        if total - done < count {
            // The last ones are made together with some that are there already: the same once more.
            let again = count - (total - done);
            done -= again;
            at = at.plus(step, -(again as i64));
        }
        let (x, y) = at.pixel();
        let fraction = |v: i64| (v & ((1 << FRACTION_BITS) - 1)) as i32;
        let x_lanes = L::splat32(fraction(at.x)).add32(along_x);
        let y_lanes = L::splat32(fraction(at.y)).add32(along_y);
        let (columns, rows) =
            (x_lanes.shift_right32::<FRACTION_BITS>(), y_lanes.shift_right32::<FRACTION_BITS>().mul32(row));
        let base = (y as i32).wrapping_mul(stride as i32).wrapping_add((x as i32).wrapping_mul(3));
        let places = L::splat32(base).add32(rows).add32(columns.add32(columns.add32(columns)));
        if places.or(last.sub32(places)).any_negative32() {
            break;
        }
        let right = x_lanes.shift_right32::<{ FRACTION_BITS - WEIGHT_BITS }>().and(mask);
        let lower = y_lanes.shift_right32::<{ FRACTION_BITS - WEIGHT_BITS }>().and(mask);
        // Weights of the four neighbors, which sum to `all`; then those of a row as words, left and right.
        let (right_all, lower_all) = (right.shift_left32::<WEIGHT_BITS>(), lower.shift_left32::<WEIGHT_BITS>());
        let lower_right = right.dot16(lower);
        let lower_left = lower_all.sub32(lower_right);
        let upper_right = right_all.sub32(lower_right);
        let upper_left = all.sub32(right_all).sub32(lower_left);
        let upper_weights = upper_left.or(upper_right.shift_left32::<16>());
        let lower_weights = lower_left.or(lower_right.shift_left32::<16>());

        let mut offsets = [[0; 4]; MAX_GROUPS];
        for (g, offsets) in offsets.iter_mut().enumerate().take(L::GROUPS) {
            *offsets = numbers(places.group(g));
            if ahead != 0 {
                bring_near(two_rows[1].wrapping_add(offsets[1] as usize).wrapping_offset(ahead));
            }
        }
        let sums = four(
            #[inline(always)]
            |i| {
                let at = [offsets[0][i], offsets[1][i], offsets[2][i], offsets[3][i]];
                #[expect(unsafe_code, reason = "reads whose places were compared")]
                // SAFETY: no place is negative or above `last`, from which 16 bytes of the lower row are left.
                let (upper, lower) = unsafe { (sixteens::<L>(two_rows[0], at), sixteens::<L>(two_rows[1], at)) };
                let upper = upper.swizzle(by_color).dot16(upper_weights.swizzle(pixel[i]));
                let lower = lower.swizzle(by_color).dot16(lower_weights.swizzle(pixel[i]));
                half.add32(upper).add32(lower).shift_right32::<{ 2 * WEIGHT_BITS }>()
            },
        );
        let levels = sums[0].narrow32(sums[1]).narrow16(sums[2].narrow32(sums[3])).swizzle(close_up);
        put_twelves(levels, &mut flat[3 * done..]);
        at = at.plus(step, count as i64);
        done += count;
    }
    done
}

/// 0, 1, 2, … in the 32-bit lanes.
#[inline(always)]
fn lane_numbers<L: Lanes>() -> L {
    L::halves(
        #[inline(always)]
        |g| [0, 2].map(|i| (4 * g as i64 + i) | ((4 * g as i64 + i + 1) << 32)),
    )
}

/// The places of one 32-bit lane, for all of its group.
#[inline(always)]
fn all_of<L: Lanes>(lane: u8) -> L {
    L::repeat(std::array::from_fn(|i| 4 * lane + i as u8 % 4))
}

#[inline(always)]
fn numbers(group: [u8; 16]) -> [u32; 4] {
    let (lanes, _) = group.as_chunks::<4>();
    [
        u32::from_le_bytes(lanes[0]),
        u32::from_le_bytes(lanes[1]),
        u32::from_le_bytes(lanes[2]),
        u32::from_le_bytes(lanes[3]),
    ]
}

/// Sixteen bytes a group, of which the first two pixels count, from places in a row and those after it.
///
/// # Safety
/// From each place on 16 bytes can be read.
#[inline(always)]
#[expect(unsafe_code, reason = "reads whose places are compared for a whole register at once")]
unsafe fn sixteens<L: Lanes>(row: *const u8, at: [u32; MAX_GROUPS]) -> L {
    L::groups(
        #[inline(always)]
        // SAFETY: as the caller says; any address will do for reads that need no alignment.
        |g| unsafe { row.add(at[g] as usize).cast::<[u8; 16]>().read_unaligned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Border, Size};
    use crate::image::{Channels, Image};
    use crate::kernels::bilinear::ScanLine;
    use crate::kernels::simd::tiers;

    #[test]
    fn vector_samples_equal_scalar_ones() {
        tiers::each(|| {
            let size = Size::new(61, 47);
            let mut image = Image::zeroed(size, Channels::Rgb);
            for (i, level) in image.samples_mut().iter_mut().enumerate() {
                // Runs of extremes and noise: sums reach both ends of their range.
                *level = if i % 97 < 40 { [0, 255][i / 97 % 2] } else { (i * i * 31 / 7) as u8 };
            }
            let line = ScanLine { source: &image, border: Border::Replicate, fill: [0; 4] };
            let mut vectors = 0;
            for case in 0..4000_i64 {
                // Two points inside, in 1/1000 pixels, and the samples between them; the last 1/128 of a pixel rounds out.
                let place = |k: i64, extent: i64| 500 + (case * 7919 + k * 104_729).rem_euclid((extent - 1) * 1000 - 8);
                let count = 2 + case % 60;
                let [x0, x1] = [place(1, 61), place(2, 61)];
                let [y0, y1] = [place(3, 47), place(4, 47)];
                let at = |a: i64| a as f64 / 1000.0;
                let start = Position::new(at(x0), at(y0));
                let step = Position::difference(at(x1 - x0) / count as f64, at(y1 - y0) / count as f64);
                let mut scalar = vec![[0; 3]; count as usize];
                line.inside_one_by_one(start, step, &mut scalar);
                let mut vector = scalar.clone();
                // Hints change nothing, wherever they point.
                let ahead = [0, 5 * image.stride() as isize, -70_000, isize::MAX][case as usize % 4];
                let done = rgb_line(image.samples(), image.stride(), start, step, ahead, &mut vector);
                vectors += done;
                assert_eq!(vector[..done], scalar[..done], "case {case}, {done} of {count} by vectors");
            }
            assert_eq!(vectors > 0, tiers::has_vectors(), "vectors are used where there are any");
        });
    }

    #[test]
    fn last_pixels_of_an_image_are_left_to_the_scalar_form() {
        tiers::each(|| {
            let image = Image::filled(Size::new(8, 2), Channels::Rgb, crate::image::Fill([10, 20, 30]));
            let mut out = [[0; 3]; 8];
            let (start, step) = (Position::new(0.5, 0.5), Position::difference(0.9, 0.0));
            let done = rgb_line(image.samples(), image.stride(), start, step, 0, &mut out);
            assert!(done < 8 && out[..done].iter().all(|pixel| *pixel == [10, 20, 30]), "{done}: {out:?}");
        });
    }
}
