//! Where outputs go: a zip or a folder, made beside its final name and renamed when it is whole.

mod folder;
mod zip;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use augment_core::archive::Content;
use augment_core::error::Result;
use augment_core::output::Sink;
use augment_core::scratch::ScratchSpace;

pub(crate) use self::folder::FolderTarget;
pub(crate) use self::zip::ZipTarget;
use crate::interrupt;

/// An output under construction.
#[derive(Debug)]
pub(crate) enum Target {
    Zip(Box<ZipTarget>),
    Folder(FolderTarget),
}

/// How an output was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// The final name.
    pub(crate) path: PathBuf,
    /// SHA-256 of the zip, in hexadecimal digits; a folder has none.
    pub(crate) sha256: Option<String>,
}

impl Target {
    /// Begins an output: a zip where the name ends in `.zip`, else a folder, which must be empty or absent.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        let is_zip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
        Ok(if is_zip { Self::Zip(Box::new(ZipTarget::begin(path)?)) } else { Self::Folder(FolderTarget::begin(path)?) })
    }

    /// Puts the whole output under its final name.
    pub(crate) fn finish(self) -> anyhow::Result<Written> {
        match self {
            Self::Zip(zip) => zip.finish(),
            Self::Folder(folder) => folder.finish(),
        }
    }
}

impl Sink for Target {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let _writing = interrupt::hold();
        match self {
            Self::Zip(zip) => zip.add(name, bytes),
            Self::Folder(folder) => folder.add(name, bytes),
        }
    }

    fn add_content(&mut self, name: &str, content: &mut Content<'_>) -> Result<()> {
        let _writing = interrupt::hold();
        match self {
            Self::Zip(zip) => zip.add_content(name, content),
            Self::Folder(folder) => folder.add_content(name, content),
        }
    }

    fn scratch(&self) -> ScratchSpace {
        match self {
            Self::Zip(zip) => zip.scratch(),
            Self::Folder(folder) => folder.scratch(),
        }
    }
}

/// Writes one file, which appears when it is whole.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    check_parent(path)?;
    let (mut file, unfinished) = temporary_file(path, "")?;
    {
        let _writing = interrupt::hold();
        file.write_all(bytes).with_context(|| format!("{}: cannot be written", path.display()))?;
    }
    drop(file);
    unfinished.rename(path)
}

/// One file that comes piece by piece, and appears when it is whole.
#[derive(Debug)]
pub(crate) struct Download {
    file: File,
    unfinished: Unfinished,
    path: PathBuf,
}

impl Download {
    /// Opens the temporary file.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        check_parent(path)?;
        let (file, unfinished) = temporary_file(path, "")?;
        Ok(Self { file, unfinished, path: path.to_owned() })
    }

    /// Adds a piece.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let _writing = interrupt::hold();
        self.file.write_all(bytes).with_context(|| format!("{}: cannot be written", self.path.display()))
    }

    /// Puts the file under its final name.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        drop(self.file);
        self.unfinished.rename(&self.path)
    }
}

/// A temporary file beside a final name, open to write.
fn temporary_file(path: &Path, suffix: &str) -> anyhow::Result<(File, Unfinished)> {
    let prefix = temporary_prefix(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the process's mask takes away what it should.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    Unfinished::make(|| builder.tempfile_in(parent_of(path))?.keep().map_err(|kept| kept.error))
        .with_context(|| format!("{}: cannot be written", path.display()))
}

/// Room beside an output, where its disk is: files without a name, which end with the process however it ends.
fn scratch_beside(path: &Path) -> ScratchSpace {
    let folder = parent_of(path).to_owned();
    ScratchSpace::new(move || Ok(Box::new(tempfile::tempfile_in(&folder)?)))
}

/// The folder that an output goes into.
fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn check_parent(path: &Path) -> anyhow::Result<()> {
    let parent = parent_of(path);
    if path.file_name().is_none() {
        bail!("{}: this cannot be an output; give a name", path.display());
    }
    if !parent.is_dir() {
        bail!("{}: the folder {} does not exist; make it first", path.display(), parent.display());
    }
    Ok(())
}

/// The beginning of a temporary name beside a final one: hidden, and telling what it is of.
fn temporary_prefix(path: &Path) -> String {
    format!(".{}.part-", path.file_name().unwrap_or_default().to_string_lossy())
}

/// A path that is removed unless it is kept.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Unfinished {
    /// Makes something with a path of its own; no interruption can come between making and noting it.
    fn make<T>(make: impl FnOnce() -> io::Result<(T, PathBuf)>) -> io::Result<(T, Self)> {
        let mut unfinished = interrupt::hold();
        let (made, path) = make()?;
        unfinished.push(path.clone());
        Ok((made, Self(path)))
    }

    /// Renames it to its final name; from then on it stays.
    fn rename(self, to: &Path) -> anyhow::Result<()> {
        let mut unfinished = interrupt::hold();
        fs::rename(&self.0, to).with_context(|| format!("{}: cannot be put in place", to.display()))?;
        unfinished.retain(|path| *path != self.0);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename the list no longer has it, and there is nothing to remove.
        let mut unfinished = interrupt::hold();
        if unfinished.contains(&self.0) {
            interrupt::remove(&self.0);
            unfinished.retain(|path| *path != self.0);
        }
    }
}
