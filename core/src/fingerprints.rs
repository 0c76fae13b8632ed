//! Which texts were there already, in little memory.

use std::collections::BTreeSet;

use crate::digest::Digest;

/// A set of texts, each by half of its SHA-256: two that look the same are beyond anybody's reach, and a long text takes
/// no more memory than a short one, 16 bytes and a place in a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fingerprints(BTreeSet<u128>);

impl Fingerprints {
    /// Whether a text is in it.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.contains(&fingerprint(text))
    }

    /// Adds a text; false where it was in it.
    pub(crate) fn insert(&mut self, text: &str) -> bool {
        self.0.insert(fingerprint(text))
    }

    /// Adds all of others.
    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

fn fingerprint(text: &str) -> u128 {
    let Digest(bytes) = Digest::of(text.as_bytes());
    bytes.iter().take(size_of::<u128>()).fold(0, |number, byte| number << 8 | u128::from(*byte))
}
