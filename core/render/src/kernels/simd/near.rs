//! Asks for bytes ahead of their use, where they lie too far away and too scattered for a processor to foresee them.

use super::lanes::bring_near;

/// From so many bytes on an image does not stay in a processor's own caches.
const FAR_FROM: usize = 3 << 20;
/// Bytes that come together.
const TOGETHER: usize = 64;

/// Whether the samples of an image are worth asking ahead for.
pub(crate) fn is_far(samples: &[u8]) -> bool {
    samples.len() >= FAR_FROM
}

/// Asks for some bytes.
#[inline]
pub(crate) fn bring(bytes: &[u8]) {
    for part in bytes.chunks(TOGETHER) {
        bring_near(part.as_ptr());
    }
    // Parts need not begin where what comes together does.
    if let Some(last) = bytes.last() {
        bring_near(last);
    }
}
