//! Verification of an uploaded object against its announcement; a mismatch is removed.

use augment_api::{Content, FieldError, Problem, ProblemKind, Retention};
use augment_core::codec::Format;
use augment_stores_port::{Key, StoreError};

use super::uploads::decode_sha256;
use crate::app::App;
use crate::error::{ApiError, ApiResult};

/// Bytes that identify every format.
const MAGIC_BYTES: u64 = 16;

/// An announced object.
#[derive(Debug)]
pub(super) struct ExpectedObject<'a> {
    pub(super) key: Key,
    pub(super) content: Content,
    /// The media type of an image; `None` for a zip.
    pub(super) image: Option<&'a str>,
    pub(super) retention: Retention,
    /// Its name in messages.
    pub(super) what: &'a str,
    /// The JSON pointer of its fields in the announcement.
    pub(super) pointer: &'a str,
}

/// Checks an object against its announcement and tags it with its retention.
pub(super) async fn check(app: &App, announced: &ExpectedObject<'_>) -> ApiResult<()> {
    let ExpectedObject { key, content, pointer, .. } = announced;
    let missing = || {
        let detail = format!("{} has not arrived; upload it first", announced.what);
        ApiError::new(ProblemKind::NotUploaded, detail)
    };
    let info = match app.objects.head(key).await {
        Ok(info) => info,
        Err(StoreError::NotFound) => return Err(missing()),
        Err(error) => return Err(ApiError::store(error)),
    };
    let wrong = if info.size == content.size {
        match content_problem(app, announced, info.sha256).await {
            Ok(problem) => problem,
            // It was removed in the meantime.
            Err(StoreError::NotFound) => return Err(missing()),
            Err(error) => return Err(ApiError::store(error)),
        }
    } else {
        Some(("size", format!("{} bytes arrived, but {} were announced", info.size, content.size)))
    };
    let Some((field, detail)) = wrong else {
        return match app.objects.set_retention(key, announced.retention.word()).await {
            Ok(()) => Ok(()),
            Err(StoreError::NotFound) => Err(missing()),
            Err(error) => Err(ApiError::store(error)),
        };
    };
    app.objects.delete(key).await.map_err(ApiError::store)?;
    let error = FieldError::new(format!("{pointer}/{field}"), format!("{detail}; the file was removed"));
    Err(Problem::of_fields(vec![(ProblemKind::Mismatch, error)]).into())
}

/// The mismatch of an object of the announced size, and its field.
async fn content_problem(
    app: &App,
    ExpectedObject { key, content, image, .. }: &ExpectedObject<'_>,
    known: Option<[u8; 32]>,
) -> Result<Option<(&'static str, String)>, StoreError> {
    let Ok(announced) = decode_sha256(&content.sha256) else {
        return Err(StoreError::other("a record has an invalid hash"));
    };
    let sha256 = match known {
        Some(sha256) => sha256,
        None => app.stores().sha256(key, content.size).await?,
    };
    if sha256 != announced {
        return Ok(Some(("sha256", "the SHA-256 differs from the announced one".to_owned())));
    }
    let head = app.objects.read(key, 0, MAGIC_BYTES).await?;
    Ok(match image {
        Some(media_type) => {
            let found = Format::sniff(&head).map(Format::mime);
            (found != Some(*media_type)).then(|| {
                let found = found.unwrap_or("an unknown format");
                ("content_type", format!("the file is {found}, but {media_type} was announced"))
            })
        }
        None => {
            let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
            (!is_zip).then(|| ("size", "the file is not a zip".to_owned()))
        }
    })
}
