//! `POST /v1/uploads`: reserves an id and signs its uploads.

use std::sync::Arc;

use augment_api::{Content, NewUpload, ObjectName, Problem, ProblemKind, Reservation, Run, Target};
use augment_records::{Document, ImageRecord, rfc3339, seeded};
use augment_stores_port::{SignedRequest, StoreError, UploadRules};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::budget::{self, Usage};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Json};
use crate::observe::ReservedBytes;

/// Characters of ids: 32, so that 5 random bits choose one; no look-alikes.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of a random id: 60 bits.
const ID_LENGTH: usize = 12;

pub(crate) async fn reserve(State(app): State<Arc<App>>, caller: Caller, Body(body): Body) -> ApiResult<Response> {
    let owner = caller.signed_in()?.to_owned();
    let mut upload = NewUpload::check(&body, &app.settings.limits)?;
    if upload.run != Run::Dataset {
        upload.recipe = seeded(upload.recipe).map_err(ApiError::store)?;
    }
    let bytes = upload.size + upload.results.map_or(0, |(size, _)| size);
    let is_job = upload.run == Run::Server;
    let requested = upload.id.clone();
    let image = ImageRecord::reserve(String::new(), &owner, upload, (app.clock)());
    let mut image = image.map_err(ApiError::store)?;
    for _ in 0..5 {
        image.id = match &requested {
            Some(id) => id.clone(),
            None => random_id()?,
        };
        // Signed before the reservation, so that a failing signer leaves no id behind.
        let reservation = sign(&app, &image)?;
        match app.records.create(image.to_record(1).map_err(ApiError::store)?).await {
            Ok(()) => {
                charge(&app, &caller, &ImageRecord::record_key(&image.id), bytes, is_job).await?;
                let mut response = (StatusCode::CREATED, Json(reservation)).into_response();
                response.extensions_mut().insert(ReservedBytes(bytes));
                return Ok(response);
            }
            Err(StoreError::AlreadyExists) if requested.is_none() => {}
            Err(StoreError::AlreadyExists) => return Err(taken(&image.id)),
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(ApiError::new(ProblemKind::Unavailable, "no free id was found; try again"))
}

/// Charges a reservation and undoes it if the budget is used up. Charged after the id is won, so that losers pay
/// nothing.
pub(crate) async fn charge(app: &App, caller: &Caller, key: &str, bytes: u64, is_job: bool) -> ApiResult<()> {
    let uses = [(bytes > 0).then_some(Usage::Bytes(bytes)), is_job.then_some(Usage::Job)];
    for usage in uses.into_iter().flatten() {
        if let Err(refusal) = budget::spend(app, caller, usage).await {
            match app.records.remove(key, 1).await {
                // The owner changed or removed it in the meantime: leave it.
                Ok(()) | Err(StoreError::NotFound | StoreError::Precondition) => {}
                Err(error) => return Err(ApiError::store(error)),
            }
            return Err(refusal);
        }
    }
    Ok(())
}

fn taken(id: &str) -> ApiError {
    Problem::of_fields(vec![(
        ProblemKind::IdTaken,
        augment_api::FieldError::new("/id", format!("the id {id} is taken; choose another, or omit it")),
    )])
    .into()
}

pub(crate) fn random_id() -> ApiResult<String> {
    let mut bytes = [0; ID_LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| ApiError::store(StoreError::other(error)))?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

fn sign(app: &App, image: &ImageRecord) -> ApiResult<Reservation> {
    let target = |object| -> ApiResult<Option<Target>> {
        let Some(content) = image.announced(object) else { return Ok(None) };
        let rules = rules(app, &content, Some(image.content_type(object)))?;
        let key = image.key(object).map_err(ApiError::store)?;
        Ok(Some(target_of(app.signer.put(&key, &rules).map_err(ApiError::store)?)))
    };
    let original = target(ObjectName::Original)?.ok_or_else(ApiError::not_found)?;
    Ok(Reservation { id: image.id.clone(), state: image.state, original, results: target(ObjectName::Results)? })
}

/// The rules of an upload of announced content.
pub(crate) fn rules(app: &App, content: &Content, content_type: Option<&str>) -> ApiResult<UploadRules> {
    let sha256 = decode_sha256(&content.sha256)?;
    let seconds = app.settings.limits.upload_seconds;
    Ok(UploadRules { size: content.size, content_type: content_type.map(str::to_owned), sha256, seconds })
}

/// The hash in a record.
pub(crate) fn decode_sha256(text: &str) -> ApiResult<[u8; 32]> {
    let digest: Result<augment_core::digest::Digest, _> = serde_json::from_value(text.into());
    digest.map(|digest| digest.0).map_err(|error| ApiError::store(StoreError::other(error)))
}

pub(crate) fn target_of(signed: SignedRequest) -> Target {
    Target {
        method: signed.method.to_owned(),
        url: signed.url,
        headers: signed.headers,
        expires_at: rfc3339(signed.expires_ms),
    }
}
