//! The stores with the clock, as far as records need them: loading what they keep, and removing what a store holds of it.

use std::sync::Arc;

use augment_api::ObjectName;
use augment_stores_port::{Clock, ObjectStore, RecordStore, StoreResult};

use crate::image::ImageRecord;
use crate::document::Document;

/// The stores of a service. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    /// Objects.
    pub objects: Arc<dyn ObjectStore>,
    /// Records.
    pub records: Arc<dyn RecordStore>,
    /// What time it is.
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

    /// An image, or a job over a dataset, and the version it was read at.
    ///
    /// # Errors
    /// `NotFound` where there is none; the store's.
    pub async fn load<T: Document>(&self, id: &str) -> StoreResult<(T, u64)> {
        let record = self.records.get(&T::record_key(id)).await?;
        Ok((T::from_record(&record)?, record.version))
    }

    /// Removes all that a store may hold of an image. Objects go before the record: what is left after a crash still
    /// has a record by which it is found.
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
