//! Which registers kernels may use.

/// Whether kernels may use AVX-512: where the processor has parts of it that came after those whose clock it slowed.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_avx512() -> bool {
    use std::arch::is_x86_feature_detected as has;
    #[cfg(test)]
    if NARROW.get() {
        return false;
    }
    has!("avx512bw") && has!("avx512vbmi2")
}

#[cfg(test)]
thread_local! {
    /// Whether the widest registers are left out.
    static NARROW: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Whether kernels over vectors run here.
#[cfg(test)]
pub(crate) fn has_vectors() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    cfg!(any(
        all(target_arch = "aarch64", target_endian = "little"),
        all(target_arch = "wasm32", target_feature = "simd128")
    ))
}

/// Runs a test once with the widest registers that the processor has and once without.
#[cfg(test)]
pub(crate) fn each(test: impl Fn()) {
    for narrow in [false, true] {
        NARROW.set(narrow);
        test();
    }
    NARROW.set(false);
}
