//! The record store port: small documents by key, listed newest first; a write names the version that it replaces.

use async_trait::async_trait;

use crate::error::StoreResult;

/// A document with its lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// Its key: a kind and an id, such as `image/a1`.
    pub key: String,
    /// Increases by one with every change, starting at 1.
    pub version: u64,
    /// The sort key in lists; it never changes.
    pub sort: String,
    /// Its lists, without duplicates.
    pub lists: Vec<String>,
    /// When it expires, in seconds since 1970.
    pub expires: Option<u64>,
    /// The document.
    pub body: String,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordPage {
    /// Sorted by `sort`, descending.
    pub records: Vec<Record>,
    /// Whether more follow.
    pub more: bool,
}

/// An increment of a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// The counter's key.
    pub key: String,
    /// The increment.
    pub amount: u64,
    /// The limit of the counter.
    pub limit: u64,
    /// When it expires, in seconds since 1970.
    pub expires: u64,
}

/// Documents. Writes are conditional, atomic with their lists, and durable once answered.
#[async_trait]
pub trait RecordStore: Send + Sync + std::fmt::Debug {
    /// A record, or `NotFound`.
    async fn get(&self, key: &str) -> StoreResult<Record>;

    /// Creates a record with version 1, or `AlreadyExists`.
    async fn create(&self, record: Record) -> StoreResult<()>;

    /// Replaces the previous version of a record. `NotFound` or `Precondition` if that is not stored.
    async fn replace(&self, record: Record) -> StoreResult<()>;

    /// Writes something without effect: fails if the store takes no writes now.
    async fn check(&self) -> StoreResult<()> {
        Ok(())
    }

    /// Removes a version of a record. `NotFound` or `Precondition` if that is not stored.
    async fn remove(&self, key: &str, version: u64) -> StoreResult<()>;

    /// The records of a list with `sort` less than `before`.
    async fn list(&self, list: &str, before: Option<&str>, limit: usize) -> StoreResult<RecordPage>;

    /// Up to `limit` records of a list, those with the least `sort` first.
    async fn oldest(&self, list: &str, limit: usize) -> StoreResult<Vec<Record>>;

    /// Up to `limit` names of non-empty lists with a prefix, sorted.
    async fn lists(&self, prefix: &str, limit: usize) -> StoreResult<Vec<String>>;

    /// Up to `limit` keys of records that expired before a time (seconds since 1970). Removes expired counters.
    async fn expired(&self, before: u64, limit: usize) -> StoreResult<Vec<String>>;

    /// Increments a counter, or `Precondition` without a change if that would exceed its limit.
    async fn spend(&self, spend: &Spend) -> StoreResult<()>;
}
