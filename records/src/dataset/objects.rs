//! The objects of a job over a dataset: their keys, reading, writing and removal.

use augment_stores_port::{Area, Key, StoreError, StoreResult};
use serde::{Deserialize, Serialize};

use super::JobRecord;
use crate::stores::Stores;

/// Leading bytes of an item's JSON file that contain its round.
const ROUND_BYTES: u64 = 24;
/// Keys listed per request while removing.
const AT_ONCE: usize = 1000;

/// An image of a job, an entry of `images.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetImage {
    /// The id of its upload.
    pub id: String,
    /// Its path in the dataset.
    pub path: String,
    /// Its key in the originals area.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl DatasetImage {
    /// The key of its file.
    ///
    /// # Errors
    /// `Refused` for an invalid key; stored keys are valid.
    pub fn object_key(&self) -> StoreResult<Key> {
        Key::parse(Area::Originals, &self.key)
    }
}

/// A range of a job's images that runs as one unit, an entry of `items.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetItem {
    /// Its number, from 0.
    pub item: u32,
    /// The index of its first image in `images.json`.
    pub first: u32,
    /// The number of images.
    pub images: u32,
}

/// Keys. They are valid for every id of a record.
impl JobRecord {
    fn key(&self, parts: &[&str]) -> StoreResult<Key> {
        Key::parse(Area::Results, &format!("{}{}", self.prefix(), parts.join("/")))
    }

    /// The common prefix of its objects.
    fn prefix(&self) -> String {
        let generation = if self.generation.is_empty() { String::new() } else { format!("{}/", self.generation) };
        format!("jobs/{}/{generation}", self.id)
    }

    /// The zip of labels.
    ///
    /// # Errors
    /// `Refused` for an invalid id.
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

    /// The list of items to run now. Its key has no generation: engines know the id only, and nobody else can write it.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn items_key(&self) -> StoreResult<Key> {
        Key::new(Area::Results, &["jobs", self.id.as_str(), "items.json"])
    }

    /// The zip of an item.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn item_zip_key(&self, item: u32) -> StoreResult<Key> {
        self.key(&["items", &format!("{item}.zip")])
    }

    /// What assembly needs besides an item's zip. The item is done once this file exists.
    ///
    /// # Errors
    /// As [`JobRecord::labels_key`].
    pub fn item_json_key(&self, item: u32) -> StoreResult<Key> {
        self.key(&["items", &format!("{item}.json")])
    }

    /// The number of the finished item that a key belongs to.
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
    /// Images in the finished items of a job.
    ///
    /// # Errors
    /// The store's.
    pub async fn images_ended(&self, job: &JobRecord) -> StoreResult<u32> {
        // Two objects per item.
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

    /// Whether an item with failures ran in the current round, which its file starts with.
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

    /// Writes an object of a job as JSON, tagged with its retention.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_json(&self, job: &JobRecord, key: &Key, content: &(impl Serialize + Sync)) -> StoreResult<()> {
        let bytes = serde_json::to_vec(content).map_err(StoreError::other)?;
        self.objects.put(key, "application/json", bytes.into()).await?;
        self.tag(job, key).await
    }

    /// Tags an object of a job with its retention. The job may have been deleted in the meantime.
    ///
    /// # Errors
    /// The store's.
    pub async fn tag(&self, job: &JobRecord, key: &Key) -> StoreResult<()> {
        match self.objects.set_retention(key, job.retention.word()).await {
            Ok(()) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads a JSON object of a job.
    ///
    /// # Errors
    /// `NotFound` if it is missing, `Other` if it is damaged, or the store's.
    pub async fn get_json<T: serde::de::DeserializeOwned>(&self, key: &Key) -> StoreResult<T> {
        let info = self.objects.head(key).await?;
        let bytes = self.objects.read(key, 0, info.size).await?;
        serde_json::from_slice(&bytes).map_err(StoreError::other)
    }

    /// Removes everything of a deleted job whose record still holds the id.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_job(&self, job: &JobRecord) -> StoreResult<()> {
        self.objects.delete(&job.items_key()?).await?;
        self.remove_job_objects(job).await
    }

    /// Removes the objects of a job, not those of a later job of its id. A writer that finds the job deleted after a write
    /// must call this.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_job_objects(&self, job: &JobRecord) -> StoreResult<()> {
        loop {
            let keys = self.objects.list(Area::Results, &job.prefix(), AT_ONCE).await?;
            for key in &keys {
                self.objects.delete(key).await?;
            }
            if keys.len() < AT_ONCE {
                return Ok(());
            }
        }
    }
}
