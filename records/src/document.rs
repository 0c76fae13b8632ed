//! Documents stored as records under their ids: images, and jobs over datasets.

use augment_stores_port::{Record, StoreError, StoreResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dataset::JobRecord;
use crate::image::ImageRecord;
use crate::lists;

/// A document stored as a record.
pub trait Document: Serialize + DeserializeOwned {
    /// The prefix of the record keys.
    const KEYS: &str;

    /// Whether it was deleted and only its record is left.
    fn is_gone(&self) -> bool;

    /// What the store needs besides the content.
    fn meta(&self) -> DocumentMeta<'_>;

    /// The record key of an id.
    #[must_use]
    fn record_key(id: &str) -> String {
        format!("{}{id}", Self::KEYS)
    }

    /// The record, at a version.
    ///
    /// # Errors
    /// `Other` if it cannot be written as JSON.
    fn to_record(&self, version: u64) -> StoreResult<Record> {
        let DocumentMeta { id, created_ms, expires, lists } = self.meta();
        let body = serde_json::to_string(self).map_err(StoreError::other)?;
        let (key, sort) = (Self::record_key(id), format!("{created_ms:013}{id}"));
        Ok(Record { key, version, sort, lists, expires: Some(expires), body })
    }

    /// The document in a record.
    ///
    /// # Errors
    /// `Other` if the record is damaged.
    fn from_record(record: &Record) -> StoreResult<Self> {
        serde_json::from_str(&record.body).map_err(StoreError::other)
    }
}

/// What the store needs to know of a document besides its content.
#[derive(Debug)]
pub struct DocumentMeta<'a> {
    pub(crate) id: &'a str,
    pub(crate) created_ms: u64,
    pub(crate) expires: u64,
    pub(crate) lists: Vec<String>,
}

impl Document for ImageRecord {
    const KEYS: &str = "image/";

    fn meta(&self) -> DocumentMeta<'_> {
        DocumentMeta { id: &self.id, created_ms: self.created_ms, expires: self.expires, lists: lists::of(self) }
    }

    fn is_gone(&self) -> bool {
        self.gone
    }
}

impl Document for JobRecord {
    const KEYS: &str = "dataset/";

    fn meta(&self) -> DocumentMeta<'_> {
        DocumentMeta {
            id: &self.id,
            created_ms: self.created_ms,
            expires: self.expires,
            lists: lists::of_dataset(self),
        }
    }

    fn is_gone(&self) -> bool {
        self.gone
    }
}
