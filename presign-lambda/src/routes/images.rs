//! `/v1/images`: list, get, change, delete and run again.

use std::sync::Arc;

use augment_api::{Change, Deleted, ImageFilter, ProblemKind, Rerun, Run, State as ImageState};
use augment_records::{Document, ImageRecord, Lease, seeded};
use augment_stores_port::StoreError;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{MAX_TRIES, busy, own, unreserve, visible};
use crate::app::App;
use crate::budget::{self, Usage};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Id, Json, Parameters};
use crate::listing;

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Parameters(parameters): Parameters,
) -> ApiResult<Response> {
    let filter = ImageFilter::check(&parameters)?;
    Ok(Json(listing::page(&app, &caller, &filter).await?).into_response())
}

pub(crate) async fn get(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    Ok(Json(image.shown_to(caller.owner())).into_response())
}

pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let change = Change::check(&body)?;
    let image = alter(&app, &caller, &id, |image| {
        let Change { title, tags, group, visibility } = change.clone();
        image.title = title.unwrap_or(image.title.take());
        image.tags = tags.unwrap_or(std::mem::take(&mut image.tags));
        image.group = group.unwrap_or(image.group.take());
        image.visibility = visibility.unwrap_or(image.visibility);
        Ok(())
    })
    .await?;
    Ok(Json(image.shown_to(caller.owner())).into_response())
}

pub(crate) async fn augment(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body,
) -> ApiResult<Response> {
    let mut rerun = Rerun::check(&body, &app.settings.limits)?;
    rerun.recipe = rerun.recipe.map(seeded).transpose().map_err(ApiError::store)?;
    let ready = |image: &ImageRecord| match image.state {
        _ if image.run == Run::Dataset => {
            Err(ApiError::new(ProblemKind::WrongState, "this image is for jobs over datasets; create a job instead"))
        }
        ImageState::Ready | ImageState::Failed => Ok(()),
        ImageState::Pending => {
            Err(ApiError::new(ProblemKind::WrongState, "the upload is incomplete; complete it first"))
        }
        ImageState::Uploaded | ImageState::Augmenting => {
            Err(ApiError::new(ProblemKind::Running, "a job is waiting or running; wait until it ends"))
        }
    };
    // Checked first, so that an impossible request costs no budget.
    ready(&own(&app, &caller, &id).await?.0)?;
    budget::spend(&app, &caller, Usage::Job).await?;
    let image = alter(&app, &caller, &id, |image| {
        ready(image)?;
        if let Some(recipe) = &rerun.recipe {
            image.recipe = recipe.clone();
        }
        if let Some(count) = rerun.count {
            image.count = count;
            image.recipe["count"] = count.into();
        }
        image.state = ImageState::Uploaded;
        image.run = Run::Server;
        image.error = None;
        image.error_kind = None;
        image.job = Some(Lease::WAITING);
        Ok(())
    })
    .await?;
    (app.wake)();
    Ok((StatusCode::ACCEPTED, Json(image.shown_to(caller.owner()))).into_response())
}

/// Changes the caller's image, retrying on concurrent changes.
async fn alter(
    app: &App,
    caller: &Caller,
    id: &str,
    mut change: impl FnMut(&mut ImageRecord) -> ApiResult<()>,
) -> ApiResult<ImageRecord> {
    for _ in 0..MAX_TRIES {
        let (mut image, version) = own(app, caller, id).await?;
        change(&mut image)?;
        image.updated_ms = (app.clock)();
        match app.records.replace(image.to_record(version + 1).map_err(ApiError::store)?).await {
            Ok(()) => return Ok(image),
            Err(StoreError::Precondition) => {}
            Err(StoreError::NotFound) => return Err(ApiError::not_found()),
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(busy())
}

pub(crate) async fn delete(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    for _ in 0..MAX_TRIES {
        let (mut image, version) = own(&app, &caller, &id).await?;
        // Marked first: what a failure leaves here is removed by the next sweep.
        image.bury();
        match app.records.replace(image.to_record(version + 1).map_err(ApiError::store)?).await {
            Ok(()) => {
                app.stores().remove_objects(&image).await.map_err(ApiError::store)?;
                unreserve(&app, &ImageRecord::record_key(&id), version + 1).await?;
                return Ok(Json(Deleted { id }).into_response());
            }
            Err(StoreError::Precondition) => {}
            Err(StoreError::NotFound) => return Err(ApiError::not_found()),
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(busy())
}
