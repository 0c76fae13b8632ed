//! `/v1/config`, `/healthz` and `/v1/openapi.json`.

use std::sync::Arc;

use augment_api::{Config, Health, ProblemKind, openapi};
use augment_core::codec::Format;
use augment_core::pipeline::ENGINE;
use augment_core::plan::BUILT_IN;
use axum::extract::State;
use futures_util::future::try_join;
use tokio::sync::Mutex;

use crate::app::App;
use crate::error::{ApiError, ApiResult};
use crate::extract::Json;

pub(crate) async fn config(State(app): State<Arc<App>>) -> Json<Config> {
    Json(Config {
        engine: ENGINE.to_owned(),
        limits: app.settings.limits,
        content_types: Format::ALL.iter().map(|format| format.mime().to_owned()).collect(),
        recipes: BUILT_IN.iter().map(|built_in| built_in.name.to_owned()).collect(),
        auth: app.settings.auth.clone(),
    })
}

/// The last check of the stores: the second of it, and whether they took writes.
#[derive(Debug, Default)]
pub(crate) struct LastCheck(Mutex<Option<(u64, bool)>>);

pub(crate) async fn health(app: Arc<App>, last: Arc<LastCheck>) -> ApiResult<Json<Health>> {
    // Held while checking, so that many callers cause one check a second.
    let mut last = last.0.lock().await;
    let now = app.now();
    let works = match *last {
        Some((second, works)) if second == now => works,
        _ => {
            let checked = try_join(app.records.check(), app.objects.check()).await;
            if let Err(error) = &checked {
                tracing::error!(%error, "the stores take no writes");
            }
            checked.is_ok()
        }
    };
    *last = Some((now, works));
    if !works {
        return Err(ApiError::new(ProblemKind::Unavailable, "the stores take no writes now; the log has the reason"));
    }
    Ok(Json(Health { status: "ok".to_owned(), engine: ENGINE.to_owned() }))
}

pub(crate) async fn document(State(app): State<Arc<App>>) -> Json<serde_json::Value> {
    Json(openapi(&app.settings.limits))
}
