//! The record of an image and its API view.

use std::ops::{Deref, DerefMut};

use augment_api::{Content, Image, ImageFacts, NewUpload, ObjectName, State, Visibility};
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
    /// What the API shows too.
    #[serde(flatten)]
    pub facts: ImageFacts,
    /// The user who owns it.
    pub owner: String,
    /// Width and height as displayed, once a job has read the image.
    #[serde(default)]
    pub frame: Option<(u32, u32)>,
    /// The results zip that a client announced.
    pub announced: Option<Content>,
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
    /// A random part of its keys, so that nothing signed for an earlier image of this id reaches it. Empty in old records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub generation: String,
    /// Whether it was deleted; the record stays until its objects are removed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gone: bool,
}

impl Deref for ImageRecord {
    type Target = ImageFacts;

    fn deref(&self) -> &ImageFacts {
        &self.facts
    }
}

impl DerefMut for ImageRecord {
    fn deref_mut(&mut self) -> &mut ImageFacts {
        &mut self.facts
    }
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
    ///
    /// # Errors
    /// `Other` if the system has no randomness.
    pub fn reserve(id: String, owner: &str, upload: NewUpload, now_ms: u64) -> StoreResult<Self> {
        Ok(Self {
            facts: ImageFacts {
                id,
                state: State::Pending,
                filename: upload.filename,
                content_type: upload.format.mime().to_owned(),
                size: upload.size,
                sha256: upload.sha256.to_hex(),
                title: upload.title,
                tags: upload.tags,
                group: upload.group,
                count: upload.count,
                recipe: upload.recipe,
                run: upload.run,
                visibility: upload.visibility,
                retention: upload.retention,
                results: None,
                made: None,
                thumbnail: false,
                error: None,
                error_kind: None,
            },
            owner: owner.to_owned(),
            frame: None,
            announced: upload.results.map(|(size, sha256)| Content { size, sha256: sha256.to_hex() }),
            created_ms: now_ms,
            updated_ms: now_ms,
            expires: now_ms / 1000 + PENDING_SECONDS,
            job: None,
            original_parts: None,
            results_parts: None,
            dropped: None,
            generation: generation()?,
            gone: false,
        })
    }

    /// Marks it as deleted: it leaves all lists and expires at once, so that an interrupted deletion is finished.
    pub fn bury(&mut self) {
        self.gone = true;
        self.job = None;
        self.expires = 0;
    }

    /// The key of an object of the image.
    ///
    /// # Errors
    /// `Refused` for an invalid key; checked names give valid keys.
    pub fn key(&self, object: ObjectName) -> Result<Key, StoreError> {
        match (object, &self.dropped) {
            (ObjectName::Original, Some(dropped)) => Key::parse(Area::Originals, &dropped.key),
            (ObjectName::Original, None) if self.generation.is_empty() => {
                Key::new(Area::Originals, &["originals", &self.id, &self.filename])
            }
            (ObjectName::Original, None) => {
                Key::new(Area::Originals, &["originals", &self.id, &self.generation, &self.filename])
            }
            (ObjectName::Results, Some(dropped)) if dropped.large => {
                Key::parse(Area::Results, &format!("large/{}.zip", dropped.key))
            }
            (ObjectName::Results, _) if self.generation.is_empty() => {
                Key::new(Area::Results, &["results", &format!("{}.zip", self.id)])
            }
            (ObjectName::Results, _) => {
                Key::new(Area::Results, &["results", &self.id, &format!("{}.zip", self.generation)])
            }
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
        if self.generation.is_empty() {
            return Key::new(Area::Results, &["thumbnails", &self.id, name]);
        }
        Key::new(Area::Results, &["thumbnails", &self.id, &self.generation, name])
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
    pub fn kept_until(&self, now: u64) -> u64 {
        now + self.retention.days() * DAY
    }

    /// The API view for a user, or for an anonymous caller.
    #[must_use]
    pub fn shown_to(&self, owner: Option<&str>) -> Image {
        Image {
            facts: self.facts.clone(),
            width: self.frame.map(|(width, _)| width),
            height: self.frame.map(|(_, height)| height),
            mine: self.is_of(owner),
            created_at: rfc3339(self.created_ms),
            updated_at: rfc3339(self.updated_ms),
            expires_at: rfc3339(self.expires * 1000),
        }
    }

    /// Whether another record of the id is of this image, and not of a later one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.generation, self.created_ms) == (&other.generation, other.created_ms)
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

/// The owner for a subject of the issuer. The prefix separates subjects from the local user.
#[must_use]
pub fn oidc_owner(subject: &str) -> String {
    format!("oidc:{subject}")
}

/// Characters of generations; no look-alikes.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A new generation: 80 random bits.
pub(crate) fn generation() -> StoreResult<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(StoreError::other)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored() -> Value {
        json!({
            "id": "a1", "owner": "ann", "state": "ready", "filename": "a.jpg", "content_type": "image/jpeg", "size": 3,
            "sha256": "ab", "frame": [4, 3], "title": "A", "tags": ["cat"], "group": "g", "count": 2,
            "recipe": {"version": 1, "seed": (1_u64 << 53) - 1, "steps": [{"op": "gamma", "gamma": 1.1}]},
            "run": "server", "visibility": "public", "retention": "standard",
            "announced": {"size": 7, "sha256": "cd"}, "results": {"size": 9, "sha256": "ef"},
            "made": {"engine": "1", "outputs": 2, "pixels": 24, "bytes_before": 3, "bytes_after": 9, "warnings": 0,
                "fetch_ms": 1, "augment_ms": 2, "store_ms": 3},
            "thumbnail": true, "error": "no", "error_kind": "image", "created_ms": 1, "updated_ms": 2, "expires": 3,
            "job": {"attempts": 1, "lease_until": 5, "holder": u64::MAX}, "original_parts": "o",
            "results_parts": "r", "dropped": {"key": "k", "etag": "e", "large": true},
        })
    }

    #[test]
    fn a_record_has_the_same_json_with_and_without_optional_fields() {
        let image: ImageRecord = serde_json::from_value(stored()).unwrap();
        assert_eq!(serde_json::to_value(&image).unwrap(), stored(), "every field");
        let mut without = stored();
        for (_, value) in without.as_object_mut().unwrap().iter_mut().filter(|(name, _)| {
            let optional = ["frame", "title", "group", "announced", "results", "made", "error", "error_kind", "job"];
            optional.contains(&name.as_str()) || name.ends_with("_parts") || *name == "dropped"
        }) {
            *value = Value::Null;
        }
        let image: ImageRecord = serde_json::from_value(without.clone()).unwrap();
        assert_eq!(serde_json::to_value(&image).unwrap(), without, "absent values are null");
        let mut older = without;
        for name in ["frame", "made", "error_kind", "dropped"] {
            older.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(serde_json::from_value::<ImageRecord>(older).unwrap(), image, "fields that older records lack");
    }

    #[test]
    fn the_api_shows_the_facts_of_a_record_and_nothing_internal() {
        let image: ImageRecord = serde_json::from_value(stored()).unwrap();
        let shown = serde_json::to_value(image.shown_to(Some("ann"))).unwrap();
        let names: std::collections::BTreeSet<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "content_type",
            "count",
            "created_at",
            "error",
            "error_kind",
            "expires_at",
            "filename",
            "group",
            "height",
            "id",
            "made",
            "mine",
            "recipe",
            "results",
            "retention",
            "run",
            "sha256",
            "size",
            "state",
            "tags",
            "thumbnail",
            "title",
            "updated_at",
            "visibility",
            "width",
        ];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!((&shown["width"], &shown["mine"]), (&json!(4), &json!(true)));
        assert_eq!(serde_json::from_value::<Image>(shown).unwrap(), image.shown_to(Some("ann")), "round trip");
    }
}
