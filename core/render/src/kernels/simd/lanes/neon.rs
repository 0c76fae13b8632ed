//! A register of NEON, which every 64-bit Arm processor has.

use std::arch::aarch64::*;

use super::{Lanes, MAX_GROUPS};

/// What instructions give.
macro_rules! neon {
    ($value:expr) => {{
        #[expect(unsafe_code, reason = "instructions that every processor of this target has")]
        // SAFETY: they need nothing but NEON, and what they load or store is as long as a register.
        let value = unsafe { $value };
        value
    }};
}

/// The register as lanes of another kind, and back.
macro_rules! lanes {
    (s16 $value:expr) => {
        vreinterpretq_s16_u8($value)
    };
    (u16 $value:expr) => {
        vreinterpretq_u16_u8($value)
    };
    (s32 $value:expr) => {
        vreinterpretq_s32_u8($value)
    };
    (u32 $value:expr) => {
        vreinterpretq_u32_u8($value)
    };
    (u64 $value:expr) => {
        vreinterpretq_u64_u8($value)
    };
    (s8 $value:expr) => {
        vreinterpretq_s8_u8($value)
    };
    (of s16 $value:expr) => {
        vreinterpretq_u8_s16($value)
    };
    (of u16 $value:expr) => {
        vreinterpretq_u8_u16($value)
    };
    (of s32 $value:expr) => {
        vreinterpretq_u8_s32($value)
    };
    (of u32 $value:expr) => {
        vreinterpretq_u8_u32($value)
    };
    (of s64 $value:expr) => {
        vreinterpretq_u8_s64($value)
    };
    (of u64 $value:expr) => {
        vreinterpretq_u8_u64($value)
    };
}

/// Methods of two registers, each an instruction over lanes of a kind.
macro_rules! of_two {
    ($($name:ident = $lanes:tt $instruction:ident;)*) => {
        $(
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                neon!(lanes!(of $lanes $instruction(lanes!($lanes self), lanes!($lanes other))))
            }
        )*
    };
}

impl Lanes for uint8x16_t {
    const GROUPS: usize = 1;

    of_two! {
        add16 = u16 vaddq_u16;
        add32 = u32 vaddq_u32;
        sub16 = u16 vsubq_u16;
        sub32 = u32 vsubq_u32;
        mul32 = s32 vmulq_s32;
        scale16 = s16 vqrdmulhq_s16;
        first_halves = u64 vzip1q_u64;
        last_halves = u64 vzip2q_u64;
        zip_first16 = u16 vzip1q_u16;
        zip_last16 = u16 vzip2q_u16;
        zip_first32 = u32 vzip1q_u32;
        zip_last32 = u32 vzip2q_u32;
    }

    #[inline(always)]
    fn swizzle(self, places: Self) -> Self {
        neon!(vqtbl1q_u8(self, places))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        neon!(vandq_u8(self, other))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        neon!(vorrq_u8(self, other))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        neon!(veorq_u8(self, other))
    }

    #[inline(always)]
    fn add8(self, other: Self) -> Self {
        neon!(vaddq_u8(self, other))
    }

    #[inline(always)]
    fn dot16(self, other: Self) -> Self {
        neon!({
            let (a, b) = (lanes!(s16 self), lanes!(s16 other));
            let (first, last) = (vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
            lanes!(of s32 vpaddq_s32(first, last))
        })
    }

    #[inline(always)]
    fn mul_high_unsigned16(self, other: Self) -> Self {
        neon!({
            let (a, b) = (lanes!(u16 self), lanes!(u16 other));
            let (first, last) = (vmull_u16(vget_low_u16(a), vget_low_u16(b)), vmull_high_u16(a, b));
            lanes!(of u16 vcombine_u16(vshrn_n_u32::<16>(first), vshrn_n_u32::<16>(last)))
        })
    }

    #[inline(always)]
    fn narrow32(self, then: Self) -> Self {
        neon!(lanes!(of s16 vcombine_s16(vqmovn_s32(lanes!(s32 self)), vqmovn_s32(lanes!(s32 then)))))
    }

    #[inline(always)]
    fn narrow16(self, then: Self) -> Self {
        neon!(vcombine_u8(vqmovun_s16(lanes!(s16 self)), vqmovun_s16(lanes!(s16 then))))
    }

    #[inline(always)]
    fn add_neighbors8(self) -> Self {
        neon!(lanes!(of s16 vpaddlq_s8(lanes!(s8 self))))
    }

    // Shifts by a register: a negative number shifts to the right. The compiler makes immediates of them.
    #[inline(always)]
    fn shift_left16<const BITS: u32>(self) -> Self {
        neon!(lanes!(of u16 vshlq_u16(lanes!(u16 self), vdupq_n_s16(BITS as i16))))
    }

    #[inline(always)]
    fn shift_left32<const BITS: u32>(self) -> Self {
        neon!(lanes!(of u32 vshlq_u32(lanes!(u32 self), vdupq_n_s32(BITS as i32))))
    }

    #[inline(always)]
    fn shift_right16<const BITS: u32>(self) -> Self {
        neon!(lanes!(of s16 vshlq_s16(lanes!(s16 self), vdupq_n_s16(-(BITS as i16)))))
    }

    #[inline(always)]
    fn shift_right32<const BITS: u32>(self) -> Self {
        neon!(lanes!(of s32 vshlq_s32(lanes!(s32 self), vdupq_n_s32(-(BITS as i32)))))
    }

    #[inline(always)]
    fn shift_right_unsigned32<const BITS: u32>(self) -> Self {
        neon!(lanes!(of u32 vshlq_u32(lanes!(u32 self), vdupq_n_s32(-(BITS as i32)))))
    }

    #[inline(always)]
    fn widen_first8(self) -> Self {
        neon!(lanes!(of u16 vmovl_u8(vget_low_u8(self))))
    }

    #[inline(always)]
    fn widen_last8(self) -> Self {
        neon!(lanes!(of u16 vmovl_high_u8(self)))
    }

    #[inline(always)]
    fn groups(of: impl Fn(usize) -> [u8; 16]) -> Self {
        let bytes = of(0);
        neon!(vld1q_u8(bytes.as_ptr()))
    }

    #[inline(always)]
    fn halves(of: impl Fn(usize) -> [i64; 2]) -> Self {
        neon!({
            let [first, second] = of(0);
            lanes!(of s64 vcombine_s64(vcreate_s64(first as u64), vcreate_s64(second as u64)))
        })
    }

    #[inline(always)]
    fn splats(of: impl Fn(usize) -> i32) -> Self {
        neon!(lanes!(of s32 vdupq_n_s32(of(0))))
    }

    #[inline(always)]
    fn any_negative32(self) -> bool {
        neon!(vminvq_s32(lanes!(s32 self)) < 0)
    }

    #[inline(always)]
    fn words(self, _: usize) -> [i16; 8] {
        let mut words = [0; 8];
        neon!(vst1q_s16(words.as_mut_ptr(), lanes!(s16 self)));
        words
    }

    #[inline(always)]
    fn zeros16(self, then: Self) -> [u16; MAX_GROUPS] {
        neon!({
            let bits = vcreate_u8(0x8040_2010_0804_0201);
            let zeros = |lanes| u16::from(vaddv_u8(vand_u8(vmovn_u16(vceqzq_u16(lanes)), bits)));
            [zeros(lanes!(u16 self)) | zeros(lanes!(u16 then)) << 8, 0, 0, 0]
        })
    }

    #[inline(always)]
    fn group(self, _: usize) -> [u8; 16] {
        let mut bytes = [0; 16];
        neon!(vst1q_u8(bytes.as_mut_ptr(), self));
        bytes
    }
}
