//! A whole job on one machine, where no engine schedules items: some at a time, then the zip.

use std::time::Duration;

use augment_api::JobState;
use augment_records::dataset::{DatasetClaim, DatasetItem, JobRecord, give_back_dataset};
use augment_stores_port::{StoreError, StoreResult};
use futures_util::stream::{self, StreamExt};

use super::assemble::{Assembly, end};
use super::run_item::{ItemOutcome, run_item};
use crate::service::Service;

/// Times that an item is begun before it is given up.
const MOST_TRIES: u32 = 3;
/// How long after a failure of the store it is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a claimed job, so many items at once; gives its state, or `None` where it was deleted meanwhile. Items that are
/// done already, by whoever had it before, are not run again.
///
/// # Errors
/// The store's: then the job is given back, and whoever is next goes on with it.
pub async fn run_dataset(service: &Service, claim: DatasetClaim, at_once: usize) -> StoreResult<Option<JobState>> {
    let id = claim.job.id.clone();
    loop {
        // As an engine reads it: whoever had the job before may have asked for more.
        let items: Vec<DatasetItem> = match service.stores.get_json(&claim.job.items_key()?).await {
            Ok(items) => items,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return given_back(service, claim, error).await,
        };
        let all = items.into_iter().map(|each| tried(service, &id, each.item));
        let mut running = stream::iter(all).buffer_unordered(at_once.max(1));
        while let Some(ended) = running.next().await {
            if matches!(ended, Ok(ItemOutcome::NotRun(_))) {
                tracing::info!(job.id = %id, "the job {id} was deleted, or ended by another");
                return Ok(None);
            }
        }
        drop(running);
        match end(service, claim.clone(), None).await {
            Ok(Assembly::State(state)) => return Ok(state),
            Ok(Assembly::Again) => {}
            Err(error) => return given_back(service, claim, error).await,
        }
    }
}

async fn given_back(service: &Service, claim: DatasetClaim, error: StoreError) -> StoreResult<Option<JobState>> {
    let id = claim.job.id.clone();
    if matches!(error, StoreError::NotFound) {
        // Deleted under our hands, its objects before its record: no failure of the store, and nobody waits for it.
        tracing::info!(job.id = %id, "objects of the job {id} are gone");
        give_back_dataset(&service.stores, claim, "objects of the job are gone").await?;
        if matches!(service.stores.load::<JobRecord>(&id).await, Err(StoreError::NotFound)) {
            service.stores.remove_job_objects(&id).await?;
        }
        return Ok(None);
    }
    tracing::error!(job.id = %id, %error, "the job {id} could not be ended; it is given back");
    if let Err(error) = give_back_dataset(&service.stores, claim, "the store failed").await {
        tracing::error!(job.id = %id, %error, "nor could it be given back");
    }
    Err(error)
}

/// An item, again where the store failed. One that is given up has no outcome, which whoever ends the job sees.
async fn tried(service: &Service, id: &str, number: u32) -> StoreResult<ItemOutcome> {
    let mut tries = 1;
    loop {
        match run_item(service, id, number, None).await {
            Err(error) if tries < MOST_TRIES => {
                tracing::warn!(job.id = %id, item = number, %error, "item {number} of {id} is begun again");
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
