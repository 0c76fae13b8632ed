//! Texts in the order of their keys, however many: sorted runs, merged when they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::spill_buffer::Frames;
use super::{ScratchSpace, SpillBuffer};
use crate::error::Result;

/// Bytes of keys and texts that are sorted in memory, to become a run.
const RUN_BYTES: usize = 256 << 10;

/// Texts with keys. Memory: one run, and a few thousand bytes for each run while they are read; all of them where there
/// is no scratch space.
#[derive(Debug, Default)]
pub(crate) struct ExternalSort {
    buffer: SpillBuffer,
    runs: Vec<Range<u64>>,
    /// The run in the making: keys and texts one after the other, and where they are.
    bytes: Vec<u8>,
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    key: usize,
    text: usize,
    end: usize,
}

impl Place {
    fn of<'a>(&self, bytes: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        (&bytes[self.key..self.text], &bytes[self.text..self.end])
    }
}

impl ExternalSort {
    /// No texts yet.
    #[must_use]
    pub(crate) fn new(space: ScratchSpace) -> Self {
        Self { buffer: SpillBuffer::new(space), ..Self::default() }
    }

    /// Adds the text that `write` appends to what it is given.
    pub(crate) fn add(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(key.as_bytes());
        let text = self.bytes.len();
        write(&mut self.bytes);
        self.places.push(Place { key: at, text, end: self.bytes.len() });
    }

    /// Puts away what is much by now.
    ///
    /// # Errors
    /// `Io` when there is no room for it.
    pub(crate) fn settle(&mut self) -> Result<()> {
        if self.bytes.len() < RUN_BYTES {
            return Ok(());
        }
        let from = self.buffer.length();
        self.sort();
        for place in &self.places {
            let (key, text) = place.of(&self.bytes);
            self.buffer.append_frame(key)?;
            self.buffer.append_frame(text)?;
        }
        self.runs.push(from..self.buffer.length());
        self.bytes.clear();
        self.places.clear();
        Ok(())
    }

    fn sort(&mut self) {
        self.places.sort_unstable_by(|a, b| a.of(&self.bytes).cmp(&b.of(&self.bytes)));
    }

    /// Gives every text with its key, by key and then by text; as often as it is asked to.
    ///
    /// # Errors
    /// `Io` when they cannot be read back; what `take` says.
    pub(crate) fn each(&mut self, mut take: impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
        self.sort();
        let Self { buffer, runs, bytes, places } = self;
        let mut waiting = places.iter().map(|place| place.of(bytes)).peekable();
        let mut runs: Vec<Frames> = runs.iter().cloned().map(Frames::within).collect();
        let mut first = BinaryHeap::with_capacity(runs.len());
        for (run, frames) in runs.iter_mut().enumerate() {
            first.extend(Stored::next(frames, buffer, run, (Vec::new(), Vec::new()))?.map(Reverse));
        }
        while let Some(mut stored) = first.peek_mut() {
            let Reverse(Stored { key, text, run }) = &mut *stored;
            while let Some((key, text)) = waiting.next_if(|waiting| *waiting < (key.as_slice(), text.as_slice())) {
                take(key, text)?;
            }
            take(key, text)?;
            let buffers = (std::mem::take(key), std::mem::take(text));
            match Stored::next(&mut runs[*run], buffer, *run, buffers)? {
                Some(next) => *stored = Reverse(next),
                None => drop(std::collections::binary_heap::PeekMut::pop(stored)),
            }
        }
        waiting.try_for_each(|(key, text)| take(key, text))
    }
}

/// The next text of a run.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Stored {
    key: Vec<u8>,
    text: Vec<u8>,
    run: usize,
}

impl Stored {
    fn next(
        frames: &mut Frames,
        buffer: &SpillBuffer,
        run: usize,
        buffers: (Vec<u8>, Vec<u8>),
    ) -> Result<Option<Self>> {
        let (mut key, mut text) = buffers;
        let is_there = frames.next(buffer, &mut key)? && frames.next(buffer, &mut text)?;
        Ok(is_there.then_some(Self { key, text, run }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn the_order_is_that_of_keys_then_texts(
            texts in prop::collection::vec((0..50u32, prop_oneof![0..50usize, 0..90_000usize]), 0..60),
            roomy: bool,
        ) {
            let space = if roomy { ScratchSpace::new(|| Ok(Box::new(Cursor::new(Vec::new())))) } else { ScratchSpace::default() };
            let mut sorted = ExternalSort::new(space);
            let mut expected = Vec::new();
            for (key, size) in &texts {
                let (key, text) = (format!("k{key}"), "x".repeat(*size) + &key.to_string());
                sorted.add(&key, |bytes| bytes.extend_from_slice(text.as_bytes()));
                sorted.settle().unwrap();
                prop_assert!(sorted.bytes.len() < RUN_BYTES, "what is much is put away");
                expected.push((key, text));
            }
            expected.sort();
            for _ in 0..2 {
                let mut given = Vec::new();
                sorted.each(|key, text| {
                    given.push((String::from_utf8(key.to_vec()).unwrap(), String::from_utf8(text.to_vec()).unwrap()));
                    Ok(())
                }).unwrap();
                prop_assert!(given == expected, "{} texts in {} runs", expected.len(), sorted.runs.len());
            }
        }
    }
}
