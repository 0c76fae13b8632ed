//! Buffers of frames that are done with, which each thread keeps for its next frames: memory fresh from the system has to be
//! mapped page by page, which took up to a quarter of a run.

use std::cell::RefCell;

/// Shorter buffers are left to the allocator, which is good at them.
const SHORTEST: usize = 64 << 10;
/// From this length on a buffer is large: at most one such is kept.
const LARGE: usize = 8 << 20;
/// Buffers kept by a thread at most.
const MOST: usize = 3;

thread_local! {
    /// The latest one last.
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of so many bytes, which hold anything; `None` where none is kept that is about as long.
pub(super) fn take(length: usize) -> Option<Vec<u8>> {
    if length < SHORTEST {
        return None;
    }
    let found = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let fits = |buffer: &Vec<u8>| buffer.capacity() >= length && buffer.capacity() / 2 <= length;
        let found = kept.iter().rposition(fits).map(|at| kept.remove(at));
        if length >= LARGE {
            // Beside a large frame others would be memory for little: an old large one, or what its small parts left.
            kept.clear();
        }
        found
    });
    let mut buffer = found.ok().flatten()?;
    buffer.resize(length, 0);
    Some(buffer)
}

/// Keeps a buffer, or lets it go.
pub(super) fn put(buffer: Vec<u8>) {
    if buffer.capacity() < SHORTEST {
        return;
    }
    // A thread that ends keeps nothing.
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if buffer.capacity() >= LARGE {
            kept.retain(|other| other.capacity() < LARGE);
        }
        if kept.len() == MOST {
            kept.remove(0);
        }
        kept.push(buffer);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Vec<usize> {
        KEPT.with_borrow(|kept| kept.iter().map(Vec::capacity).collect())
    }

    #[test]
    fn a_buffer_comes_back_for_about_its_length_alone() {
        put(vec![7; 200_000]);
        assert_eq!(take(90_000), None, "less than half of it is asked for");
        assert_eq!(take(200_001), None, "it is too short");
        let again = take(150_000).unwrap();
        assert_eq!((again.len(), again.capacity()), (150_000, 200_000));
        assert!(kept().is_empty());
        put(again);
        assert_eq!(take(200_000).map(|buffer| buffer.len()), Some(200_000));
    }

    #[test]
    fn a_thread_keeps_few_buffers_and_one_large_one() {
        put(vec![0; SHORTEST - 1]);
        assert!(kept().is_empty());
        for length in [100_000, 110_000, 120_000, 130_000] {
            put(vec![0; length]);
        }
        assert_eq!(kept(), vec![110_000, 120_000, 130_000]);
        put(vec![0; LARGE]);
        put(vec![0; 2 * LARGE]);
        assert_eq!(kept(), vec![120_000, 130_000, 2 * LARGE]);
        assert_eq!(take(5 * LARGE), None);
        assert!(kept().is_empty(), "nothing is kept beside a new large one");
    }
}
