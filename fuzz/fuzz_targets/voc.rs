//! Any XML through the label readers, placed on an image, and through every writer: never a panic.
//!
//! Seeds: `delta sample -o target/scenes --count 3 --labels voc`, then copy its label files to `fuzz/corpus/voc/`
//! Run: `cargo +nightly fuzz run voc -- -rss_limit_mb=1024 -max_len=4096 -timeout=20`
#![no_main]

mod labels;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    labels::through_all(&[("a.jpg", b""), ("a.xml", bytes)]);
});
