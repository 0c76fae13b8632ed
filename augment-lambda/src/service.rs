//! What jobs need to run: stores, limits, and a sink for metrics.

use std::sync::Arc;

use augment_api::Limits;
use augment_records::dataset::JobRecord;
use augment_records::jobs::JobError;
use augment_records::{MetricSink, Stores};
use augment_stores_port::StoreResult;

use crate::dataset::{Datasets, OpenDataset};
use crate::stopping::Stopping;

/// The environment of jobs.
#[derive(Clone)]
pub struct Service {
    /// Objects, records, clock.
    pub stores: Stores,
    /// Limits of the API, which also apply to ingested files.
    pub limits: Limits,
    /// Memory of a job in bytes, if limited: larger images are refused before they are decoded.
    pub memory_bytes: Option<u64>,
    /// The bucket of originals; events of other buckets are ignored.
    pub originals: String,
    /// Whether users sign in: then files in the bucket are private unless they say otherwise.
    pub sign_in: bool,
    /// The cache of the last opened dataset.
    pub datasets: Datasets,
    /// Where metrics go.
    pub metrics: MetricSink,
    /// The request to stop.
    pub stopping: Stopping,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Service {
    /// The dataset of a job, or why it is unusable.
    pub(crate) async fn open_dataset(&self, job: &JobRecord) -> StoreResult<Result<Arc<OpenDataset>, JobError>> {
        self.datasets.open(&self.stores, self.memory_bytes, job).await
    }
}
