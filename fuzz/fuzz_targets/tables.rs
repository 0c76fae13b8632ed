//! Any text through the readers of tables, of metadata and of rows, placed on an image, and through every writer:
//! never a panic.
//!
//! Seeds: the texts in `core/tests/formats/tables.rs`, each as a file of `fuzz/corpus/tables/`
//! Run: `cargo +nightly fuzz run tables -- -rss_limit_mb=1024 -max_len=4096 -timeout=20`
#![no_main]

mod labels;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["a.csv", "a.txt", "metadata.jsonl", "metadata.csv"] {
        labels::through_all(&[("a.jpg", b""), (name, bytes)]);
    }
});
