//! `/v1/uploads/{id}/parts`: large files in parts; what arrived is listed, so that nothing is sent twice.

use std::sync::Arc;

use augment_api::{
    Content, FieldError, ObjectName, Part, PartTarget, PartTargets, PartsRequest, PartsSelection, PartsStatus, Problem,
    ProblemKind, State as ImageState,
};
use augment_records::Stored;
use augment_stores_port::{PartInfo, StoreError};
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::uploads::{rules, target_of};
use super::{MOST_TRIES, busy, own};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Id, Json, Parameters};
use crate::settings::App;

/// Begins, or takes up what was begun.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let object = PartsSelection::check(&body)?.object;
    for _ in 0..MOST_TRIES {
        let (mut image, version) = pending(&app, &caller, &id).await?;
        let content = announced(&image, object)?;
        if let Some(parts) = there(&app, &image, object).await? {
            return Ok(Json(status(&app, object, &content, &parts)).into_response());
        }
        let key = image.key(object).map_err(ApiError::store)?;
        let upload = app.objects.begin_parts(&key, image.content_type(object)).await.map_err(ApiError::store)?;
        *under_way_mut(&mut image, object) = Some(upload.clone());
        match app.records.replace(image.to_record(version + 1).map_err(ApiError::store)?).await {
            Ok(()) => return Ok(Json(status(&app, object, &content, &[])).into_response()),
            Err(error) => {
                // Somebody else was faster; theirs is the one that counts.
                app.objects.abort_parts(&key, &upload).await.map_err(ApiError::store)?;
                if !matches!(error, StoreError::Precondition | StoreError::NotFound) {
                    return Err(ApiError::store(error));
                }
            }
        }
    }
    Err(busy())
}

/// Lists what arrived.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Response> {
    let object = object_of(&parameters)?;
    let (image, _) = pending(&app, &caller, &id).await?;
    let content = announced(&image, object)?;
    let parts = there(&app, &image, object).await?.ok_or_else(not_begun)?;
    Ok(Json(status(&app, object, &content, &parts)).into_response())
}

/// Gives up. A repeat is harmless.
pub(crate) async fn abort(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Response> {
    let object = object_of(&parameters)?;
    for _ in 0..MOST_TRIES {
        let (mut image, version) = pending(&app, &caller, &id).await?;
        let content = announced(&image, object)?;
        let answer = Json(status(&app, object, &content, &[]));
        let Some(upload) = under_way_mut(&mut image, object).take() else { return Ok(answer.into_response()) };
        let key = image.key(object).map_err(ApiError::store)?;
        app.objects.abort_parts(&key, &upload).await.map_err(ApiError::store)?;
        match app.records.replace(image.to_record(version + 1).map_err(ApiError::store)?).await {
            Ok(()) => return Ok(answer.into_response()),
            Err(StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(busy())
}

/// Signs some parts.
pub(crate) async fn urls(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let (object, parts) = PartsRequest::check(&body)?;
    let (mut image, _) = pending(&app, &caller, &id).await?;
    let content = announced(&image, object)?;
    let sizes = PartsRequest::sizes(&parts, content.size, &app.settings.limits)?;
    let upload = under_way_mut(&mut image, object).take().ok_or_else(not_begun)?;
    let key = image.key(object).map_err(ApiError::store)?;
    let mut targets = Vec::with_capacity(parts.len());
    for ((number, sha256), size) in parts.into_iter().zip(sizes) {
        let part = Content { size, sha256: sha256.to_hex() };
        let signed = app.signer.put_part(&key, &upload, number, &rules(&app, &part, None)?);
        targets.push(PartTarget { number, target: target_of(signed.map_err(ApiError::store)?) });
    }
    Ok(Json(PartTargets { parts: targets }).into_response())
}

/// Puts the parts together.
pub(crate) async fn join(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let object = PartsSelection::check(&body)?.object;
    let (mut image, _) = pending(&app, &caller, &id).await?;
    let content = announced(&image, object)?;
    let key = image.key(object).map_err(ApiError::store)?;
    let Some(parts) = there(&app, &image, object).await? else {
        // A repeat after the parts became a whole finds that whole.
        return match app.objects.head(&key).await {
            Ok(_) => Ok(Json(status(&app, object, &content, &[])).into_response()),
            Err(StoreError::NotFound) => Err(not_begun()),
            Err(error) => Err(ApiError::store(error)),
        };
    };
    let limits = &app.settings.limits;
    let whole = parts.len() as u64 == limits.parts(content.size)
        && parts.iter().all(|part| limits.part_size(content.size, part.number) == Some(part.size));
    let missing =
        || ApiError::new(ProblemKind::NotUploaded, "some parts have not arrived; list them and send the rest");
    if !whole {
        return Err(missing());
    }
    let upload = under_way_mut(&mut image, object).take().ok_or_else(not_begun)?;
    match app.objects.join_parts(&key, &upload, &parts).await {
        Ok(()) => Ok(Json(status(&app, object, &content, &parts)).into_response()),
        Err(StoreError::NotFound | StoreError::Precondition) => Err(missing()),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn object_of(parameters: &Parameters) -> ApiResult<ObjectName> {
    let object = match parameters.0.as_slice() {
        [(name, value)] if name == "object" => ObjectName::from_word(value),
        _ => None,
    };
    let error = || FieldError::new("/query/object", "give object=original or object=results and nothing else");
    object.ok_or_else(|| Problem::of_fields(vec![(ProblemKind::InvalidFields, error())]).into())
}

/// An own image that waits for its file.
async fn pending(app: &App, caller: &Caller, id: &str) -> ApiResult<(Stored, u64)> {
    let (image, version) = own(app, caller, id).await?;
    if image.state == ImageState::Pending {
        Ok((image, version))
    } else {
        Err(ApiError::new(ProblemKind::WrongState, "the upload is complete; there are no parts to send any more"))
    }
}

fn announced(image: &Stored, object: ObjectName) -> ApiResult<Content> {
    let missing = || ApiError::new(ProblemKind::WrongState, "no results were announced for this image");
    image.announced(object).ok_or_else(missing)
}

fn not_begun() -> ApiError {
    ApiError::new(ProblemKind::WrongState, "no upload in parts was begun; begin one first")
}

const fn under_way_mut(image: &mut Stored, object: ObjectName) -> &mut Option<String> {
    match object {
        ObjectName::Original => &mut image.original_parts,
        ObjectName::Results => &mut image.results_parts,
    }
}

/// The parts of the upload under way; `None` where there is none, or the store has given it up.
async fn there(app: &App, image: &Stored, object: ObjectName) -> ApiResult<Option<Vec<PartInfo>>> {
    let upload = match object {
        ObjectName::Original => &image.original_parts,
        ObjectName::Results => &image.results_parts,
    };
    let Some(upload) = upload else { return Ok(None) };
    match app.objects.parts(&image.key(object).map_err(ApiError::store)?, upload).await {
        Ok(parts) => Ok(Some(parts)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn status(app: &App, object: ObjectName, content: &Content, parts: &[PartInfo]) -> PartsStatus {
    let limits = &app.settings.limits;
    PartsStatus {
        object,
        part_bytes: limits.part_bytes,
        part_count: limits.parts(content.size),
        parts: parts.iter().map(|part| Part { number: part.number, size: part.size }).collect(),
    }
}
