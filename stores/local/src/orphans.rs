//! Orphans, objects without a record: moved out of the store and kept until the operator removes them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use augment_stores_port::{Area, Key, StoreError, StoreResult};

use crate::folder::{Folder, sync_folder};

/// The orphans of one start, in a folder with the layout of the store, created with the first one.
#[derive(Debug)]
pub struct Orphans {
    folder: Folder,
    target: PathBuf,
    count: usize,
}

impl Folder {
    /// A new, empty set of orphans.
    #[must_use]
    pub fn orphans(&self) -> Orphans {
        let mut number = 1u32;
        let named = |number: u32| self.root().join("orphans").join(number.to_string());
        while named(number).exists() {
            number += 1;
        }
        Orphans { folder: self.clone(), target: named(number), count: 0 }
    }
}

impl Orphans {
    /// Moves an object here; a missing one is no error.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub fn take(&mut self, key: &Key) -> StoreResult<()> {
        match self.move_in(&self.folder.path(key)) {
            Ok(()) => self.count += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::other(error)),
        }
        Ok(())
    }

    /// Moves all objects and multipart uploads here, which empties the store.
    ///
    /// # Errors
    /// If they cannot be moved.
    pub fn take_all(&mut self) -> StoreResult<()> {
        self.count += self.folder.count()?;
        let folders = Area::ALL.map(|area| self.folder.area(area)).into_iter().chain([self.folder.parts_root()]);
        for folder in folders {
            self.move_in(&folder).map_err(StoreError::other)?;
        }
        self.folder.make().map_err(StoreError::other)
    }

    /// The number of objects moved.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The folder of these orphans.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.target
    }

    /// Moves a file or folder of the store to the same path in the orphans' folder.
    fn move_in(&self, from: &Path) -> io::Result<()> {
        let to = self.target.join(from.strip_prefix(self.folder.root()).map_err(io::Error::other)?);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
            fs::rename(from, &to)?;
            sync_folder(parent)?;
        }
        Ok(())
    }
}
