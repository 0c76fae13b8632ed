//! Files that another client puts straight into the store: each becomes an image with a job, once.

use augment_api::{
    Content, FailureKind, Limits, ObjectName, Problem, Retention, Run, State, NewUpload, Visibility, is_id,
};
use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::plan::{BUILT_IN, Recipe};
use augment_records::jobs::Failure;
use augment_records::{IngestedFile, Lease, Document, ImageRecord};
use augment_stores_port::{ANNOUNCED, Key, ObjectInfo, StoreError, StoreResult};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::service::Service;

/// Whose dropped files are: nobody signed for them, so they are those of whoever runs the service.
const OWNER: &str = "local";
/// Bytes that are enough to tell every format.
const MAGIC_BYTES: u64 = 16;
/// Bytes that are read at once for a hash.
const PIECE: u64 = 8 << 20;
/// What ids are made of: no characters that look alike.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of an id that is made of a key: 100 bits.
const ID_LENGTH: usize = 20;
/// Changes of one record by others that are waited out.
const MOST_TRIES: usize = 10;

/// What a file in the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IngestOutcome {
    /// The file of this image, which was dropped: its job may wait.
    Image(String),
    /// The file of an upload that was announced, which its own `complete` looks after; or no file any more.
    Nothing,
    /// The file of an upload that was announced, and no record knows of it.
    Orphan,
}

/// Adopts a file that has just arrived; an orphan goes.
///
/// # Errors
/// The store's.
pub async fn ingest(service: &Service, key: &Key) -> StoreResult<IngestOutcome> {
    let ingested = register(service, key).await?;
    if ingested == IngestOutcome::Orphan {
        // It was sent after its image had been deleted: whoever sent it did not mean to show it to everybody.
        service.stores.objects.delete(key).await?;
        tracing::info!("a file that came after its image had been deleted was removed");
    }
    Ok(ingested)
}

/// Makes a dropped file an image, if it is not one already. A repeat changes nothing; another file in its place is
/// another image under the same id. Nothing is removed: what an orphan is depends on when it came.
///
/// # Errors
/// The store's.
pub async fn register(service: &Service, key: &Key) -> StoreResult<IngestOutcome> {
    let stores = &service.stores;
    for _ in 0..MOST_TRIES {
        let info = match stores.objects.head(key).await {
            Ok(info) => info,
            Err(StoreError::NotFound) => return Ok(IngestOutcome::Nothing),
            Err(error) => return Err(error),
        };
        let found = find(service, key).await?;
        if info.metadata.contains_key(ANNOUNCED) && !matches!(found, KeyOwner::Announced) {
            return Ok(IngestOutcome::Orphan);
        }
        let (id, before) = match found {
            KeyOwner::Announced => return Ok(IngestOutcome::Nothing),
            KeyOwner::IngestedFile(image, version) => {
                let same = image.dropped.as_ref().is_some_and(|dropped| dropped.etag == info.etag);
                if same || image.job.is_some() {
                    // A file that changes under a running job is looked at when that has ended.
                    return Ok(IngestOutcome::Image(image.id));
                }
                (image.id.clone(), Some((image, version)))
            }
            KeyOwner::Free(id) => (id, None),
        };
        let made_ms = before.as_ref().map(|(image, _)| image.created_ms);
        let image = match looked_at(service, key, &info, &id, made_ms).await {
            Ok(image) => image,
            // It was removed meanwhile.
            Err(StoreError::NotFound) => return Ok(IngestOutcome::Nothing),
            Err(error) => return Err(error),
        };
        let written = match before {
            None => stores.records.create(image.to_record(1)?).await,
            Some((_, version)) => stores.records.replace(image.to_record(version + 1)?).await,
        };
        match written {
            Ok(()) => {
                tracing::info!(image.id = %id, state = image.state.word(), "a dropped file became {id}");
                return Ok(IngestOutcome::Image(id));
            }
            // Somebody else adopts it at the same time.
            Err(StoreError::AlreadyExists | StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::other("others change this image at the same time"))
}

/// Gives a dropped file that was too large for a job its zip, which the batch service has made of it.
///
/// # Errors
/// The store's.
pub(crate) async fn register_large(service: &Service, key: &Key, sha256: &str) -> StoreResult<IngestOutcome> {
    let stores = &service.stores;
    for _ in 0..MOST_TRIES {
        // Its record may not be there yet: the two ways have no order.
        let IngestOutcome::Image(id) = ingest(service, key).await? else { return Ok(IngestOutcome::Nothing) };
        let (mut image, version) = match stores.load::<ImageRecord>(&id).await {
            Ok(found) => found,
            Err(StoreError::NotFound) => return Ok(IngestOutcome::Nothing),
            Err(error) => return Err(error),
        };
        let too_large = image.error_kind == Some(FailureKind::TooLarge) && image.job.is_none();
        let Some(dropped) = image.dropped.as_mut().filter(|dropped| too_large || dropped.large) else {
            return Ok(IngestOutcome::Nothing);
        };
        dropped.large = true;
        let size = match stores.objects.head(&image.key(ObjectName::Results)?).await {
            Ok(info) => info.size,
            Err(StoreError::NotFound) => return Ok(IngestOutcome::Nothing),
            Err(error) => return Err(error),
        };
        image.state = State::Ready;
        image.results = Some(Content { size, sha256: sha256.to_owned() });
        (image.error, image.error_kind) = (None, None);
        image.updated_ms = stores.now_ms();
        match stores.records.replace(image.to_record(version + 1)?).await {
            Ok(()) => return Ok(IngestOutcome::Image(id)),
            Err(StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::other("others change this image at the same time"))
}

/// Whose file lies at a key.
enum KeyOwner {
    /// That of an upload that was announced.
    Announced,
    /// That of a drop, by its record and version.
    IngestedFile(Box<ImageRecord>, u64),
    /// Nobody's; with the id that it will have.
    Free(String),
}

/// Looks for the image of a key: under the id in the key, if there is one that is not another image's, else under one
/// that is made of the key.
async fn find(service: &Service, key: &Key) -> StoreResult<KeyOwner> {
    let parts: Vec<&str> = key.name().split('/').collect();
    let in_key = match parts.as_slice() {
        ["originals", id, _] if is_id(id) => Some((*id).to_owned()),
        _ => None,
    };
    for id in in_key.into_iter().chain([made_of(key.name())]) {
        match service.stores.load::<ImageRecord>(&id).await {
            Ok((image, _)) if image.key(ObjectName::Original)? != *key => {}
            Ok((image, version)) if image.dropped.is_some() => return Ok(KeyOwner::IngestedFile(Box::new(image), version)),
            Ok(_) => return Ok(KeyOwner::Announced),
            Err(StoreError::NotFound) => return Ok(KeyOwner::Free(id)),
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::other("two keys make the same id"))
}

/// An id that only this key has.
fn made_of(key: &str) -> String {
    let hash = Digest::of(key.as_bytes());
    hash.0.iter().take(ID_LENGTH).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// The image that a file makes, and the file marked with how long it is kept.
async fn looked_at(
    service: &Service,
    key: &Key,
    info: &ObjectInfo,
    id: &str,
    made_ms: Option<u64>,
) -> StoreResult<ImageRecord> {
    let image = image_of(service, key, info, id, made_ms).await?;
    service.stores.objects.set_retention(key, image.retention.word()).await?;
    Ok(image)
}

/// The image that a file makes: one with a job, or one that failed and says why.
async fn image_of(
    service: &Service,
    key: &Key,
    info: &ObjectInfo,
    id: &str,
    made_ms: Option<u64>,
) -> StoreResult<ImageRecord> {
    let stores = &service.stores;
    let now_ms = stores.now_ms();
    let too_large = info.size > service.limits.max_image_bytes;
    let sha256 = match info.sha256 {
        Some(sha256) => hex::encode(sha256),
        None if too_large => String::new(),
        None => hash(service, key, info.size).await?,
    };
    let head = stores.objects.read(key, 0, MAGIC_BYTES).await?;
    let format = Format::sniff(&head);
    let filename = key.name().rsplit('/').next().unwrap_or_default();
    let announced = match format {
        None => Err(Failure::new(FailureKind::Image, "this is no picture in a known format")),
        Some(format) => announcement(&service.limits, info, filename, format, &sha256),
    };
    let dropped = Some(IngestedFile { key: key.name().to_owned(), etag: info.etag.clone(), large: false });
    // Lists are sorted by when an image was made, and a record's place in them does not change.
    let created_ms = made_ms.unwrap_or(now_ms);
    let mut image = match announced {
        Ok(upload) => {
            let mut image = ImageRecord::reserve(id.to_owned(), OWNER, upload, now_ms);
            image.state = State::Uploaded;
            image.job = Some(Lease::WAITING);
            image
        }
        Err(failure) => failed(id, info, filename, format, sha256, &failure, now_ms),
    };
    image.dropped = dropped;
    image.created_ms = created_ms;
    image.expires = image.kept_until(now_ms / 1000);
    Ok(image)
}

/// The announcement that the file would have had, by the rules of the API.
fn announcement(
    limits: &Limits,
    info: &ObjectInfo,
    filename: &str,
    format: Format,
    sha256: &str,
) -> Result<NewUpload, Failure> {
    let refused = |detail: String| Failure::new(FailureKind::Metadata, detail);
    let written = |name: &str| info.metadata.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let mut recipe = match written("recipe") {
        None => Value::from(BUILT_IN[0].name),
        Some(json) if json.starts_with('{') => {
            serde_json::from_str(json).map_err(|error| refused(format!("recipe: this is no JSON: {error}")))?
        }
        Some(name) => Value::from(name),
    };
    // A run that is repeated makes the same again, so chance comes from what the file is.
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
        // Not read where it is too large, which is said first.
        "sha256": if sha256.is_empty() { "0".repeat(64) } else { sha256.to_owned() },
        "tags": tags, "count": count, "recipe": recipe, "run": Run::Server, "visibility": Visibility::Public,
        "retention": Retention::Standard,
    });
    NewUpload::check(&body, limits).map_err(|problem| in_words(&problem))
}

/// The copies that a recipe asks for; those of one that is wrong do not matter.
fn recipe_count(recipe: &Value) -> Option<u32> {
    Recipe::from_value(recipe.clone()).ok().map_or(Some(1), |recipe| Some(recipe.count))
}

/// A seed that every JSON reader keeps exactly.
fn seed_of(sha256: &str) -> u64 {
    sha256.get(..13).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// A problem of the API in the words of metadata.
fn in_words(problem: &Problem) -> Failure {
    let named = |pointer: &str| match pointer.trim_start_matches('/') {
        "count" => "num-of-augments".to_owned(),
        other => other.to_owned(),
    };
    let lines: Vec<String> =
        problem.errors.iter().take(5).map(|error| format!("{}: {}", named(&error.pointer), error.detail)).collect();
    let about_file = problem.errors.iter().all(|error| error.pointer == "/size");
    let kind = if about_file { FailureKind::TooLarge } else { FailureKind::Metadata };
    Failure::new(kind, if lines.is_empty() { problem.detail.clone() } else { lines.join("; ") })
}

/// The record of a file that cannot be augmented.
fn failed(
    id: &str,
    info: &ObjectInfo,
    filename: &str,
    format: Option<Format>,
    sha256: String,
    failure: &Failure,
    now_ms: u64,
) -> ImageRecord {
    ImageRecord {
        id: id.to_owned(),
        owner: OWNER.to_owned(),
        state: State::Failed,
        filename: filename.to_owned(),
        content_type: format.map_or("application/octet-stream", Format::mime).to_owned(),
        size: info.size,
        sha256,
        frame: None,
        title: None,
        tags: Vec::new(),
        group: None,
        count: 1,
        recipe: json!({}),
        run: Run::Server,
        visibility: Visibility::Public,
        retention: Retention::Standard,
        announced: None,
        results: None,
        made: None,
        thumbnail: false,
        error: Some(failure.detail.clone()),
        error_kind: Some(failure.kind),
        created_ms: now_ms,
        updated_ms: now_ms,
        expires: 0,
        job: None,
        original_parts: None,
        results_parts: None,
        dropped: None,
    }
}

/// The hash of an object whose store knows none.
async fn hash(service: &Service, key: &Key, size: u64) -> StoreResult<String> {
    let mut hash = sha2::Sha256::new();
    let mut from = 0;
    while from < size {
        let piece = service.stores.objects.read(key, from, PIECE).await?;
        if piece.is_empty() {
            break;
        }
        from += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn checked(metadata: &[(&str, &str)]) -> Result<NewUpload, Failure> {
        let metadata: BTreeMap<_, _> = metadata.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let info = ObjectInfo { size: 5, content_type: None, sha256: None, etag: "e".into(), metadata };
        announcement(&Limits::default(), &info, "a.jpg", Format::Jpeg, &"ab".repeat(32))
    }

    #[test]
    fn metadata_says_how_often_by_what_recipe_and_under_which_tags() {
        let upload = checked(&[("num-of-augments", "3"), ("tags", "cat, dog cat"), ("recipe", "detection")]).unwrap();
        assert_eq!((upload.count, upload.tags), (3, vec!["cat".to_owned(), "dog".to_owned()]), "as it is written");
        assert_eq!(upload.recipe["count"], 3, "the recipe says the same");
        let json = r#"{"version":1,"seed":9,"count":2,"steps":[{"op":"flip_vertical"}]}"#;
        let upload = checked(&[("recipe", json)]).unwrap();
        assert_eq!((upload.count, &upload.recipe["seed"]), (2, &json!(9)), "the recipe's own numbers");
    }

    #[test]
    fn without_metadata_it_is_the_default_recipe_and_the_same_each_time() {
        let (first, second) = (checked(&[]).unwrap(), checked(&[]).unwrap());
        assert_eq!(first.recipe, second.recipe, "chance comes from the file");
        assert!(first.recipe["seed"].is_u64() && first.count > 0, "{:?}", first.recipe);
    }

    #[test]
    fn what_is_wrong_is_said_by_its_name_in_the_metadata() {
        for (metadata, told) in [
            (("num-of-augments", "many"), "num-of-augments: give a whole number"),
            (("num-of-augments", "21"), "num-of-augments: count is 1 to 20"),
            (("tags", "cat1"), "tags/0: a tag is"),
            (("recipe", "nothing"), "recipe: give a recipe"),
            (("recipe", "{\"version\":"), "recipe: this is no JSON"),
            (("recipe", r#"{"version":1,"steps":[{"op":"rotat"}]}"#), "recipe/steps/0"),
        ] {
            let failure = checked(&[metadata]).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Metadata, "{metadata:?}");
            assert!(failure.detail.starts_with(told), "{metadata:?}: {failure}");
        }
    }
}
