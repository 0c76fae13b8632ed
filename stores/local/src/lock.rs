//! The lock of a data folder: one process per folder, released whenever the process ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Locks a data folder until dropped.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Why a data folder cannot be locked.
#[derive(Debug)]
pub enum LockError {
    /// Another process holds it.
    Taken(PathBuf),
    /// It cannot be created or opened.
    Io(PathBuf, std::io::Error),
}

impl std::fmt::Display for LockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Taken(path) => {
                write!(f, "{}: another process is using this folder; stop it, or choose another folder", path.display())
            }
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for LockError {}

impl DataLock {
    /// Creates the folder if needed and locks it.
    ///
    /// # Errors
    /// `Taken` while another process holds it.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let io = |error| LockError::Io(folder.to_owned(), error);
        std::fs::create_dir_all(folder).map_err(io)?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }
}
