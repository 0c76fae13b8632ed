//! An image as it is kept and as it is shown.

use augment_api::{Content, FailureKind, Image, Made, ObjectName, Retention, Run, State, NewUpload, Visibility};
use augment_stores_port::{Area, Key, StoreError, StoreResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::time::{DAY, rfc3339};

/// Seconds that a reserved id waits for its file.
const PENDING_SECONDS: u64 = DAY;

/// The thumbnail that a gallery shows: at most 320 pixels on its longer side.
pub const GALLERY: &str = "small.jpg";
/// All thumbnails: the gallery's, those 150 pixels wide, those that fit into 50 by 50, those 150 pixels high.
pub const THUMBNAILS: [&str; 7] =
    [GALLERY, "w150.jpg", "w150.webp", "50x50.jpg", "50x50.webp", "h150.jpg", "h150.webp"];

/// An image's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The id.
    pub id: String,
    /// Who made it.
    pub owner: String,
    /// How far it is.
    pub state: State,
    /// The file's name.
    pub filename: String,
    /// The file's media type.
    pub content_type: String,
    /// The file's bytes.
    pub size: u64,
    /// The file's SHA-256 in hexadecimal digits; empty where a dropped file was not read.
    pub sha256: String,
    /// Columns and rows as shown, once a job has looked at it.
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
    /// Who runs it.
    pub run: Run,
    /// Who may see it.
    pub visibility: Visibility,
    /// How long it is kept.
    pub retention: Retention,
    /// The zip of results that a client announced.
    pub announced: Option<Content>,
    /// The zip of results that is there.
    pub results: Option<Content>,
    /// How they were made, where a job made them.
    #[serde(default)]
    pub made: Option<Made>,
    /// Whether there are thumbnails.
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
    /// The job that waits or runs.
    pub job: Option<Lease>,
    /// Uploads of parts under way, by the store's names.
    pub original_parts: Option<String>,
    /// The same of the results.
    pub results_parts: Option<String>,
    /// Where the file lies, if it was dropped into the store by another client.
    #[serde(default)]
    pub dropped: Option<IngestedFile>,
}

/// A file that was put into the store without being announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestedFile {
    /// Its name in the area of originals.
    pub key: String,
    /// What the store names its content by.
    pub etag: String,
    /// Whether its zip was made by the batch service, which puts it elsewhere.
    #[serde(default)]
    pub large: bool,
}

/// A job of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// How often it was begun.
    pub attempts: u32,
    /// Until when whoever runs it has it alone, seconds since 1970.
    pub lease_until: u64,
    /// A number by which whoever has it knows it again: two that begin in one second have leases of the same end.
    #[serde(default)]
    pub holder: u64,
}

impl Lease {
    /// A job that nobody has begun.
    pub const WAITING: Self = Self { attempts: 0, lease_until: 0, holder: 0 };
}

impl ImageRecord {
    /// A reservation.
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

    /// Where an object of the image lies.
    ///
    /// # Errors
    /// `Refused` for a name that cannot be a key, which no checked name is.
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

    /// Where the thumbnail lies that a gallery shows.
    ///
    /// # Errors
    /// As [`ImageRecord::key`].
    pub fn thumbnail_key(&self) -> Result<Key, StoreError> {
        self.thumbnail_named(GALLERY)
    }

    /// Where a thumbnail lies, by its name among [`THUMBNAILS`].
    ///
    /// # Errors
    /// As [`ImageRecord::key`].
    pub fn thumbnail_named(&self, name: &str) -> Result<Key, StoreError> {
        Key::new(Area::Results, &["thumbnails", &self.id, name])
    }

    /// Everything of the image that a store may hold.
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

    /// Size and hash that were announced of an object; `None` for results that the client does not bring.
    #[must_use]
    pub fn announced(&self, object: ObjectName) -> Option<Content> {
        match object {
            ObjectName::Original => Some(Content { size: self.size, sha256: self.sha256.clone() }),
            ObjectName::Results => self.announced.clone(),
        }
    }

    /// The media type that an object is sent with.
    #[must_use]
    pub fn content_type(&self, object: ObjectName) -> &str {
        match object {
            ObjectName::Original => &self.content_type,
            ObjectName::Results => "application/zip",
        }
    }

    /// When a finished image goes, seconds since 1970.
    #[must_use]
    pub const fn kept_until(&self, now: u64) -> u64 {
        now + self.retention.days() * DAY
    }

    /// The image as it is shown to an owner, or to somebody without a name.
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

    /// Whether it belongs to an owner.
    #[must_use]
    pub fn is_of(&self, owner: Option<&str>) -> bool {
        owner == Some(self.owner.as_str())
    }

    /// Whether an owner, or somebody without a name, may see it.
    #[must_use]
    pub fn visible_to(&self, owner: Option<&str>) -> bool {
        // A reserved id is nobody else's business before the file is there.
        self.is_of(owner) || (self.visibility == Visibility::Public && self.state != State::Pending)
    }
}

/// Gives a recipe without a seed a fresh one, so that a job that is run twice gives the same results.
///
/// # Errors
/// `Other` when the system has no randomness.
pub fn seeded(mut recipe: Value) -> StoreResult<Value> {
    if recipe.get("seed").is_none_or(Value::is_null) {
        let seed = getrandom::u64().map_err(StoreError::other)?;
        // Every JSON reader keeps integers up to here exactly.
        recipe["seed"] = (seed & ((1 << 53) - 1)).into();
    }
    Ok(recipe)
}
