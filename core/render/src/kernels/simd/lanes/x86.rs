//! Registers of x86-64: AVX2, and AVX-512.

use std::arch::x86_64::*;

use super::{Lanes, MAX_GROUPS};

macro_rules! of_two {
    ($($name:ident = $instruction:ident;)*) => {
        $(
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                #[expect(unsafe_code, reason = "a vector instruction")]
                // SAFETY: kernels over a register are called only where the processor has its instructions.
                unsafe {
                    $instruction(self, other)
                }
            }
        )*
    };
}

macro_rules! of_one {
    ($($name:ident $(<$bits:ident>)? = |$value:ident| $instructions:expr;)*) => {
        $(
            #[inline(always)]
            fn $name $(<const $bits: u32>)? (self) -> Self {
                let $value = self;
                #[expect(unsafe_code, reason = "vector instructions")]
                // SAFETY: kernels over a register are called only where the processor has its instructions.
                unsafe {
                    $instructions
                }
            }
        )*
    };
}

#[inline(always)]
pub(super) fn bring_near(at: *const u8) {
    #[expect(unsafe_code, reason = "an instruction that takes an address")]
    // SAFETY: a hint, which neither reads nor fails at any address; every x86-64 has it.
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
}

impl Lanes for __m256i {
    const GROUPS: usize = 2;

    of_two! {
        swizzle = _mm256_shuffle_epi8;
        and = _mm256_and_si256;
        or = _mm256_or_si256;
        xor = _mm256_xor_si256;
        add8 = _mm256_add_epi8;
        add16 = _mm256_add_epi16;
        add32 = _mm256_add_epi32;
        sub16 = _mm256_sub_epi16;
        sub32 = _mm256_sub_epi32;
        mul_high_unsigned16 = _mm256_mulhi_epu16;
        mul32 = _mm256_mullo_epi32;
        dot16 = _mm256_madd_epi16;
        scale16 = _mm256_mulhrs_epi16;
        narrow32 = _mm256_packs_epi32;
        narrow16 = _mm256_packus_epi16;
        first_halves = _mm256_unpacklo_epi64;
        last_halves = _mm256_unpackhi_epi64;
        zip_first16 = _mm256_unpacklo_epi16;
        zip_last16 = _mm256_unpackhi_epi16;
        zip_first32 = _mm256_unpacklo_epi32;
        zip_last32 = _mm256_unpackhi_epi32;
    }

    of_one! {
        add_neighbors8 = |v| _mm256_maddubs_epi16(_mm256_set1_epi8(1), v);
        shift_left16<BITS> = |v| _mm256_sll_epi16(v, _mm_cvtsi32_si128(BITS as i32));
        shift_left32<BITS> = |v| _mm256_sll_epi32(v, _mm_cvtsi32_si128(BITS as i32));
        shift_right16<BITS> = |v| _mm256_sra_epi16(v, _mm_cvtsi32_si128(BITS as i32));
        shift_right32<BITS> = |v| _mm256_sra_epi32(v, _mm_cvtsi32_si128(BITS as i32));
        shift_right_unsigned32<BITS> = |v| _mm256_srl_epi32(v, _mm_cvtsi32_si128(BITS as i32));
        widen_first8 = |v| _mm256_unpacklo_epi8(v, _mm256_setzero_si256());
        widen_last8 = |v| _mm256_unpackhi_epi8(v, _mm256_setzero_si256());
    }

    #[inline(always)]
    fn groups(of: impl Fn(usize) -> [u8; 16]) -> Self {
        let (first, second) = (of(0), of(1));
        #[expect(unsafe_code, reason = "instructions of AVX2, and loads through pointers")]
        // SAFETY: AVX2 as above; each array has the 16 bytes that are loaded.
        unsafe {
            _mm256_set_m128i(_mm_loadu_si128(second.as_ptr().cast()), _mm_loadu_si128(first.as_ptr().cast()))
        }
    }

    #[inline(always)]
    fn halves(of: impl Fn(usize) -> [i64; 2]) -> Self {
        let ([a, b], [c, d]) = (of(0), of(1));
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX2 as above.
        unsafe {
            _mm256_set_m128i(_mm_set_epi64x(d, c), _mm_set_epi64x(b, a))
        }
    }

    #[inline(always)]
    fn splats(of: impl Fn(usize) -> i32) -> Self {
        let (first, second) = (of(0), of(1));
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX2 as above.
        unsafe {
            _mm256_set_m128i(_mm_set1_epi32(second), _mm_set1_epi32(first))
        }
    }

    #[inline(always)]
    fn any_negative32(self) -> bool {
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX2 as above.
        let signs = unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(self)) };
        signs != 0
    }

    #[inline(always)]
    fn words(self, at: usize) -> [i16; 8] {
        let mut words = [0; 8];
        #[expect(unsafe_code, reason = "instructions of AVX2, and a store through a pointer")]
        // SAFETY: AVX2 as above; the array has room for the 16 bytes that are stored.
        unsafe {
            let half = if at == 0 { _mm256_castsi256_si128(self) } else { _mm256_extracti128_si256::<1>(self) };
            _mm_storeu_si128(words.as_mut_ptr().cast(), half);
        }
        words
    }

    #[inline(always)]
    fn zeros16(self, then: Self) -> [u16; MAX_GROUPS] {
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX2 as above.
        let bits = unsafe {
            let zero = _mm256_setzero_si256();
            let (first, last) = (_mm256_cmpeq_epi16(self, zero), _mm256_cmpeq_epi16(then, zero));
            _mm256_movemask_epi8(_mm256_packs_epi16(first, last)) as u32
        };
        [bits as u16, (bits >> 16) as u16, 0, 0]
    }

    #[inline(always)]
    fn group(self, at: usize) -> [u8; 16] {
        let mut bytes = [0; 16];
        #[expect(unsafe_code, reason = "instructions of AVX2, and a store through a pointer")]
        // SAFETY: AVX2 as above; the array has room for the 16 bytes that are stored.
        unsafe {
            let half = if at == 0 { _mm256_castsi256_si128(self) } else { _mm256_extracti128_si256::<1>(self) };
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), half);
        }
        bytes
    }
}

impl Lanes for __m512i {
    const GROUPS: usize = 4;

    of_two! {
        swizzle = _mm512_shuffle_epi8;
        and = _mm512_and_si512;
        or = _mm512_or_si512;
        xor = _mm512_xor_si512;
        add8 = _mm512_add_epi8;
        add16 = _mm512_add_epi16;
        add32 = _mm512_add_epi32;
        sub16 = _mm512_sub_epi16;
        sub32 = _mm512_sub_epi32;
        mul_high_unsigned16 = _mm512_mulhi_epu16;
        mul32 = _mm512_mullo_epi32;
        dot16 = _mm512_madd_epi16;
        scale16 = _mm512_mulhrs_epi16;
        narrow32 = _mm512_packs_epi32;
        narrow16 = _mm512_packus_epi16;
        first_halves = _mm512_unpacklo_epi64;
        last_halves = _mm512_unpackhi_epi64;
        zip_first16 = _mm512_unpacklo_epi16;
        zip_last16 = _mm512_unpackhi_epi16;
        zip_first32 = _mm512_unpacklo_epi32;
        zip_last32 = _mm512_unpackhi_epi32;
    }

    of_one! {
        add_neighbors8 = |v| _mm512_maddubs_epi16(_mm512_set1_epi8(1), v);
        shift_left16<BITS> = |v| _mm512_sll_epi16(v, _mm_cvtsi32_si128(BITS as i32));
        shift_left32<BITS> = |v| _mm512_sll_epi32(v, _mm_cvtsi32_si128(BITS as i32));
        shift_right16<BITS> = |v| _mm512_sra_epi16(v, _mm_cvtsi32_si128(BITS as i32));
        shift_right32<BITS> = |v| _mm512_sra_epi32(v, _mm_cvtsi32_si128(BITS as i32));
        shift_right_unsigned32<BITS> = |v| _mm512_srl_epi32(v, _mm_cvtsi32_si128(BITS as i32));
        widen_first8 = |v| _mm512_unpacklo_epi8(v, _mm512_setzero_si512());
        widen_last8 = |v| _mm512_unpackhi_epi8(v, _mm512_setzero_si512());
    }

    #[inline(always)]
    fn groups(of: impl Fn(usize) -> [u8; 16]) -> Self {
        let (a, b, c, d) = (of(0), of(1), of(2), of(3));
        #[expect(unsafe_code, reason = "vector instructions, and loads through pointers")]
        // SAFETY: AVX-512 as above; each array has the 16 bytes that are loaded.
        unsafe {
            together([
                _mm_loadu_si128(a.as_ptr().cast()),
                _mm_loadu_si128(b.as_ptr().cast()),
                _mm_loadu_si128(c.as_ptr().cast()),
                _mm_loadu_si128(d.as_ptr().cast()),
            ])
        }
    }

    #[inline(always)]
    fn halves(of: impl Fn(usize) -> [i64; 2]) -> Self {
        let ([a, b], [c, d], [e, f], [g, h]) = (of(0), of(1), of(2), of(3));
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX-512 as above.
        unsafe {
            together([_mm_set_epi64x(b, a), _mm_set_epi64x(d, c), _mm_set_epi64x(f, e), _mm_set_epi64x(h, g)])
        }
    }

    #[inline(always)]
    fn splats(of: impl Fn(usize) -> i32) -> Self {
        let (a, b, c, d) = (of(0), of(1), of(2), of(3));
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX-512 as above.
        unsafe {
            together([_mm_set1_epi32(a), _mm_set1_epi32(b), _mm_set1_epi32(c), _mm_set1_epi32(d)])
        }
    }

    #[inline(always)]
    fn splat32(value: i32) -> Self {
        #[expect(unsafe_code, reason = "a vector instruction")]
        // SAFETY: AVX-512 as above.
        unsafe {
            _mm512_set1_epi32(value)
        }
    }

    #[inline(always)]
    fn any_negative32(self) -> bool {
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX-512 as above.
        let negative = unsafe { _mm512_cmplt_epi32_mask(self, _mm512_setzero_si512()) };
        negative != 0
    }

    #[inline(always)]
    fn words(self, at: usize) -> [i16; 8] {
        let mut words = [0; 8];
        #[expect(unsafe_code, reason = "vector instructions, and a store through a pointer")]
        // SAFETY: AVX-512 as above; the array has room for the 16 bytes that are stored.
        unsafe {
            _mm_storeu_si128(words.as_mut_ptr().cast(), part(self, at));
        }
        words
    }

    #[inline(always)]
    fn zeros16(self, then: Self) -> [u16; MAX_GROUPS] {
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: AVX-512 as above.
        let (first, last) = unsafe {
            let zero = _mm512_setzero_si512();
            (_mm512_cmpeq_epi16_mask(self, zero), _mm512_cmpeq_epi16_mask(then, zero))
        };
        let [first, last] = [first.to_le_bytes(), last.to_le_bytes()];
        [0, 1, 2, 3].map(|g| u16::from_le_bytes([first[g], last[g]]))
    }

    #[inline(always)]
    fn group(self, at: usize) -> [u8; 16] {
        let mut bytes = [0; 16];
        #[expect(unsafe_code, reason = "vector instructions, and a store through a pointer")]
        // SAFETY: AVX-512 as above; the array has room for the 16 bytes that are stored.
        unsafe {
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), part(self, at));
        }
        bytes
    }
}

/// Four groups as one register.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn together(groups: [__m128i; 4]) -> __m512i {
    let first = _mm512_castsi256_si512(_mm256_set_m128i(groups[1], groups[0]));
    _mm512_inserti64x4::<1>(first, _mm256_set_m128i(groups[3], groups[2]))
}

/// One group of a register.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn part(register: __m512i, at: usize) -> __m128i {
    match at {
        0 => _mm512_castsi512_si128(register),
        1 => _mm512_extracti32x4_epi32::<1>(register),
        2 => _mm512_extracti32x4_epi32::<2>(register),
        _ => _mm512_extracti32x4_epi32::<3>(register),
    }
}
