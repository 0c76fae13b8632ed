//! A zip under construction, and its hash as it grows.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use augment_core::archive::{Content, ZipSink};
use augment_core::error::Result;
use augment_core::scratch::ScratchSpace;
use sha2::{Digest, Sha256};

use super::{Unfinished, Written, check_parent, scratch_beside, temporary_file};

/// Large enough that small entries cost few calls.
const BUFFER_BYTES: usize = 256 << 10;

/// A zip in a temporary file beside its final name.
#[derive(Debug)]
pub(crate) struct ZipTarget {
    sink: ZipSink<Hashed>,
    unfinished: Unfinished,
    path: PathBuf,
}

impl ZipTarget {
    /// Opens the temporary file.
    pub(super) fn begin(path: &Path) -> anyhow::Result<Self> {
        check_parent(path)?;
        if path.is_dir() {
            bail!("{}: this is a folder; give another name for the zip", path.display());
        }
        let (file, unfinished) = temporary_file(path, ".zip")?;
        let target = Hashed { file: BufWriter::with_capacity(BUFFER_BYTES, file), hash: Sha256::new() };
        Ok(Self { sink: ZipSink::with_scratch(target, scratch_beside(path)), unfinished, path: path.to_owned() })
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.sink.add(name, bytes)
    }

    pub(super) fn add_content(&mut self, name: &str, content: &mut Content<'_>) -> Result<()> {
        self.sink.add_content(name, content)
    }

    pub(super) fn scratch(&self) -> ScratchSpace {
        self.sink.scratch()
    }

    pub(super) fn finish(self) -> anyhow::Result<Written> {
        let Self { sink, unfinished, path } = self;
        let hashed = sink.finish().map_err(|error| error.within(path.display().to_string()))?;
        drop(hashed.file);
        unfinished.rename(&path)?;
        let digest = augment_core::digest::Digest(hashed.hash.finalize().into());
        Ok(Written { path, sha256: Some(digest.to_hex()) })
    }
}

/// A file, and the hash of what went into it.
#[derive(Debug)]
struct Hashed {
    file: BufWriter<File>,
    hash: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
