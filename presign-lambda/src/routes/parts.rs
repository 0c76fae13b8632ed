//! `/v1/uploads/{id}/parts`: resumable uploads in parts; arrived parts are listed, so none is sent twice.

use std::sync::Arc;

use augment_api::{
    Content, FieldError, ObjectName, Part, PartTarget, PartTargets, PartsRequest, PartsSelection, PartsStatus, Problem,
    ProblemKind, State as ImageState,
};
use augment_records::{Document, ImageRecord};
use augment_stores_port::{Key, PartInfo, Record, StoreError};
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::uploads::{rules, target_of};
use super::{MAX_TRIES, busy, own};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Id, Json, Parameters};

/// Begins or resumes an upload in parts.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let object = PartsSelection::check(&body)?.object;
    for _ in 0..MAX_TRIES {
        let mut pending = PendingUpload::load(&app, &caller, &id, object).await?;
        if let Some(parts) = pending.parts(&app).await? {
            return Ok(pending.status(&app, &parts));
        }
        let content_type = pending.image.content_type(object);
        let upload = app.objects.begin_parts(&pending.key, content_type).await.map_err(ApiError::store)?;
        *pending.upload() = Some(upload.clone());
        match app.records.replace(pending.record()?).await {
            Ok(()) => return Ok(pending.status(&app, &[])),
            Err(error) => {
                // Another request was faster: use its upload.
                app.objects.abort_parts(&pending.key, &upload).await.map_err(ApiError::store)?;
                if !matches!(error, StoreError::Precondition | StoreError::NotFound) {
                    return Err(ApiError::store(error));
                }
            }
        }
    }
    Err(busy())
}

/// Lists the arrived parts.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Response> {
    let object = object_of(&parameters)?;
    let mut pending = PendingUpload::load(&app, &caller, &id, object).await?;
    let parts = pending.parts(&app).await?.ok_or_else(not_begun)?;
    Ok(pending.status(&app, &parts))
}

/// Aborts the upload; repeatable.
pub(crate) async fn abort(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Response> {
    let object = object_of(&parameters)?;
    for _ in 0..MAX_TRIES {
        let mut pending = PendingUpload::load(&app, &caller, &id, object).await?;
        let Some(upload) = pending.upload().take() else { return Ok(pending.status(&app, &[])) };
        app.objects.abort_parts(&pending.key, &upload).await.map_err(ApiError::store)?;
        match app.records.replace(pending.record()?).await {
            Ok(()) => return Ok(pending.status(&app, &[])),
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
    let mut pending = PendingUpload::load(&app, &caller, &id, object).await?;
    let sizes = PartsRequest::sizes(&parts, pending.size, &app.settings.limits)?;
    let upload = pending.upload().take().ok_or_else(not_begun)?;
    let mut targets = Vec::with_capacity(parts.len());
    for ((number, sha256), size) in parts.into_iter().zip(sizes) {
        let part = Content { size, sha256: sha256.to_hex() };
        let signed = app.signer.put_part(&pending.key, &upload, number, &rules(&app, &part, None)?);
        targets.push(PartTarget { number, target: target_of(signed.map_err(ApiError::store)?) });
    }
    Ok(Json(PartTargets { parts: targets }).into_response())
}

/// Joins the parts.
pub(crate) async fn join(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let object = PartsSelection::check(&body)?.object;
    let mut pending = PendingUpload::load(&app, &caller, &id, object).await?;
    let Some(parts) = pending.parts(&app).await? else {
        // A repeated call finds the joined object.
        return match app.objects.head(&pending.key).await {
            Ok(_) => Ok(pending.status(&app, &[])),
            Err(StoreError::NotFound) => Err(not_begun()),
            Err(error) => Err(ApiError::store(error)),
        };
    };
    let limits = &app.settings.limits;
    let whole = parts.len() as u64 == limits.parts(pending.size)
        && parts.iter().all(|part| limits.part_size(pending.size, part.number) == Some(part.size));
    let missing =
        || ApiError::new(ProblemKind::NotUploaded, "some parts are missing; list the parts and send the rest");
    if !whole {
        return Err(missing());
    }
    let upload = pending.upload().take().ok_or_else(not_begun)?;
    match app.objects.join_parts(&pending.key, &upload, &parts).await {
        Ok(()) => Ok(pending.status(&app, &parts)),
        Err(StoreError::NotFound | StoreError::Precondition) => Err(missing()),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn object_of(parameters: &Parameters) -> ApiResult<ObjectName> {
    let object = match parameters.0.as_slice() {
        [(name, value)] if name == "object" => ObjectName::from_word(value),
        _ => None,
    };
    let error = || FieldError::new("/query/object", "give object=original or object=results, and no other parameter");
    object.ok_or_else(|| Problem::of_fields(vec![(ProblemKind::InvalidFields, error())]).into())
}

fn not_begun() -> ApiError {
    ApiError::new(ProblemKind::WrongState, "there is no upload in parts; begin one first")
}

/// A pending image of the caller and one of its objects.
struct PendingUpload {
    image: ImageRecord,
    version: u64,
    object: ObjectName,
    key: Key,
    /// The announced size in bytes.
    size: u64,
}

impl PendingUpload {
    async fn load(app: &App, caller: &Caller, id: &str, object: ObjectName) -> ApiResult<Self> {
        let (image, version) = own(app, caller, id).await?;
        let refused = |detail| ApiError::new(ProblemKind::WrongState, detail);
        if image.state != ImageState::Pending {
            return Err(refused("the upload is already complete"));
        }
        let content = image.announced(object);
        let size = content.ok_or_else(|| refused("no results were announced for this image"))?.size;
        Ok(Self { key: image.key(object).map_err(ApiError::store)?, image, version, object, size })
    }

    /// The store's id of the multipart upload.
    const fn upload(&mut self) -> &mut Option<String> {
        match self.object {
            ObjectName::Original => &mut self.image.original_parts,
            ObjectName::Results => &mut self.image.results_parts,
        }
    }

    /// The arrived parts; `None` if there is no multipart upload or the store has dropped it.
    async fn parts(&mut self, app: &App) -> ApiResult<Option<Vec<PartInfo>>> {
        let Some(upload) = self.upload().clone() else { return Ok(None) };
        match app.objects.parts(&self.key, &upload).await {
            Ok(parts) => Ok(Some(parts)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(ApiError::store(error)),
        }
    }

    /// The next version of the record.
    fn record(&self) -> ApiResult<Record> {
        self.image.to_record(self.version + 1).map_err(ApiError::store)
    }

    /// The status with these parts.
    fn status(&self, app: &App, parts: &[PartInfo]) -> Response {
        let limits = &app.settings.limits;
        let parts = parts.iter().map(|part| Part { number: part.number, size: part.size }).collect();
        let (part_bytes, part_count) = (limits.part_bytes, limits.parts(self.size));
        Json(PartsStatus { object: self.object, part_bytes, part_count, parts }).into_response()
    }
}
