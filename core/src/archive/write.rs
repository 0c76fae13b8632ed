//! Writes a reproducible zip to a stream: stored entries, true sizes in every header, nothing of the machine.

use std::io::{self, BufWriter, Write};

use super::layout::{ZipEntry, end, taken};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::files::safe_name;
use crate::fingerprints::Fingerprints;
use crate::scratch::{ScratchSpace, SpillBuffer};

/// Bytes of a content that are written at once.
const PIECE_BYTES: usize = 64 << 10;

/// What writes the content of a file, the same whenever it is asked to.
pub type Content<'a> = dyn FnMut(&mut dyn Write) -> Result<()> + 'a;

/// A zip under construction over any `Write`; it never seeks, so it can stream to a disk or a download.
///
/// Entries are stored, dated 1980-01-01 00:00 and carry the mode 0644, so the same files in the same order are the
/// same bytes everywhere. They are the bytes that the zip library writes, which keeps some hundred bytes of every entry
/// until the end; here the directory waits in scratch space, and memory grows by 16 bytes an entry and their place in a
/// tree, for the names that are taken.
#[derive(Debug)]
pub struct ZipSink<W> {
    target: W,
    names: Fingerprints,
    directory: SpillBuffer,
    space: ScratchSpace,
    /// Bytes of the entries so far.
    at: u64,
}

impl<W: Write> ZipSink<W> {
    /// An empty archive that will be written to `target`; what waits for its end waits in memory.
    pub fn new(target: W) -> Self {
        Self::with_scratch(target, ScratchSpace::default())
    }

    /// An empty archive that will be written to `target`; what waits for its end waits in `space`.
    pub fn with_scratch(target: W, space: ScratchSpace) -> Self {
        Self { target, names: Fingerprints::default(), directory: SpillBuffer::new(space.clone()), space, at: 0 }
    }

    /// Appends a file.
    ///
    /// # Errors
    /// `Archive` when the name is unsafe, not normalized or already taken; `Limit` for 4 GiB and more in one file;
    /// `Io` when the target refuses the bytes.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut crc = crc32fast::Hasher::new();
        crc.update(bytes);
        self.begin(name, crc.finalize(), bytes.len() as u64)?;
        self.target.write_all(bytes).map_err(|error| refused(&error).within(name))
    }

    /// Appends a file by what writes it, twice, since a header knows the size and the checksum of what comes after it.
    ///
    /// # Errors
    /// Those of [`ZipSink::add`], and those of the content.
    pub fn add_content(&mut self, name: &str, content: &mut Content<'_>) -> Result<()> {
        let (crc, size) = measure(io::sink(), content).within(|| name.to_owned())?;
        self.begin(name, crc, size)?;
        if measure(&mut self.target, content).within(|| name.to_owned())? == (crc, size) {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Io, "it was written twice, and not the same").within(name))
        }
    }

    /// Writes what lies before a content, and notes the entry.
    fn begin(&mut self, name: &str, crc: u32, size: u64) -> Result<()> {
        if safe_name(name).within(|| name.to_owned())? != name {
            return Err(Error::new(ErrorKind::Archive, "the name is not normalized").within(name));
        }
        if name.len() > usize::from(u16::MAX) {
            return Err(Error::new(ErrorKind::Archive, "the name has more than 65,535 bytes").within(name));
        }
        let size = u32::try_from(size).ok().filter(|size| *size < u32::MAX);
        let size =
            size.ok_or_else(|| Error::new(ErrorKind::Limit, "a file of 4 GiB or more cannot be packed").within(name))?;
        if !self.names.insert(name) {
            return Err(taken(name));
        }
        let (entry, mut header) = (ZipEntry { name, crc, size }, Vec::new());
        entry.push_central(self.at, &mut header);
        self.directory.append(&header)?;
        header.clear();
        entry.push_local(&mut header);
        self.target.write_all(&header).map_err(|error| refused(&error).within(name))?;
        self.at += entry.bytes();
        Ok(())
    }

    /// Where it has room for what waits.
    #[must_use]
    pub fn scratch(&self) -> ScratchSpace {
        self.space.clone()
    }

    /// Bytes of the entries so far: where the directory would begin.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.at
    }

    /// Writes the directory, flushes, and gives the target back.
    ///
    /// # Errors
    /// `Io` when the target refuses the bytes.
    pub fn finish(self) -> Result<W> {
        let Self { mut target, names, directory, at, .. } = self;
        directory.each_piece(|piece| target.write_all(piece).map_err(|error| refused(&error)))?;
        let end = end(names.len(), directory.length(), at);
        target.write_all(&end).and_then(|()| target.flush()).map_err(|error| refused(&error))?;
        Ok(target)
    }
}

/// Writes a content in pieces, however small those are that it gives; its checksum and its bytes.
fn measure(target: impl Write, content: &mut Content<'_>) -> Result<(u32, u64)> {
    let measured = Measured { target, crc: crc32fast::Hasher::new(), bytes: 0 };
    let mut pieces = BufWriter::with_capacity(PIECE_BYTES, measured);
    content(&mut pieces)?;
    let Measured { crc, bytes, .. } = pieces.into_inner().map_err(|failed| refused(failed.error()))?;
    Ok((crc.finalize(), bytes))
}

/// Counts and sums up what passes through.
struct Measured<W> {
    target: W,
    crc: crc32fast::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.target.write(bytes)?;
        self.crc.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

fn refused(cause: &io::Error) -> Error {
    Error::new(ErrorKind::Io, cause.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::super::sparse::Sparse;
    use super::*;
    use crate::archive::ZipFiles;
    use crate::files::Files;
    use crate::limits::Limits;

    #[test]
    fn an_archive_is_the_same_bytes_everywhere() {
        let mut sink = ZipSink::new(Vec::new());
        sink.add("images/a_0.jpg", b"pixels").unwrap();
        sink.add("images/été_0.jpg", &[0; 1000]).unwrap();
        sink.add("empty", b"").unwrap();
        let bytes = sink.finish().unwrap();
        // Checked once with Python's zipfile and `unzip -t`; made on x86-64 Linux.
        assert_eq!(
            hex::encode(Sha256::digest(&bytes)),
            "4af1543119132b539dc6359c76ad7b64f23ad28a05d9ad4a0188095b76ca2474",
            "the container changed: {} bytes",
            bytes.len()
        );
        assert!(!bytes.windows(4).any(|w| w == b"PK\x07\x08"), "no data descriptor");
    }

    #[test]
    fn unsafe_and_taken_names_are_refused_and_the_rest_stays_whole() {
        let mut sink = ZipSink::new(Vec::new());
        sink.add("a", b"1").unwrap();
        for name in ["a", "../b", "/b", "./b", "b/", "b\\c", ""] {
            assert_eq!(sink.add(name, b"2").unwrap_err().kind(), ErrorKind::Archive, "{name:?}");
        }
        sink.add("b", b"3").unwrap();
        let files = ZipFiles::open(Cursor::new(sink.finish().unwrap()), Limits::default()).unwrap();
        assert_eq!(files.names(), ["a", "b"]);
        assert_eq!(files.read("b").unwrap(), b"3");
    }

    #[test]
    fn more_entries_than_16_bits_count() {
        let mut sink = ZipSink::new(Vec::new());
        let names: Vec<String> = (0..70_000).map(|i| format!("{i:06}")).collect();
        for name in &names {
            sink.add(name, name.as_bytes()).unwrap();
        }
        let files = ZipFiles::open(Cursor::new(sink.finish().unwrap()), Limits::default()).unwrap();
        assert_eq!(files.names(), names);
        assert_eq!(files.read("069999").unwrap(), b"069999");
    }

    #[test]
    fn an_entry_past_four_gibibytes_is_found() {
        let mut sink = ZipSink::new(Sparse::default());
        let filler = vec![0; 64 << 20];
        for i in 0..65 {
            sink.add(&format!("filler/{i}"), &filler).unwrap();
        }
        sink.add("last", b"past 4 GiB").unwrap();
        let sparse = sink.finish().unwrap();
        assert!(sparse.length() > 1 << 32, "the archive is {} bytes", sparse.length());
        let files = ZipFiles::open(sparse, Limits::default()).unwrap();
        assert_eq!(files.problems(), []);
        assert_eq!(files.read("last").unwrap(), b"past 4 GiB");
        assert_eq!(files.read("filler/64").unwrap(), filler);
    }

    /// What the zip library writes of the same files.
    fn by_the_library(files: &[(String, Vec<u8>)]) -> Vec<u8> {
        use zip::write::{PreparedZipFile, SimpleFileOptions, ZipWriter};
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::DEFAULT)
            .system(zip::System::Unix)
            .unix_permissions(0o644);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.add_prepared_file(PreparedZipFile::from_data(name.as_str(), options, bytes).unwrap()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    proptest! {
        #[test]
        fn the_zip_library_writes_the_same_bytes(
            files in prop::collection::btree_map("[a-zé€ .-]{0,9}x", prop::collection::vec(any::<u8>(), 0..300), 0..9),
            piece in 1..400usize,
            is_roomy: bool,
        ) {
            let files: Vec<(String, Vec<u8>)> = files.into_iter().collect();
            let room = ScratchSpace::new(|| Ok(Box::new(Cursor::new(Vec::new()))));
            let mut sink = ZipSink::with_scratch(Vec::new(), if is_roomy { room } else { ScratchSpace::default() });
            for (i, (name, bytes)) in files.iter().enumerate() {
                if i % 2 == 0 {
                    sink.add(name, bytes).unwrap();
                    continue;
                }
                let mut content = |out: &mut dyn Write| {
                    bytes.chunks(piece).try_for_each(|bytes| out.write_all(bytes)).map_err(|error| refused(&error))
                };
                sink.add_content(name, &mut content).unwrap();
            }
            prop_assert_eq!(sink.finish().unwrap(), by_the_library(&files));
        }
    }

    #[test]
    fn a_content_that_changes_is_an_error() {
        let mut left = 2;
        let mut content = |out: &mut dyn Write| {
            left -= 1;
            out.write_all(&[left]).map_err(|error| refused(&error))
        };
        let error = ZipSink::new(Vec::new()).add_content("a", &mut content).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("not the same"), "{error}");
    }
}
