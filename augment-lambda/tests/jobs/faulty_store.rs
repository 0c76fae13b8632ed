//! A store in memory with injected failures, delays and counters.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use augment_stores_port::memory::MemoryObjects;
use augment_stores_port::{Area, Key, ObjectInfo, ObjectStore, PartInfo, StoreError, StoreResult};
use bytes::Bytes;

/// Objects in memory with injected failures.
#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<MemoryObjects>,
    /// Remaining writes that fail.
    pub(crate) failing_puts: AtomicU32,
    /// Remaining reads that never return.
    pub(crate) stuck_reads: AtomicU32,
    /// Zips written, whole or in parts.
    pub(crate) zips: AtomicU32,
    /// Aborted multipart uploads.
    pub(crate) aborted: AtomicU32,
    /// Bytes copied inside the store.
    pub(crate) copied: AtomicU64,
    /// A hook that runs before the next zip is written.
    pub(crate) meanwhile: Meanwhile,
}

/// A hook that runs once.
#[derive(Default)]
pub(crate) struct Meanwhile(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Meanwhile {
    pub(crate) fn set(&self, what: impl FnOnce() + Send + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(what));
    }

    fn happen(&self) {
        if let Some(what) = self.0.lock().unwrap().take() {
            what();
        }
    }
}

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meanwhile")
    }
}

impl FaultyStore {
    pub(crate) fn new(inner: Arc<MemoryObjects>) -> Self {
        let none = AtomicU32::default;
        Self {
            inner,
            failing_puts: none(),
            stuck_reads: none(),
            zips: none(),
            aborted: none(),
            copied: AtomicU64::default(),
            meanwhile: Meanwhile::default(),
        }
    }

    fn fails(&self, faults: &AtomicU32) -> bool {
        faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

#[async_trait::async_trait]
impl ObjectStore for FaultyStore {
    async fn head(&self, key: &Key) -> StoreResult<ObjectInfo> {
        self.inner.head(key).await
    }

    async fn read(&self, key: &Key, from: u64, length: u64) -> StoreResult<Bytes> {
        if self.fails(&self.stuck_reads) {
            std::future::pending::<()>().await;
        }
        self.inner.read(key, from, length).await
    }

    async fn put(&self, key: &Key, content_type: &str, bytes: Bytes) -> StoreResult<()> {
        if self.fails(&self.failing_puts) {
            return Err(StoreError::other("busy"));
        }
        if content_type == "application/zip" {
            self.meanwhile.happen();
            self.zips.fetch_add(1, Ordering::SeqCst);
        }
        ObjectStore::put(&*self.inner, key, content_type, bytes).await
    }

    async fn delete(&self, key: &Key) -> StoreResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, area: Area, prefix: &str, limit: usize) -> StoreResult<Vec<Key>> {
        self.inner.list(area, prefix, limit).await
    }

    async fn begin_parts(&self, key: &Key, content_type: &str) -> StoreResult<String> {
        self.inner.begin_parts(key, content_type).await
    }

    async fn put_part(&self, key: &Key, upload: &str, number: u32, bytes: Bytes) -> StoreResult<PartInfo> {
        if self.fails(&self.failing_puts) {
            return Err(StoreError::other("busy"));
        }
        ObjectStore::put_part(&*self.inner, key, upload, number, bytes).await
    }

    async fn copy_part(
        &self,
        key: &Key,
        upload: &str,
        number: u32,
        from: &Key,
        range: Range<u64>,
    ) -> StoreResult<PartInfo> {
        self.copied.fetch_add(range.end - range.start, Ordering::SeqCst);
        self.inner.copy_part(key, upload, number, from, range).await
    }

    async fn parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<PartInfo>> {
        self.inner.parts(key, upload).await
    }

    async fn join_parts(&self, key: &Key, upload: &str, parts: &[PartInfo]) -> StoreResult<()> {
        self.zips.fetch_add(1, Ordering::SeqCst);
        self.inner.join_parts(key, upload, parts).await
    }

    async fn abort_parts(&self, key: &Key, upload: &str) -> StoreResult<()> {
        self.aborted.fetch_add(1, Ordering::SeqCst);
        self.inner.abort_parts(key, upload).await
    }
}
