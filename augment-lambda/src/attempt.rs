//! One attempt at a zip: renders on a blocking thread, uploads concurrently, and enforces the deadline.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use augment_core::pipeline::Stop;
use augment_stores_port::{Key, ObjectStore, PartInfo, StoreError, StoreResult};
use bytes::Bytes;
use futures_util::future::try_join;
use tokio::sync::mpsc;

use crate::deadline::{Pace, in_time};
use crate::zip_upload::{PartWriter, ZipUpload};

/// An attempt. Always call [`Attempt::end`], also after an error.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    until: Option<Instant>,
    upload: ZipUpload<'a>,
    /// Whether it is rendering, not waiting for a store.
    rendering: AtomicBool,
    stop: Stop,
}

impl<'a> Attempt<'a> {
    /// An attempt at the zip under a key that ends before `until`.
    pub(crate) fn new(objects: &'a dyn ObjectStore, key: Key, until: Option<Instant>) -> Self {
        let upload = ZipUpload::new(objects, key);
        Self { until, upload, rendering: AtomicBool::new(false), stop: Stop::default() }
    }

    /// Runs work until shortly before the deadline. If rendering took too long, the outcome is `late`, since it would
    /// take as long again.
    ///
    /// # Errors
    /// The work's, and a store that is too slow: it may recover.
    pub(crate) async fn run<T>(
        &self,
        work: impl Future<Output = StoreResult<T>>,
        late: impl FnOnce() -> T,
    ) -> StoreResult<T> {
        match in_time(self.until, work).await {
            Some(outcome) => outcome,
            None if self.rendering.load(Ordering::Relaxed) => Ok(late()),
            None => Err(StoreError::other("the store is too slow")),
        }
    }

    /// Renders on a blocking thread and uploads full parts meanwhile. Returns these parts and the result, or `None`
    /// after a panic: one bad file must not stop the worker.
    pub(crate) async fn render<T: Send + 'static>(
        &self,
        render: impl FnOnce(PartWriter, Pace) -> T + Send + 'static,
    ) -> StoreResult<(Vec<PartInfo>, Option<T>)> {
        // One part uploading and one queued, so that rendering waits for the upload.
        let (sender, parts) = mpsc::channel(1);
        let pace = Pace::new(self.until, self.stop.clone());
        self.rendering.store(true, Ordering::Relaxed);
        let rendering = tokio::task::spawn_blocking(move || render(PartWriter::new(sender), pace));
        let rendered = async { Ok(rendering.await.ok()) };
        let both = try_join(self.upload.receive(parts), rendered).await?;
        self.rendering.store(false, Ordering::Relaxed);
        Ok(both)
    }

    /// Uploads the last bytes after the stored parts.
    pub(crate) async fn finish(&self, stored: Vec<PartInfo>, tail: Bytes) -> StoreResult<()> {
        self.upload.finish(stored, tail).await
    }

    /// Stops rendering and aborts an unfinished upload.
    pub(crate) async fn end(&self) {
        self.stop.set();
        self.upload.abort().await;
    }
}
