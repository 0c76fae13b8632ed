//! The record store: small documents by key, listed newest first, changed only by who knows their version.

use async_trait::async_trait;

use crate::error::StoreResult;

/// A document and where it is listed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// Its key; a kind and an id, such as `image/a1`.
    pub key: String,
    /// Goes up by one with every change; a new record has 1.
    pub version: u64,
    /// What lists are sorted by, as text; the same for the record's whole life.
    pub sort: String,
    /// The lists it is in; each must be named once.
    pub lists: Vec<String>,
    /// When it may be swept away, seconds since 1970.
    pub expires: Option<u64>,
    /// The document.
    pub body: String,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// By `sort`, the greatest first.
    pub records: Vec<Record>,
    /// Whether more follow.
    pub more: bool,
}

/// A counter to be raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// The counter's key.
    pub key: String,
    /// By how much.
    pub amount: u64,
    /// What it must not pass.
    pub limit: u64,
    /// When it may be swept away, seconds since 1970.
    pub expires: u64,
}

/// Documents. Every write is conditional and takes effect as a whole, with its lists; what was answered stays.
#[async_trait]
pub trait RecordStore: Send + Sync + std::fmt::Debug {
    /// A record. `NotFound` where there is none.
    async fn get(&self, key: &str) -> StoreResult<Record>;

    /// Makes a record, its version 1. `AlreadyExists` where the key is taken.
    async fn create(&self, record: Record) -> StoreResult<()>;

    /// Puts a record in the place of the version before its own. `NotFound` or `Precondition` where that is not there.
    async fn replace(&self, record: Record) -> StoreResult<()>;

    /// Removes a record of a version. `NotFound` or `Precondition` where that is not there.
    async fn remove(&self, key: &str, version: u64) -> StoreResult<()>;

    /// The records of a list whose `sort` is less than `before`.
    async fn list(&self, list: &str, before: Option<&str>, limit: usize) -> StoreResult<Listed>;

    /// The names of lists that begin with a prefix and hold a record, sorted, at most `limit`.
    async fn lists(&self, prefix: &str, limit: usize) -> StoreResult<Vec<String>>;

    /// Keys of records that expired before a moment (seconds since 1970), at most `limit`. Expired counters go.
    async fn expired(&self, before: u64, limit: usize) -> StoreResult<Vec<String>>;

    /// Raises a counter. `Precondition` where it would pass its limit: then it stays as it was.
    async fn spend(&self, spend: &Spend) -> StoreResult<()>;
}
