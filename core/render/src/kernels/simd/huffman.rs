//! The bits of a scan with the processor's own instructions for counting and moving bits.

use crate::kernels::huffman::{Component, HuffmanScan, put_all};

/// Adds a row of units.
pub(crate) fn put_blocks(scan: &mut HuffmanScan, components: &[Component<'_>], units: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("bmi1") && has!("bmi2") && has!("lzcnt") {
            #[target_feature(enable = "bmi1,bmi2,lzcnt")]
            fn with_bits(scan: &mut HuffmanScan, components: &[Component<'_>], units: usize) {
                put_all(scan, components, units);
            }
            #[expect(unsafe_code, reason = "the processor has these instructions, as was just asked")]
            // SAFETY: the function needs nothing but them.
            return unsafe { with_bits(scan, components, units) };
        }
    }
    put_all(scan, components, units);
}
