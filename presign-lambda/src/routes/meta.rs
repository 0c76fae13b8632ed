//! `/v1/config`, `/healthz` and `/v1/openapi.json`.

use std::sync::Arc;

use augment_api::{Config, Health, openapi};
use augment_core::codec::Format;
use augment_core::pipeline::ENGINE;
use augment_core::plan::BUILT_IN;
use axum::extract::State;

use crate::app::App;
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

pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok".to_owned(), engine: ENGINE.to_owned() })
}

pub(crate) async fn document(State(app): State<Arc<App>>) -> Json<serde_json::Value> {
    Json(openapi(&app.settings.limits))
}
