//! Extractors of handlers: JSON bodies, ids and parameters, with problems as rejections.

use augment_api::{Problem, ProblemKind, is_id};
use augment_stores_port::StoreError;
use axum::RequestExt;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

use crate::app::App;
use crate::error::{ApiError, ApiResult};

/// A JSON body within the size limit.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Value);

impl FromRequest<Arc<App>> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> ApiResult<Self> {
        json(request, app.settings.limits.max_body_bytes).await.map(Self)
    }
}

/// The body that creates a job; it lists many images and has its own size limit.
#[derive(Debug)]
pub(crate) struct JobBody(pub(crate) Value);

impl FromRequest<Arc<App>> for JobBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> ApiResult<Self> {
        json(request, app.settings.limits.max_job_body_bytes).await.map(Self)
    }
}

async fn json(request: Request, limit: u64) -> ApiResult<Value> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        let detail = "send JSON with the content-type application/json";
        return Err(ApiError::new(ProblemKind::UnsupportedType, detail));
    }
    let too_large = || ApiError::new(ProblemKind::TooLarge, format!("the body has more than {limit} bytes"));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|announced: u64| announced > limit) {
        return Err(too_large());
    }
    let body = request.with_limited_body().into_body();
    let bytes = axum::body::to_bytes(body, usize::try_from(limit).unwrap_or(usize::MAX)).await;
    let bytes = bytes.map_err(|_| too_large())?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // Line and column help; the content stays out of answers and logs.
        let detail = format!("the body is not JSON (line {}, column {})", error.line(), error.column());
        ApiError::new(ProblemKind::Malformed, detail)
    })
}

/// The id in the path; an invalid id is not found.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) String);

impl FromRequestParts<Arc<App>> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> ApiResult<Self> {
        let id: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, app).await;
        match id {
            Ok(Path(id)) if is_id(&id) => Ok(Self(id)),
            _ => Err(ApiError::new(ProblemKind::NotFound, "not found: an id is 1 to 20 letters and digits")),
        }
    }
}

/// The decoded query parameters.
#[derive(Debug)]
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl FromRequestParts<Arc<App>> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> ApiResult<Self> {
        let parameters: Result<Query<Vec<(String, String)>>, _> = Query::from_request_parts(parts, app).await;
        let Query(parameters) = parameters
            .map_err(|_| Problem::new(ProblemKind::InvalidFields, "the query parameters cannot be parsed"))?;
        Ok(Self(parameters))
    }
}

/// A JSON answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
            Err(error) => ApiError::store(StoreError::other(error)).into_response(),
        }
    }
}
