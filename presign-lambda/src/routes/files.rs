//! Original, results and thumbnail: a redirect to a short-lived signed URL, or that URL as JSON for clients whose token
//! must not follow a redirect.

use std::sync::Arc;

use augment_api::{Content, ObjectName, ProblemKind, State as ImageState};
use augment_stores_port::Key;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::uploads::target_of;
use super::visible;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Json};

pub(crate) async fn original(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    if image.state == ImageState::Pending {
        return Err(ApiError::new(ProblemKind::NotFound, "the image has not arrived"));
    }
    link(&app, &headers, &image.key(ObjectName::Original).map_err(ApiError::store)?, None)
}

pub(crate) async fn results(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    let stem = image.filename.rsplit_once('.').map_or(image.filename.as_str(), |(stem, _)| stem);
    let name = zip_name(image.results.as_ref(), if stem.is_empty() { &image.id } else { stem })?;
    link(&app, &headers, &image.key(ObjectName::Results).map_err(ApiError::store)?, Some(&name))
}

pub(crate) async fn thumbnail(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (image, _) = visible(&app, &caller, &id).await?;
    if !image.thumbnail {
        return Err(ApiError::new(ProblemKind::NotFound, "there is no thumbnail"));
    }
    link(&app, &headers, &image.thumbnail_key().map_err(ApiError::store)?, None)
}

/// The download name of a results zip, if there is one.
pub(crate) fn zip_name(zip: Option<&Content>, name: &str) -> ApiResult<String> {
    let missing = || ApiError::new(ProblemKind::NotFound, "there are no results");
    // A title may contain slashes.
    zip.map(|_| format!("{}.zip", name.replace(['/', '\\'], "_"))).ok_or_else(missing)
}

/// A redirect to a file, or its signed URL if only JSON is accepted.
pub(crate) fn link(app: &App, headers: &HeaderMap, key: &Key, save_as: Option<&str>) -> ApiResult<Response> {
    let signed = app.signer.get(key, app.settings.limits.download_seconds, save_as).map_err(ApiError::store)?;
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    if headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json") {
        return Ok((no_store, Json(target_of(signed))).into_response());
    }
    let location = HeaderValue::from_str(&signed.url)
        .map_err(|error| ApiError::store(augment_stores_port::StoreError::other(error)))?;
    Ok((StatusCode::FOUND, [(header::LOCATION, location)], no_store).into_response())
}
