//! Records in an embedded database; an answered write is on disk.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use augment_stores_port::{Record, RecordPage, RecordStore, Spend, StoreError, StoreResult};
use redb::{Database, ReadableDatabase, ReadableTableMetadata};

use crate::database::{Open, OpenDatabase};
use crate::folder::sync_folder;
use crate::writer::{COUNTERS, EXPIRES, LISTS, RECORDS, RecordWriter, Write, decode};

/// Records in one file.
#[derive(Clone)]
pub struct LocalRecords {
    database: Arc<OpenDatabase>,
    writer: RecordWriter,
}

impl std::fmt::Debug for LocalRecords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalRecords").finish_non_exhaustive()
    }
}

impl LocalRecords {
    /// Opens or creates the database. After a crash it has every answered write.
    ///
    /// # Errors
    /// If the file cannot be opened or is not a database.
    pub fn open(path: &Path) -> StoreResult<Self> {
        let named = |error: redb::Error| StoreError::other(format!("{}: {error}", path.display()));
        if !path.exists() {
            make(path).map_err(named)?;
        }
        let file = path.to_owned();
        Self::over(Box::new(move || Ok(Database::open(&file)?))).map_err(named)
    }

    /// Records in the database that `open` opens.
    pub(crate) fn over(open: Open) -> Result<Self, redb::Error> {
        let open = move || {
            let database = open()?;
            make_tables(&database)?;
            Ok(database)
        };
        let database = Arc::new(OpenDatabase::new(Box::new(open))?);
        Ok(Self { writer: RecordWriter::start(Arc::clone(&database))?, database })
    }

    /// Whether there is no record that expires; all records with objects expire.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn is_empty(&self) -> StoreResult<bool> {
        self.database.with(|database| Ok(database.begin_read()?.open_table(EXPIRES)?.is_empty()?))
    }
}

fn find_list(database: &Database, list: &str, before: Option<&str>, limit: usize) -> Result<RecordPage, redb::Error> {
    let transaction = database.begin_read()?;
    let lists = transaction.open_table(LISTS)?;
    let records = transaction.open_table(RECORDS)?;
    // The name plus a zero byte is the next possible text.
    let after = format!("{list}\0");
    let end = before.map_or((after.as_str(), "", ""), |before| (list, before, ""));
    let mut listed = RecordPage::default();
    for entry in lists.range((list, "", "")..end)?.rev() {
        let (entry, _) = entry?;
        if listed.records.len() == limit {
            listed.more = true;
            break;
        }
        if let Some(bytes) = records.get(entry.value().2)? {
            listed.records.push(decode(bytes.value())?);
        }
    }
    Ok(listed)
}

fn find_oldest(database: &Database, list: &str, limit: usize) -> Result<Vec<Record>, redb::Error> {
    let transaction = database.begin_read()?;
    let lists = transaction.open_table(LISTS)?;
    let records = transaction.open_table(RECORDS)?;
    let after = format!("{list}\0");
    let mut found = Vec::new();
    for entry in lists.range((list, "", "")..(after.as_str(), "", ""))?.take(limit) {
        if let Some(bytes) = records.get(entry?.0.value().2)? {
            found.push(decode(bytes.value())?);
        }
    }
    Ok(found)
}

fn find_lists(database: &Database, prefix: &str, limit: usize) -> Result<Vec<String>, redb::Error> {
    let transaction = database.begin_read()?;
    let lists = transaction.open_table(LISTS)?;
    let mut names = Vec::new();
    let mut from = prefix.to_owned();
    // Jumps from name to name without reading the entries.
    while names.len() < limit {
        let Some(entry) = lists.range((from.as_str(), "", "")..)?.next() else { break };
        let (entry, _) = entry?;
        let name = entry.value().0.to_owned();
        if !name.starts_with(prefix) {
            break;
        }
        from = format!("{name}\0");
        names.push(name);
    }
    Ok(names)
}

fn find_expired(database: &Database, before: u64, limit: usize) -> Result<Vec<String>, redb::Error> {
    let transaction = database.begin_read()?;
    let expires = transaction.open_table(EXPIRES)?;
    let mut keys = Vec::new();
    for entry in expires.range((0, "")..(before, ""))?.take(limit) {
        keys.push(entry?.0.value().1.to_owned());
    }
    Ok(keys)
}

fn find(database: &Database, key: &str) -> Result<Option<Record>, redb::Error> {
    let transaction = database.begin_read()?;
    let records = transaction.open_table(RECORDS)?;
    let found = records.get(key)?;
    found.map(|bytes| decode(bytes.value())).transpose()
}

/// Makes the file aside and renames it, so that a full disk leaves no broken one.
fn make(path: &Path) -> Result<(), redb::Error> {
    let aside = path.with_extension("new");
    let made = (|| {
        // An earlier start may have left it.
        let _ = std::fs::remove_file(&aside);
        make_tables(&Database::create(&aside)?)?;
        std::fs::rename(&aside, path)?;
        path.parent().map_or(Ok(()), sync_folder)?;
        Ok(())
    })();
    if made.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    made
}

/// Creates the tables, since readers fail on missing ones.
fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(RECORDS)?;
    transaction.open_table(LISTS)?;
    transaction.open_table(EXPIRES)?;
    transaction.open_table(COUNTERS)?;
    transaction.commit()?;
    Ok(())
}

#[async_trait]
impl RecordStore for LocalRecords {
    async fn get(&self, key: &str) -> StoreResult<Record> {
        self.database.with(|database| find(database, key))?.ok_or(StoreError::NotFound)
    }

    async fn create(&self, record: Record) -> StoreResult<()> {
        self.writer.write(Write::Create(record)).await
    }

    async fn replace(&self, record: Record) -> StoreResult<()> {
        self.writer.write(Write::Replace(record)).await
    }

    async fn remove(&self, key: &str, version: u64) -> StoreResult<()> {
        self.writer.write(Write::Remove(key.to_owned(), version)).await
    }

    async fn list(&self, list: &str, before: Option<&str>, limit: usize) -> StoreResult<RecordPage> {
        self.database.with(|database| find_list(database, list, before, limit))
    }

    async fn oldest(&self, list: &str, limit: usize) -> StoreResult<Vec<Record>> {
        self.database.with(|database| find_oldest(database, list, limit))
    }

    async fn lists(&self, prefix: &str, limit: usize) -> StoreResult<Vec<String>> {
        self.database.with(|database| find_lists(database, prefix, limit))
    }

    async fn expired(&self, before: u64, limit: usize) -> StoreResult<Vec<String>> {
        self.writer.write(Write::SweepCounters(before)).await?;
        self.database.with(|database| find_expired(database, before, limit))
    }

    async fn spend(&self, spend: &Spend) -> StoreResult<()> {
        self.writer.write(Write::Spend(spend.clone())).await
    }

    async fn check(&self) -> StoreResult<()> {
        self.spend(&Spend { key: "check".to_owned(), amount: 0, limit: 0, expires: 0 }).await
    }
}
