//! Original, results and thumbnail: a redirect to a signed address that lives for minutes.

use std::sync::Arc;

use augment_api::{ObjectName, ProblemKind, State as ImageState};
use augment_stores_port::Key;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::visible;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;
use crate::settings::App;

pub(crate) async fn original(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    if image.state == ImageState::Pending {
        return Err(ApiError::new(ProblemKind::NotFound, "the image has not arrived"));
    }
    redirect(&app, &image.key(ObjectName::Original).map_err(ApiError::store)?, None)
}

pub(crate) async fn results(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    if image.results.is_none() {
        return Err(ApiError::new(ProblemKind::NotFound, "there are no results"));
    }
    let stem = image.filename.rsplit_once('.').map_or(image.filename.as_str(), |(stem, _)| stem);
    let name = format!("{}.zip", if stem.is_empty() { &image.id } else { stem });
    redirect(&app, &image.key(ObjectName::Results).map_err(ApiError::store)?, Some(&name))
}

pub(crate) async fn thumbnail(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    if !image.thumbnail {
        return Err(ApiError::new(ProblemKind::NotFound, "there is no thumbnail"));
    }
    redirect(&app, &image.thumbnail_key().map_err(ApiError::store)?, None)
}

fn redirect(app: &App, key: &Key, save_as: Option<&str>) -> ApiResult<Response> {
    let signed = app.signer.get(key, app.settings.limits.download_seconds, save_as).map_err(ApiError::store)?;
    let location = HeaderValue::from_str(&signed.url)
        .map_err(|error| ApiError::store(augment_stores_port::StoreError::other(error)))?;
    let no_store = HeaderValue::from_static("no-store");
    Ok((StatusCode::FOUND, [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)]).into_response())
}
