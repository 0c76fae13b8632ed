//! What arrived of an upload, held against what was announced; what is something else is removed.

use augment_api::{Content, FieldError, Problem, ProblemKind, Retention};
use augment_core::codec::Format;
use augment_stores_port::{Key, StoreError};
use sha2::{Digest, Sha256};

use super::uploads::decode_sha256;
use crate::error::{ApiError, ApiResult};
use crate::app::App;

/// Bytes that are enough to tell every format.
const MAGIC_BYTES: u64 = 16;
/// Bytes read at once where a store knows no checksum.
const PIECE: u64 = 8 << 20;

/// An object that was announced.
#[derive(Debug)]
pub(super) struct ExpectedObject<'a> {
    pub(super) key: Key,
    pub(super) content: Content,
    /// The media type of an image; a zip has none.
    pub(super) image: Option<&'a str>,
    pub(super) retention: Retention,
    /// What a person calls it.
    pub(super) what: &'a str,
    /// Where its fields stand in the announcement.
    pub(super) pointer: &'a str,
}

/// Checks an object against what was announced, and marks it with how long it is kept.
pub(super) async fn check(app: &App, announced: &ExpectedObject<'_>) -> ApiResult<()> {
    let ExpectedObject { key, content, pointer, .. } = announced;
    let not_there = || {
        let detail = format!("{} has not arrived; upload it first", announced.what);
        ApiError::new(ProblemKind::NotUploaded, detail)
    };
    let info = match app.objects.head(key).await {
        Ok(info) => info,
        Err(StoreError::NotFound) => return Err(not_there()),
        Err(error) => return Err(ApiError::store(error)),
    };
    let wrong = if info.size == content.size {
        match content_problem(app, announced, info.sha256).await {
            Ok(problem) => problem,
            // Somebody removed it meanwhile.
            Err(StoreError::NotFound) => return Err(not_there()),
            Err(error) => return Err(ApiError::store(error)),
        }
    } else {
        Some(("size", format!("{} bytes arrived, {} were announced", info.size, content.size)))
    };
    let Some((field, detail)) = wrong else {
        return match app.objects.set_retention(key, announced.retention.word()).await {
            Ok(()) => Ok(()),
            Err(StoreError::NotFound) => Err(not_there()),
            Err(error) => Err(ApiError::store(error)),
        };
    };
    app.objects.delete(key).await.map_err(ApiError::store)?;
    let error = FieldError::new(format!("{pointer}/{field}"), format!("{detail}; the file was removed"));
    Err(Problem::of_fields(vec![(ProblemKind::Mismatch, error)]).into())
}

/// What is wrong with the bytes of an object of the right size, and in which field.
async fn content_problem(
    app: &App,
    ExpectedObject { key, content, image, .. }: &ExpectedObject<'_>,
    known: Option<[u8; 32]>,
) -> Result<Option<(&'static str, String)>, StoreError> {
    let Ok(announced) = decode_sha256(&content.sha256) else {
        return Err(StoreError::other("a record holds a hash that is none"));
    };
    let sha256 = match known {
        Some(sha256) => sha256,
        None => hash(app, key, content.size).await?,
    };
    if sha256 != announced {
        return Ok(Some(("sha256", "the bytes have another SHA-256 than was announced".to_owned())));
    }
    let head = app.objects.read(key, 0, MAGIC_BYTES).await?;
    Ok(match image {
        Some(media_type) => {
            let found = Format::sniff(&head).map(Format::mime);
            (found != Some(*media_type)).then(|| {
                let found = found.unwrap_or("none of the known formats");
                ("content_type", format!("the bytes are {found}, {media_type} was announced"))
            })
        }
        None => {
            let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
            (!is_zip).then(|| ("size", "the bytes are no zip".to_owned()))
        }
    })
}

/// The hash of an object whose store knows none: one that was put together from parts.
async fn hash(app: &App, key: &Key, size: u64) -> Result<[u8; 32], StoreError> {
    let mut hash = Sha256::new();
    let mut from = 0;
    while from < size {
        let piece = app.objects.read(key, from, PIECE).await?;
        if piece.is_empty() {
            break;
        }
        from += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(hash.finalize().into())
}
