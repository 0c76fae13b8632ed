//! Rows of black and white in the codes of fax machines (ITU-T T.4 and T.6), as TIFF stores them.

use std::convert::Infallible;

use fax::BitReader;
use fax::maps::{Mode, black, mode, white};

use crate::codec::{Format, broken, cut_off, unsupported};
use crate::error::Result;

/// How rows are told apart, and whether they may lean on the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Each by itself, from a whole number of bytes on.
    Aligned { bytes: usize },
    /// Each after a mark of its end, by itself or, if the mark says so, by the one before.
    Group3 { two_dimensional: bool },
    /// Each by the one before.
    Group4,
}

/// Rows of `stride` bytes, a bit a pixel, 1 for black.
pub(super) fn decode(data: &[u8], coding: Coding, width: u32, stride: usize, rows: &mut [u8]) -> Result<()> {
    let mut bits = Bits { data, at: 0 };
    let (mut before, mut line) = (Vec::new(), Vec::new());
    for row in rows.chunks_exact_mut(stride) {
        line.clear();
        let alone = match coding {
            Coding::Aligned { bytes } => {
                bits.at = bits.at.next_multiple_of(8 * bytes);
                true
            }
            Coding::Group3 { two_dimensional } => {
                bits.skip_mark();
                !two_dimensional || bits.take_one()
            }
            Coding::Group4 => false,
        };
        if alone {
            by_itself(&mut bits, width, &mut line)?;
        } else {
            by_the_one_before(&mut bits, width, &before, &mut line)?;
        }
        for run in line.chunks(2) {
            fill(row, run[0], run.get(1).copied().unwrap_or(width));
        }
        std::mem::swap(&mut before, &mut line);
    }
    Ok(())
}

/// Bits from the first of a byte on; beyond the end they are 0 for as long as a code may be looked for there.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl BitReader for Bits<'_> {
    type Error = Infallible;

    fn peek(&self, count: u8) -> Option<u16> {
        let byte = |offset: usize| u32::from(self.data.get(self.at / 8 + offset).copied().unwrap_or(0));
        let three = byte(0) << 16 | byte(1) << 8 | byte(2);
        let shift = 24_usize.checked_sub(self.at % 8 + usize::from(count))?;
        (self.at < 8 * self.data.len()).then_some((three >> shift & ((1 << count) - 1)) as u16)
    }

    fn consume(&mut self, count: u8) -> std::result::Result<(), Infallible> {
        self.at += usize::from(count);
        Ok(())
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        ((8 - self.at % 8) % 8) as u8
    }
}

impl Bits<'_> {
    fn take_one(&mut self) -> bool {
        let bit = self.peek(1) == Some(1);
        self.at += 1;
        bit
    }

    /// Passes over eleven or more 0 and the 1 after them, which no code has.
    fn skip_mark(&mut self) {
        if self.peek(11) == Some(0) {
            while self.peek(1) == Some(0) {
                self.at += 1;
            }
            self.at += 1;
        }
    }

    /// Why there is no code here.
    fn fault(&self) -> crate::error::Error {
        if self.at + 16 >= 8 * self.data.len() {
            cut_off(Format::Tiff)
        } else {
            broken(Format::Tiff, "a row has an unknown code")
        }
    }

    /// The length of a run: codes of multiples of 64, and one of less.
    fn run(&mut self, is_black: bool) -> Result<u32> {
        let mut length = 0_u32;
        loop {
            let part = if is_black { black::decode(self) } else { white::decode(self) };
            let part = part.ok_or_else(|| self.fault())?;
            length = length.saturating_add(part.into());
            if part < 64 {
                return Ok(length);
            }
        }
    }
}

/// Notes where the color changes; where it does so twice, it does not.
fn change(line: &mut Vec<u32>, at: u32) {
    if line.last() == Some(&at) {
        line.pop();
    } else {
        line.push(at);
    }
}

fn too_long() -> crate::error::Error {
    broken(Format::Tiff, "a row is longer than the picture is wide")
}

/// Runs of white and black by turns.
fn by_itself(bits: &mut Bits<'_>, width: u32, line: &mut Vec<u32>) -> Result<()> {
    let (mut at, mut is_black) = (0_u32, false);
    while at < width {
        at = at.saturating_add(bits.run(is_black)?);
        change(line, at);
        is_black = !is_black;
    }
    if at > width { Err(too_long()) } else { Ok(()) }
}

/// Changes of color by those of the row before: T.6, 2.2.
fn by_the_one_before(bits: &mut Bits<'_>, width: u32, before: &[u32], line: &mut Vec<u32>) -> Result<()> {
    let (mut at, mut is_black) = (0_u32, false);
    let mut near = 0;
    let mut at_start = true;
    while at < width {
        // The first change right of here, and to the other color: even ones are to black.
        near = near.min(before.len());
        while near > 0 && before[near - 1] > at {
            near -= 1;
        }
        while before.get(near).is_some_and(|change| *change < at || (*change == at && !at_start)) {
            near += 1;
        }
        if near % 2 != usize::from(is_black) {
            near += 1;
        }
        let change_at = |index: usize| before.get(index).copied().unwrap_or(width);
        match mode::decode(bits).ok_or_else(|| bits.fault())? {
            Mode::Pass => at = change_at(near + 1),
            Mode::Horizontal => {
                for is_black in [is_black, !is_black] {
                    at = at.saturating_add(bits.run(is_black)?);
                    change(line, at);
                }
            }
            Mode::Vertical(delta) => {
                let to = change_at(near).checked_add_signed(delta.into()).filter(|to| *to >= at);
                at = to.ok_or_else(|| broken(Format::Tiff, "a row goes back behind its start"))?;
                change(line, at);
                is_black = !is_black;
            }
            Mode::Extension => return Err(unsupported(Format::Tiff, "fax rows with uncompressed parts")),
            Mode::EOF => return Err(cut_off(Format::Tiff)),
        }
        at_start = false;
    }
    if at > width { Err(too_long()) } else { Ok(()) }
}

/// Sets the bits of a run; what is beyond the row is left out.
fn fill(row: &mut [u8], from: u32, to: u32) {
    let (from, to) = (from as usize, (to as usize).min(8 * row.len()));
    if from >= to {
        return;
    }
    let (first, last) = (from / 8, (to - 1) / 8);
    let (left, right) = (0xFF_u8 >> (from % 8), 0xFF_u8 << (7 - (to - 1) % 8));
    if first == last {
        row[first] |= left & right;
    } else {
        row[first] |= left;
        row[first + 1..last].fill(0xFF);
        row[last] |= right;
    }
}
