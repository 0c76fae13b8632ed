//! Any XML through the label readers, placed on an image, and through every writer: never a panic.
#![no_main]

mod labels;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    labels::through_all(&[("a.jpg", b""), ("a.xml", bytes)]);
});
