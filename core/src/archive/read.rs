//! Reads a zip that may be hostile: every entry is checked by itself, and the good ones stay readable.

use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use zip::read::{Config, OwnedZipFileEntry};
// The stable reader keeps entries by name and so hides that a name comes twice.
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

use super::archive_error;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Files, safe_name};
use crate::limits::Limits;

/// Memory taken at once on the word of a header; more only as bytes arrive.
const TRUSTED_BYTES: u64 = 16 << 20;
/// Growth that is never suspected, however small the entry.
const FREE_BYTES: u64 = 1 << 20;
/// The fixed part of a local header.
const LOCAL_HEADER_BYTES: u64 = 30;

/// The files of a zip. Several threads may read at once; they take turns at the reader.
///
/// Folders are left out. An entry that is unsafe, damaged beyond its header or over a limit is a problem and not a
/// file: links, encrypted entries, names that leave the folder, names that come twice (the first one stays), methods
/// other than stored and deflated, entries that share bytes with another, and bombs.
pub struct ZipFiles<R> {
    reader: Mutex<R>,
    names: Vec<String>,
    /// In the order of `names`.
    entries: Vec<OwnedZipFileEntry>,
    problems: Vec<(String, Error)>,
    limits: Limits,
}

impl<R> std::fmt::Debug for ZipFiles<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ZipFiles({} files, {} problems)", self.names.len(), self.problems.len())
    }
}

impl<R: Read + Seek> ZipFiles<R> {
    /// Reads the directory of an archive; no entry is unpacked yet.
    ///
    /// # Errors
    /// `Archive` when there is no whole directory; `Limit` when it has more than `max_archive_entries`.
    pub fn open(mut reader: R, limits: Limits) -> Result<Self> {
        let length = reader.seek(SeekFrom::End(0)).map_err(|error| archive_error(&error.into()))?;
        let mut listed = Vec::new();
        let mut problems = Vec::new();
        {
            let mut archive =
                ZipIterable::try_new(&mut reader, Config::default()).map_err(|error| archive_error(&error))?;
            if archive.len() > limits.max_archive_entries {
                return Err(Error::new(
                    ErrorKind::Limit,
                    format!("{} entries are more than the limit of {}", archive.len(), limits.max_archive_entries),
                ));
            }
            for entry in archive.files().map_err(|error| archive_error(&error))? {
                let entry = OwnedZipFileEntry::from(entry.map_err(|error| archive_error(&error))?);
                if entry.is_dir() {
                    continue;
                }
                match check(&entry, length, &limits) {
                    Ok(name) => listed.push((name, entry)),
                    Err(error) => problems.push((shown_name(&entry), error)),
                }
            }
        }
        let listed = without_overlaps(listed, &mut problems);
        let (names, entries) = without_duplicates(listed, &mut problems).into_iter().unzip();
        problems.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { reader: Mutex::new(reader), names, entries, problems, limits })
    }
}

impl<R> ZipFiles<R> {
    /// The entries that were refused, by name as far as it can be shown, sorted.
    #[must_use]
    pub fn problems(&self) -> &[(String, Error)] {
        &self.problems
    }

    fn entry(&self, name: &str) -> Option<&OwnedZipFileEntry> {
        self.names.binary_search_by(|other| other.as_str().cmp(name)).ok().map(|at| &self.entries[at])
    }
}

impl<R: Read + Seek> Files for ZipFiles<R> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let entry = self.entry(name).ok_or_else(|| Error::new(ErrorKind::Io, "there is no such file").within(name))?;
        let most = most_bytes(entry, &self.limits);
        let mut bytes = Vec::with_capacity(entry.size().min(TRUSTED_BYTES) as usize);
        // A thread that panicked elsewhere leaves the reader usable: every read seeks first.
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        entry
            .as_ref()
            .with_reader(&mut *reader, ZipReadOptions::new())
            .and_then(|file| Ok(file.take(most.saturating_add(1)).read_to_end(&mut bytes)?))
            .map_err(|error| archive_error(&error).within(name))?;
        if bytes.len() as u64 > most {
            return Err(too_large(bytes.len() as u64, &self.limits).within(name));
        }
        Ok(bytes)
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.entry(name).map(OwnedZipFileEntry::size)
    }
}

/// The safe name of an entry that may be unpacked, as far as its header tells.
fn check(entry: &OwnedZipFileEntry, length: u64, limits: &Limits) -> Result<String> {
    let refuse = |why: &str| Err(Error::new(ErrorKind::Archive, why));
    let name = safe_name(&entry.name().map_err(|error| archive_error(&error))?)?;
    if entry.is_symlink() {
        return refuse("a link, which is not followed");
    }
    if entry.encrypted() {
        return refuse("encrypted; unpack the archive with its password first");
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("packed by {}; only stored and deflated entries can be read", entry.compression()),
        ));
    }
    if end(entry) > length {
        return refuse("the archive ends before the entry does");
    }
    if entry.size() > most_bytes(entry, limits) {
        return Err(too_large(entry.size(), limits));
    }
    Ok(name)
}

/// The most bytes that an entry may become.
fn most_bytes(entry: &OwnedZipFileEntry, limits: &Limits) -> u64 {
    let grown = entry.compressed_size().saturating_mul(limits.max_expansion);
    grown.saturating_add(FREE_BYTES).min(limits.max_file_bytes)
}

fn too_large(size: u64, limits: &Limits) -> Error {
    Error::new(
        ErrorKind::Limit,
        if size > limits.max_file_bytes {
            format!("unpacks to more than the limit of {} bytes", limits.max_file_bytes)
        } else {
            format!("unpacks to more than {} times its size, like a zip bomb", limits.max_expansion)
        },
    )
}

/// The least position where an entry's bytes can end: what its local header holds besides is not known yet.
fn end(entry: &OwnedZipFileEntry) -> u64 {
    entry.header_start().saturating_add(LOCAL_HEADER_BYTES).saturating_add(entry.compressed_size())
}

/// What to call a refused entry in a message: its name without characters that a terminal would obey.
fn shown_name(entry: &OwnedZipFileEntry) -> String {
    entry.name().map_or_else(
        |_| String::from("?"),
        |name| name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect(),
    )
}

type Listed = Vec<(String, OwnedZipFileEntry)>;

/// Refuses entries that start inside another: many names for the same bytes make a bomb without any compression.
/// Spans are taken at their least, so what passes shares no more than its headers' variable parts.
fn without_overlaps(mut listed: Listed, problems: &mut Vec<(String, Error)>) -> Listed {
    listed.sort_by_key(|(_, entry)| (entry.header_start(), entry.central_header_start()));
    let mut free_from = 0;
    listed.retain(|(name, entry)| {
        let clear = entry.header_start() >= free_from;
        if clear {
            free_from = end(entry);
        } else {
            problems.push((name.clone(), Error::new(ErrorKind::Archive, "shares its bytes with another entry")));
        }
        clear
    });
    listed
}

/// Refuses every entry but the first of a name; sorts the rest by name.
fn without_duplicates(mut listed: Listed, problems: &mut Vec<(String, Error)>) -> Listed {
    listed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.central_header_start().cmp(&b.1.central_header_start())));
    listed.dedup_by(|later, first| {
        let twice = later.0 == first.0;
        if twice {
            problems.push((later.0.clone(), Error::new(ErrorKind::Archive, "the name comes twice; the first is used")));
        }
        twice
    });
    listed
}
