//! Objects that no record knows: moved out of the store's reach and kept, until an operator removes them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use augment_stores_port::{Area, Key, StoreError, StoreResult};

use crate::folder::{Folder, sync_folder};

/// Where the orphans of one start go: a folder with the layout of the store, made with the first of them.
#[derive(Debug)]
pub struct Orphans {
    folder: Folder,
    place: PathBuf,
    count: usize,
}

impl Folder {
    /// A place for orphans that holds none yet.
    #[must_use]
    pub fn orphans(&self) -> Orphans {
        let mut number = 1u32;
        let named = |number: u32| self.root().join("orphans").join(number.to_string());
        while named(number).exists() {
            number += 1;
        }
        Orphans { folder: self.clone(), place: named(number), count: 0 }
    }
}

impl Orphans {
    /// Moves an object here; none there is fine.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn take(&mut self, key: &Key) -> StoreResult<()> {
        match self.bring(&self.folder.path(key)) {
            Ok(()) => self.count += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::other(error)),
        }
        Ok(())
    }

    /// Moves all objects here, and the uploads under way. The store is empty then.
    ///
    /// # Errors
    /// When they cannot be moved.
    pub fn take_all(&mut self) -> StoreResult<()> {
        self.count += self.folder.count()?;
        let folders = Area::ALL.map(|area| self.folder.area(area)).into_iter().chain([self.folder.parts_root()]);
        for folder in folders {
            self.bring(&folder).map_err(StoreError::other)?;
        }
        self.folder.make().map_err(StoreError::other)
    }

    /// Objects that were moved here.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The folder that they are in.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Moves a file or folder of the store to the same path below this place, where nothing is.
    fn bring(&self, from: &Path) -> io::Result<()> {
        let to = self.place.join(from.strip_prefix(self.folder.root()).map_err(io::Error::other)?);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
            fs::rename(from, &to)?;
            sync_folder(parent)?;
        }
        Ok(())
    }
}
