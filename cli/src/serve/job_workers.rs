//! The workers of `delta serve`: jobs of images run in parallel, jobs over datasets one after the other, and files in the
//! bucket are ingested.

use std::sync::Arc;
use std::time::{Duration, Instant};

use augment_lambda::{Ingested, Service, ingest, register, run, run_dataset};
use augment_records::{DAY, dataset, jobs};
use augment_stores_local::{Orphans, PutHook};
use augment_stores_port::{Area, Key, StoreResult};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Lease of an image's job in seconds: longer than any job.
const LEASE: u64 = 900;
/// Time for an image's job.
const JOB_TIME: Duration = Duration::from_secs(LEASE - 60);
/// Lease of a job over a dataset in seconds; the next process ends all leases as it starts.
const DATASET_LEASE: u64 = 365 * DAY;
/// How long a worker sleeps unless it is woken.
const POLL_EVERY: Duration = Duration::from_secs(30);
/// Parallel jobs at most: each holds a decoded image.
const MAX_PARALLEL: usize = 4;

/// Jobs and items that run at once.
pub(crate) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_PARALLEL)
}

/// Starts all workers. They end, and give their jobs back, once the service stops.
pub(crate) fn start(service: &Service, woken: &Arc<Notify>, woken_for_datasets: &Arc<Notify>) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    for _ in 0..at_once() {
        workers.spawn(images(service.clone(), Arc::clone(woken)));
    }
    workers.spawn(datasets(service.clone(), Arc::clone(woken_for_datasets)));
    workers
}

/// Runs jobs of images one after the other.
async fn images(service: Service, woken: Arc<Notify>) {
    while !service.stopping.is_stopping() {
        match jobs::claim(&service.stores, LEASE).await {
            Ok(Some(claim)) => {
                // There may be another job for another worker.
                woken.notify_one();
                if run(&service, claim, Some(Instant::now() + JOB_TIME)).await.is_err() {
                    // The job was returned and logged; do not retry a failing store at once.
                    pause(&service, None).await;
                }
            }
            Ok(None) => pause(&service, Some(&woken)).await,
            Err(error) => {
                tracing::error!(%error, "the jobs cannot be read");
                pause(&service, None).await;
            }
        }
    }
}

/// Runs jobs over datasets one after the other, with parallel items.
async fn datasets(service: Service, woken: Arc<Notify>) {
    while !service.stopping.is_stopping() {
        match dataset::claim_dataset(&service.stores, DATASET_LEASE).await {
            Ok(Some(claim)) => {
                if run_dataset(&service, claim, at_once()).await.is_err() {
                    // The job was returned and logged; do not retry a failing store at once.
                    pause(&service, None).await;
                }
            }
            Ok(None) => pause(&service, Some(&woken)).await,
            Err(error) => {
                tracing::error!(%error, "the jobs over datasets cannot be read");
                pause(&service, None).await;
            }
        }
    }
}

/// Waits until there may be work again, or the service stops.
async fn pause(service: &Service, woken: Option<&Notify>) {
    let woken = async {
        match woken {
            Some(woken) => woken.notified().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = tokio::time::sleep(POLL_EVERY) => {}
        () = woken => {}
        () = service.stopping.stopped() => {}
    }
}

/// The store's hook that ingests uploaded files.
pub(crate) fn ingest_hook(service: Service, woken: Arc<Notify>) -> PutHook {
    let handle = Handle::current();
    Arc::new(move |key: &Key| {
        if key.area() != Area::Originals {
            return;
        }
        let (service, woken, key) = (service.clone(), Arc::clone(&woken), key.clone());
        handle.spawn(async move { wake(&woken, ingest(&service, &key).await) });
    })
}

/// Ingests files without a record, which arrived as the previous process ended. Announced files may be known to a newer
/// database, so they are moved aside as orphans.
pub(crate) async fn ingest_all(service: &Service, woken: &Notify, orphans: &mut Orphans) {
    let keys = match service.stores.objects.list(Area::Originals, "", usize::MAX).await {
        Ok(keys) => keys,
        Err(error) => {
            tracing::error!(%error, "the originals cannot be listed");
            return;
        }
    };
    for key in keys {
        let ingested = register(service, &key).await;
        if matches!(ingested, Ok(Ingested::Orphan))
            && let Err(error) = orphans.take(&key)
        {
            tracing::error!(%error, "a file without a record cannot be moved aside; it stays in the store");
        }
        wake(woken, ingested);
    }
}

fn wake(woken: &Notify, ingested: StoreResult<Ingested>) {
    match ingested {
        Ok(_) => woken.notify_one(),
        Err(error) => tracing::error!(%error, "a file in the store cannot be ingested; the next start tries again"),
    }
}
