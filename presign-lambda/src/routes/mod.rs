//! The handlers, a file for each part of the API.

mod verify_upload;
pub(crate) mod complete;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod images;
pub(crate) mod jobs;
pub(crate) mod meta;
pub(crate) mod parts;
pub(crate) mod uploads;

use augment_api::{ProblemKind, State, Visibility};
use augment_records::ImageRecord;
use augment_stores_port::StoreError;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::app::App;

/// Times that a change is tried again after somebody else was faster.
const MOST_TRIES: usize = 20;

/// An image and the version it was read at. `NotFound` as a refusal.
async fn load(app: &App, id: &str) -> ApiResult<(ImageRecord, u64)> {
    match app.stores().load(id).await {
        Ok(found) => Ok(found),
        Err(StoreError::NotFound) => Err(ApiError::not_found()),
        Err(error) => Err(ApiError::store(error)),
    }
}

/// An image that a caller may see, with its version.
async fn visible(app: &App, caller: &Caller, id: &str) -> ApiResult<(ImageRecord, u64)> {
    let (image, version) = load(app, id).await?;
    if image.visible_to(caller.owner()) { Ok((image, version)) } else { Err(ApiError::not_found()) }
}

/// An image that a caller may change, with its version. What cannot be seen cannot be told from what is not there.
async fn own(app: &App, caller: &Caller, id: &str) -> ApiResult<(ImageRecord, u64)> {
    caller.signed_in()?;
    let (image, version) = load(app, id).await?;
    if caller.owns(&image.owner) {
        Ok((image, version))
    } else if image.visibility == Visibility::Public && image.state != State::Pending {
        Err(ApiError::new(ProblemKind::Forbidden, "only the owner of an image changes it"))
    } else {
        Err(ApiError::not_found())
    }
}

/// The refusal of a change that lost every race it was in.
fn busy() -> ApiError {
    ApiError::new(ProblemKind::Unavailable, "others change this at the same time; try again").retry_after(1)
}
