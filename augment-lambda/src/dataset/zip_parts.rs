//! Plans the multipart upload of an assembled zip: as much as possible is copied inside the store.

use std::ops::Range;

/// Smallest part in bytes, except for the last, as S3 requires.
const MIN_PART: u64 = 5 << 20;
/// Largest copied part in bytes: S3 allows five times as much, but smaller ones copy in parallel.
const MAX_PART: u64 = 1 << 30;

/// An item's number and a range of its bytes.
pub(crate) type Span = (usize, Range<u64>);

/// A part of the upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ZipPart {
    /// Copied inside the store.
    Copied(Span),
    /// Read and uploaded, since the spans are too small to copy.
    Gathered(Vec<Span>),
}

/// The parts of concatenated items of the given sizes, and the rest for the last part, which may be small. A gathered
/// part is smaller than twice `MIN_PART`.
pub(crate) fn zip_parts(items: &[u64]) -> (Vec<ZipPart>, Vec<Span>) {
    let mut parts = Vec::new();
    let (mut waiting, mut bytes): (Vec<Span>, u64) = (Vec::new(), 0);
    for (item, &length) in items.iter().enumerate() {
        let mut at = 0;
        while at < length {
            let left = length - at;
            if bytes == 0 && left >= MIN_PART {
                let taken = left.min(MAX_PART);
                parts.push(ZipPart::Copied((item, at..at + taken)));
                at += taken;
                continue;
            }
            // Fill the pending part; take everything if the remainder would be too small for a part.
            let need = MIN_PART - bytes;
            let taken = if left < need + MIN_PART { left } else { need };
            waiting.push((item, at..at + taken));
            (at, bytes) = (at + taken, bytes + taken);
            if bytes >= MIN_PART {
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
    fn parts_cover_every_byte_once_and_none_is_too_small() {
        let mut state = 7u64;
        for round in 0..2000 {
            let items: Vec<u64> = (0..round % 23)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let kinds = [
                        0,
                        1,
                        MB,
                        4 * MB,
                        MIN_PART - 1,
                        MIN_PART,
                        MIN_PART + 1,
                        2 * MIN_PART,
                        80 * MB,
                        MAX_PART,
                        MAX_PART + 1,
                        7 * MAX_PART,
                    ];
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
                assert!(bytes(spans) >= MIN_PART && bytes(spans) <= MAX_PART, "{items:?}: {part:?}");
                assert!(matches!(part, ZipPart::Copied(_)) || bytes(spans) < 2 * MIN_PART, "{items:?}: {part:?}");
                all.extend_from_slice(spans);
            }
            assert!(bytes(&rest) < MIN_PART, "{items:?}: {rest:?}");
            all.extend(rest);
            let mut next = items.iter().map(|_| 0).collect::<Vec<u64>>();
            assert!(all.is_sorted_by_key(|(item, span)| (*item, span.start)), "{all:?}");
            for (item, span) in all {
                assert_eq!(span.start, next[item], "{items:?}");
                next[item] = span.end;
            }
            assert_eq!(next, items, "every byte");
        }
    }

    #[test]
    fn large_items_are_copied_and_small_neighbors_are_read() {
        let (parts, rest) = zip_parts(&[9 * MB, 2 * MB, 2 * MB, 40 * MB, MB]);
        let expected = vec![
            ZipPart::Copied((0, 0..9 * MB)),
            ZipPart::Gathered(vec![(1, 0..2 * MB), (2, 0..2 * MB), (3, 0..MB)]),
            ZipPart::Copied((3, MB..40 * MB)),
        ];
        assert_eq!((parts, rest), (expected, vec![(4, 0..MB)]));
    }
}
