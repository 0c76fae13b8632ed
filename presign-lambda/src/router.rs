//! The routes and the layers of every request.

use std::sync::Arc;

use augment_api::ProblemKind;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;
use crate::error::ApiError;
use crate::observe::observe;
use crate::routes::{complete, files, groups, images, jobs, meta, parts, uploads};

/// The whole service.
pub fn router(app: Arc<App>) -> Router {
    let (checked, last) = (Arc::clone(&app), Arc::<meta::LastCheck>::default());
    Router::new()
        .route("/v1/uploads", post(uploads::reserve))
        .route("/v1/uploads/{id}/complete", post(complete::complete))
        .route("/v1/uploads/{id}/parts", post(parts::begin).get(parts::list).delete(parts::abort))
        .route("/v1/uploads/{id}/parts/urls", post(parts::urls))
        .route("/v1/uploads/{id}/parts/complete", post(parts::join))
        .route("/v1/images", get(images::list))
        .route("/v1/images/{id}", get(images::get).patch(images::patch).delete(images::delete))
        .route("/v1/images/{id}/original", get(files::original))
        .route("/v1/images/{id}/results", get(files::results))
        .route("/v1/images/{id}/thumbnail", get(files::thumbnail))
        .route("/v1/images/{id}/augment", post(images::augment))
        .route("/v1/jobs", post(jobs::make).get(jobs::list))
        .route("/v1/jobs/{id}", get(jobs::get).delete(jobs::delete))
        .route("/v1/jobs/{id}/start", post(jobs::start))
        .route("/v1/jobs/{id}/retry", post(jobs::retry))
        .route("/v1/jobs/{id}/results", get(jobs::results))
        .route("/v1/groups", get(groups::list).post(groups::make))
        .route("/v1/tags", get(groups::tags))
        .route("/v1/config", get(meta::config))
        .route("/v1/openapi.json", get(meta::document))
        .route("/healthz", get(move || meta::health(Arc::clone(&checked), Arc::clone(&last))))
        .fallback(|| async { ApiError::new(ProblemKind::NotFound, "not found; /v1/openapi.json lists the routes") })
        .method_not_allowed_fallback(|| async {
            ApiError::new(ProblemKind::MethodNotAllowed, "use a method of the Allow header")
        })
        .layer(middleware::map_response(hardened))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), observe))
        .with_state(app)
}

/// Adds headers so that browsers neither sniff the type nor cache private answers.
async fn hardened(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
