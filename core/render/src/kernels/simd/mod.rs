//! Kernels in vector instructions: each gives the very bytes of its scalar form, which does the rest and is its oracle.
//!
//! The only room with `unsafe`: a function that is compiled for instructions may be called only where they exist.
//! A kernel over [`lanes::Lanes`] is written once for AVX-512, AVX2, NEON and simd128, and says how much it did; the plain loops of
//! [`loops`] are left to the compiler, once for every processor and once for AVX2.

#![cfg_attr(
    not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_endian = "little"),
        all(target_arch = "wasm32", target_feature = "simd128")
    )),
    expect(dead_code, reason = "kernels over vectors, for a processor without any")
)]

pub(crate) mod blocks;
pub(crate) mod huffman;
mod lanes;
pub(crate) mod line;
pub(crate) mod loops;
pub(crate) mod matrix;
pub(crate) mod near;
pub(crate) mod noise;
pub(crate) mod taps;
pub(crate) mod tiers;
pub(crate) mod weigh;
pub(crate) mod ycc;

/// The way into a kernel over [`lanes::Lanes`]: it runs where there are vector instructions, and does nothing elsewhere.
macro_rules! entry {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($argument:ident: $type:ty),*) = $kernel:ident) => {
        $(#[$doc])*
        $vis fn $name($($argument: $type),*) -> usize {
            #[cfg(target_arch = "x86_64")]
            if $crate::kernels::simd::tiers::has_avx512() {
                #[target_feature(enable = "avx512f,avx512bw")]
                fn with_avx512($($argument: $type),*) -> usize {
                    $kernel::<std::arch::x86_64::__m512i>($($argument),*)
                }
                #[expect(unsafe_code, reason = "the processor has AVX-512, as was just asked")]
                // SAFETY: the function needs nothing but these two parts of it.
                let done = unsafe { with_avx512($($argument),*) };
                // What is too little for these registers may fill others.
                if done > 0 {
                    return done;
                }
            }
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[target_feature(enable = "avx2")]
                fn with_avx2($($argument: $type),*) -> usize {
                    $kernel::<std::arch::x86_64::__m256i>($($argument),*)
                }
                #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
                // SAFETY: the function needs nothing but AVX2.
                return unsafe { with_avx2($($argument),*) };
            }
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            return $kernel::<std::arch::wasm32::v128>($($argument),*);
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            return $kernel::<std::arch::aarch64::uint8x16_t>($($argument),*);
            #[cfg(not(any(
                all(target_arch = "aarch64", target_endian = "little"),
                all(target_arch = "wasm32", target_feature = "simd128")
            )))]
            {
                let _ = ($($argument),*);
                0
            }
        }
    };
}
use entry;

/// A plain loop that is compiled for AVX2 too, and runs so where the processor has it.
macro_rules! wide {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($argument:ident: $type:ty),*) $body:block) => {
        $(#[$doc])*
        $vis fn $name($($argument: $type),*) {
            #[inline(always)]
            fn plain($($argument: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[target_feature(enable = "avx2")]
                fn with_avx2($($argument: $type),*) {
                    plain($($argument),*);
                }
                #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
                // SAFETY: the function needs nothing but AVX2.
                return unsafe { with_avx2($($argument),*) };
            }
            plain($($argument),*);
        }
    };
}
use wide;
