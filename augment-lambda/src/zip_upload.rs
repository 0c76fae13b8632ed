//! Uploads a zip to the store while it is being written: in parts, or whole if it is small.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use augment_stores_port::{Key, ObjectStore, PartInfo, StoreResult};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{Receiver, Sender};

/// Size of a part in bytes (S3 requires 5 MiB); a smaller zip is uploaded whole.
pub const PART_BYTES: usize = 8 << 20;

/// The writer of a zip: sends full parts to the uploader and hashes everything.
#[derive(Debug)]
pub(crate) struct PartWriter {
    parts: Sender<Bytes>,
    buffer: Vec<u8>,
    hash: Sha256,
    size: u64,
}

/// The last bytes of a zip, with the size and hash of the whole.
#[derive(Debug)]
pub(crate) struct ZipTail {
    pub(crate) bytes: Bytes,
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
}

impl PartWriter {
    pub(crate) fn new(parts: Sender<Bytes>) -> Self {
        Self { parts, buffer: Vec::new(), hash: Sha256::new(), size: 0 }
    }

    pub(crate) fn finish(self) -> ZipTail {
        ZipTail { bytes: self.buffer.into(), size: self.size, sha256: self.hash.finalize().into() }
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PART_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        self.hash.update(&bytes[..taken]);
        self.size += taken as u64;
        if self.buffer.len() == PART_BYTES {
            let part = std::mem::take(&mut self.buffer).into();
            // The uploader stopped and reports the reason.
            self.parts.blocking_send(part).map_err(|_| io::Error::other("the upload stopped"))?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A zip being uploaded. Call [`ZipUpload::abort`] at the end in any case.
#[derive(Debug)]
pub(crate) struct ZipUpload<'a> {
    objects: &'a dyn ObjectStore,
    key: Key,
    begun: Mutex<Option<String>>,
}

impl<'a> ZipUpload<'a> {
    pub(crate) const fn new(objects: &'a dyn ObjectStore, key: Key) -> Self {
        Self { objects, key, begun: Mutex::new(None) }
    }

    fn current(&self) -> Option<String> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, upload: Option<String>) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = upload;
    }

    /// Uploads parts as they arrive, until the sender closes.
    pub(crate) async fn receive(&self, mut parts: Receiver<Bytes>) -> StoreResult<Vec<PartInfo>> {
        let mut stored: Vec<PartInfo> = Vec::new();
        while let Some(part) = parts.recv().await {
            stored.push(self.put(stored.len(), part).await?);
        }
        Ok(stored)
    }

    /// The multipart upload, begun on first use. Not for concurrent callers: each would begin one.
    pub(crate) async fn begun(&self) -> StoreResult<String> {
        match self.current() {
            Some(upload) => Ok(upload),
            None => {
                let upload = self.objects.begin_parts(&self.key, ZIP).await?;
                self.note(Some(upload.clone()));
                Ok(upload)
            }
        }
    }

    /// Uploads the part after `before` others.
    pub(crate) async fn put(&self, before: usize, part: Bytes) -> StoreResult<PartInfo> {
        let upload = self.begun().await?;
        self.objects.put_part(&self.key, &upload, number(before), part).await
    }

    /// Copies the part after `before` others from another object.
    pub(crate) async fn copy(&self, before: usize, from: &Key, range: Range<u64>) -> StoreResult<PartInfo> {
        let upload = self.begun().await?;
        self.objects.copy_part(&self.key, &upload, number(before), from, range).await
    }

    /// Uploads the last bytes and completes the object.
    pub(crate) async fn finish(&self, mut stored: Vec<PartInfo>, tail: Bytes) -> StoreResult<()> {
        if stored.is_empty() {
            return self.objects.put(&self.key, ZIP, tail).await;
        }
        if !tail.is_empty() {
            stored.push(self.put(stored.len(), tail).await?);
        }
        if let Some(upload) = self.current() {
            self.objects.join_parts(&self.key, &upload, &stored).await?;
            self.note(None);
        }
        Ok(())
    }

    /// Aborts an unfinished multipart upload.
    pub(crate) async fn abort(&self) {
        let Some(upload) = self.current() else { return };
        match self.objects.abort_parts(&self.key, &upload).await {
            Ok(()) => self.note(None),
            // The store's lifecycle rules remove the rest.
            Err(error) => tracing::warn!(%error, "parts of a zip were left in the store"),
        }
    }
}

fn number(before: usize) -> u32 {
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

/// The media type of a zip.
pub(crate) const ZIP: &str = "application/zip";
