//! The directory of a TIFF's first page: its tags, read where they stand and only when they are asked for.

use std::collections::BTreeMap;

use crate::codec::{Format, broken, cut_off};
use crate::error::Result;

/// The tags that are read (TIFF 6.0, TIFF/EP, DNG), by their numbers.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in super::super) const WIDTH: u16 = 256;
    pub(in super::super) const HEIGHT: u16 = 257;
    pub(in super::super) const BITS: u16 = 258;
    pub(in super::super) const COMPRESSION: u16 = 259;
    pub(in super::super) const PHOTOMETRIC: u16 = 262;
    pub(in super::super) const FILL_ORDER: u16 = 266;
    pub(in super::super) const STRIP_OFFSETS: u16 = 273;
    pub(in super::super) const ORIENTATION: u16 = 274;
    pub(in super::super) const SAMPLES: u16 = 277;
    pub(in super::super) const ROWS_PER_STRIP: u16 = 278;
    pub(in super::super) const STRIP_LENGTHS: u16 = 279;
    pub(in super::super) const PLANAR: u16 = 284;
    pub(in super::super) const GROUP_3_OPTIONS: u16 = 292;
    pub(in super::super) const PREDICTOR: u16 = 317;
    pub(in super::super) const COLOR_MAP: u16 = 320;
    pub(in super::super) const TILE_WIDTH: u16 = 322;
    pub(in super::super) const TILE_HEIGHT: u16 = 323;
    pub(in super::super) const TILE_OFFSETS: u16 = 324;
    pub(in super::super) const TILE_LENGTHS: u16 = 325;
    pub(in super::super) const SUB_DIRECTORIES: u16 = 330;
    pub(in super::super) const EXTRA_SAMPLES: u16 = 338;
    pub(in super::super) const SAMPLE_FORMAT: u16 = 339;
    pub(in super::super) const JPEG_TABLES: u16 = 347;
    pub(in super::super) const JPEG_STREAM: u16 = 513;
    pub(in super::super) const JPEG_RESTARTS: u16 = 515;
    pub(in super::super) const JPEG_QUANTIZERS: u16 = 519;
    pub(in super::super) const JPEG_DC_CODES: u16 = 520;
    pub(in super::super) const JPEG_AC_CODES: u16 = 521;
    pub(in super::super) const YCBCR_FACTORS: u16 = 529;
    pub(in super::super) const YCBCR_SUBSAMPLING: u16 = 530;
    pub(in super::super) const REFERENCE: u16 = 532;
    pub(in super::super) const ICC_PROFILE: u16 = 34675;
    pub(in super::super) const DNG_VERSION: u16 = 50706;
}

/// In which order the bytes of a number stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The number of up to eight bytes.
    pub(super) fn number(self, field: &[u8]) -> u64 {
        let digit = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
        match self {
            Self::Little => field.iter().rev().fold(0, digit),
            Self::Big => field.iter().fold(0, digit),
        }
    }
}

/// Where the values of a tag stand, of what type they are and how many.
#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: u16,
    count: u64,
    at: u64,
}

impl Entry {
    /// Bytes of one value; 0 for types that are not known.
    const fn width(self) -> u64 {
        match self.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => 0,
        }
    }
}

/// The tags of the first page.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    pub(super) file: &'a [u8],
    pub(super) order: Order,
    entries: BTreeMap<u16, Entry>,
    /// Whether another page follows.
    pub(super) more: bool,
}

impl<'a> Directory<'a> {
    /// Reads the list of tags, none of their values.
    pub(super) fn read(file: &'a [u8]) -> Result<Self> {
        let order = if file.starts_with(b"II") { Order::Little } else { Order::Big };
        let number = |at: u64, width: u64| Some(order.number(part(file, at, width)?));
        let read = || {
            // BigTIFF has numbers of 8 bytes where the old form has 4, and counts entries by 8 bytes instead of 2.
            let (at, counter, word) = if number(2, 2)? == 43 { (8, 8, 8) } else { (4, 2, 4) };
            let first = number(at, word)?;
            let count = number(first, counter)?;
            let (entry, start) = (4 + 2 * word, first.checked_add(counter)?);
            let mut entries = BTreeMap::new();
            for i in 0..count {
                let at = start.checked_add(i.checked_mul(entry)?)?;
                let (tag, kind, count) = (number(at, 2)?, number(at + 2, 2)?, number(at + 4, word)?);
                let mut value = Entry { kind: kind as u16, count, at: at + 4 + word };
                let fits = value.width().checked_mul(count).is_some_and(|bytes| bytes <= word);
                if !fits {
                    value.at = number(value.at, word)?;
                }
                entries.entry(tag as u16).or_insert(value);
            }
            // Some files end before the place of a next page.
            let next = start.checked_add(count.checked_mul(entry)?).and_then(|at| number(at, word));
            Some(Self { file, order, entries, more: next.is_some_and(|next| next != 0) })
        };
        read().ok_or_else(|| cut_off(Format::Tiff))
    }

    /// Whether there is such a tag.
    pub(super) fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }

    /// How many values a tag has; 0 where there is none.
    pub(super) fn count(&self, tag: u16) -> u64 {
        self.entries.get(&tag).map_or(0, |entry| entry.count)
    }

    /// A value of a tag, counted from 0, as a whole number that is not negative.
    pub(super) fn at(&self, tag: u16, index: u64) -> Result<Option<u64>> {
        let Some((entry, bytes)) = self.value(tag, index)? else { return Ok(None) };
        match entry.kind {
            1 | 3 | 4 | 7 | 13 | 16 | 18 => Ok(Some(self.order.number(bytes))),
            _ => Err(self.wrong(tag)),
        }
    }

    /// The first value of a tag.
    pub(super) fn number(&self, tag: u16) -> Result<Option<u64>> {
        self.at(tag, 0)
    }

    /// A value of a tag that may be a fraction.
    pub(super) fn real(&self, tag: u16, index: u64) -> Result<Option<f64>> {
        let Some((entry, bytes)) = self.value(tag, index)? else { return Ok(None) };
        let number = self.order.number(bytes);
        Ok(Some(match entry.kind {
            5 => {
                let (over, under) = bytes.split_at(4);
                self.order.number(over) as f64 / self.order.number(under) as f64
            }
            11 => f64::from(f32::from_bits(number as u32)),
            12 => f64::from_bits(number),
            1 | 3 | 4 => number as f64,
            _ => return Err(self.wrong(tag)),
        }))
    }

    /// The bytes of a tag.
    pub(super) fn bytes(&self, tag: u16) -> Result<Option<&'a [u8]>> {
        match self.entries.get(&tag) {
            None => Ok(None),
            Some(entry) if entry.width() != 1 => Err(self.wrong(tag)),
            Some(entry) => part(self.file, entry.at, entry.count).map(Some).ok_or_else(|| cut_off(Format::Tiff)),
        }
    }

    /// A part of the file; what is beyond its end is an error.
    pub(super) fn part(&self, at: u64, length: u64) -> Result<&'a [u8]> {
        part(self.file, at, length).ok_or_else(|| cut_off(Format::Tiff))
    }

    fn value(&self, tag: u16, index: u64) -> Result<Option<(Entry, &'a [u8])>> {
        let Some(entry) = self.entries.get(&tag).filter(|entry| index < entry.count) else { return Ok(None) };
        let width = entry.width();
        let at = index.checked_mul(width).and_then(|offset| entry.at.checked_add(offset));
        let bytes = at.and_then(|at| part(self.file, at, width)).ok_or_else(|| cut_off(Format::Tiff))?;
        if width == 0 { Err(self.wrong(tag)) } else { Ok(Some((*entry, bytes))) }
    }

    #[cold]
    fn wrong(&self, tag: u16) -> crate::error::Error {
        broken(Format::Tiff, format!("its tag {tag} has values of a wrong kind"))
    }
}

fn part(file: &[u8], at: u64, length: u64) -> Option<&[u8]> {
    let at = usize::try_from(at).ok()?;
    file.get(at..at.checked_add(usize::try_from(length).ok()?)?)
}
