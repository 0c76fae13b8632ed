//! Records in an embedded database; an answered write is on disk.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use augment_stores_port::{Record, RecordPage, RecordStore, Spend, StoreError, StoreResult};
use redb::{Database, ReadableDatabase, ReadableTableMetadata};

use crate::writer::{COUNTERS, EXPIRES, LISTS, RECORDS, RecordWriter, Write, decode};

/// Records in one file.
#[derive(Clone)]
pub struct LocalRecords {
    database: Arc<Database>,
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
        let database = Database::create(path).map_err(StoreError::other)?;
        make_tables(&database).map_err(StoreError::other)?;
        let database = Arc::new(database);
        Ok(Self { writer: RecordWriter::start(Arc::clone(&database))?, database })
    }

    /// Whether there is no record that expires; all records with objects expire.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn is_empty(&self) -> StoreResult<bool> {
        let empty = || Ok(self.database.begin_read()?.open_table(EXPIRES)?.is_empty()?);
        empty().map_err(|error: redb::Error| StoreError::other(error))
    }

    fn find_list(&self, list: &str, before: Option<&str>, limit: usize) -> Result<RecordPage, redb::Error> {
        let transaction = self.database.begin_read()?;
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

    fn find_lists(&self, prefix: &str, limit: usize) -> Result<Vec<String>, redb::Error> {
        let transaction = self.database.begin_read()?;
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

    fn find_expired(&self, before: u64, limit: usize) -> Result<Vec<String>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let expires = transaction.open_table(EXPIRES)?;
        let mut keys = Vec::new();
        for entry in expires.range((0, "")..(before, ""))?.take(limit) {
            keys.push(entry?.0.value().1.to_owned());
        }
        Ok(keys)
    }

    fn find(&self, key: &str) -> Result<Option<Record>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let records = transaction.open_table(RECORDS)?;
        let found = records.get(key)?;
        found.map(|bytes| decode(bytes.value())).transpose()
    }
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
        self.find(key).map_err(StoreError::other)?.ok_or(StoreError::NotFound)
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
        self.find_list(list, before, limit).map_err(StoreError::other)
    }

    async fn lists(&self, prefix: &str, limit: usize) -> StoreResult<Vec<String>> {
        self.find_lists(prefix, limit).map_err(StoreError::other)
    }

    async fn expired(&self, before: u64, limit: usize) -> StoreResult<Vec<String>> {
        self.writer.write(Write::SweepCounters(before)).await?;
        self.find_expired(before, limit).map_err(StoreError::other)
    }

    async fn spend(&self, spend: &Spend) -> StoreResult<()> {
        self.writer.write(Write::Spend(spend.clone())).await
    }
}
