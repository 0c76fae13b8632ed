//! The allocator of the program: while a run is on, it keeps large blocks that are done with for the next ones.
//!
//! Beside the frames, which the core keeps itself, a run takes decoders' planes and files of few sizes, over and over.
//! The system would take each of them back and hand it out again page by page, cleared, while other threads wait. What
//! is kept never raises the most memory that the run would hold at once without it: before that happens it goes.

#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mimalloc::MiMalloc;

/// Smaller blocks are the inner allocator's, which keeps these itself.
const LARGE: usize = 512 << 10;
/// Blocks of pictures so large that a call of the system beside them is nothing.
const HUGE: usize = 8 << 20;
/// The strictest alignment of what is kept: mimalloc gives all blocks that one.
const ALIGN: usize = 16;
/// Blocks kept at once.
const PLACES: usize = 32;

static SHELF: Mutex<Shelf> = Mutex::new(Shelf::new());

/// Mimalloc, with a shelf for its large blocks.
pub(crate) struct Allocator;

/// Keeps large blocks as long as it lives.
pub(crate) struct LongLivedBuffers(());

/// From now on blocks are kept, until what is returned goes.
pub(crate) fn keep() -> LongLivedBuffers {
    let mut shelf = shelf();
    if shelf.users == 0 {
        shelf.most = shelf.used;
    }
    shelf.users += 1;
    LongLivedBuffers(())
}

impl Drop for LongLivedBuffers {
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

/// A kept block. Before a huge one, where a run holds the most, what small blocks have left goes: rows and tables of the
/// last large picture would lie there, a megabyte of them.
fn taken(whole: Layout) -> Option<*mut u8> {
    if whole.size() >= HUGE {
        // SAFETY: it may be called at any time; it touches nothing but what this thread has freed.
        unsafe { libmimalloc_sys::mi_collect(true) }
    }
    shelf().take(whole.size(), free).map(|block| block.address as *mut u8)
}

/// A block of the inner allocator, if it gave one.
fn given(whole: Layout, block: *mut u8) -> *mut u8 {
    if block.is_null() {
        shelf().used -= whole.size();
    }
    block
}

/// Gives a block back to the inner allocator.
fn free(block: Block) {
    // SAFETY: blocks on the shelf came from the inner allocator with this layout, and nothing else holds them.
    unsafe { MiMalloc.dealloc(block.address as *mut u8, Layout::from_size_align_unchecked(block.bytes, ALIGN)) }
}

const fn is_large(layout: Layout) -> bool {
    // Requests for more than half of the address space fail; below it, rounding up is safe.
    layout.size() >= LARGE && layout.align() <= ALIGN && layout.size() < isize::MAX as usize / 2
}

/// The layout of a large block for another: rounded up by less than an eighth, so that sizes that differ little share
/// their blocks.
const fn whole(layout: Layout) -> Layout {
    let step = layout.size().next_power_of_two() / 16;
    // SAFETY: the alignment is a power of two, and the size stays below `isize::MAX`, see `is_large`.
    unsafe { Layout::from_size_align_unchecked(layout.size().next_multiple_of(step), ALIGN) }
}

// SAFETY: every block is the inner allocator's, of the size asked for or larger, and is on the shelf or handed out,
// never both.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_large(layout) {
            // SAFETY: as the caller's.
            return unsafe { MiMalloc.alloc(layout) };
        }
        let whole = whole(layout);
        // SAFETY: the size is not zero.
        taken(whole).unwrap_or_else(|| given(whole, unsafe { MiMalloc.alloc(whole) }))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(layout) {
            shelf().put(Block { address: block as usize, bytes: whole(layout).size() }, free);
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
        let whole = whole(layout);
        let Some(block) = taken(whole) else {
            // SAFETY: the size is not zero.
            return given(whole, unsafe { MiMalloc.alloc_zeroed(whole) });
        };
        // SAFETY: the block is at least as large, and has no other owner.
        unsafe { ptr::write_bytes(block, 0, layout.size()) };
        block
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size, rounded up to the alignment, is one.
        let to = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_large(layout), is_large(to)) {
            // SAFETY: as the caller's.
            (false, false) => unsafe { MiMalloc.realloc(block, layout, size) },
            (true, true) if whole(layout) == whole(to) => block,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A shelf whose blocks have no memory, and what becomes of them.
    #[derive(Default)]
    struct Books {
        out: Vec<Block>,
        /// Everything that the inner allocator has given and not got back, by address.
        given: Vec<Block>,
        next: usize,
        /// The most bytes that were handed out at once.
        most: usize,
    }

    impl Books {
        fn take(&mut self, shelf: &mut Shelf, bytes: usize) {
            let given = &mut self.given;
            let block = shelf.take(bytes, |block| given.retain(|other| *other != block)).unwrap_or_else(|| {
                self.next += 1;
                let block = Block { address: self.next, bytes };
                given.push(block);
                block
            });
            assert_eq!(block.bytes, bytes);
            assert!(!self.out.contains(&block), "a block is handed out twice");
            assert!(self.given.contains(&block), "a block is handed out that was given back");
            self.out.push(block);
            self.most = self.most.max(sum(&self.out));
        }

        fn put(&mut self, shelf: &mut Shelf, at: usize) {
            let block = self.out.swap_remove(at);
            let given = &mut self.given;
            shelf.put(block, |block| given.retain(|other| *other != block));
        }
    }

    fn sum(blocks: &[Block]) -> usize {
        blocks.iter().map(|block| block.bytes).sum()
    }

    proptest! {
        #[test]
        fn keeping_blocks_takes_no_more_memory(steps in prop::collection::vec((0..3_usize, 1..20_usize), 1..400)) {
            let mut shelf = Shelf { users: 1, ..Shelf::new() };
            let mut books = Books::default();
            for (what, which) in steps {
                if what > 0 || books.out.is_empty() {
                    books.take(&mut shelf, which * which);
                } else {
                    let at = which % books.out.len();
                    books.put(&mut shelf, at);
                }
                prop_assert!(sum(&books.given) <= books.most);
                prop_assert_eq!((shelf.used, shelf.used + shelf.kept), (sum(&books.out), sum(&books.given)));
            }
        }
    }

    #[test]
    fn a_run_of_equal_pictures_takes_its_memory_once() {
        let mut shelf = Shelf { users: 1, ..Shelf::new() };
        let mut books = Books::default();
        for _ in 0..50 {
            for bytes in [30, 10, 5] {
                books.take(&mut shelf, bytes);
            }
            for _ in 0..3 {
                books.put(&mut shelf, 0);
            }
        }
        assert_eq!(books.next, 3);
    }

    #[test]
    fn without_a_run_nothing_is_kept() {
        let mut shelf = Shelf::new();
        let mut books = Books::default();
        books.take(&mut shelf, 7);
        books.put(&mut shelf, 0);
        assert_eq!((shelf.kept, books.given.len()), (0, 0));
    }

    #[test]
    fn blocks_are_large_enough_and_keep_their_bytes() {
        let _kept = keep();
        for size in [LARGE - 1, LARGE, LARGE + 1, 3_000_000, (32 << 20) + 1] {
            if size >= LARGE {
                let whole = whole(Layout::array::<u8>(size).unwrap()).size();
                assert!((size..size + size / 8).contains(&whole), "{size}: {whole}");
            }
            // Used, freed and asked for again as zeros.
            drop(std::hint::black_box(vec![0xA5_u8; size]));
            assert!(std::hint::black_box(vec![0_u8; size]).iter().all(|byte| *byte == 0), "{size}: not cleared");
            // Grown over every border.
            let mut grown: Vec<u8> = (0..=255).collect();
            while grown.len() < size {
                grown.extend_from_within(..);
            }
            assert!(grown.iter().enumerate().all(|(at, byte)| *byte == at as u8), "{size}: not kept");
            grown.truncate(1000);
            grown.shrink_to_fit();
            assert!(grown.iter().enumerate().all(|(at, byte)| *byte == at as u8), "{size}: not kept when shrunk");
        }
    }

    #[test]
    fn threads_share_the_shelf() {
        let _kept = keep();
        std::thread::scope(|scope| {
            for thread in 0..4_u8 {
                scope.spawn(move || {
                    for round in 0..50_usize {
                        let block = std::hint::black_box(vec![thread; LARGE + round % 3 * LARGE]);
                        assert!(block.iter().all(|byte| *byte == thread), "a block was handed out twice");
                    }
                });
            }
        });
    }
}
