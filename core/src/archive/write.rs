//! Writes a reproducible zip to a stream: stored entries, true sizes in every header, nothing of the machine.

use std::io::{self, Seek, SeekFrom, Write};

use zip::write::{PreparedZipFile, SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime, System};

use super::archive_error;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::files::safe_name;

/// What lies before a stored entry's name.
const LOCAL_HEADER_BYTES: u64 = 30;

/// A zip under construction over any `Write`; it never seeks, so it can stream to a disk or a download.
///
/// Entries are stored, dated 1980-01-01 00:00 and carry the mode 0644, so the same files in the same order are the
/// same bytes everywhere. Memory grows by the directory alone: the name and a few hundred bytes an entry.
pub struct ZipSink<W: Write> {
    zip: ZipWriter<Counted<W>>,
    options: SimpleFileOptions,
    bytes: u64,
}

impl<W: Write> std::fmt::Debug for ZipSink<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZipSink").finish_non_exhaustive()
    }
}

impl<W: Write> ZipSink<W> {
    /// An empty archive that will be written to `target`.
    pub fn new(target: W) -> Self {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        Self { zip: ZipWriter::new(Counted { target, at: 0 }), options, bytes: 0 }
    }

    /// Appends a file.
    ///
    /// # Errors
    /// `Archive` when the name is unsafe, not normalised or already taken; `Limit` for 4 GiB and more in one file;
    /// `Io` when the target refuses the bytes.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        if safe_name(name).within(|| name.to_owned())? != name {
            return Err(Error::new(ErrorKind::Archive, "the name is not normalised").within(name));
        }
        if bytes.len() as u64 >= zip::ZIP64_BYTES_THR {
            return Err(Error::new(ErrorKind::Limit, "a file of 4 GiB or more cannot be packed").within(name));
        }
        PreparedZipFile::from_data(name, self.options, bytes)
            .and_then(|file| self.zip.add_prepared_file(file))
            .map_err(|error| archive_error(&error).within(name))?;
        self.bytes += LOCAL_HEADER_BYTES + (name.len() + bytes.len()) as u64;
        Ok(())
    }

    /// Bytes of the entries so far: where the directory would begin.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes the directory, flushes, and gives the target back.
    ///
    /// # Errors
    /// `Io` when the target refuses the bytes.
    pub fn finish(self) -> Result<W> {
        let mut target = self.zip.finish().map_err(|error| archive_error(&error))?.target;
        target.flush().map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
        Ok(target)
    }
}

/// Gives the zip writer the positions that it asks for, and refuses to move: sizes and checksums are known before a
/// header is written, so there is nothing to go back for.
struct Counted<W> {
    target: W,
    at: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.target.write(bytes)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

impl<W> Seek for Counted<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Start(at) if at == self.at => Ok(at),
            SeekFrom::Current(0) | SeekFrom::End(0) => Ok(self.at),
            _ => Err(io::Error::new(io::ErrorKind::Unsupported, "the archive is a stream and cannot go back")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

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
}
