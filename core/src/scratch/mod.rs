//! What waits for the end of a run: in memory while it is little, then wherever the caller has room for it.

mod sorted;
mod tape;

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

pub(crate) use self::sorted::Sorted;
pub(crate) use self::tape::{Frames, Tape};

/// Room for bytes that are written once, one after the other, and read back from anywhere.
pub trait Scratch {
    /// Adds bytes at the end.
    ///
    /// # Errors
    /// When there is no room for them.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Fills `into` with the bytes from `at` on.
    ///
    /// # Errors
    /// When they cannot be read, or are not all there.
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

/// A file and its like.
impl<T: Read + Write + Seek> Scratch for T {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::End(0))?;
        self.write_all(bytes)
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(at))?;
        self.read_exact(into)
    }
}

type Open = dyn Fn() -> io::Result<Box<dyn Scratch>>;

/// Where room is had, only when it is needed; by default there is none but memory.
#[derive(Clone, Default)]
pub struct ScratchSpace(Option<Rc<Open>>);

impl ScratchSpace {
    /// Room that `open` gives, each time another: a temporary file.
    pub fn new(open: impl Fn() -> io::Result<Box<dyn Scratch>> + 'static) -> Self {
        Self(Some(Rc::new(open)))
    }
}

impl std::fmt::Debug for ScratchSpace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ScratchSpace").field(&self.0.as_ref().map(|_| "room")).finish()
    }
}
