//! Sources that are looked at: decoded and reduced, the last few of them kept.

use std::collections::VecDeque;

use augment_core::preview::Reduced;

/// Bytes of pixels that are kept, the newest in any case.
const KEPT_BYTES: usize = 48 << 20;

/// Reduced sources by item and longest side, the latest used last.
#[derive(Debug, Default)]
pub(crate) struct SourceCache {
    kept: VecDeque<((usize, u32), Reduced)>,
}

impl SourceCache {
    /// A source that is kept.
    pub(crate) fn find(&mut self, key: (usize, u32)) -> Option<Reduced> {
        let at = self.kept.iter().position(|(known, _)| *known == key)?;
        let entry = self.kept.remove(at)?;
        let source = entry.1.clone();
        self.kept.push_back(entry);
        Some(source)
    }

    /// Keeps a source, and lets go of those that were not used for longest.
    pub(crate) fn keep(&mut self, key: (usize, u32), source: Reduced) {
        self.kept.push_back((key, source));
        let bytes = |kept: &VecDeque<(_, Reduced)>| kept.iter().map(|(_, source)| source.bytes()).sum::<usize>();
        while self.kept.len() > 1 && bytes(&self.kept) > KEPT_BYTES {
            self.kept.pop_front();
        }
    }
}
