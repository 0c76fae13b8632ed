//! Files on disk: their bytes within the limits, zips opened, and the causes of failures in words.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::{self, Stored};
use augment_core::limits::Limits;

pub(super) type Gathered = files::Gathered<OnDisk, BufReader<File>>;
pub(super) type InputFiles = files::InputFiles<OnDisk>;

/// A file on disk and its size.
#[derive(Clone, Debug)]
pub(crate) struct OnDisk(pub(super) PathBuf, pub(super) u64);

impl Stored for OnDisk {
    fn size(&self) -> u64 {
        self.1
    }

    fn read(&self, limits: &Limits) -> Result<Vec<u8>> {
        read_file(&self.0, limits)
    }
}

/// An input by its canonical path.
pub(super) fn group_of(root: &Path) -> InputFiles {
    let parts = root.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let parts: Vec<_> = parts.collect();
    InputFiles::new(parts.iter().map(AsRef::as_ref))
}

pub(super) fn open_zip(path: &Path) -> Result<BufReader<File>> {
    File::open(path).map(BufReader::new).map_err(|cause| Error::new(ErrorKind::Io, cause_of(&cause)))
}

/// The bytes of a file, no more than the limit.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    let failed = |cause: std::io::Error| Error::new(ErrorKind::Io, cause_of(&cause));
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let too_large = || {
        Error::new(ErrorKind::Limit, format!("the file is larger than the limit of {} bytes", limits.max_file_bytes))
    };
    if size > limits.max_file_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(size as usize);
    file.take(limits.max_file_bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(too_large());
    }
    Ok(bytes)
}

/// An operating system's words in the style of our own: `No such file or directory (os error 2)` loses its number.
pub(crate) fn cause_of(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
