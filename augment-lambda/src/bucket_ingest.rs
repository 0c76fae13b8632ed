//! Ingests files put straight into the originals bucket, bypassing the API: each becomes an image record.

use augment_api::{
    Content, FailureKind, Limits, NewUpload, ObjectName, Problem, Retention, Run, State, Visibility, is_id,
};
use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::plan::{BUILT_IN, Recipe};
use augment_records::jobs::JobError;
use augment_records::{Document, ImageRecord, IngestedFile, Lease, oidc_owner};
use augment_stores_port::{ANNOUNCED, Key, ObjectInfo, StoreError, StoreResult};
use serde_json::{Value, json};

use crate::service::Service;

/// The owner of ingested files: the operator, since no user signed for them.
const OWNER: &str = "local";
/// Bytes that identify every format.
const MAGIC_BYTES: u64 = 16;
/// Characters of ids; no look-alikes.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of an id derived from a key: 100 bits.
const ID_LENGTH: usize = 20;
/// Retries after concurrent changes of a record.
const MAX_TRIES: usize = 10;

/// What a file in the bucket turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// The file of this ingested image, whose job may be waiting.
    Image(String),
    /// The file of an announced upload, which `complete` handles, or a deleted file.
    Nothing,
    /// The file of an announced upload without a record.
    Orphan,
}

/// Ingests a file that has just arrived; an orphan is deleted.
///
/// # Errors
/// The store's.
pub async fn ingest(service: &Service, key: &Key) -> StoreResult<Ingested> {
    let outcome = register(service, key).await?;
    if outcome == Ingested::Orphan {
        // It arrived after its image was deleted, and must not become a public image.
        service.stores.objects.delete(key).await?;
        tracing::info!("a file that arrived after its image was deleted was removed");
    }
    Ok(outcome)
}

/// Makes a file in the bucket an image, unless it is one already. A repeat changes nothing; a new file under the same key
/// replaces the image under the same id. Nothing is deleted: the caller decides about orphans.
///
/// # Errors
/// The store's.
pub async fn register(service: &Service, key: &Key) -> StoreResult<Ingested> {
    let stores = &service.stores;
    for _ in 0..MAX_TRIES {
        let info = match stores.objects.head(key).await {
            Ok(info) => info,
            Err(StoreError::NotFound) => return Ok(Ingested::Nothing),
            Err(error) => return Err(error),
        };
        let found = find(service, key).await?;
        if info.metadata.contains_key(ANNOUNCED) && !matches!(found, KeyOwner::Upload) {
            return Ok(Ingested::Orphan);
        }
        let (id, before) = match found {
            KeyOwner::Upload => return Ok(Ingested::Nothing),
            KeyOwner::Ingested(image, version) => {
                let same = image.dropped.as_ref().is_some_and(|dropped| dropped.etag == info.etag);
                if same || image.job.is_some() {
                    // A file that changes during its job is read after the job ends.
                    return Ok(Ingested::Image(image.facts.id));
                }
                (image.id.clone(), Some((image, version)))
            }
            KeyOwner::Free(id) => (id, None),
        };
        let earlier = before.as_ref().map(|(image, _)| &**image);
        let image = match tagged_image(service, key, &info, &id, earlier).await {
            Ok(Some(image)) => image,
            Ok(None) => {
                tracing::info!("a file in the bucket that is no image was passed over");
                return Ok(Ingested::Nothing);
            }
            // It was deleted in the meantime.
            Err(StoreError::NotFound) => return Ok(Ingested::Nothing),
            Err(error) => return Err(error),
        };
        let written = match before {
            None => stores.records.create(image.to_record(1)?).await,
            Some((_, version)) => stores.records.replace(image.to_record(version + 1)?).await,
        };
        match written {
            Ok(()) => {
                tracing::info!(image.id = %id, state = image.state.word(), "a file in the bucket became the image {id}");
                return Ok(Ingested::Image(id));
            }
            // Another worker registers it at the same time.
            Err(StoreError::AlreadyExists | StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::other("too many concurrent changes of the image"))
}

/// Adds the batch service's zip to the record of a file that was too large for a job.
///
/// # Errors
/// The store's.
pub(crate) async fn register_large(service: &Service, key: &Key, sha256: &str) -> StoreResult<Ingested> {
    let stores = &service.stores;
    for _ in 0..MAX_TRIES {
        // The record may be missing, since the two events have no order.
        let Ingested::Image(id) = ingest(service, key).await? else { return Ok(Ingested::Nothing) };
        let (mut image, version) = match stores.load::<ImageRecord>(&id).await {
            Ok(found) => found,
            Err(StoreError::NotFound) => return Ok(Ingested::Nothing),
            Err(error) => return Err(error),
        };
        let too_large = image.error_kind == Some(FailureKind::TooLarge) && image.job.is_none();
        let Some(dropped) = image.dropped.as_mut().filter(|dropped| too_large || dropped.large) else {
            return Ok(Ingested::Nothing);
        };
        dropped.large = true;
        let size = match stores.objects.head(&image.key(ObjectName::Results)?).await {
            Ok(info) => info.size,
            Err(StoreError::NotFound) => return Ok(Ingested::Nothing),
            Err(error) => return Err(error),
        };
        image.state = State::Ready;
        image.results = Some(Content { size, sha256: sha256.to_owned() });
        (image.error, image.error_kind) = (None, None);
        image.updated_ms = stores.now_ms();
        match stores.records.replace(image.to_record(version + 1)?).await {
            Ok(()) => return Ok(Ingested::Image(id)),
            Err(StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::other("too many concurrent changes of the image"))
}

/// The owner of a key.
enum KeyOwner {
    /// An announced upload.
    Upload,
    /// An ingested image, with its record and version.
    Ingested(Box<ImageRecord>, u64),
    /// None yet, with the future id.
    Free(String),
}

/// Finds the image of a key: by the id in the key, unless that is another image's, else by an id derived from the key.
async fn find(service: &Service, key: &Key) -> StoreResult<KeyOwner> {
    let parts: Vec<&str> = key.name().split('/').collect();
    let in_key = match parts.as_slice() {
        // An announced upload has its generation in its key.
        ["originals", id, _] | ["originals", id, _, _] if is_id(id) => Some((*id).to_owned()),
        _ => None,
    };
    for id in in_key.into_iter().chain([id_of(key.name())]) {
        match service.stores.load::<ImageRecord>(&id).await {
            Ok((image, _)) if image.key(ObjectName::Original)? != *key => {}
            Ok((image, version)) if image.dropped.is_some() => return Ok(KeyOwner::Ingested(Box::new(image), version)),
            Ok(_) => return Ok(KeyOwner::Upload),
            Err(StoreError::NotFound) if is_being_deleted(service, &id, key).await? => return Ok(KeyOwner::Upload),
            Err(StoreError::NotFound) => return Ok(KeyOwner::Free(id)),
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::other("two keys have the same derived id"))
}

/// Whether a key is that of an image whose deletion was interrupted; its sweep removes the file.
async fn is_being_deleted(service: &Service, id: &str, key: &Key) -> StoreResult<bool> {
    match service.stores.records.get(&ImageRecord::record_key(id)).await {
        Ok(record) => Ok(ImageRecord::from_record(&record)?.key(ObjectName::Original)? == *key),
        Err(StoreError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The id derived from a key.
fn id_of(key: &str) -> String {
    let hash = Digest::of(key.as_bytes());
    hash.0.iter().take(ID_LENGTH).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// The image of a file, after tagging the file with its retention.
async fn tagged_image(
    service: &Service,
    key: &Key,
    info: &ObjectInfo,
    id: &str,
    earlier: Option<&ImageRecord>,
) -> StoreResult<Option<ImageRecord>> {
    let Some(image) = image_of(service, key, info, id, earlier).await? else { return Ok(None) };
    service.stores.objects.set_retention(key, image.retention.word()).await?;
    Ok(Some(image))
}

/// The image of a file: with a job, or failed with the reason. `None` for a file that is no image by name and content,
/// as scripts copy with whole folders.
async fn image_of(
    service: &Service,
    key: &Key,
    info: &ObjectInfo,
    id: &str,
    earlier: Option<&ImageRecord>,
) -> StoreResult<Option<ImageRecord>> {
    let stores = &service.stores;
    let now_ms = stores.now_ms();
    let too_large = info.size > service.limits.max_image_bytes;
    let head = stores.objects.read(key, 0, MAGIC_BYTES).await?;
    let format = Format::sniff(&head);
    let filename = key.name().rsplit('/').next().unwrap_or_default();
    if format.is_none() && !is_named_as_image(filename) {
        return Ok(None);
    }
    let sha256 = match info.sha256 {
        Some(sha256) => hex::encode(sha256),
        None if too_large => String::new(),
        None => hex::encode(stores.sha256(key, info.size).await?),
    };
    let owner = owner(service, info);
    // Without a word about it only its owner sees a file, if there are several users.
    let usual = if service.sign_in { Visibility::Private } else { Visibility::Public };
    let announced = match format {
        None => Err(JobError::new(FailureKind::Image, "this is not an image in a known format")),
        Some(format) => announcement(&service.limits, usual, info, filename, format, &sha256),
    };
    let dropped = Some(IngestedFile { key: key.name().to_owned(), etag: info.etag.clone(), large: false });
    let mut image = match announced {
        Ok(upload) => {
            let mut image = ImageRecord::reserve(id.to_owned(), &owner, upload, now_ms)?;
            image.state = State::Uploaded;
            image.job = Some(Lease::WAITING);
            image
        }
        Err(failure) => {
            let upload = unusable(usual, info.size, filename, format.unwrap_or(Format::Png));
            let mut image = ImageRecord::reserve(id.to_owned(), &owner, upload, now_ms)?;
            image.state = State::Failed;
            image.content_type = format.map_or("application/octet-stream", Format::mime).to_owned();
            image.sha256 = sha256;
            (image.error, image.error_kind) = (Some(failure.detail), Some(failure.kind));
            image
        }
    };
    image.dropped = dropped;
    if let Some(earlier) = earlier {
        // Lists are sorted by creation time, which must not change; its objects are replaced.
        image.created_ms = earlier.created_ms;
        image.generation.clone_from(&earlier.generation);
    }
    image.expires = image.kept_until(now_ms / 1000);
    Ok(Some(image))
}

/// Whether a file is named as an image, so that its sender is told if it is none.
fn is_named_as_image(filename: &str) -> bool {
    let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let usual = extension.as_deref().is_some_and(|named| Format::ALL.iter().any(|format| format.extension() == named));
    usual || matches!(extension.as_deref(), Some("jpeg" | "tif"))
}

/// A value of the file's metadata.
fn written<'a>(info: &'a ObjectInfo, name: &str) -> Option<&'a str> {
    info.metadata.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// The owner of a file: the user that its metadata names, else the operator.
fn owner(service: &Service, info: &ObjectInfo) -> String {
    match written(info, "owner") {
        Some(subject) if service.sign_in => oidc_owner(subject),
        _ => OWNER.to_owned(),
    }
}

/// The file's metadata as an upload announcement, checked by the API's rules.
fn announcement(
    limits: &Limits,
    usual: Visibility,
    info: &ObjectInfo,
    filename: &str,
    format: Format,
    sha256: &str,
) -> Result<NewUpload, JobError> {
    let refused = |detail: String| JobError::new(FailureKind::Metadata, detail);
    let written = |name: &str| written(info, name);
    let mut recipe = match written("recipe") {
        None => Value::from(BUILT_IN[0].name),
        Some(json) if json.starts_with('{') => {
            serde_json::from_str(json).map_err(|error| refused(format!("recipe: invalid JSON: {error}")))?
        }
        Some(name) => Value::from(name),
    };
    // The seed comes from the content, so that a repeated run gives the same results.
    if let Some(built_in) = BUILT_IN.iter().find(|built_in| recipe == built_in.name) {
        recipe = serde_json::from_str(built_in.json).map_err(|error| refused(error.to_string()))?;
    }
    if recipe.is_object() && recipe.get("seed").is_none_or(Value::is_null) {
        recipe["seed"] = seed_of(sha256).into();
    }
    let count = match written("num-of-augments") {
        None => recipe_count(&recipe),
        Some(text) => {
            let number = text.parse::<u32>();
            Some(number.map_err(|_| refused("num-of-augments: give a whole number".to_owned()))?)
        }
    };
    let tags: Vec<&str> = written("tags")
        .map(|tags| tags.split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()).collect())
        .unwrap_or_default();
    let body = json!({
        "filename": filename, "content_type": format.mime(), "size": info.size,
        // A file that is too large was not read, and is refused for its size.
        "sha256": if sha256.is_empty() { "0".repeat(64) } else { sha256.to_owned() },
        "tags": tags, "count": count, "recipe": recipe, "run": Run::Server, "visibility": written("visibility").map_or_else(|| json!(usual), Value::from),
        "retention": written("retention").map_or_else(|| json!(Retention::Standard), Value::from),
    });
    NewUpload::check(&body, limits).map_err(|problem| in_words(&problem))
}

/// The announcement of a file that cannot be augmented.
fn unusable(visibility: Visibility, size: u64, filename: &str, format: Format) -> NewUpload {
    NewUpload {
        id: None,
        filename: filename.to_owned(),
        format,
        size,
        sha256: Digest([0; 32]),
        tags: Vec::new(),
        group: None,
        title: None,
        count: 1,
        recipe: json!({}),
        run: Run::Server,
        visibility,
        retention: Retention::Standard,
        results: None,
    }
}

/// The copies of a recipe; 1 for an invalid one, which is refused anyway.
fn recipe_count(recipe: &Value) -> Option<u32> {
    Recipe::from_value(recipe.clone()).ok().map_or(Some(1), |recipe| Some(recipe.count))
}

/// A seed that every JSON parser keeps exactly.
fn seed_of(sha256: &str) -> u64 {
    sha256.get(..13).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// A problem of the API as a failure that names metadata fields.
fn in_words(problem: &Problem) -> JobError {
    let named = |pointer: &str| match pointer.trim_start_matches('/') {
        "count" => "num-of-augments".to_owned(),
        other => other.to_owned(),
    };
    let lines: Vec<String> =
        problem.errors.iter().take(5).map(|error| format!("{}: {}", named(&error.pointer), error.detail)).collect();
    let about_file = problem.errors.iter().all(|error| error.pointer == "/size");
    let kind = if about_file { FailureKind::TooLarge } else { FailureKind::Metadata };
    JobError::new(kind, if lines.is_empty() { problem.detail.clone() } else { lines.join("; ") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn checked(metadata: &[(&str, &str)]) -> Result<NewUpload, JobError> {
        let metadata: BTreeMap<_, _> = metadata.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let info = ObjectInfo { size: 5, content_type: None, sha256: None, etag: "e".into(), metadata };
        announcement(&Limits::default(), Visibility::Public, &info, "a.jpg", Format::Jpeg, &"ab".repeat(32))
    }

    #[test]
    fn metadata_sets_count_recipe_and_tags() {
        let upload = checked(&[("num-of-augments", "3"), ("tags", "cat, dog cat"), ("recipe", "detection")]).unwrap();
        assert_eq!((upload.count, upload.tags), (3, vec!["cat".to_owned(), "dog".to_owned()]), "as given");
        assert_eq!(upload.recipe["count"], 3, "the recipe has the same count");
        let json = r#"{"version":1,"seed":9,"count":2,"steps":[{"op":"flip_vertical"}]}"#;
        let upload = checked(&[("recipe", json)]).unwrap();
        assert_eq!((upload.count, &upload.recipe["seed"]), (2, &json!(9)), "the recipe's own values");
    }

    #[test]
    fn without_metadata_the_default_recipe_is_reproducible() {
        let (first, second) = (checked(&[]).unwrap(), checked(&[]).unwrap());
        assert_eq!(first.recipe, second.recipe, "the seed comes from the file");
        assert!(first.recipe["seed"].is_u64() && first.count > 0, "{:?}", first.recipe);
    }

    #[test]
    fn errors_name_the_metadata_field() {
        for (metadata, told) in [
            (("num-of-augments", "many"), "num-of-augments: give a whole number"),
            (("num-of-augments", "21"), "num-of-augments: count is 1 to 20"),
            (("tags", "cat1"), "tags/0: a tag is"),
            (("recipe", "nothing"), "recipe: give a recipe"),
            (("recipe", "{\"version\":"), "recipe: invalid JSON"),
            (("recipe", r#"{"version":1,"steps":[{"op":"rotat"}]}"#), "recipe/steps/0"),
        ] {
            let failure = checked(&[metadata]).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Metadata, "{metadata:?}");
            assert!(failure.detail.starts_with(told), "{metadata:?}: {failure}");
        }
    }
}
