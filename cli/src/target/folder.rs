//! A folder under construction.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use augment_core::archive::Content;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::safe_name;
use augment_core::scratch::ScratchSpace;

use super::{Unfinished, Written, check_parent, parent_of, scratch_beside, temporary_prefix};
use crate::input::cause_of;

/// A temporary folder beside the final one.
#[derive(Debug)]
pub(crate) struct FolderTarget {
    unfinished: Unfinished,
    path: PathBuf,
}

impl FolderTarget {
    /// Makes the temporary folder.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        check_parent(path)?;
        if path.is_file() {
            bail!("{}: this is a file; give a folder, or a name that ends in .zip", path.display());
        }
        if path.is_dir() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            bail!("{}: the folder is not empty; empty it or give another", path.display());
        }
        let mut builder = tempfile::Builder::new();
        let prefix = temporary_prefix(path);
        builder.prefix(&prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let ((), unfinished) = Unfinished::make(|| Ok(((), builder.tempdir_in(parent_of(path))?.keep())))
            .with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Self { unfinished, path: path.to_owned() })
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        fs::write(self.place(name)?, bytes).map_err(|cause| refused(&cause).within(name))
    }

    pub(super) fn add_content(&mut self, name: &str, content: &mut Content<'_>) -> Result<()> {
        let file = File::create(self.place(name)?).map_err(|cause| refused(&cause).within(name))?;
        let mut file = BufWriter::new(file);
        content(&mut file).map_err(|error| error.within(name))?;
        file.flush().map_err(|cause| refused(&cause).within(name))
    }

    pub(super) fn scratch(&self) -> ScratchSpace {
        scratch_beside(&self.path)
    }

    /// The path of a new file.
    fn place(&self, name: &str) -> Result<PathBuf> {
        if safe_name(name)? != name {
            return Err(Error::new(ErrorKind::Archive, "the name is not normalized").within(name));
        }
        let path = self.unfinished.0.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| refused(&cause).within(name))?;
        }
        if path.exists() {
            return Err(Error::new(ErrorKind::Io, "the name is taken").within(name));
        }
        Ok(path)
    }

    pub(super) fn finish(self) -> anyhow::Result<Written> {
        let Self { unfinished, path } = self;
        if path.is_dir() {
            // Empty, as it was in the beginning; if it no longer is, this fails and nothing is lost.
            fs::remove_dir(&path).with_context(|| format!("{}: the folder is not empty any more", path.display()))?;
        }
        unfinished.rename(&path)?;
        Ok(Written { path, sha256: None })
    }
}

fn refused(cause: &io::Error) -> Error {
    Error::new(ErrorKind::Io, cause_of(cause))
}
