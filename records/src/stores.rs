//! The stores and the clock of a service, with loading of documents and removal of an image's objects.

use std::sync::Arc;

use augment_api::ObjectName;
use augment_stores_port::{Area, Clock, Key, ObjectStore, RecordStore, StoreError, StoreResult};
use sha2::{Digest, Sha256};

use crate::document::Document;
use crate::image::ImageRecord;

/// Bytes per read while hashing.
const PIECE: u64 = 8 << 20;

/// The stores of a service. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    /// Objects.
    pub objects: Arc<dyn ObjectStore>,
    /// Records.
    pub records: Arc<dyn RecordStore>,
    /// The current time.
    pub clock: Clock,
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stores").field("objects", &self.objects).field("records", &self.records).finish_non_exhaustive()
    }
}

impl Stores {
    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now_ms() / 1000
    }

    /// A document and its version.
    ///
    /// # Errors
    /// `NotFound` if it does not exist or was deleted, or the store's.
    pub async fn load<T: Document>(&self, id: &str) -> StoreResult<(T, u64)> {
        let record = self.records.get(&T::record_key(id)).await?;
        let document = T::from_record(&record)?;
        if document.is_gone() { Err(StoreError::NotFound) } else { Ok((document, record.version)) }
    }

    /// The SHA-256 of an object, for stores that have none.
    ///
    /// # Errors
    /// The store's.
    pub async fn sha256(&self, key: &Key, size: u64) -> StoreResult<[u8; 32]> {
        let (mut hash, mut from) = (Sha256::new(), 0);
        while from < size {
            let piece = self.objects.read(key, from, PIECE).await?;
            if piece.is_empty() {
                break;
            }
            from += piece.len() as u64;
            hash.update(&piece);
        }
        Ok(hash.finalize().into())
    }

    /// Removes what a job made of an image that is gone. Its file stays: under that key there may be a later one.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_made(&self, image: &ImageRecord) -> StoreResult<()> {
        for key in image.keys()?.iter().filter(|key| key.area() == Area::Results) {
            self.objects.delete(key).await?;
        }
        Ok(())
    }

    /// Removes all objects of an image. The record goes last, so that after a crash it still finds the rest.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_objects(&self, image: &ImageRecord) -> StoreResult<()> {
        use ObjectName::{Original, Results};
        for key in image.keys()? {
            self.objects.delete(&key).await?;
        }
        for (object, upload) in [(Original, &image.original_parts), (Results, &image.results_parts)] {
            if let Some(upload) = upload {
                self.objects.abort_parts(&image.key(object)?, upload).await?;
            }
        }
        Ok(())
    }
}
