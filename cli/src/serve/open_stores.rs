//! Opens the stores of a data folder, unless the objects have no records.

use std::path::Path;

use anyhow::bail;
use augment_stores_local::{Folder, LocalRecords};

use crate::console::Console;

/// Opens database and objects. If there are objects but no records, `anew` moves the objects aside; otherwise this fails,
/// since every object would look like an orphan.
pub(super) fn open(console: &Console, data: &Path, anew: bool) -> anyhow::Result<(LocalRecords, Folder)> {
    let folder = Folder::open(&data.join("objects"))?;
    let database = data.join("records.redb");
    let count = folder.count()?;
    // The database is created only after the checks.
    let found = if database.exists() { Some(LocalRecords::open(&database)?) } else { None };
    let lost = match &found {
        Some(records) if !records.is_empty()? => None,
        Some(_) => Some("has no images"),
        None => Some("is missing"),
    };
    if let Some(lost) = lost.filter(|_| count > 0) {
        let mut orphans = folder.orphans();
        if !anew {
            bail!(
                "{} {lost}, but {} has {count} objects: restore the newest copy of the database, choose another folder \
                 with --data, or start without these objects with --start-anew, which moves them to {}",
                database.display(),
                folder.root().display(),
                orphans.folder().display()
            );
        }
        orphans.take_all()?;
        let (count, folder) = (orphans.count(), orphans.folder().display());
        console.error(format_args!("started anew: {count} objects were moved to {folder} and are kept there"));
    }
    Ok((found.map_or_else(|| LocalRecords::open(&database), Ok)?, folder))
}
