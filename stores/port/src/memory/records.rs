//! Records in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::error::{StoreError, StoreResult};
use crate::record::{Record, RecordPage, RecordStore, Spend};

/// Records in a map.
#[derive(Debug, Default)]
pub struct MemoryRecords(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    records: BTreeMap<String, Record>,
    /// Counters: amount and expiry.
    counters: BTreeMap<String, (u64, u64)>,
}

impl MemoryRecords {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn at_version(&self, key: &str, version: u64) -> StoreResult<()> {
        match self.records.get(key) {
            None => Err(StoreError::NotFound),
            Some(record) if record.version != version => Err(StoreError::Precondition),
            Some(_) => Ok(()),
        }
    }
}

#[async_trait]
impl RecordStore for MemoryRecords {
    async fn get(&self, key: &str) -> StoreResult<Record> {
        self.lock().records.get(key).cloned().ok_or(StoreError::NotFound)
    }

    async fn create(&self, record: Record) -> StoreResult<()> {
        let mut inner = self.lock();
        if inner.records.contains_key(&record.key) {
            return Err(StoreError::AlreadyExists);
        }
        inner.records.insert(record.key.clone(), Record { version: 1, ..record });
        Ok(())
    }

    async fn replace(&self, record: Record) -> StoreResult<()> {
        let mut inner = self.lock();
        inner.at_version(&record.key, record.version.wrapping_sub(1))?;
        inner.records.insert(record.key.clone(), record);
        Ok(())
    }

    async fn remove(&self, key: &str, version: u64) -> StoreResult<()> {
        let mut inner = self.lock();
        inner.at_version(key, version)?;
        inner.records.remove(key);
        Ok(())
    }

    async fn list(&self, list: &str, before: Option<&str>, limit: usize) -> StoreResult<RecordPage> {
        let inner = self.lock();
        let mut found: Vec<&Record> = inner
            .records
            .values()
            .filter(|record| record.lists.iter().any(|name| name == list))
            .filter(|record| before.is_none_or(|before| record.sort.as_str() < before))
            .collect();
        found.sort_by(|a, b| b.sort.cmp(&a.sort));
        let more = found.len() > limit;
        Ok(RecordPage { records: found.into_iter().take(limit).cloned().collect(), more })
    }

    async fn oldest(&self, list: &str, limit: usize) -> StoreResult<Vec<Record>> {
        let mut found = self.list(list, None, usize::MAX).await?.records;
        found.reverse();
        found.truncate(limit);
        Ok(found)
    }

    async fn lists(&self, prefix: &str, limit: usize) -> StoreResult<Vec<String>> {
        let inner = self.lock();
        let names: BTreeSet<&String> = inner.records.values().flat_map(|record| &record.lists).collect();
        Ok(names.into_iter().filter(|name| name.starts_with(prefix)).take(limit).cloned().collect())
    }

    async fn expired(&self, before: u64, limit: usize) -> StoreResult<Vec<String>> {
        let mut inner = self.lock();
        inner.counters.retain(|_, (_, expires)| *expires >= before);
        let expired = inner.records.values().filter(|record| record.expires.is_some_and(|expires| expires < before));
        Ok(expired.take(limit).map(|record| record.key.clone()).collect())
    }

    async fn spend(&self, spend: &Spend) -> StoreResult<()> {
        let mut inner = self.lock();
        let spent = inner.counters.get(&spend.key).map_or(0, |(spent, _)| *spent);
        let total = spent.checked_add(spend.amount).filter(|total| *total <= spend.limit);
        let total = total.ok_or(StoreError::Precondition)?;
        inner.counters.insert(spend.key.clone(), (total, spend.expires));
        Ok(())
    }
}
