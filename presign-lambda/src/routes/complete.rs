//! `POST /v1/uploads/{id}/complete`: verifies the upload and releases the image.

use std::sync::Arc;

use augment_api::{ObjectName, Run, State as ImageState};
use augment_records::{Document, ImageRecord, Lease};
use augment_stores_port::StoreError;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::verify_upload::{self, ExpectedObject};
use super::{MAX_TRIES, busy, own};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Json};

pub(crate) async fn complete(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    for _ in 0..MAX_TRIES {
        let (mut image, version) = own(&app, &caller, &id).await?;
        if image.state != ImageState::Pending {
            return Ok(Json(image.shown_to(caller.owner())).into_response());
        }
        check(&app, &image, ObjectName::Original).await?;
        check(&app, &image, ObjectName::Results).await?;
        let now_ms = (app.clock)();
        match image.run {
            Run::Client => {
                image.state = ImageState::Ready;
                image.results = image.announced.clone();
            }
            Run::Server => image.state = ImageState::Uploaded,
            Run::Dataset => image.state = ImageState::Ready,
        }
        // A client's image only needs thumbnails; a dataset file has no job of its own.
        image.job = (image.run != Run::Dataset).then_some(Lease::WAITING);
        image.updated_ms = now_ms;
        image.expires = image.kept_until(now_ms / 1000);
        image.original_parts = None;
        image.results_parts = None;
        match app.records.replace(image.to_record(version + 1).map_err(ApiError::store)?).await {
            Ok(()) => {
                if image.job.is_some() {
                    (app.wake)();
                }
                return Ok(Json(image.shown_to(caller.owner())).into_response());
            }
            Err(StoreError::Precondition) => {}
            Err(StoreError::NotFound) => return Err(ApiError::not_found()),
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(busy())
}

/// Verifies an object, if one was announced.
async fn check(app: &App, image: &ImageRecord, object: ObjectName) -> ApiResult<()> {
    let Some(content) = image.announced(object) else { return Ok(()) };
    let (what, pointer, media_type) = match object {
        ObjectName::Original => ("the image", "", Some(image.content_type.as_str())),
        ObjectName::Results => ("the zip of results", "/results", None),
    };
    let key = image.key(object).map_err(ApiError::store)?;
    let announced = ExpectedObject { key, content, image: media_type, retention: image.retention, what, pointer };
    verify_upload::check(app, &announced).await
}
