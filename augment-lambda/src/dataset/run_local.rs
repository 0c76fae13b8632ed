//! Runs a whole job in one process, for deployments without Step Functions: items in parallel, then assembly.

use std::time::Duration;

use augment_api::JobState;
use augment_records::dataset::{DatasetClaim, DatasetItem, JobRecord, give_back_dataset};
use augment_stores_port::{StoreError, StoreResult};
use futures_util::future::{Either, select};
use futures_util::stream::{self, StreamExt};

use super::assemble::{Assembly, end};
use super::run_item::{ItemOutcome, run_item};
use crate::service::Service;
use crate::stopping::Stopping;

/// Attempts per item.
const MAX_TRIES: u32 = 3;
/// Pause after a store failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a claimed job with `at_once` items in parallel. Returns its state, or `None` if it was deleted. Items that an
/// earlier worker finished do not run again.
///
/// # Errors
/// The store's; then the job is returned for the next worker.
pub async fn run_dataset(service: &Service, claim: DatasetClaim, at_once: usize) -> StoreResult<Option<JobState>> {
    let run = std::pin::pin!(run_all(service, claim.clone(), at_once));
    match select(run, std::pin::pin!(service.stopping.stopped())).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => return_job(service, claim, Stopping::error()).await,
    }
}

async fn run_all(service: &Service, claim: DatasetClaim, at_once: usize) -> StoreResult<Option<JobState>> {
    let id = claim.job.id.clone();
    loop {
        // Read again in every round, since assembly may ask for all items again.
        let items: Vec<DatasetItem> = match service.stores.get_json(&claim.job.items_key()?).await {
            Ok(items) => items,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return return_job(service, claim, error).await,
        };
        let all = items.into_iter().map(|each| run_with_retries(service, &id, each.item));
        let mut running = stream::iter(all).buffer_unordered(at_once.max(1));
        while let Some(ended) = running.next().await {
            if matches!(ended, Ok(ItemOutcome::NotRun(_))) {
                tracing::info!(job.id = %id, "the job {id} was deleted or finished by another worker");
                return Ok(None);
            }
        }
        drop(running);
        match end(service, claim.clone(), None).await {
            Ok(Assembly::State(state)) => return Ok(state),
            Ok(Assembly::Again) => {}
            Err(error) => return return_job(service, claim, error).await,
        }
    }
}

async fn return_job(service: &Service, claim: DatasetClaim, error: StoreError) -> StoreResult<Option<JobState>> {
    let id = claim.job.id.clone();
    if matches!(error, StoreError::NotFound) {
        // Deleted while it ran, objects before the record: not a store failure.
        tracing::info!(job.id = %id, "the objects of the job {id} were deleted");
        let job = claim.job.clone();
        give_back_dataset(&service.stores, claim, "the job's objects were deleted").await?;
        if matches!(service.stores.load::<JobRecord>(&id).await, Err(StoreError::NotFound)) {
            service.stores.remove_job_objects(&job).await?;
        }
        return Ok(None);
    }
    tracing::error!(job.id = %id, %error, "the job {id} failed with a store error and was returned");
    if let Err(error) = give_back_dataset(&service.stores, claim, "the store failed").await {
        tracing::error!(job.id = %id, %error, "the job could not be returned");
    }
    Err(error)
}

/// Runs an item with retries after store failures. An item that is given up leaves no file, which assembly counts as
/// failed.
async fn run_with_retries(service: &Service, id: &str, number: u32) -> StoreResult<ItemOutcome> {
    let mut tries = 1;
    loop {
        match run_item(service, id, number, None).await {
            Err(error) if tries < MAX_TRIES => {
                tracing::warn!(job.id = %id, item = number, %error, "item {number} of {id} is retried");
                tokio::time::sleep(PAUSE * tries).await;
                tries += 1;
            }
            Err(error) => {
                tracing::error!(job.id = %id, item = number, %error, "item {number} of {id} is given up");
                return Err(error);
            }
            ended => return ended,
        }
    }
}
