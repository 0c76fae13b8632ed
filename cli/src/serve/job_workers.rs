//! When jobs run: as they begin to wait, some at a time, those over datasets one after the other; and when a dropped
//! file becomes an image.

use std::sync::Arc;
use std::time::Duration;

use augment_lambda::{IngestOutcome, Service, ingest, register, run, run_dataset};
use augment_records::{DAY, dataset, jobs};
use augment_stores_local::{PutHook, Orphans};
use augment_stores_port::{Area, Key, StoreResult};
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// Seconds that a job is one worker's alone: far longer than any takes.
const LEASE: u64 = 900;
/// Seconds that a job over a dataset is this process's alone: the next one ends all leases as it starts.
const DATASET_LEASE: u64 = 365 * DAY;
/// How long a worker sleeps when nothing wakes it.
const NAP: Duration = Duration::from_secs(30);
/// Jobs at once at most: each holds an image, perhaps a large one.
const MOST_AT_ONCE: usize = 4;

fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE)
}

/// Starts the workers of single images.
pub(crate) fn start(service: &Service, woken: &Arc<Notify>) {
    for _ in 0..at_once() {
        let (service, woken) = (service.clone(), Arc::clone(woken));
        tokio::spawn(async move {
            loop {
                match jobs::claim(&service.stores, LEASE).await {
                    Ok(Some(claim)) => {
                        // There may be another one, for another worker.
                        woken.notify_one();
                        if run(&service, claim, None).await.is_err() {
                            // It is given back, and said in the log; a store that fails is not asked at once again.
                            tokio::time::sleep(NAP).await;
                        }
                    }
                    Ok(None) => {
                        // Either way it looks again.
                        let _ = tokio::time::timeout(NAP, woken.notified()).await;
                    }
                    Err(error) => {
                        tracing::error!(%error, "the jobs cannot be read");
                        tokio::time::sleep(NAP).await;
                    }
                }
            }
        });
    }
}

/// Runs jobs over datasets, one after the other, some items of each at once.
pub(crate) async fn datasets(service: Service, woken: Arc<Notify>) {
    loop {
        match dataset::claim_dataset(&service.stores, DATASET_LEASE).await {
            Ok(Some(claim)) => {
                if run_dataset(&service, claim, at_once()).await.is_err() {
                    // It is given back, and said in the log; a store that fails is not asked at once again.
                    tokio::time::sleep(NAP).await;
                }
            }
            Ok(None) => {
                // Either way it looks again.
                let _ = tokio::time::timeout(NAP, woken.notified()).await;
            }
            Err(error) => {
                tracing::error!(%error, "the jobs over datasets cannot be read");
                tokio::time::sleep(NAP).await;
            }
        }
    }
}

/// What the store calls for files that clients put.
pub(crate) fn arrivals(service: Service, woken: Arc<Notify>) -> PutHook {
    let handle = Handle::current();
    Arc::new(move |key: &Key| {
        if key.area() != Area::Originals {
            return;
        }
        let (service, woken, key) = (service.clone(), Arc::clone(&woken), key.clone());
        handle.spawn(async move { told(&woken, ingest(&service, &key).await) });
    })
}

/// Adopts what lies in the store without a record: files that arrived as the process before this one ended. Those that
/// were announced may be ones that only a newer database knows: they are moved aside.
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
        if matches!(ingested, Ok(IngestOutcome::Orphan))
            && let Err(error) = orphans.take(&key)
        {
            tracing::error!(%error, "a file that no record knows cannot be moved aside; it stays in its place");
        }
        told(woken, ingested);
    }
}

fn told(woken: &Notify, ingested: StoreResult<IngestOutcome>) {
    match ingested {
        Ok(_) => woken.notify_one(),
        Err(error) => tracing::error!(%error, "a file in the store cannot be looked at; it is when this starts again"),
    }
}
