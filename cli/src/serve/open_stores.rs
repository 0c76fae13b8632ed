//! Opens the stores of a data folder, unless the database knows nothing of the objects.

use std::path::Path;

use anyhow::bail;
use augment_stores_local::{Folder, LocalRecords};

use crate::console::Console;

/// The database and the objects. Where there are objects and no record, `anew` moves the objects aside, and without it
/// nothing is opened: every one of them would pass for a leftover.
pub(super) fn open(console: &Console, data: &Path, anew: bool) -> anyhow::Result<(LocalRecords, Folder)> {
    let folder = Folder::open(&data.join("objects"))?;
    let database = data.join("records.redb");
    let count = folder.count()?;
    // Not made before it is known that it may be.
    let found = if database.exists() { Some(LocalRecords::open(&database)?) } else { None };
    let lost = match &found {
        Some(records) if !records.is_empty()? => None,
        Some(_) => Some("knows no image"),
        None => Some("is missing"),
    };
    if let Some(lost) = lost.filter(|_| count > 0) {
        let mut orphans = folder.orphans();
        if !anew {
            bail!(
                "{} {lost}, but {} holds {count} objects: put the newest copy of the database back, name another folder \
                 with --data, or begin without these objects with --start-anew, which moves them to {}",
                database.display(),
                folder.root().display(),
                orphans.place().display()
            );
        }
        orphans.take_all()?;
        let (count, place) = (orphans.count(), orphans.place().display());
        console.error(format_args!("begun anew: {count} objects were moved to {place}, where they stay"));
    }
    Ok((found.map_or_else(|| LocalRecords::open(&database), Ok)?, folder))
}
