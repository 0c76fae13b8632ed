//! The objects of a job over a dataset: where they lie, and that none outlives it.

use augment_stores_port::{Area, Key, StoreError, StoreResult};
use serde::{Deserialize, Serialize};

use super::JobRecord;
use crate::stores::Stores;

/// Bytes of an item's file that hold the number of its round.
const ROUND_BYTES: u64 = 24;
/// Keys that are listed at once to be removed.
const AT_ONCE: usize = 1000;

/// An image of a job, as `images.json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetImage {
    /// The id of its upload.
    pub id: String,
    /// Its path in the dataset.
    pub path: String,
    /// Where its bytes lie in the area of originals.
    pub key: String,
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl DatasetImage {
    /// Where its bytes lie.
    ///
    /// # Errors
    /// `Refused` for a name that cannot be a key, which no stored one is.
    pub fn place(&self) -> StoreResult<Key> {
        Key::parse(Area::Originals, &self.key)
    }
}

/// Images of a job that are run at once, as `items.json` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetItem {
    /// Its number, from 0.
    pub item: u32,
    /// The place of its first image in `images.json`.
    pub first: u32,
    /// How many it has.
    pub images: u32,
}

/// Keys; none fails for the id of a record.
impl JobRecord {
    fn key(&self, parts: &[&str]) -> StoreResult<Key> {
        let all: Vec<&str> = ["jobs", self.id.as_str()].iter().chain(parts).copied().collect();
        Key::new(Area::Results, &all)
    }

    /// What all names of its objects begin with.
    fn prefix(&self) -> String {
        format!("jobs/{}/", self.id)
    }

    /// The zip of labels.
    ///
    /// # Errors
    /// `Refused` for an id that is none.
    pub fn labels_key(&self) -> StoreResult<Key> {
        self.key(&["labels.zip"])
    }

    /// The list of all images.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn images_key(&self) -> StoreResult<Key> {
        self.key(&["images.json"])
    }

    /// The list of the items that are to be run now.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn items_key(&self) -> StoreResult<Key> {
        self.key(&["items.json"])
    }

    /// An item's entries, a zip.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn item_zip_key(&self, item: u32) -> StoreResult<Key> {
        self.key(&["items", &format!("{item}.zip")])
    }

    /// What assembling needs beside an item's entries; once it is there, the item is done.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn item_json_key(&self, item: u32) -> StoreResult<Key> {
        self.key(&["items", &format!("{item}.json")])
    }

    /// The number of the item that a key says to be done.
    #[must_use]
    pub fn item_of(&self, key: &Key) -> Option<u32> {
        let name = key.name().strip_prefix(&self.prefix())?.strip_prefix("items/")?;
        name.strip_suffix(".json")?.parse().ok().filter(|item| *item < self.items)
    }

    /// The zip of results.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn results_key(&self) -> StoreResult<Key> {
        self.key(&["results.zip"])
    }
}

impl Stores {
    /// Images of a job that it has come to an end with, by the items that are done.
    ///
    /// # Errors
    /// The store's.
    pub async fn images_ended(&self, job: &JobRecord) -> StoreResult<u32> {
        // Two objects an item.
        let most = 2 * job.items as usize + 2;
        let keys = self.objects.list(Area::Results, &format!("{}items/", job.prefix()), most).await?;
        let mut ended = 0;
        for item in keys.iter().filter_map(|key| job.item_of(key)) {
            if job.round == 0 || !job.failed_items.contains(&item) || self.is_of_round(job, item).await? {
                ended += job.images_of(item).len() as u32;
            }
        }
        Ok(ended)
    }

    /// Whether an item that holds failures was run again: its file says its round first.
    async fn is_of_round(&self, job: &JobRecord, item: u32) -> StoreResult<bool> {
        let head = match self.objects.read(&job.item_json_key(item)?, 0, ROUND_BYTES).await {
            Ok(head) => head,
            Err(StoreError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        let digits = std::str::from_utf8(&head).ok().and_then(|head| head.strip_prefix("{\"round\":"));
        let digits = digits.map(|text| text.split([',', '}']).next().unwrap_or_default());
        Ok(digits.and_then(|digits| digits.trim().parse().ok()) == Some(job.round))
    }

    /// Puts an object of a job as JSON, marked with how long it is kept.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_json(&self, job: &JobRecord, key: &Key, content: &(impl Serialize + Sync)) -> StoreResult<()> {
        let bytes = serde_json::to_vec(content).map_err(StoreError::other)?;
        self.objects.put(key, "application/json", bytes.into()).await?;
        match self.objects.set_retention(key, job.retention.word()).await {
            // The job was deleted at the same time.
            Ok(()) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads an object of a job that is JSON.
    ///
    /// # Errors
    /// `NotFound` where there is none; `Other` where it is damaged; the store's.
    pub async fn get_json<T: serde::de::DeserializeOwned>(&self, key: &Key) -> StoreResult<T> {
        let info = self.objects.head(key).await?;
        let bytes = self.objects.read(key, 0, info.size).await?;
        serde_json::from_slice(&bytes).map_err(StoreError::other)
    }

    /// Removes all that a store may hold of a job. Whoever puts something of a job and finds it gone does this.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_job_objects(&self, id: &str) -> StoreResult<()> {
        loop {
            let keys = self.objects.list(Area::Results, &format!("jobs/{id}/"), AT_ONCE).await?;
            for key in &keys {
                self.objects.delete(key).await?;
            }
            if keys.len() < AT_ONCE {
                return Ok(());
            }
        }
    }
}
