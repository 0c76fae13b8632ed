//! The record of an image and its API view.

use augment_api::{Content, FailureKind, Image, Made, NewUpload, ObjectName, Retention, Run, State, Visibility};
use augment_stores_port::{Area, Key, StoreError, StoreResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::time::{DAY, rfc3339};

/// How long a reserved id waits for its file, in seconds.
const PENDING_SECONDS: u64 = DAY;

/// The gallery's thumbnail: at most 320 pixels on the longer side.
pub const GALLERY: &str = "small.jpg";
/// All thumbnails: the gallery's, 150 pixels wide, fitted into 50 by 50, 150 pixels high.
pub const THUMBNAILS: [&str; 7] =
    [GALLERY, "w150.jpg", "w150.webp", "50x50.jpg", "50x50.webp", "h150.jpg", "h150.webp"];

/// The record of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The image's id.
    pub id: String,
    /// The user who owns it.
    pub owner: String,
    /// The state.
    pub state: State,
    /// The file's name.
    pub filename: String,
    /// The file's media type.
    pub content_type: String,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's SHA-256 in hexadecimal digits; empty if an ingested file was too large to read.
    pub sha256: String,
    /// Width and height as displayed, once a job has read the image.
    #[serde(default)]
    pub frame: Option<(u32, u32)>,
    /// A title.
    pub title: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// A group.
    pub group: Option<String>,
    /// Copies.
    pub count: u32,
    /// The recipe.
    pub recipe: Value,
    /// Where the recipe runs.
    pub run: Run,
    /// Who may see it.
    pub visibility: Visibility,
    /// The retention.
    pub retention: Retention,
    /// The results zip that a client announced.
    pub announced: Option<Content>,
    /// The results zip in the store.
    pub results: Option<Content>,
    /// How a job made them.
    #[serde(default)]
    pub made: Option<Made>,
    /// Whether thumbnails exist.
    pub thumbnail: bool,
    /// Why the last job failed.
    pub error: Option<String>,
    /// The kind of that failure.
    #[serde(default)]
    pub error_kind: Option<FailureKind>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
    /// Milliseconds since 1970.
    pub updated_ms: u64,
    /// Seconds since 1970.
    pub expires: u64,
    /// The lease of the waiting or running job.
    pub job: Option<Lease>,
    /// The store's id of an unfinished multipart upload of the file.
    pub original_parts: Option<String>,
    /// The same for the results.
    pub results_parts: Option<String>,
    /// The source of a file that another client put into the bucket.
    #[serde(default)]
    pub dropped: Option<IngestedFile>,
}

/// A file that another client put into the bucket of originals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestedFile {
    /// Its key in the originals area.
    pub key: String,
    /// The `ETag` of its content.
    pub etag: String,
    /// Whether the batch service made its zip, which has another key.
    #[serde(default)]
    pub large: bool,
}

/// The lease of a job: which worker runs it, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Attempts so far.
    pub attempts: u32,
    /// When the lease expires, in seconds since 1970.
    pub lease_until: u64,
    /// A random number per lease, since two leases of the same second expire together.
    #[serde(default)]
    pub holder: u64,
}

impl Lease {
    /// A job that waits for a worker.
    pub const WAITING: Self = Self { attempts: 0, lease_until: 0, holder: 0 };
}

impl ImageRecord {
    /// The record of a new reservation.
    #[must_use]
    pub fn reserve(id: String, owner: &str, upload: NewUpload, now_ms: u64) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            state: State::Pending,
            filename: upload.filename,
            content_type: upload.format.mime().to_owned(),
            size: upload.size,
            sha256: upload.sha256.to_hex(),
            frame: None,
            title: upload.title,
            tags: upload.tags,
            group: upload.group,
            count: upload.count,
            recipe: upload.recipe,
            run: upload.run,
            visibility: upload.visibility,
            retention: upload.retention,
            announced: upload.results.map(|(size, sha256)| Content { size, sha256: sha256.to_hex() }),
            results: None,
            made: None,
            thumbnail: false,
            error: None,
            error_kind: None,
            created_ms: now_ms,
            updated_ms: now_ms,
            expires: now_ms / 1000 + PENDING_SECONDS,
            job: None,
            original_parts: None,
            results_parts: None,
            dropped: None,
        }
    }

    /// The key of an object of the image.
    ///
    /// # Errors
    /// `Refused` for an invalid key; checked names give valid keys.
    pub fn key(&self, object: ObjectName) -> Result<Key, StoreError> {
        match (object, &self.dropped) {
            (ObjectName::Original, Some(dropped)) => Key::parse(Area::Originals, &dropped.key),
            (ObjectName::Original, None) => Key::new(Area::Originals, &["originals", &self.id, &self.filename]),
            (ObjectName::Results, Some(dropped)) if dropped.large => {
                Key::parse(Area::Results, &format!("large/{}.zip", dropped.key))
            }
            (ObjectName::Results, _) => Key::new(Area::Results, &["results", &format!("{}.zip", self.id)]),
        }
    }

    /// The key of the gallery's thumbnail.
    ///
    /// # Errors
    /// As [`ImageRecord::key`].
    pub fn thumbnail_key(&self) -> Result<Key, StoreError> {
        self.thumbnail_named(GALLERY)
    }

    /// The key of a thumbnail, by its name in [`THUMBNAILS`].
    ///
    /// # Errors
    /// As [`ImageRecord::key`].
    pub fn thumbnail_named(&self, name: &str) -> Result<Key, StoreError> {
        Key::new(Area::Results, &["thumbnails", &self.id, name])
    }

    /// The keys of every object that the image may have.
    ///
    /// # Errors
    /// As [`ImageRecord::key`].
    pub fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let mut keys = vec![self.key(ObjectName::Original)?, self.key(ObjectName::Results)?];
        for name in THUMBNAILS {
            keys.push(self.thumbnail_named(name)?);
        }
        Ok(keys)
    }

    /// The announced size and hash of an object; `None` for results that the client does not upload.
    #[must_use]
    pub fn announced(&self, object: ObjectName) -> Option<Content> {
        match object {
            ObjectName::Original => Some(Content { size: self.size, sha256: self.sha256.clone() }),
            ObjectName::Results => self.announced.clone(),
        }
    }

    /// The media type of an object.
    #[must_use]
    pub fn content_type(&self, object: ObjectName) -> &str {
        match object {
            ObjectName::Original => &self.content_type,
            ObjectName::Results => "application/zip",
        }
    }

    /// When a finished image expires, in seconds since 1970.
    #[must_use]
    pub const fn kept_until(&self, now: u64) -> u64 {
        now + self.retention.days() * DAY
    }

    /// The API view for a user, or for an anonymous caller.
    #[must_use]
    pub fn shown_to(&self, owner: Option<&str>) -> Image {
        Image {
            id: self.id.clone(),
            state: self.state,
            filename: self.filename.clone(),
            content_type: self.content_type.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            width: self.frame.map(|(width, _)| width),
            height: self.frame.map(|(_, height)| height),
            title: self.title.clone(),
            tags: self.tags.clone(),
            group: self.group.clone(),
            count: self.count,
            recipe: self.recipe.clone(),
            run: self.run,
            visibility: self.visibility,
            retention: self.retention,
            mine: self.is_of(owner),
            results: self.results.clone(),
            made: self.made.clone(),
            thumbnail: self.thumbnail,
            error: self.error.clone(),
            error_kind: self.error_kind,
            created_at: rfc3339(self.created_ms),
            updated_at: rfc3339(self.updated_ms),
            expires_at: rfc3339(self.expires * 1000),
        }
    }

    /// Whether it belongs to a user.
    #[must_use]
    pub fn is_of(&self, owner: Option<&str>) -> bool {
        owner == Some(self.owner.as_str())
    }

    /// Whether a user or an anonymous caller may see it.
    #[must_use]
    pub fn visible_to(&self, owner: Option<&str>) -> bool {
        // A reservation is private until its file has arrived.
        self.is_of(owner) || (self.visibility == Visibility::Public && self.state != State::Pending)
    }
}

/// Adds a random seed to a recipe without one, so that a repeated job gives the same results.
///
/// # Errors
/// `Other` if the system has no randomness.
pub fn seeded(mut recipe: Value) -> StoreResult<Value> {
    if recipe.get("seed").is_none_or(Value::is_null) {
        let seed = getrandom::u64().map_err(StoreError::other)?;
        // Every JSON parser keeps integers up to 2^53 exactly.
        recipe["seed"] = (seed & ((1 << 53) - 1)).into();
    }
    Ok(recipe)
}
