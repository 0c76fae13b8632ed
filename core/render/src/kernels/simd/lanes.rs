//! What kernels ask of vector instructions, so that each is written once: registers of 16-byte groups that never mix.

/// A register. Methods are named after the lanes that they work on; places and sums never leave a group of 16 bytes.
pub(super) trait Lanes: Copy {
    /// Groups in a register.
    const GROUPS: usize;

    /// From the bytes of every group.
    fn groups(of: impl Fn(usize) -> [u8; 16]) -> Self;
    /// From the halves of every group.
    fn halves(of: impl Fn(usize) -> [i64; 2]) -> Self;
    /// From the 32-bit lane that fills every group.
    fn splats(of: impl Fn(usize) -> i32) -> Self;
    /// The bytes of a group.
    fn group(self, at: usize) -> [u8; 16];

    /// The bytes at places 0 to 15; zero for places from 128 on.
    fn swizzle(self, places: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn add8(self, other: Self) -> Self;
    fn add16(self, other: Self) -> Self;
    fn add32(self, other: Self) -> Self;
    fn sub32(self, other: Self) -> Self;
    /// The lower halves of products.
    fn mul32(self, other: Self) -> Self;
    /// Products of signed 16-bit lanes, those of neighbours added up in 32 bits.
    fn dot16(self, other: Self) -> Self;
    /// Products of bytes by bytes below 128, those of neighbours added up in 16 bits; sums stay below 2¹⁵.
    fn dot8(self, other: Self) -> Self;
    /// `(a·b + 2¹⁴) >> 15` of signed lanes; not of −2¹⁵ with itself.
    fn scale16(self, other: Self) -> Self;
    /// Sums of signed neighbours.
    fn add_neighbours8(self) -> Self;
    fn shift_left16<const BITS: u32>(self) -> Self;
    fn shift_left32<const BITS: u32>(self) -> Self;
    /// Of signed lanes.
    fn shift_right16<const BITS: u32>(self) -> Self;
    /// Of signed lanes.
    fn shift_right32<const BITS: u32>(self) -> Self;
    /// Of unsigned lanes.
    fn shift_right_unsigned32<const BITS: u32>(self) -> Self;
    /// The first eight bytes of every group as 16-bit lanes.
    fn widen_first8(self) -> Self;
    /// The last eight bytes of every group as 16-bit lanes.
    fn widen_last8(self) -> Self;
    /// Signed 32-bit lanes held within 16 bits: first these, then others.
    fn narrow32(self, then: Self) -> Self;
    /// Signed 16-bit lanes held within 0 to 255: first these, then others.
    fn narrow16(self, then: Self) -> Self;
    /// The first eight bytes of every group, then those of others.
    fn first_halves(self, then: Self) -> Self;

    /// Whether any signed lane is below zero.
    fn any_negative32(self) -> bool;

    /// The same bytes in every group.
    #[inline(always)]
    fn repeat(bytes: [u8; 16]) -> Self {
        Self::groups(|_| bytes)
    }

    /// The same number in every 16-bit lane.
    #[inline(always)]
    fn splat16(value: i16) -> Self {
        let [a, b] = value.to_le_bytes();
        Self::repeat([a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b])
    }

    /// The same number in every 32-bit lane.
    #[inline(always)]
    fn splat32(value: i32) -> Self {
        Self::splats(
            #[inline(always)]
            |_| value,
        )
    }
}

/// Two signed numbers as one 32-bit lane of two 16-bit ones.
#[inline(always)]
pub(super) fn pair(first: i16, second: i16) -> i32 {
    i32::from(first) & 0xFFFF | i32::from(second) << 16
}

/// The first twelve bytes of every group, one group after the other. The four bytes after them may be overwritten.
#[inline(always)]
pub(super) fn put_twelves<L: Lanes>(from: L, to: &mut [u8]) {
    for g in 0..L::GROUPS {
        let (bytes, to) = (from.group(g), &mut to[12 * g..]);
        // A whole group is one store.
        match to.first_chunk_mut::<16>() {
            Some(to) => *to = bytes,
            None => to[..12].copy_from_slice(&bytes[..12]),
        }
    }
}

/// Sixteen bytes from a place on.
#[inline(always)]
pub(super) fn sixteen(from: &[u8], at: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&from[at..at + 16]);
    bytes
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::Lanes;

    macro_rules! of_two {
        ($($name:ident = $instruction:ident;)*) => {
            $(
                #[inline(always)]
                fn $name(self, other: Self) -> Self {
                    #[expect(unsafe_code, reason = "an instruction of AVX2")]
                    // SAFETY: kernels over this register are called only where the processor has AVX2.
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
                    #[expect(unsafe_code, reason = "instructions of AVX2")]
                    // SAFETY: kernels over this register are called only where the processor has AVX2.
                    unsafe {
                        $instructions
                    }
                }
            )*
        };
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
            sub32 = _mm256_sub_epi32;
            mul32 = _mm256_mullo_epi32;
            dot16 = _mm256_madd_epi16;
            dot8 = _mm256_maddubs_epi16;
            scale16 = _mm256_mulhrs_epi16;
            narrow32 = _mm256_packs_epi32;
            narrow16 = _mm256_packus_epi16;
            first_halves = _mm256_unpacklo_epi64;
        }

        of_one! {
            add_neighbours8 = |v| _mm256_maddubs_epi16(_mm256_set1_epi8(1), v);
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
            #[expect(unsafe_code, reason = "instructions of AVX2")]
            // SAFETY: AVX2 as above.
            unsafe {
                _mm256_set_m128i(_mm_set_epi64x(d, c), _mm_set_epi64x(b, a))
            }
        }

        #[inline(always)]
        fn splats(of: impl Fn(usize) -> i32) -> Self {
            let (first, second) = (of(0), of(1));
            #[expect(unsafe_code, reason = "instructions of AVX2")]
            // SAFETY: AVX2 as above.
            unsafe {
                _mm256_set_m128i(_mm_set1_epi32(second), _mm_set1_epi32(first))
            }
        }

        #[inline(always)]
        fn any_negative32(self) -> bool {
            #[expect(unsafe_code, reason = "instructions of AVX2")]
            // SAFETY: AVX2 as above.
            let signs = unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(self)) };
            signs != 0
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
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use std::arch::wasm32::*;

    use super::Lanes;

    macro_rules! of_two {
        ($($name:ident = $instruction:expr;)*) => {
            $(
                #[inline(always)]
                fn $name(self, other: Self) -> Self {
                    $instruction(self, other)
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
                    $instructions
                }
            )*
        };
    }

    impl Lanes for v128 {
        const GROUPS: usize = 1;

        of_two! {
            swizzle = i8x16_swizzle;
            and = v128_and;
            or = v128_or;
            xor = v128_xor;
            add8 = i8x16_add;
            add16 = i16x8_add;
            add32 = i32x4_add;
            sub32 = i32x4_sub;
            mul32 = i32x4_mul;
            dot16 = i32x4_dot_i16x8;
            scale16 = i16x8_q15mulr_sat;
            narrow32 = i16x8_narrow_i32x4;
            narrow16 = u8x16_narrow_i16x8;
            first_halves = i64x2_shuffle::<0, 2>;
        }

        of_one! {
            add_neighbours8 = |v| i16x8_extadd_pairwise_i8x16(v);
            shift_left16<BITS> = |v| i16x8_shl(v, BITS);
            shift_left32<BITS> = |v| i32x4_shl(v, BITS);
            shift_right16<BITS> = |v| i16x8_shr(v, BITS);
            shift_right32<BITS> = |v| i32x4_shr(v, BITS);
            shift_right_unsigned32<BITS> = |v| u32x4_shr(v, BITS);
            widen_first8 = |v| u16x8_extend_low_u8x16(v);
            widen_last8 = |v| u16x8_extend_high_u8x16(v);
        }

        #[inline(always)]
        fn groups(of: impl Fn(usize) -> [u8; 16]) -> Self {
            let bytes = of(0);
            #[expect(unsafe_code, reason = "a load through a pointer")]
            // SAFETY: the array has the 16 bytes that are loaded.
            unsafe {
                v128_load(bytes.as_ptr().cast())
            }
        }

        #[inline(always)]
        fn halves(of: impl Fn(usize) -> [i64; 2]) -> Self {
            let [first, second] = of(0);
            i64x2(first, second)
        }

        #[inline(always)]
        fn splats(of: impl Fn(usize) -> i32) -> Self {
            i32x4_splat(of(0))
        }

        #[inline(always)]
        fn any_negative32(self) -> bool {
            i32x4_bitmask(self) != 0
        }

        #[inline(always)]
        fn dot8(self, other: Self) -> Self {
            let (first, last) = (u16x8_extmul_low_u8x16(self, other), u16x8_extmul_high_u8x16(self, other));
            i16x8_narrow_i32x4(u32x4_extadd_pairwise_u16x8(first), u32x4_extadd_pairwise_u16x8(last))
        }

        #[inline(always)]
        fn group(self, _: usize) -> [u8; 16] {
            let mut bytes = [0; 16];
            #[expect(unsafe_code, reason = "a store through a pointer")]
            // SAFETY: the array has room for the 16 bytes that are stored.
            unsafe {
                v128_store(bytes.as_mut_ptr().cast(), self);
            }
            bytes
        }
    }
}
