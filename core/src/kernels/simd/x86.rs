//! Kernels for x86-64 with AVX2.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi64x, _mm_setr_epi8, _mm256_add_epi32,
    _mm256_add_epi64, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_castsi256_si128, _mm256_extracti128_si256,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mul_epu32, _mm256_or_si256, _mm256_packus_epi16,
    _mm256_packus_epi32, _mm256_permute4x64_epi64, _mm256_set_epi64x, _mm256_set_m128i, _mm256_set1_epi32,
    _mm256_set1_epi64x, _mm256_shuffle_epi8, _mm256_slli_epi64, _mm256_srli_epi32, _mm256_srli_epi64, _mm256_sub_epi64,
};

use super::neighbours;
use crate::kernels::bilinear::{FRACTION_BITS, HALF, ONE, Position, WEIGHT_BITS};

/// Four pixels at a time: positions in 64-bit lanes, two pixels' neighbours in the two halves of a register.
#[target_feature(enable = "avx2")]
pub(super) fn rgb_line(data: &[u8], stride: usize, start: Position, step: Position, out: &mut [[u8; 3]]) -> usize {
    let four = |of: [i64; 4]| _mm256_set_epi64x(of[3], of[2], of[1], of[0]);
    let first = [0, 1, 2, 3].map(|i| start.plus(step, i));
    let (mut x, mut y) = (four(first.map(|at| at.x)), four(first.map(|at| at.y)));
    let ahead = Position { x: 0, y: 0 }.plus(step, 4);
    let (ahead_x, ahead_y) = (_mm256_set1_epi64x(ahead.x), _mm256_set1_epi64x(ahead.y));
    let stride_lanes = _mm256_set1_epi64x(stride as i64);
    let both = |half: __m128i| _mm256_broadcastsi128_si256(half);
    // The three colours one after the other, of each the upper two samples and the lower two.
    let by_colour = both(_mm_setr_epi8(0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, -1, -1, -1, -1));
    let across = both(_mm_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1));
    let down = both(_mm_setr_epi8(4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7));
    let close_up = both(_mm_setr_epi8(0, 1, 2, 4, 5, 6, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    let half = _mm256_set1_epi32(HALF as i32);

    let mut done = 0;
    let (quads, _) = out.as_chunks_mut::<4>();
    for quad in quads {
        let offsets = offsets(x, y, stride_lanes);
        let (Some(a), Some(b), Some(c), Some(d)) = (
            load(data, offsets[0], stride),
            load(data, offsets[1], stride),
            load(data, offsets[2], stride),
            load(data, offsets[3], stride),
        ) else {
            break;
        };
        let weights = weights(x, y);
        let mix = |low, high, weights| {
            let samples = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), by_colour);
            let rows = _mm256_maddubs_epi16(samples, _mm256_shuffle_epi8(weights, across));
            let sums = _mm256_madd_epi16(rows, _mm256_shuffle_epi8(weights, down));
            _mm256_srli_epi32::<{ 2 * WEIGHT_BITS as i32 }>(_mm256_add_epi32(sums, half))
        };
        let first_two = mix(a, b, _mm256_permute4x64_epi64::<0b01_01_00_00>(weights));
        let last_two = mix(c, d, _mm256_permute4x64_epi64::<0b11_11_10_10>(weights));
        // The low half ends with pixels 0 and 2, the high half with 1 and 3.
        let words = _mm256_packus_epi32(first_two, last_two);
        let bytes = _mm256_shuffle_epi8(_mm256_packus_epi16(words, words), close_up);
        let even = _mm_cvtsi128_si64(_mm256_castsi256_si128(bytes)).to_le_bytes();
        let odd = _mm_cvtsi128_si64(_mm256_extracti128_si256::<1>(bytes)).to_le_bytes();
        *quad = [
            [even[0], even[1], even[2]],
            [odd[0], odd[1], odd[2]],
            [even[3], even[4], even[5]],
            [odd[3], odd[4], odd[5]],
        ];
        (x, y) = (_mm256_add_epi64(x, ahead_x), _mm256_add_epi64(y, ahead_y));
        done += 4;
    }
    done
}

/// Where the upper left neighbours of four positions begin.
#[inline]
#[target_feature(enable = "avx2")]
fn offsets(x: __m256i, y: __m256i, stride: __m256i) -> [usize; 4] {
    let column = _mm256_srli_epi64::<{ FRACTION_BITS as i32 }>(x);
    let row = _mm256_srli_epi64::<{ FRACTION_BITS as i32 }>(y);
    let in_row = _mm256_add_epi64(column, _mm256_add_epi64(column, column));
    let offset = _mm256_add_epi64(_mm256_mul_epu32(row, stride), in_row);
    let (low, high) = (_mm256_castsi256_si128(offset), _mm256_extracti128_si256::<1>(offset));
    [_mm_cvtsi128_si64(low), _mm_extract_epi64::<1>(low), _mm_cvtsi128_si64(high), _mm_extract_epi64::<1>(high)]
        .map(|offset| offset as usize)
}

/// In each of four lanes the weights of a position: left and right as bytes 0 and 1, upper and lower as words 2 and 3.
#[inline]
#[target_feature(enable = "avx2")]
fn weights(x: __m256i, y: __m256i) -> __m256i {
    let (one, mask) = (_mm256_set1_epi64x(ONE.into()), _mm256_set1_epi64x((ONE - 1).into()));
    let weight = |v| _mm256_and_si256(_mm256_srli_epi64::<{ (FRACTION_BITS - WEIGHT_BITS) as i32 }>(v), mask);
    let (right, lower) = (weight(x), weight(y));
    let (left, upper) = (_mm256_sub_epi64(one, right), _mm256_sub_epi64(one, lower));
    let across = _mm256_or_si256(left, _mm256_slli_epi64::<8>(right));
    let down = _mm256_or_si256(_mm256_slli_epi64::<32>(upper), _mm256_slli_epi64::<48>(lower));
    _mm256_or_si256(across, down)
}

/// The upper neighbours in the low half, the lower ones in the high half.
#[inline]
#[target_feature(enable = "avx2")]
fn load(data: &[u8], at: usize, stride: usize) -> Option<__m128i> {
    let (upper, lower) = neighbours(data, at, stride)?;
    Some(_mm_set_epi64x(lower, upper))
}
