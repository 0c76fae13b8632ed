//! Joins archives of `ZipSink` into the one that it would have written, by their directories alone.

use super::layout::{CENTRAL, ELSEWHERE, END, END_64, OFFSET_64, ZipEntry, end, taken};
use crate::error::{Error, ErrorKind, Result};
use crate::files::safe_name;
use crate::fingerprints::Fingerprints;

/// The directory of archives one after the other.
///
/// No content passes through: the joined archive is the front of each (all its bytes before its own directory) in the
/// order of [`JoinedDirectory::add`], then what [`JoinedDirectory::finish`] gives. It is byte for byte what one
/// [`ZipSink`](super::ZipSink) would have written of all entries. Memory grows by the headers.
#[derive(Debug, Default)]
pub struct JoinedDirectory {
    headers: Vec<u8>,
    names: Fingerprints,
    /// Bytes of all fronts so far.
    at: u64,
}

impl JoinedDirectory {
    /// Adds an archive by its last bytes, which must hold its directory; `length` is that of the whole. Gives the bytes
    /// of its front. What cannot be added changes nothing.
    ///
    /// # Errors
    /// `Archive` for anything but an archive of `ZipSink`, and for a name that is taken.
    pub fn add(&mut self, tail: &[u8], length: u64) -> Result<u64> {
        let End { front, entries, directory } = End::read(tail, length)?;
        let mut rest = directory;
        let (mut headers, mut names) = (Vec::with_capacity(directory.len()), Fingerprints::default());
        // Entries lie one after the other, so each header must say what those before it add up to.
        let mut offset = 0;
        for _ in 0..entries {
            let header = Header::read(&mut rest).filter(|header| header.offset == offset).ok_or_else(foreign)?;
            let Header { entry, .. } = header;
            if self.names.contains(entry.name) || !names.insert(entry.name) {
                return Err(taken(entry.name));
            }
            let place = self.at.checked_add(offset).ok_or_else(foreign)?;
            entry.push_central(place, &mut headers);
            offset += entry.bytes();
        }
        if !rest.is_empty() || offset != front {
            return Err(foreign());
        }
        self.at = self.at.checked_add(front).ok_or_else(foreign)?;
        self.headers.extend(headers);
        self.names.append(names);
        Ok(front)
    }

    /// Bytes of all fronts so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.at
    }

    /// The directory and the end of the joined archive.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let Self { headers: mut out, names, at } = self;
        out.extend(end(names.len(), out.len() as u64, at));
        out
    }
}

/// The number in some bytes from a place on, the least byte first; `None` where they end before it.
fn little(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(count)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn foreign() -> Error {
    Error::new(ErrorKind::Archive, "this is no whole end of an archive that was written here")
}

/// What the end of an archive says.
struct End<'a> {
    front: u64,
    entries: u64,
    directory: &'a [u8],
}

impl<'a> End<'a> {
    fn read(tail: &'a [u8], length: u64) -> Result<Self> {
        Self::parse(tail, length).ok_or_else(foreign)
    }

    fn parse(tail: &'a [u8], length: u64) -> Option<Self> {
        let (before, end) = tail.split_at_checked(tail.len().checked_sub(END)?)?;
        let field = |at, bytes| little(end, at, bytes);
        if !end.starts_with(b"PK\x05\x06") || field(4, 4)? != 0 || field(20, 2)? != 0 {
            return None;
        }
        let (mut entries, mut size, mut front) = (field(10, 2)?, field(12, 4)?, field(16, 4)?);
        let mut before = before;
        if size == ELSEWHERE {
            let (earlier, end) = before.split_at_checked(before.len().checked_sub(END_64)?)?;
            let field = |at, bytes| little(end, at, bytes);
            if !end.starts_with(b"PK\x06\x06") || field(4, 8)? != 44 || field(56, 4)? != 0x0706_4b50 {
                return None;
            }
            (entries, size, front) = (field(32, 8)?, field(40, 8)?, field(48, 8)?);
            before = earlier;
        }
        let footer = (tail.len() - before.len()) as u64;
        if front.checked_add(size)?.checked_add(footer)? != length {
            return None;
        }
        let start = before.len().checked_sub(usize::try_from(size).ok()?)?;
        Some(Self { front, entries, directory: before.get(start..)? })
    }
}

/// An entry as the directory has it.
struct Header<'a> {
    entry: ZipEntry<'a>,
    offset: u64,
}

impl<'a> Header<'a> {
    /// Takes the next header off, which must be what would be written of its entry.
    fn read(rest: &mut &'a [u8]) -> Option<Self> {
        let (fixed, after) = rest.split_at_checked(CENTRAL)?;
        let field = |at, bytes| little(fixed, at, bytes);
        let (name, after) = after.split_at_checked(usize::try_from(field(28, 2)?).ok()?)?;
        let name = std::str::from_utf8(name).ok().filter(|name| safe_name(name).is_ok_and(|safe| safe == *name))?;
        let (extra, after) = after.split_at_checked(usize::try_from(field(30, 2)?).ok()?)?;
        let offset = match extra.strip_prefix(&OFFSET_64) {
            Some(offset) => u64::from_le_bytes(offset.try_into().ok()?),
            None => field(42, 4)?,
        };
        let entry = ZipEntry { name, crc: field(16, 4)? as u32, size: field(24, 4)? as u32 };
        let mut same = Vec::new();
        entry.push_central(offset, &mut same);
        let header = &rest[..rest.len() - after.len()];
        *rest = after;
        (same == header).then_some(Self { entry, offset })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom};

    use proptest::prelude::*;

    use super::super::sparse::Sparse;
    use super::*;
    use crate::archive::ZipSink;

    type Files = [(String, Vec<u8>)];

    fn zip(files: &Files) -> Vec<u8> {
        let mut sink = ZipSink::new(Vec::new());
        for (name, bytes) in files {
            sink.add(name, bytes).unwrap();
        }
        let front = sink.bytes();
        let zip = sink.finish().unwrap();
        let mut alone = JoinedDirectory::default();
        assert_eq!(alone.add(&zip, zip.len() as u64), Ok(front), "what was counted while writing is the front");
        zip
    }

    /// The archive that archives make, each known by so many bytes of its end.
    fn joined(zips: &[Vec<u8>], spare: usize) -> Vec<u8> {
        let (mut directory, mut whole) = (JoinedDirectory::default(), Vec::new());
        for zip in zips {
            let mut known = JoinedDirectory::default();
            let front = known.add(zip, zip.len() as u64).unwrap() as usize;
            let tail = &zip[front.saturating_sub(spare)..];
            assert_eq!(directory.add(tail, zip.len() as u64), Ok(front as u64), "the end is enough");
            whole.extend(&zip[..front]);
        }
        assert_eq!(directory.bytes(), whole.len() as u64, "the fronts");
        whole.extend(directory.finish());
        whole
    }

    proptest! {
        #[test]
        fn archives_joined_are_the_archive_of_all(
            sizes in prop::collection::vec((0..300usize, 0..4usize), 0..40),
            spare in 0..100usize,
        ) {
            let files: Vec<(String, Vec<u8>)> = sizes
                .iter()
                .enumerate()
                .map(|(i, (size, kind))| (format!("{}/{i}", ["images", "é", "a b", "c"][*kind]), b"PK\x05\x06".repeat(*size)))
                .collect();
            // Cut where a size happens to be a multiple of three: some archives are empty, some hold many.
            let mut cut: Vec<Vec<u8>> = vec![zip(&[])];
            let mut from = 0;
            for (i, (size, _)) in sizes.iter().enumerate() {
                if size % 3 == 0 {
                    cut.push(zip(&files[from..i]));
                    from = i;
                }
            }
            cut.push(zip(&files[from..]));
            prop_assert_eq!(joined(&cut, spare), zip(&files));
        }

        #[test]
        fn no_end_of_an_archive_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..400usize, to: u8) {
            let mut directory = JoinedDirectory::default();
            prop_assert!(directory.add(&bytes, bytes.len() as u64).is_err());
            let whole = zip(&[("a".to_owned(), vec![7; 9]), ("b".to_owned(), vec![])]);
            let mut broken = whole.clone();
            let at = at % broken.len();
            broken[at] = to;
            // A byte of the contents is none of its business; those that are kept as they are, too, make no harm.
            if directory.add(&broken, broken.len() as u64).is_ok() {
                prop_assert_eq!(directory.finish().len(), whole.len() - 2 * 30 - 2 - 9);
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_refused_and_changes_nothing() {
        let good = zip(&[("a".to_owned(), vec![1; 5])]);
        let mut directory = JoinedDirectory::default();
        let length = good.len() as u64;
        directory.add(&good, length).unwrap();
        assert!(directory.add(&good, length).unwrap_err().to_string().contains("'a' is taken"));
        for cut in 0..good.len() {
            assert!(directory.add(&good[..cut], cut as u64).is_err(), "cut at {cut}");
        }
        assert!(directory.add(&good[good.len() - 30..], length).is_err(), "less than its directory");
        assert!(directory.add(&good, length + 1).is_err(), "another length");
        let mut deflated = zip::write::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        deflated.start_file("d", zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut deflated, &[0; 500]).unwrap();
        let deflated = deflated.finish().unwrap().into_inner();
        assert!(directory.add(&deflated, deflated.len() as u64).is_err(), "packed by another program");
        let mut whole = good[..directory.bytes() as usize].to_vec();
        whole.extend(directory.finish());
        assert_eq!(whole, good, "nothing was added");
    }

    #[test]
    fn more_entries_than_16_bits_count_are_joined() {
        let files: Vec<(String, Vec<u8>)> = (0..70_000).map(|i| (format!("{i:06}"), vec![])).collect();
        let parts = [zip(&files[..1000]), zip(&files[1000..67_000]), zip(&files[67_000..])];
        assert!(joined(&parts, 0) == zip(&files), "the same bytes");
    }

    #[test]
    fn past_four_gibibytes_the_directory_is_that_of_one_archive() {
        let filler = vec![0; 64 << 20];
        let write = |sink: &mut ZipSink<Sparse>, part: usize| {
            let fillers = if part == 0 { 65 } else { 1 };
            for i in 0..fillers {
                sink.add(&format!("{part}/{i}"), &filler).unwrap();
            }
            sink.add(&format!("{part}/last"), b"small").unwrap();
        };
        let end = |mut file: Sparse, from: u64| {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(from)).unwrap();
            file.read_to_end(&mut bytes).unwrap();
            (bytes, from)
        };
        let mut whole = ZipSink::new(Sparse::default());
        let mut directory = JoinedDirectory::default();
        for part in 0..2 {
            write(&mut whole, part);
            let mut sink = ZipSink::new(Sparse::default());
            write(&mut sink, part);
            let front = sink.bytes();
            let (tail, _) = end(sink.finish().unwrap(), front);
            assert_eq!(directory.add(&tail, front + tail.len() as u64), Ok(front), "part {part}");
        }
        let front = whole.bytes();
        assert!(front > 1 << 32, "the archive has {front} bytes before its directory");
        assert_eq!(directory.bytes(), front, "the fronts");
        let (tail, _) = end(whole.finish().unwrap(), front);
        assert!(directory.finish() == tail, "the same directory");
    }
}
