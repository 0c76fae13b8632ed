//! Bytes that are appended and read back: their end in memory, what came before it in scratch space.

use super::ScratchSpace;
use crate::error::{Error, ErrorKind, Result};

/// Bytes that wait in memory before they go to scratch space, all at once.
const BLOCK_BYTES: usize = 64 << 10;
/// Bytes that a reader asks for at once.
const READ_BYTES: usize = 4 << 10;

/// Bytes one after the other. Memory: a block, or all of them where there is no scratch space.
#[derive(Debug, Default)]
pub(crate) struct SpillBuffer {
    space: ScratchSpace,
    stored: Vec<Block>,
    /// What comes after them, less than a block.
    end: Vec<u8>,
}

/// Bytes that were put away, as many as a block has.
#[derive(Debug)]
enum Block {
    Memory(Vec<u8>),
    Scratch(u64),
}

impl SpillBuffer {
    /// No bytes yet.
    pub(crate) fn new(space: ScratchSpace) -> Self {
        Self { space, ..Self::default() }
    }

    /// Bytes so far.
    pub(crate) const fn length(&self) -> u64 {
        self.stored.len() as u64 * BLOCK_BYTES as u64 + self.end.len() as u64
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// `Io` when there is no room for them.
    pub(crate) fn append(&mut self, mut bytes: &[u8]) -> Result<()> {
        while self.end.len() + bytes.len() >= BLOCK_BYTES {
            let (now, later) = bytes.split_at(BLOCK_BYTES - self.end.len());
            self.end.extend_from_slice(now);
            bytes = later;
            if self.space.is_there() {
                self.stored.push(Block::Scratch(self.space.append(&self.end).map_err(|error| lost(&error))?));
                self.end.clear();
            } else {
                self.stored.push(Block::Memory(std::mem::take(&mut self.end)));
            }
        }
        self.end.extend_from_slice(bytes);
        Ok(())
    }

    /// Fills `into` with the bytes from `at` on, which must have been appended.
    ///
    /// # Errors
    /// `Io` when they cannot be read.
    pub(crate) fn read_at(&self, at: u64, mut into: &mut [u8]) -> Result<()> {
        let (mut block, mut from) = ((at / BLOCK_BYTES as u64) as usize, (at % BLOCK_BYTES as u64) as usize);
        while !into.is_empty() {
            let (now, later) = into.split_at_mut(into.len().min(BLOCK_BYTES - from));
            match self.stored.get(block) {
                Some(Block::Scratch(place)) => {
                    self.space.read_at(place + from as u64, now).map_err(|error| lost(&error))?;
                }
                Some(Block::Memory(bytes)) => now.copy_from_slice(&bytes[from..from + now.len()]),
                None => now.copy_from_slice(&self.end[from..from + now.len()]),
            }
            (block, from) = (block + 1, 0);
            into = later;
        }
        Ok(())
    }

    /// Gives all bytes, piece by piece.
    ///
    /// # Errors
    /// `Io` when they cannot be read; what `take` says.
    pub(crate) fn each_piece(&self, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut piece = vec![0; BLOCK_BYTES];
        for block in 0..self.stored.len() as u64 {
            self.read_at(block * BLOCK_BYTES as u64, &mut piece)?;
            take(&piece)?;
        }
        take(&self.end)
    }

    /// Adds bytes that are read back as one by [`Frames`].
    ///
    /// # Errors
    /// `Io` when there is no room for them; `Limit` for 4 GiB and more.
    pub(crate) fn append_frame(&mut self, frame: &[u8]) -> Result<()> {
        let length = u32::try_from(frame.len())
            .map_err(|_| Error::new(ErrorKind::Limit, "what is noted of an output has more than 4 GiB"))?;
        self.append(&length.to_le_bytes())?;
        self.append(frame)
    }
}

/// Reads frames back, in their order.
#[derive(Debug)]
pub(crate) struct Frames {
    at: u64,
    until: u64,
    ahead: Vec<u8>,
    /// How much of that was taken.
    taken: usize,
}

impl Frames {
    /// Those in a range of a buffer, which must begin and end between frames.
    pub(crate) const fn within(range: std::ops::Range<u64>) -> Self {
        Self { at: range.start, until: range.end, ahead: Vec::new(), taken: 0 }
    }

    /// Puts the next one in place of what `frame` holds; false where there is none.
    pub(crate) fn next(&mut self, buffer: &SpillBuffer, frame: &mut Vec<u8>) -> Result<bool> {
        let mut length = [0; 4];
        if self.at == self.until && self.taken == self.ahead.len() {
            return Ok(false);
        }
        self.fill(buffer, &mut length)?;
        frame.clear();
        frame.resize(u32::from_le_bytes(length) as usize, 0);
        self.fill(buffer, frame)?;
        Ok(true)
    }

    fn fill(&mut self, buffer: &SpillBuffer, mut into: &mut [u8]) -> Result<()> {
        while !into.is_empty() {
            if self.taken == self.ahead.len() {
                let left = usize::try_from(self.until - self.at).unwrap_or(READ_BYTES);
                self.ahead.resize(left.min(READ_BYTES), 0);
                buffer.read_at(self.at, &mut self.ahead)?;
                self.at += self.ahead.len() as u64;
                self.taken = 0;
            }
            let ahead = &self.ahead[self.taken..];
            let (now, later) = into.split_at_mut(ahead.len().min(into.len()));
            now.copy_from_slice(&ahead[..now.len()]);
            self.taken += now.len();
            into = later;
        }
        Ok(())
    }
}

fn lost(cause: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("what waits for the end of the run cannot be kept: {cause}"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn spaces() -> [ScratchSpace; 2] {
        [ScratchSpace::default(), ScratchSpace::new(|| Ok(Box::new(Cursor::new(Vec::new()))))]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn what_was_written_is_read(sizes in prop::collection::vec(prop_oneof![0..100usize, 0..200_000usize], 0..12)) {
            for space in spaces() {
                let (mut buffer, mut frames, mut whole) = (SpillBuffer::new(space.clone()), SpillBuffer::new(space), Vec::new());
                let texts: Vec<Vec<u8>> =
                    sizes.iter().enumerate().map(|(i, size)| (0..*size).map(|k| (k * 7 + i) as u8).collect()).collect();
                for text in &texts {
                    buffer.append(text).unwrap();
                    frames.append_frame(text).unwrap();
                    whole.extend_from_slice(text);
                }
                let mut read = Vec::new();
                buffer.each_piece(|piece| { read.extend_from_slice(piece); Ok(()) }).unwrap();
                prop_assert!(read == whole, "{} bytes", whole.len());
                let (mut reader, mut frame) = (Frames::within(0..frames.length()), Vec::new());
                for text in &texts {
                    prop_assert!(reader.next(&frames, &mut frame).unwrap());
                    prop_assert!(&frame == text, "a frame of {} bytes", text.len());
                }
                prop_assert!(!reader.next(&frames, &mut frame).unwrap());
            }
        }
    }

    #[test]
    fn memory_holds_one_block_where_there_is_room_elsewhere() {
        let mut buffer = SpillBuffer::new(spaces()[1].clone());
        for _ in 0..1000 {
            buffer.append(&[7; 1000]).unwrap();
            assert!(buffer.end.capacity() <= 2 * BLOCK_BYTES, "{} bytes", buffer.end.capacity());
        }
        assert!(matches!(buffer.stored[..], [Block::Scratch(0), .., Block::Scratch(_)]));
        assert_eq!(buffer.length(), 1_000_000);
    }

    #[test]
    fn no_room_is_an_error() {
        let mut buffer = SpillBuffer::new(ScratchSpace::new(|| Err(std::io::ErrorKind::StorageFull.into())));
        buffer.append(&[0; BLOCK_BYTES - 1]).unwrap();
        let error = buffer.append(&[0; 2]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("cannot be kept"), "{error}");
    }
}
