//! `POST /v1/uploads/{id}/complete`: looks at what arrived, and removes what is not what was announced.

use std::sync::Arc;

use augment_api::{Content, FieldError, ObjectName, Problem, ProblemKind, Run, State as ImageState};
use augment_core::codec::Format;
use augment_records::{Job, Stored};
use augment_stores_port::{Key, StoreError};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::uploads::decode_sha256;
use super::{MOST_TRIES, busy, own};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Json};
use crate::settings::App;

/// Bytes that are enough to tell every format.
const MAGIC_BYTES: u64 = 16;
/// Bytes read at once where a store knows no checksum.
const PIECE: u64 = 8 << 20;

pub(crate) async fn complete(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    for _ in 0..MOST_TRIES {
        let (mut image, version) = own(&app, &caller, &id).await?;
        if image.state != ImageState::Pending {
            return Ok(Json(image.shown_to(caller.owner())).into_response());
        }
        check(&app, &image, ObjectName::Original).await?;
        if image.announced.is_some() {
            check(&app, &image, ObjectName::Results).await?;
        }
        let now_ms = (app.clock)();
        match image.run {
            Run::Client => {
                image.state = ImageState::Ready;
                image.results = image.announced.clone();
            }
            Run::Server => image.state = ImageState::Uploaded,
        }
        // The job of a client's image only makes the thumbnail.
        image.job = Some(Job::WAITING);
        image.updated_ms = now_ms;
        image.expires = image.kept_until(now_ms / 1000);
        image.original_parts = None;
        image.results_parts = None;
        match app.records.replace(image.to_record(version + 1).map_err(ApiError::store)?).await {
            Ok(()) => {
                (app.wake)();
                return Ok(Json(image.shown_to(caller.owner())).into_response());
            }
            Err(StoreError::Precondition) => {}
            Err(StoreError::NotFound) => return Err(ApiError::not_found()),
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(busy())
}

/// Checks an object against what was announced.
async fn check(app: &App, image: &Stored, object: ObjectName) -> ApiResult<()> {
    let Some(content) = image.announced(object) else { return Ok(()) };
    let key = image.key(object).map_err(ApiError::store)?;
    let info = match app.objects.head(&key).await {
        Ok(info) => info,
        Err(StoreError::NotFound) => return Err(not_there(object)),
        Err(error) => return Err(ApiError::store(error)),
    };
    let prefix = match object {
        ObjectName::Original => "",
        ObjectName::Results => "/results",
    };
    let wrong = if info.size == content.size {
        match content_problem(app, &key, image, object, &content, info.sha256).await {
            Ok(problem) => problem,
            // Somebody removed it meanwhile.
            Err(StoreError::NotFound) => return Err(not_there(object)),
            Err(error) => return Err(ApiError::store(error)),
        }
    } else {
        Some(("size", format!("{} bytes arrived, {} were announced", info.size, content.size)))
    };
    let Some((field, detail)) = wrong else {
        return match app.objects.keep_for(&key, image.retention.word()).await {
            Ok(()) => Ok(()),
            Err(StoreError::NotFound) => Err(not_there(object)),
            Err(error) => Err(ApiError::store(error)),
        };
    };
    app.objects.delete(&key).await.map_err(ApiError::store)?;
    let error = FieldError::new(format!("{prefix}/{field}"), format!("{detail}; the file was removed"));
    Err(Problem::of_fields(vec![(ProblemKind::Mismatch, error)]).into())
}

fn not_there(object: ObjectName) -> ApiError {
    let what = match object {
        ObjectName::Original => "the image",
        ObjectName::Results => "the zip of results",
    };
    ApiError::new(ProblemKind::NotUploaded, format!("{what} has not arrived; upload it first"))
}

/// What is wrong with the bytes of an object of the right size, and in which field.
async fn content_problem(
    app: &App,
    key: &Key,
    image: &Stored,
    object: ObjectName,
    content: &Content,
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
    Ok(match object {
        ObjectName::Original => {
            let found = Format::sniff(&head).map(Format::mime);
            (found != Some(image.content_type.as_str())).then(|| {
                let found = found.unwrap_or("none of the known formats");
                ("content_type", format!("the bytes are {found}, {} was announced", image.content_type))
            })
        }
        ObjectName::Results => {
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
