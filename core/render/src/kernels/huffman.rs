//! Quantized blocks as the bits of a baseline JPEG's scan.

use super::blocks::{AREA, Block, SIDE};
use super::simd::huffman::put_blocks;

/// Coefficients by rising frequency: where each is in a block.
pub(crate) const ZIGZAG: [u8; AREA] = zigzag();

const fn zigzag() -> [u8; AREA] {
    let mut order = [0; AREA];
    let (mut at, mut sum) = (0, 0);
    while sum < 2 * SIDE - 1 {
        let mut step = 0;
        while step <= sum {
            // Diagonals go up and down by turns.
            let (y, x) = if sum % 2 == 0 { (sum - step, step) } else { (step, sum - step) };
            if y < SIDE && x < SIDE {
                order[at] = (y * SIDE + x) as u8;
                at += 1;
            }
            step += 1;
        }
        sum += 1;
    }
    order
}

/// For every row of a block and which of its coefficients are present: which are so by rising frequency.
static BY_FREQUENCY: [[u64; 256]; SIDE] = by_frequency();

const fn by_frequency() -> [[u64; 256]; SIDE] {
    let mut places = [0; AREA];
    let mut at = 0;
    while at < AREA {
        places[ZIGZAG[at] as usize] = at;
        at += 1;
    }
    let mut table = [[0; 256]; SIDE];
    let mut y = 0;
    while y < SIDE {
        let mut bits = 1_usize;
        while bits < 256 {
            let lowest = bits.trailing_zeros() as usize;
            table[y][bits] = table[y][bits & (bits - 1)] | 1 << places[y * SIDE + lowest];
            bits += 1;
        }
        y += 1;
    }
    table
}

/// Levels from minus this up to it have their whole code in a table.
const SMALL: i16 = 32;
/// Places of that table: of every number of zeros before a level, the small levels.
const SMALL_CODES: usize = 16 * 2 * SMALL as usize;

/// Up to 24 bits, and in the lowest eight bits how many they are.
#[derive(Clone, Copy, Debug)]
struct Code(u32);

impl Code {
    const fn new(bits: u32, length: u32) -> Self {
        Self(bits << 8 | length)
    }

    /// Followed by more bits.
    const fn then(self, bits: u32, length: u32) -> Self {
        Self::new(self.bits() << length | bits, self.length() + length)
    }

    const fn bits(self) -> u32 {
        self.0 >> 8
    }

    const fn length(self) -> u32 {
        self.0 & 0xFF
    }
}

/// The codes of one kind of component.
#[derive(Debug)]
pub(crate) struct Codes {
    /// By the bits of a difference.
    direct: [Code; 16],
    /// By zeros before a level, up to 15, and its bits.
    alternating: [Code; 256],
    /// By zeros before a small level, and the level.
    small: [Code; SMALL_CODES],
}

impl Codes {
    /// From tables as a file has them: how many codes there are of each length, and what they stand for by rising code.
    pub(crate) const fn new(direct: (&[u8; 17], &[u8]), alternating: (&[u8; 17], &[u8])) -> Self {
        let mut codes = Self {
            direct: by_symbol(direct.0, direct.1),
            alternating: by_symbol(alternating.0, alternating.1),
            small: [Code::new(0, 0); SMALL_CODES],
        };
        let mut at = 0;
        while at < SMALL_CODES {
            let (run, level) = (at / (2 * SMALL as usize), (at % (2 * SMALL as usize)) as i32 - SMALL as i32);
            let (length, extra) = magnitude(level);
            codes.small[at] = codes.alternating[run << 4 | length as usize].then(extra, length);
            at += 1;
        }
        codes
    }
}

/// Codes by what they stand for (ITU-T T.81, C.2).
const fn by_symbol<const N: usize>(counts: &[u8; 17], symbols: &[u8]) -> [Code; N] {
    let mut codes = [Code::new(0, 0); N];
    let (mut length, mut next, mut at) = (1, 0, 0);
    while length < 17 {
        let mut left = counts[length];
        while left > 0 {
            codes[symbols[at] as usize] = Code::new(next, length as u32);
            (next, at, left) = (next + 1, at + 1, left - 1);
        }
        (next, length) = (next << 1, length + 1);
    }
    codes
}

/// The bits of a number and how it is written in them: negative ones one less, without their sign.
#[inline(always)]
const fn magnitude(value: i32) -> (u32, u32) {
    let length = 32 - value.unsigned_abs().leading_zeros();
    let extra = (value + (value >> 31)) as u32 & ((1 << length) - 1);
    (length, extra)
}

/// Words that the blocks of a unit fill at most, and some more: six, of 64 codes of up to 27 bits.
const WORDS: usize = 256;

/// A scan on its way into bytes.
#[derive(Debug)]
pub(crate) struct HuffmanScan {
    bytes: Vec<u8>,
    pending: Pending,
    /// The last direct level of each component.
    last: [i16; 3],
}

/// Bits that do not make a whole word yet.
#[derive(Clone, Copy, Debug)]
struct Pending {
    bits: u64,
    /// Bits for which there is room.
    room: u32,
}

/// Whole words of a unit; they get into bytes when it is done, so that what makes them stays in registers.
struct Words {
    words: [u64; WORDS],
    count: usize,
}

impl Pending {
    #[inline(always)]
    fn put(&mut self, words: &mut Words, code: Code) {
        self.put_bits(words, code.bits(), code.length());
    }

    #[inline(always)]
    fn put_bits(&mut self, words: &mut Words, bits: u32, length: u32) {
        let bits = u64::from(bits);
        if length <= self.room {
            self.bits = self.bits << length | bits;
            self.room -= length;
            return;
        }
        let over = length - self.room;
        // There is room for less than a code, so less than the register is moved.
        words.words[words.count % WORDS] = self.bits << self.room | bits >> over;
        words.count += 1;
        // What is written already is moved out by what comes.
        self.bits = bits;
        self.room = 64 - over;
    }
}

impl Words {
    /// Writes them; each 255 is followed by a zero, so that it is not a marker.
    #[inline(always)]
    fn write(&mut self, bytes: &mut Vec<u8>) {
        const HIGH: u64 = 0x8080_8080_8080_8080;
        const ONES: u64 = 0x0101_0101_0101_0101;
        for word in &self.words[..self.count.min(WORDS)] {
            // Adding one to 255 clears its highest bit; a carry may seem to clear others, which costs time alone.
            if word & !word.wrapping_add(ONES) & HIGH == 0 {
                bytes.extend_from_slice(&word.to_be_bytes());
            } else {
                stuff(bytes, *word);
            }
        }
        self.count = 0;
    }
}

#[cold]
#[inline(never)]
fn stuff(bytes: &mut Vec<u8>, word: u64) {
    for byte in word.to_be_bytes() {
        bytes.push(byte);
        if byte == 0xFF {
            bytes.push(0);
        }
    }
}

/// The blocks of one component of a row of units.
#[derive(Debug)]
pub(crate) struct Component<'a> {
    pub blocks: &'a [Block],
    /// Blocks from one row of them to the next.
    pub stride: usize,
    /// Blocks of a unit, across and down.
    pub unit: (usize, usize),
    /// Blocks that show something, across and down.
    pub shown: (usize, usize),
    pub codes: &'a Codes,
}

impl HuffmanScan {
    /// Goes on after what is written already.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: Pending { bits: 0, room: 64 }, last: [0; 3] }
    }

    /// Adds a row of units of up to three components.
    pub(crate) fn put(&mut self, components: &[Component<'_>], units: usize) {
        put_blocks(self, components, units);
    }

    /// The bytes; what is missing to a whole one is filled with ones.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let used = 64 - self.pending.room;
        let missing = (8 - used % 8) % 8;
        let bits = self.pending.bits << missing | ((1 << missing) - 1);
        for at in (0..used.div_ceil(8)).rev() {
            let byte = (bits >> (8 * at)) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
        self.bytes
    }
}

/// What [`HuffmanScan::put`] does, for every processor.
#[inline(always)]
pub(super) fn put_all(scan: &mut HuffmanScan, components: &[Component<'_>], units: usize) {
    let mut pending = scan.pending;
    let mut words = Words { words: [0; WORDS], count: 0 };
    for unit in 0..units {
        for (component, last) in components.iter().zip(&mut scan.last) {
            let (across, down) = component.unit;
            for y in 0..down {
                for x in 0..across {
                    let x = unit * across + x;
                    // Blocks outside repeat the direct level of the one before them.
                    let outside = Block { levels: [*last; AREA], present: 0 };
                    let inside = x < component.shown.0 && y < component.shown.1;
                    let block = if inside { &component.blocks[y * component.stride + x] } else { &outside };
                    put_block(&mut pending, &mut words, block, last, component.codes);
                }
            }
        }
        words.write(&mut scan.bytes);
    }
    scan.pending = pending;
}

#[inline(always)]
fn put_block(pending: &mut Pending, words: &mut Words, block: &Block, last: &mut i16, codes: &Codes) {
    let direct = block.levels[0];
    let (length, extra) = magnitude(i32::from(direct) - i32::from(*last));
    *last = direct;
    pending.put(words, codes.direct[length as usize % 16].then(extra, length));

    let mut present = 0;
    for (table, row) in BY_FREQUENCY.iter().zip(block.present.to_le_bytes()) {
        present |= table[usize::from(row)];
    }
    let (mut present, mut before) = (present & !1, 0);
    while present != 0 {
        let at = present.trailing_zeros();
        present &= present - 1;
        let mut zeros = at - before - 1;
        before = at;
        while zeros > 15 {
            pending.put(words, codes.alternating[0xF0]);
            zeros -= 16;
        }
        let level = block.levels[usize::from(ZIGZAG[at as usize % AREA])];
        let place = (zeros << 6) as usize | usize::from((level + SMALL) as u16);
        if (-SMALL..SMALL).contains(&level) {
            pending.put(words, codes.small[place % SMALL_CODES]);
        } else {
            let (length, extra) = magnitude(level.into());
            let code = codes.alternating[(zeros << 4 | length) as usize % 256];
            // Up to 26 bits, for which a code has no room.
            pending.put_bits(words, code.bits() << length | extra, code.length() + length);
        }
    }
    if before < AREA as u32 - 1 {
        pending.put(words, codes.alternating[0]);
    }
}
