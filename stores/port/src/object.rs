//! The object store port: bytes by key, visible only when complete.

use std::collections::BTreeMap;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::StoreResult;
use crate::key::{Area, Key};

/// The description of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its SHA-256, if the store verified it; objects joined from parts have none.
    pub sha256: Option<[u8; 32]>,
    /// The `ETag`: other content has another `ETag`.
    pub etag: String,
    /// The sender's metadata, with lower-case names.
    pub metadata: BTreeMap<String, String>,
}

/// A part of a multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartInfo {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// The `ETag` of its content.
    pub etag: String,
    /// Its SHA-256 in Base64, as S3 wants it when parts are joined.
    pub sha256: Option<String>,
}

/// Bytes by key. An object is visible only when complete.
#[async_trait]
pub trait ObjectStore: Send + Sync + std::fmt::Debug {
    /// The description of an object, or `NotFound`.
    async fn head(&self, key: &Key) -> StoreResult<ObjectInfo>;

    /// A range of an object, cut at its end, or `NotFound`.
    async fn read(&self, key: &Key, from: u64, length: u64) -> StoreResult<Bytes>;

    /// Writes or replaces an object.
    async fn put(&self, key: &Key, content_type: &str, bytes: Bytes) -> StoreResult<()>;

    /// Deletes an object; a missing one is no error.
    async fn delete(&self, key: &Key) -> StoreResult<()>;

    /// Tags an object with its retention, for stores with lifecycle rules; other stores do nothing. May return `NotFound`.
    async fn set_retention(&self, key: &Key, retention: &str) -> StoreResult<()> {
        let _ = (key, retention);
        Ok(())
    }

    /// Writes something without effect: fails if the store takes no objects now.
    async fn check(&self) -> StoreResult<()> {
        Ok(())
    }

    /// Up to `limit` keys of an area with a prefix, in any order.
    async fn list(&self, area: Area, prefix: &str, limit: usize) -> StoreResult<Vec<Key>>;

    /// Begins a multipart upload and returns its id; the object is [announced](crate::ANNOUNCED).
    async fn begin_parts(&self, key: &Key, content_type: &str) -> StoreResult<String>;

    /// Writes or replaces a part. Stores may refuse to join parts under 5 MiB, except for the last. `NotFound` for an
    /// unknown upload.
    async fn put_part(&self, key: &Key, upload: &str, number: u32, bytes: Bytes) -> StoreResult<PartInfo>;

    /// Copies a part from another object inside the store. `NotFound` for an unknown upload or object.
    async fn copy_part(
        &self,
        key: &Key,
        upload: &str,
        number: u32,
        from: &Key,
        range: Range<u64>,
    ) -> StoreResult<PartInfo>;

    /// The arrived parts by number, or `NotFound` for an unknown upload.
    async fn parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<PartInfo>>;

    /// Joins parts in the given order. `NotFound` for an unknown upload, `Precondition` if a part is missing or differs.
    async fn join_parts(&self, key: &Key, upload: &str, parts: &[PartInfo]) -> StoreResult<()>;

    /// Aborts a multipart upload; an unknown one is no error.
    async fn abort_parts(&self, key: &Key, upload: &str) -> StoreResult<()>;
}
