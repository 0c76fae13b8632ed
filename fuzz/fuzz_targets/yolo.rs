//! Any YOLO label file and `data.yaml`, parted by a zero byte, through the label readers, placed on an image, and through every writer: never a panic.
//!
//! Seeds: `delta sample -o target/scenes --count 3 --labels yolo`, then copy its label files to `fuzz/corpus/yolo/`
//! Run: `cargo +nightly fuzz run yolo -- -rss_limit_mb=1024 -max_len=4096 -timeout=20`
#![no_main]

mod labels;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (text, yaml) = (parts.next().unwrap_or_default(), parts.next().unwrap_or(b"names: [a, b, c]"));
    labels::through_all(&[("a.jpg", b""), ("a.txt", text), ("data.yaml", yaml)]);
});
