//! What waits for the end of a run: in memory while it is little, then wherever the caller has room for it.

mod external_sort;
mod spill_buffer;

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

pub(crate) use self::external_sort::ExternalSort;
pub(crate) use self::spill_buffer::{Frames, SpillBuffer};

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

/// Where a run finds room: one scratch for all that waits, opened when it is first needed; by default there is none but
/// memory.
#[derive(Clone, Default)]
pub struct ScratchSpace(Option<Rc<RefCell<Shared>>>);

type Open = dyn FnOnce() -> io::Result<Box<dyn Scratch>>;

struct Shared {
    open: Option<Box<Open>>,
    scratch: Option<Box<dyn Scratch>>,
    /// Bytes that were appended to it.
    length: u64,
}

impl ScratchSpace {
    /// Room that `open` gives, such as a temporary file, which must be empty.
    pub fn new(open: impl FnOnce() -> io::Result<Box<dyn Scratch>> + 'static) -> Self {
        Self(Some(Rc::new(RefCell::new(Shared { open: Some(Box::new(open)), scratch: None, length: 0 }))))
    }

    fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Appends bytes; gives their place.
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut shared = self.0.as_ref().ok_or(io::ErrorKind::Unsupported)?.borrow_mut();
        if let Some(open) = shared.open.take() {
            shared.scratch = Some(open()?);
        }
        let place = shared.length;
        shared.scratch.as_mut().ok_or(io::ErrorKind::NotFound)?.append(bytes)?;
        shared.length += bytes.len() as u64;
        Ok(place)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let mut shared = self.0.as_ref().ok_or(io::ErrorKind::Unsupported)?.borrow_mut();
        shared.scratch.as_mut().ok_or(io::ErrorKind::NotFound)?.read_at(at, into)
    }
}

impl std::fmt::Debug for ScratchSpace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_there() { "ScratchSpace(room)" } else { "ScratchSpace(memory)" })
    }
}
