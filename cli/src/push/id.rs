//! Ids of uploads and jobs, derived from what is sent, so that a repeat finds what is there.

use augment_core::digest::Digest;

/// Hexadecimal digits of ids derived from contents: 64 bits.
const ID_DIGITS: usize = 16;

/// An id derived from the request, so that a repeat has the same id.
pub(super) fn id_of(what: &str) -> String {
    Digest::of(what.as_bytes()).to_hex()[..ID_DIGITS].to_owned()
}
