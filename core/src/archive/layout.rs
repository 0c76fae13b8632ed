//! The bytes around stored entries, by PKWARE's APPNOTE 6.3: headers and the end.

use crate::error::{Error, ErrorKind};

/// Bytes of a local header without its name, and of a header in the directory.
const LOCAL: u64 = 30;
pub(super) const CENTRAL: usize = 46;
/// Bytes of the record at the very end, and of the two before it where numbers need 64 bits.
pub(super) const END: usize = 22;
pub(super) const END_64: usize = 56 + 20;
/// What stands in the place of a number that needs 64 bits, and the field that has it then.
pub(super) const ELSEWHERE: u64 = 0xffff_ffff;
pub(super) const OFFSET_64: [u8; 4] = [1, 0, 8, 0];
/// The version that stored entries need.
const VERSION: u16 = 10;

/// Who made an entry: a Unix, whose file modes the attributes are.
const UNIX: u16 = 3 << 8;
/// A plain file with the mode 0644, in the upper half of the attributes.
const MODE: u32 = 0o100_644 << 16;
/// 1980-01-01, the first day that there is.
const DATE: u16 = 1 << 5 | 1;
/// The flag of names in UTF-8; without it they are in the code page of the first computers, which begins as ASCII.
const UTF_8: u16 = 1 << 11;

/// A stored entry: its name, which has at most 65,535 bytes, and what its content is known by.
pub(super) struct ZipEntry<'a> {
    pub(super) name: &'a str,
    pub(super) crc: u32,
    /// Bytes, less than 4 GiB.
    pub(super) size: u32,
}

impl ZipEntry<'_> {
    /// What both headers begin with, after their signature and who made it.
    fn push_common(&self, out: &mut Vec<u8>) {
        let flags = if self.name.is_ascii() { 0 } else { UTF_8 };
        // Method and time are 0: stored, at midnight.
        for field in [VERSION, flags, 0, 0, DATE] {
            out.extend(field.to_le_bytes());
        }
        for field in [self.crc, self.size, self.size] {
            out.extend(field.to_le_bytes());
        }
        out.extend(&(self.name.len() as u64).to_le_bytes()[..2]);
    }

    /// Appends what lies before the content.
    pub(super) fn push_local(&self, out: &mut Vec<u8>) {
        out.extend(b"PK\x03\x04");
        self.push_common(out);
        out.extend([0; 2]);
        out.extend(self.name.as_bytes());
    }

    /// Appends the header in the directory of an entry that lies at `place`.
    pub(super) fn push_central(&self, place: u64, out: &mut Vec<u8>) {
        let is_64 = place >= ELSEWHERE;
        out.extend(b"PK\x01\x02");
        out.extend((UNIX | VERSION).to_le_bytes());
        self.push_common(out);
        out.extend(if is_64 { 12u16 } else { 0 }.to_le_bytes());
        // No comment, the first disk, no word on whether it is text.
        out.extend([0; 6]);
        out.extend(MODE.to_le_bytes());
        out.extend(&place.min(ELSEWHERE).to_le_bytes()[..4]);
        out.extend(self.name.as_bytes());
        if is_64 {
            out.extend(OFFSET_64);
            out.extend(place.to_le_bytes());
        }
    }

    /// Bytes of header and content.
    pub(super) const fn bytes(&self) -> u64 {
        LOCAL + self.name.len() as u64 + self.size as u64
    }
}

/// What follows a directory of `size` bytes that begins `at` some place.
pub(super) fn end(entries: u64, size: u64, at: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(END + END_64);
    let is_64 = entries > 0xffff || size.max(at) > ELSEWHERE;
    if is_64 {
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend(VERSION.to_le_bytes());
        out.extend(VERSION.to_le_bytes());
        out.extend([0; 8]);
        for number in [entries, entries, size, at] {
            out.extend(number.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend([0; 4]);
        out.extend((at + size).to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    let short = |number: u64, most: u64| number.min(most).to_le_bytes();
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    out.extend(&short(entries, 0xffff)[..2]);
    out.extend(&short(entries, 0xffff)[..2]);
    out.extend(&short(if is_64 { ELSEWHERE } else { size }, ELSEWHERE)[..4]);
    out.extend(&short(at, ELSEWHERE)[..4]);
    out.extend([0; 2]);
    out
}

/// The error of a name that stands for another entry already.
pub(super) fn taken(name: &str) -> Error {
    Error::new(ErrorKind::Archive, format!("the name '{name}' is taken"))
}
