//! The handlers, one file per part of the API.

pub(crate) mod complete;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod images;
pub(crate) mod jobs;
pub(crate) mod meta;
pub(crate) mod parts;
pub(crate) mod uploads;
mod verify_upload;

use augment_api::{ProblemKind, State, Visibility};
use augment_records::ImageRecord;
use augment_stores_port::StoreError;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};

/// Retries of a change after concurrent writes.
const MAX_TRIES: usize = 20;

/// An image and its version.
async fn load(app: &App, id: &str) -> ApiResult<(ImageRecord, u64)> {
    match app.stores().load(id).await {
        Ok(found) => Ok(found),
        Err(StoreError::NotFound) => Err(ApiError::not_found()),
        Err(error) => Err(ApiError::store(error)),
    }
}

/// An image that the caller may see, with its version.
async fn visible(app: &App, caller: &Caller, id: &str) -> ApiResult<(ImageRecord, u64)> {
    let (image, version) = load(app, id).await?;
    if image.visible_to(caller.owner()) { Ok((image, version)) } else { Err(ApiError::not_found()) }
}

/// An image that the caller may change, with its version. Hidden images look missing.
async fn own(app: &App, caller: &Caller, id: &str) -> ApiResult<(ImageRecord, u64)> {
    caller.signed_in()?;
    let (image, version) = load(app, id).await?;
    if caller.owns(&image.owner) {
        Ok((image, version))
    } else if image.visibility == Visibility::Public && image.state != State::Pending {
        Err(ApiError::new(ProblemKind::Forbidden, "only the owner can change an image"))
    } else {
        Err(ApiError::not_found())
    }
}

/// Removes the record of something deleted, unless a sweep was faster.
async fn unreserve(app: &App, key: &str, version: u64) -> ApiResult<()> {
    match app.records.remove(key, version).await {
        Ok(()) | Err(StoreError::NotFound | StoreError::Precondition) => Ok(()),
        Err(error) => Err(ApiError::store(error)),
    }
}

/// The refusal of a change that lost every retry.
fn busy() -> ApiError {
    ApiError::new(ProblemKind::Unavailable, "too many concurrent changes; try again").retry_after(1)
}
