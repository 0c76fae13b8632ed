//! The allocator of the program: while a run is on, it keeps large blocks that are done with for the next ones.
//!
//! Frames, planes and files of a run have few sizes, over and over. The system would take each of them back and hand
//! it out again page by page, cleared, which costs a tenth of a run's time and makes threads wait for each other. What
//! is kept never raises the most memory that the run has held at once without it: before that happens it goes.

#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mimalloc::MiMalloc;

/// Smaller blocks are the inner allocator's, which keeps these itself.
const LARGE: usize = 512 << 10;
/// The strictest alignment of what is kept: mimalloc gives all blocks that one.
const ALIGN: usize = 16;
/// Blocks kept at once.
const PLACES: usize = 32;

static SHELF: Mutex<Shelf> = Mutex::new(Shelf::new());

/// Mimalloc, with a shelf for its large blocks.
pub(crate) struct Allocator;

/// Keeps large blocks as long as it lives.
pub(crate) struct Kept(());

/// From now on blocks are kept, until what is returned goes.
pub(crate) fn keep() -> Kept {
    let mut shelf = shelf();
    if shelf.users == 0 {
        shelf.most = shelf.used;
    }
    shelf.users += 1;
    Kept(())
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut shelf = shelf();
        shelf.users -= 1;
        if shelf.users == 0 {
            shelf.clear(free);
        }
    }
}

/// What panics while it holds the lock can leave nothing half done.
fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a block back to the inner allocator.
fn free(block: Block) {
    // SAFETY: blocks on the shelf came from the inner allocator with this layout, and nobody has them any more.
    unsafe { MiMalloc.dealloc(block.address as *mut u8, whole(block.bytes)) }
}

/// A size rounded up by less than an eighth, so that sizes that differ little share their blocks.
const fn rounded(size: usize) -> usize {
    size.next_multiple_of(size.next_power_of_two() / 16)
}

const fn is_large(layout: Layout) -> bool {
    // What cannot be rounded up is no size that anybody gets.
    layout.size() >= LARGE && layout.align() <= ALIGN && layout.size() < isize::MAX as usize / 2
}

const fn whole(bytes: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and sizes stay below half of the address space, see `is_large`.
    unsafe { Layout::from_size_align_unchecked(bytes, ALIGN) }
}

// SAFETY: every block is the inner allocator's, of the size asked for or larger, and is on the shelf or handed out,
// never both.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_large(layout) {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.alloc(layout) };
        }
        let bytes = rounded(layout.size());
        if let Some(block) = shelf().take(bytes, free) {
            return block.address as *mut u8;
        }
        // SAFETY: the size is not zero.
        unsafe { MiMalloc.alloc(whole(bytes)) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(layout) {
            shelf().put(Block { address: block as usize, bytes: rounded(layout.size()) }, free);
        } else {
            // SAFETY: as the caller's.
            unsafe { MiMalloc.dealloc(block, layout) }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_large(layout) {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.alloc_zeroed(layout) };
        }
        let bytes = rounded(layout.size());
        if let Some(block) = shelf().take(bytes, free) {
            let block = block.address as *mut u8;
            // SAFETY: the block is at least as large, and nobody else's.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
            return block;
        }
        // SAFETY: the size is not zero.
        unsafe { MiMalloc.alloc_zeroed(whole(bytes)) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size, rounded up to the alignment, is one.
        let to = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_large(layout), is_large(to)) {
            // SAFETY: as the caller's.
            (false, false) => unsafe { MiMalloc.realloc(block, layout, size) },
            (true, true) if rounded(layout.size()) == rounded(size) => block,
            _ => {
                // SAFETY: the size is not zero, by the caller's promise.
                let new = unsafe { self.alloc(to) };
                if !new.is_null() {
                    // SAFETY: both blocks are that large and two; the old one is the caller's to give up.
                    unsafe {
                        ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                }
                new
            }
        }
    }
}

/// A large block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    address: usize,
    bytes: usize,
}

/// What is kept and how much is handed out; it allocates nothing.
#[derive(Debug)]
struct Shelf {
    /// The oldest first.
    blocks: [Block; PLACES],
    count: usize,
    /// Bytes on the shelf.
    kept: usize,
    /// Bytes handed out.
    used: usize,
    /// The most bytes handed out at once since somebody began to keep blocks.
    most: usize,
    users: usize,
}

impl Shelf {
    const fn new() -> Self {
        Self { blocks: [Block { address: 0, bytes: 0 }; PLACES], count: 0, kept: 0, used: 0, most: 0, users: 0 }
    }

    /// A kept block of a size; without one, makes room for a new one.
    fn take(&mut self, bytes: usize, free: impl FnMut(Block)) -> Option<Block> {
        let place = self.blocks[..self.count].iter().rposition(|block| block.bytes == bytes);
        self.used += bytes;
        self.most = self.most.max(self.used);
        let block = place.map(|place| self.remove(place));
        self.fit(free);
        block
    }

    /// Keeps a block, if anybody wants it kept.
    fn put(&mut self, block: Block, mut free: impl FnMut(Block)) {
        self.used -= block.bytes;
        if self.users == 0 {
            return free(block);
        }
        if self.count == PLACES {
            free(self.remove(0));
        }
        self.blocks[self.count] = block;
        self.count += 1;
        self.kept += block.bytes;
    }

    /// Lets the oldest go until all blocks together are no more than what was handed out at once.
    fn fit(&mut self, mut free: impl FnMut(Block)) {
        while self.count > 0 && self.used + self.kept > self.most {
            free(self.remove(0));
        }
    }

    fn clear(&mut self, mut free: impl FnMut(Block)) {
        while self.count > 0 {
            free(self.remove(0));
        }
    }

    fn remove(&mut self, place: usize) -> Block {
        let block = self.blocks[place];
        self.blocks.copy_within(place + 1..self.count, place);
        self.count -= 1;
        self.kept -= block.bytes;
        block
    }
}
