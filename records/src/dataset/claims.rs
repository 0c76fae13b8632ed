//! Claims and results of jobs over datasets. An external engine starts without a claim but ends a job by the same
//! conditional writes: if the job was deleted or replaced in the meantime, nothing changes.

use augment_api::{Content, FailureKind, JobFailure, JobState, Made};
use augment_stores_port::{StoreError, StoreResult};

use super::JobRecord;
use crate::document::Document;
use crate::image::Lease;
use crate::jobs::{JobError, MAX_ATTEMPTS, release};
use crate::lists::DATASET_LIST;
use crate::stores::Stores;

/// Jobs checked in one search for a free one.
const LOOKED_AT: usize = 100;
/// Characters of an error message that a record keeps.
const MAX_ERROR_CHARS: usize = 300;

/// A running job as it was when it was claimed or read.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetClaim {
    /// The job.
    pub job: JobRecord,
    version: u64,
}

/// The outcome of a job. Its objects are already in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetOutcome {
    /// The zip (its hash is empty) and how it was made, or why there is none.
    pub result: Result<(Content, Made), JobError>,
    /// Images without output.
    pub failed: u32,
    /// These images by path, perhaps only the first ones.
    pub failures: Vec<JobFailure>,
    /// The items that contain them, in order.
    pub failed_items: Vec<u32>,
}

impl DatasetClaim {
    /// The claim of an external engine, which is the only runner of the job and needs no lease. `None` if the job is
    /// not running.
    #[must_use]
    pub fn of_engine(job: JobRecord, version: u64) -> Option<Self> {
        (job.state == JobState::Running).then_some(Self { job, version })
    }
}

/// Claims the oldest running job without a live lease, for deployments without an engine. A job that was started too
/// often is marked as failed.
///
/// # Errors
/// The store's.
pub async fn claim_dataset(stores: &Stores, lease_seconds: u64) -> StoreResult<Option<DatasetClaim>> {
    for record in &stores.records.oldest(DATASET_LIST, LOOKED_AT).await? {
        let mut job = JobRecord::from_record(record)?;
        let now = stores.now();
        let lease = job.lease.unwrap_or(Lease::WAITING);
        if job.state != JobState::Running || lease.lease_until > now {
            continue;
        }
        let exhausted = lease.attempts >= MAX_ATTEMPTS;
        if exhausted {
            give_up(&mut job);
        } else {
            job.lease = Some(held(lease.attempts + 1, now + lease_seconds)?);
        }
        job.updated_ms = stores.now_ms();
        let version = record.version + 1;
        match stores.records.replace(job.to_record(version)?).await {
            Ok(()) if exhausted => {}
            Ok(()) => return Ok(Some(DatasetClaim { job, version })),
            // Another worker was faster: try the next job.
            Err(StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn held(attempts: u32, lease_until: u64) -> StoreResult<Lease> {
    Ok(Lease { attempts, lease_until, holder: getrandom::u64().map_err(StoreError::other)? })
}

fn give_up(job: &mut JobRecord) {
    // A returned job carries the last error.
    let why = job.error.take().map(|why| format!("; the last time: {why}")).unwrap_or_default();
    job.error = Some(format!("the job stopped {MAX_ATTEMPTS} times before it was done{why}"));
    job.error_kind = Some(FailureKind::Stopped);
    job.state = JobState::Failed;
    job.lease = None;
    job.failed = job.images;
    job.failures = Vec::new();
    // Which items are done is not known here. Repeating a finished one is cheap.
    job.failed_items = (0..job.items).collect();
}

/// Extends a lease. `false` if another worker took the job or it was deleted: then stop.
///
/// # Errors
/// The store's.
pub async fn renew_dataset(stores: &Stores, claim: &mut DatasetClaim, lease_seconds: u64) -> StoreResult<bool> {
    let until = stores.now() + lease_seconds;
    let attempts = claim.job.lease.map_or(1, |lease| lease.attempts);
    let lease = held(attempts, until)?;
    match change(stores, claim.clone(), |job| job.lease = Some(lease)).await? {
        Changed::Written(newer) => {
            *claim = *newer;
            Ok(true)
        }
        Changed::Superseded | Changed::Gone => Ok(false),
    }
}

/// Returns a job that could not be finished for no fault of its own, so that the next worker need not wait for the lease
/// to expire. The attempt does not count.
///
/// # Errors
/// The store's.
pub async fn give_back_dataset(stores: &Stores, claim: DatasetClaim, why: &str) -> StoreResult<()> {
    let now = stores.now();
    let attempts = claim.job.lease.map_or(0, |lease| lease.attempts.saturating_sub(1));
    let changed = change(stores, claim, |job| {
        job.lease = job.lease.map(|lease| Lease { attempts, lease_until: now, ..lease });
        job.error = Some(why.to_owned());
    });
    changed.await.map(drop)
}

/// Writes the outcome of a job. `false` if the job was deleted or replaced in the meantime; objects of a deleted job are
/// removed.
///
/// # Errors
/// The store's.
pub async fn finish_dataset(stores: &Stores, claim: DatasetClaim, outcome: &DatasetOutcome) -> StoreResult<bool> {
    let ended = claim.job.clone();
    let written = change(stores, claim, |job| {
        job.lease = None;
        job.failed = outcome.failed;
        job.failures = outcome.failures.iter().take(JobFailure::MOST).map(shortened).collect();
        job.failed_items.clone_from(&outcome.failed_items);
        match &outcome.result {
            Ok((results, made)) => {
                job.state = JobState::Ready;
                job.results = Some(results.clone());
                job.made = Some(made.clone());
                job.error = None;
                job.error_kind = None;
            }
            Err(failure) => {
                job.state = JobState::Failed;
                job.error = Some(failure.detail.clone());
                job.error_kind = Some(failure.kind);
            }
        }
    });
    match written.await? {
        Changed::Written(_) => Ok(true),
        Changed::Superseded => Ok(false),
        Changed::Gone => {
            stores.remove_job_objects(&ended).await?;
            Ok(false)
        }
    }
}

/// The failure with its message cut to what a record has room for.
fn shortened(failure: &JobFailure) -> JobFailure {
    JobFailure { error: failure.error.chars().take(MAX_ERROR_CHARS).collect(), ..failure.clone() }
}

/// Ends all leases. For the only process of a store as it starts: every earlier holder is dead.
///
/// # Errors
/// The store's.
pub async fn release_datasets(stores: &Stores) -> StoreResult<()> {
    release(stores, DATASET_LIST, |job: &mut JobRecord| &mut job.lease).await
}

/// The result of a conditional change.
enum Changed {
    Written(Box<DatasetClaim>),
    /// Another worker holds the job or has ended it, or a new round began.
    Superseded,
    Gone,
}

/// Changes the job if the claim still holds.
async fn change(stores: &Stores, claim: DatasetClaim, mut alter: impl FnMut(&mut JobRecord)) -> StoreResult<Changed> {
    let DatasetClaim { mut job, mut version } = claim;
    let claimed = job.clone();
    loop {
        alter(&mut job);
        job.updated_ms = stores.now_ms();
        match stores.records.replace(job.to_record(version + 1)?).await {
            Ok(()) => return Ok(Changed::Written(Box::new(DatasetClaim { job, version: version + 1 }))),
            Err(StoreError::NotFound) => return Ok(Changed::Gone),
            Err(StoreError::Precondition) => {}
            Err(error) => return Err(error),
        }
        match stores.load::<JobRecord>(&job.id).await {
            // The id now belongs to another job.
            Ok((newer, _)) if !newer.is_same(&claimed) => return Ok(Changed::Gone),
            Ok((newer, _))
                if newer.lease != claimed.lease || newer.round != claimed.round || newer.state != JobState::Running =>
            {
                return Ok(Changed::Superseded);
            }
            Ok(newer) => (job, version) = newer,
            Err(StoreError::NotFound) => return Ok(Changed::Gone),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use augment_api::{JobImage, Limits, NewJob};
    use augment_stores_port::memory::{MemoryObjects, MemoryRecords};
    use augment_stores_port::{Area, system_clock};
    use serde_json::json;

    use super::*;

    /// A running job.
    pub(crate) fn job(id: &str, images: u32, per_item: u32) -> JobRecord {
        let image = JobImage { id: "x".into(), path: Some("x.jpg".into()) };
        let body = json!({ "images": vec![image; images as usize], "recipe": "none" });
        let new = NewJob::check(&body, &Limits::default()).unwrap();
        let mut job = JobRecord::new(id.to_owned(), "ann", new, 1000, 1000).unwrap();
        job.run(1000);
        JobRecord { per_item, items: images.div_ceil(per_item), ..job }
    }

    fn stores() -> (Stores, Arc<AtomicU64>) {
        let now = Arc::new(AtomicU64::new(5_000_000));
        let clock = Arc::clone(&now);
        let stores = Stores {
            objects: Arc::new(MemoryObjects::new(system_clock())),
            records: Arc::new(MemoryRecords::default()),
            clock: Arc::new(move || clock.load(Ordering::SeqCst)),
        };
        (stores, now)
    }

    /// Polls once: stores in memory never wait.
    fn ready_now<T>(work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match work.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => panic!("a store in memory waited"),
        }
    }

    fn made() -> Made {
        Made {
            engine: "0".into(),
            outputs: 5,
            pixels: 1,
            bytes_before: 1,
            bytes_after: 9,
            warnings: 0,
            fetch_ms: None,
            augment_ms: 0,
            store_ms: 0,
        }
    }

    fn ready(failed_items: Vec<u32>) -> DatasetOutcome {
        let failure =
            |item: &u32| JobFailure { path: format!("{item}.jpg"), error: "é".repeat(1000), kind: FailureKind::Image };
        let failures: Vec<_> = failed_items.iter().map(failure).collect();
        let content = Content { size: 9, sha256: String::new() };
        DatasetOutcome { result: Ok((content, made())), failed: failures.len() as u32, failures, failed_items }
    }

    #[test]
    fn a_job_has_one_holder_per_lease_and_fails_after_the_last_attempt() {
        let (stores, now) = stores();
        ready_now(async {
            stores.records.create(job("a", 3, 2).to_record(1).unwrap()).await.unwrap();
            let first = claim_dataset(&stores, 10).await.unwrap().unwrap();
            assert_eq!(claim_dataset(&stores, 10).await.unwrap(), None, "held");
            now.fetch_add(11_000, Ordering::SeqCst);
            let mut second = claim_dataset(&stores, 10).await.unwrap().unwrap();
            assert!(!finish_dataset(&stores, first.clone(), &ready(vec![])).await.unwrap(), "another worker took over");
            assert!(!renew_dataset(&stores, &mut first.clone(), 10).await.unwrap(), "the first worker is told");
            assert!(renew_dataset(&stores, &mut second, 100).await.unwrap(), "the second continues");
            now.fetch_add(50_000, Ordering::SeqCst);
            assert_eq!(claim_dataset(&stores, 10).await.unwrap(), None, "the lease was extended");
            give_back_dataset(&stores, second, "the store failed").await.unwrap();
            release_datasets(&stores).await.unwrap();
            drop(claim_dataset(&stores, 10).await.unwrap().unwrap());
            release_datasets(&stores).await.unwrap();
            let third = claim_dataset(&stores, 10).await.unwrap().expect("a store failure is no attempt");
            release_datasets(&stores).await.unwrap();
            assert_eq!(claim_dataset(&stores, 10).await.unwrap(), None, "started too often");
            let (failed, _) = stores.load::<JobRecord>("a").await.unwrap();
            assert_eq!((failed.state, failed.error_kind), (JobState::Failed, Some(FailureKind::Stopped)));
            assert!(failed.facts.error.unwrap().contains("the store failed"), "with the last error");
            assert_eq!(failed.failed_items, [0, 1], "a retry runs everything");
            assert!(!finish_dataset(&stores, third, &ready(vec![])).await.unwrap(), "a failed job stays failed");
        });
    }

    #[test]
    fn a_later_job_of_the_same_id_keeps_its_objects() {
        let (stores, _) = stores();
        ready_now(async {
            let first = job("a", 3, 1);
            stores.records.create(first.to_record(1).unwrap()).await.unwrap();
            let claim = claim_dataset(&stores, 10).await.unwrap().unwrap();
            stores.records.remove(&JobRecord::record_key("a"), 2).await.unwrap();
            let second = job("a", 3, 1);
            stores.records.create(second.to_record(1).unwrap()).await.unwrap();
            let keys = |job: &JobRecord| [job.results_key(), job.labels_key()].map(Result::unwrap);
            for key in keys(&first).iter().chain(&keys(&second)) {
                stores.objects.put(key, "text/plain", "x".into()).await.unwrap();
            }
            assert!(!finish_dataset(&stores, claim, &ready(vec![])).await.unwrap(), "its job was deleted");
            let mut left = stores.objects.list(Area::Results, "", 9).await.unwrap();
            left.sort();
            let mut expected = keys(&second);
            expected.sort();
            assert_eq!(left, expected, "only those of the deleted job are removed");
            assert_eq!(stores.load::<JobRecord>("a").await.unwrap().0, second, "the later job is untouched");
        });
    }

    #[test]
    fn the_job_that_waits_longest_is_next() {
        let (stores, _) = stores();
        ready_now(async {
            for number in 0..150_u64 {
                let job = JobRecord { created_ms: 1000 + number, ..job(&format!("j{number}"), 1, 1) };
                stores.records.create(job.to_record(1).unwrap()).await.unwrap();
            }
            for number in 0..150 {
                let next = claim_dataset(&stores, 10).await.unwrap().unwrap();
                assert_eq!(next.job.id, format!("j{number}"));
                assert!(finish_dataset(&stores, next, &ready(vec![])).await.unwrap(), "ended");
            }
        });
    }

    #[test]
    fn an_ended_job_leaves_the_list_until_it_is_retried() {
        let (stores, _) = stores();
        ready_now(async {
            stores.records.create(job("a", 3, 1).to_record(1).unwrap()).await.unwrap();
            let (running, version) = stores.load::<JobRecord>("a").await.unwrap();
            let engine = DatasetClaim::of_engine(running, version).unwrap();
            assert!(finish_dataset(&stores, engine.clone(), &ready(vec![1])).await.unwrap(), "the engine ends it");
            assert!(!finish_dataset(&stores, engine, &ready(vec![])).await.unwrap(), "once");
            assert_eq!(claim_dataset(&stores, 10).await.unwrap(), None, "nothing to run");
            let (mut ended, version) = stores.load::<JobRecord>("a").await.unwrap();
            assert_eq!(ended.failures[0].error.chars().count(), 300, "messages are cut");
            assert_eq!((ended.state, ended.failed, ended.lease), (JobState::Ready, 1, None), "as it ended");
            assert!(DatasetClaim::of_engine(ended.clone(), version).is_none(), "it is not running");
            ended.run_again(6_000_000);
            stores.records.replace(ended.to_record(version + 1).unwrap()).await.unwrap();
            let again = claim_dataset(&stores, 10).await.unwrap().unwrap();
            let items: Vec<u32> = again.job.items_to_run().iter().map(|item| item.item).collect();
            assert_eq!(items, [1], "only the failed item");
        });
    }

    #[test]
    fn progress_counts_items_and_a_deleted_job_leaves_no_objects() {
        let (stores, _) = stores();
        ready_now(async {
            let job = job("a", 5, 2);
            stores.records.create(job.to_record(1).unwrap()).await.unwrap();
            let claim = claim_dataset(&stores, 10).await.unwrap().unwrap();
            for key in [job.item_zip_key(0), job.item_json_key(0), job.item_json_key(2), job.item_zip_key(1)] {
                stores.objects.put(&key.unwrap(), "text/plain", "x".into()).await.unwrap();
            }
            assert_eq!(stores.images_ended(&job).await.unwrap(), 3, "two images of the first item, one of the last");
            let again = JobRecord { round: 12, failed_items: vec![0], ..job.clone() };
            assert_eq!(stores.images_ended(&again).await.unwrap(), 1, "the first item has to run again");
            for (round, ended) in [(11, 1), (12, 3)] {
                let done = json!({ "round": round, "images": 2 });
                stores.put_json(&job, &job.item_json_key(0).unwrap(), &done).await.unwrap();
                assert_eq!(stores.images_ended(&again).await.unwrap(), ended, "done in round {round}");
                let read: serde_json::Value = stores.get_json(&job.item_json_key(0).unwrap()).await.unwrap();
                assert_eq!(read, done, "as written");
            }
            stores.records.remove(&JobRecord::record_key("a"), 2).await.unwrap();
            assert!(!finish_dataset(&stores, claim, &ready(vec![])).await.unwrap(), "it was deleted");
            assert!(stores.objects.list(Area::Results, "jobs/a/", 9).await.unwrap().is_empty(), "with its objects");
        });
    }
}
