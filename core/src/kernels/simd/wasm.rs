//! Kernels for WebAssembly with `simd128`.

use std::arch::wasm32::{
    i8x16, i16x8_narrow_i32x4, i32x4_add, i32x4_dot_i16x8, i32x4_splat, i64x2, u8x16_swizzle, u16x8_extend_high_u8x16,
    u16x8_extend_low_u8x16, u32x4_extract_lane, u32x4_shr,
};

use super::neighbours;
use crate::kernels::bilinear::{HALF, ONE, Position, WEIGHT_BITS};

/// A pixel at a time, its colours and rows in the lanes of a register.
pub(super) fn rgb_line(data: &[u8], stride: usize, start: Position, step: Position, out: &mut [[u8; 3]]) -> usize {
    // The three colours one after the other, of each the upper two samples and the lower two.
    let by_colour = i8x16(0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, -1, -1, -1, -1);
    let half = i32x4_splat(HALF as i32);
    let weights = |second: u32| i32x4_splat((ONE - second | second << 16) as i32);
    let mut at = start;
    for (done, target) in out.iter_mut().enumerate() {
        let ((column, row), (right, lower)) = (at.pixel(), at.weights());
        let Some((top, bottom)) = neighbours(data, row as usize * stride + column as usize * 3, stride) else {
            return done;
        };
        let samples = u8x16_swizzle(i64x2(top, bottom), by_colour);
        let (red_green, blue) = (u16x8_extend_low_u8x16(samples), u16x8_extend_high_u8x16(samples));
        let across = weights(right);
        let rows = i16x8_narrow_i32x4(i32x4_dot_i16x8(red_green, across), i32x4_dot_i16x8(blue, across));
        let sums = i32x4_add(i32x4_dot_i16x8(rows, weights(lower)), half);
        let levels = u32x4_shr(sums, 2 * WEIGHT_BITS);
        *target = [
            u32x4_extract_lane::<0>(levels) as u8,
            u32x4_extract_lane::<1>(levels) as u8,
            u32x4_extract_lane::<2>(levels) as u8,
        ];
        at = at.plus(step, 1);
    }
    out.len()
}
