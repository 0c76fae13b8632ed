//! A cache of decoded and reduced sources for previews.

use std::collections::VecDeque;

use augment_core::preview::Reduced;

/// The size of the cache in bytes of pixels; the newest source always stays.
const KEPT_BYTES: usize = 48 << 20;

/// Reduced sources by item and longest side, the most recently used last.
#[derive(Debug, Default)]
pub(crate) struct SourceCache {
    entries: VecDeque<((usize, u32), Reduced)>,
}

impl SourceCache {
    /// A cached source.
    pub(crate) fn find(&mut self, key: (usize, u32)) -> Option<Reduced> {
        let at = self.entries.iter().position(|(known, _)| *known == key)?;
        let entry = self.entries.remove(at)?;
        let source = entry.1.clone();
        self.entries.push_back(entry);
        Some(source)
    }

    /// Adds a source, and drops the least recently used ones.
    pub(crate) fn keep(&mut self, key: (usize, u32), source: Reduced) {
        self.entries.push_back((key, source));
        let bytes = |entries: &VecDeque<(_, Reduced)>| entries.iter().map(|(_, source)| source.bytes()).sum::<usize>();
        while self.entries.len() > 1 && bytes(&self.entries) > KEPT_BYTES {
            self.entries.pop_front();
        }
    }
}
