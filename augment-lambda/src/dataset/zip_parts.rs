//! Which parts a zip of items is put together of: as much as can be is copied inside the store.

use std::ops::Range;

/// Bytes that every part but the last has at least, as S3 wants it.
const LEAST: u64 = 5 << 20;
/// Bytes of a copied part at most: S3 takes five times as much, but smaller ones go side by side.
const MOST: u64 = 1 << 30;

/// Bytes of an item: its number, and from where to where.
pub(crate) type Span = (usize, Range<u64>);

/// A part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ZipPart {
    /// Copied inside the store.
    Copied(Span),
    /// Read and put, since each of them is too small for a part.
    Gathered(Vec<Span>),
}

/// The parts of items one after the other, by the bytes of each; and what is left for the last part, which may be
/// small. What is gathered for one part is less than twice `LEAST`.
pub(crate) fn zip_parts(items: &[u64]) -> (Vec<ZipPart>, Vec<Span>) {
    let mut parts = Vec::new();
    let (mut waiting, mut bytes): (Vec<Span>, u64) = (Vec::new(), 0);
    for (item, &length) in items.iter().enumerate() {
        let mut at = 0;
        while at < length {
            let left = length - at;
            if bytes == 0 && left >= LEAST {
                let taken = left.min(MOST);
                parts.push(ZipPart::Copied((item, at..at + taken)));
                at += taken;
                continue;
            }
            // What is waiting is filled up, with all that is left where the rest would be too small for a part.
            let need = LEAST - bytes;
            let taken = if left < need + LEAST { left } else { need };
            waiting.push((item, at..at + taken));
            (at, bytes) = (at + taken, bytes + taken);
            if bytes >= LEAST {
                parts.push(ZipPart::Gathered(std::mem::take(&mut waiting)));
                bytes = 0;
            }
        }
    }
    (parts, waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn bytes(spans: &[Span]) -> u64 {
        spans.iter().map(|(_, span)| span.end - span.start).sum()
    }

    #[test]
    fn every_byte_is_taken_once_in_order_and_no_part_is_too_small() {
        let mut state = 7u64;
        for round in 0..2000 {
            let items: Vec<u64> = (0..round % 23)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let kinds =
                        [0, 1, MB, 4 * MB, LEAST - 1, LEAST, LEAST + 1, 2 * LEAST, 80 * MB, MOST, MOST + 1, 7 * MOST];
                    kinds[(state >> 40) as usize % kinds.len()] + (state >> 33) % 3
                })
                .collect();
            let (parts, rest) = zip_parts(&items);
            let mut all = Vec::new();
            for part in &parts {
                let spans = match part {
                    ZipPart::Copied(span) => std::slice::from_ref(span),
                    ZipPart::Gathered(spans) => spans,
                };
                assert!(bytes(spans) >= LEAST && bytes(spans) <= MOST, "{items:?}: {part:?}");
                assert!(matches!(part, ZipPart::Copied(_)) || bytes(spans) < 2 * LEAST, "{items:?}: {part:?}");
                all.extend_from_slice(spans);
            }
            assert!(bytes(&rest) < LEAST, "{items:?}: {rest:?}");
            all.extend(rest);
            let mut next = items.iter().map(|_| 0).collect::<Vec<u64>>();
            assert!(all.is_sorted_by_key(|(item, span)| (*item, span.start)), "{all:?}");
            for (item, span) in all {
                assert_eq!(span.start, next[item], "{items:?}");
                next[item] = span.end;
            }
            assert_eq!(next, items, "all of it");
        }
    }

    #[test]
    fn large_items_are_copied_and_small_neighbours_read() {
        let (parts, rest) = zip_parts(&[9 * MB, 2 * MB, 2 * MB, 40 * MB, MB]);
        let expected = vec![
            ZipPart::Copied((0, 0..9 * MB)),
            ZipPart::Gathered(vec![(1, 0..2 * MB), (2, 0..2 * MB), (3, 0..MB)]),
            ZipPart::Copied((3, MB..40 * MB)),
        ];
        assert_eq!((parts, rest), (expected, vec![(4, 0..MB)]));
    }
}
