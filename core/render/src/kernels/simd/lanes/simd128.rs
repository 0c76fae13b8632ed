//! A register of simd128 in WebAssembly.

use std::arch::wasm32::*;

use super::{Lanes, MAX_GROUPS};

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
        sub16 = i16x8_sub;
        sub32 = i32x4_sub;
        mul32 = i32x4_mul;
        dot16 = i32x4_dot_i16x8;
        scale16 = i16x8_q15mulr_sat;
        narrow32 = i16x8_narrow_i32x4;
        narrow16 = u8x16_narrow_i16x8;
        first_halves = i64x2_shuffle::<0, 2>;
        last_halves = i64x2_shuffle::<1, 3>;
        zip_first16 = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>;
        zip_last16 = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>;
        zip_first32 = i32x4_shuffle::<0, 4, 1, 5>;
        zip_last32 = i32x4_shuffle::<2, 6, 3, 7>;
    }

    of_one! {
        add_neighbors8 = |v| i16x8_extadd_pairwise_i8x16(v);
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
    fn words(self, _: usize) -> [i16; 8] {
        let mut words = [0; 8];
        #[expect(unsafe_code, reason = "a store through a pointer")]
        // SAFETY: the array has room for the 16 bytes that are stored.
        unsafe {
            v128_store(words.as_mut_ptr().cast(), self);
        }
        words
    }

    #[inline(always)]
    fn zeros16(self, then: Self) -> [u16; MAX_GROUPS] {
        let (first, last) = (i16x8_eq(self, i16x8_splat(0)), i16x8_eq(then, i16x8_splat(0)));
        [i8x16_bitmask(i8x16_narrow_i16x8(first, last)), 0, 0, 0]
    }

    #[inline(always)]
    fn mul_high_unsigned16(self, other: Self) -> Self {
        let (first, last) = (u32x4_extmul_low_u16x8(self, other), u32x4_extmul_high_u16x8(self, other));
        i16x8_shuffle::<1, 3, 5, 7, 9, 11, 13, 15>(first, last)
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
