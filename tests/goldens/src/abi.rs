//! The module's two plain exports, so that a host needs no generated glue.

use std::sync::OnceLock;

static TEXT: OnceLock<String> = OnceLock::new();

/// Computes all goldens once; where their text starts in memory.
#[expect(unsafe_code, reason = "an export needs a fixed name, which the language calls unsafe")]
#[unsafe(no_mangle)]
extern "C" fn text() -> *const u8 {
    TEXT.get_or_init(crate::text).as_ptr()
}

/// The length of the text in bytes.
#[expect(unsafe_code, reason = "an export needs a fixed name, which the language calls unsafe")]
#[unsafe(no_mangle)]
extern "C" fn text_length() -> usize {
    TEXT.get_or_init(crate::text).len()
}
