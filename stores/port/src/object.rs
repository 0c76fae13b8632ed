//! The object store: bytes by key, whole or not there at all.

use std::collections::BTreeMap;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::StoreResult;
use crate::key::{Area, Key};

/// What a store knows of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Bytes.
    pub size: u64,
    /// The media type it was sent with.
    pub content_type: Option<String>,
    /// Its SHA-256, where the store checked it; objects put together from parts have none.
    pub sha256: Option<[u8; 32]>,
    /// What the store names its content by: another content has another name.
    pub etag: String,
    /// What whoever sent it wrote beside it; names are in lower case.
    pub metadata: BTreeMap<String, String>,
}

/// A part of an object under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartInfo {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// What the store names its content by.
    pub etag: String,
}

/// Bytes by key. An object appears whole or not at all.
#[async_trait]
pub trait ObjectStore: Send + Sync + std::fmt::Debug {
    /// What an object is. `NotFound` where there is none.
    async fn head(&self, key: &Key) -> StoreResult<ObjectInfo>;

    /// Bytes of an object from a place on, as many as asked for or as there are. `NotFound` where there is none.
    async fn read(&self, key: &Key, from: u64, length: u64) -> StoreResult<Bytes>;

    /// Puts an object, in place of the one that was there.
    async fn put(&self, key: &Key, content_type: &str, bytes: Bytes) -> StoreResult<()>;

    /// Removes an object; none there is fine.
    async fn delete(&self, key: &Key) -> StoreResult<()>;

    /// Marks an object with the name of how long it is kept, for stores whose own rules remove objects by that mark.
    /// Stores that are swept by records do nothing. `NotFound` where there is none and the store looks.
    async fn set_retention(&self, key: &Key, retention: &str) -> StoreResult<()> {
        let _ = (key, retention);
        Ok(())
    }

    /// Keys of an area that begin with a prefix, in any order, at most `limit`.
    async fn list(&self, area: Area, prefix: &str, limit: usize) -> StoreResult<Vec<Key>>;

    /// Begins an object of parts and names the upload; the object is [announced](crate::ANNOUNCED).
    async fn begin_parts(&self, key: &Key, content_type: &str) -> StoreResult<String>;

    /// Puts a part, in place of the one of that number. But for the last, parts have at least 5 MiB, or a store may
    /// refuse to put them together. `NotFound` for an unknown upload.
    async fn put_part(&self, key: &Key, upload: &str, number: u32, bytes: Bytes) -> StoreResult<PartInfo>;

    /// Makes a part of bytes that another object holds already; they do not pass through the caller. `NotFound` for an
    /// unknown upload, or where there is no such object.
    async fn copy_part(
        &self,
        key: &Key,
        upload: &str,
        number: u32,
        from: &Key,
        range: Range<u64>,
    ) -> StoreResult<PartInfo>;

    /// The parts that are there, by number. `NotFound` for an unknown upload.
    async fn parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<PartInfo>>;

    /// Puts parts together, in the order given. `NotFound` for an unknown upload, `Precondition` where a part is
    /// missing or another.
    async fn join_parts(&self, key: &Key, upload: &str, parts: &[PartInfo]) -> StoreResult<()>;

    /// Gives an upload of parts up; an unknown one is fine.
    async fn abort_parts(&self, key: &Key, upload: &str) -> StoreResult<()>;
}
