//! What jobs are run with: stores, bounds, and where figures go.

use augment_api::Limits;
use augment_records::{MetricSink, Stores};

use crate::dataset::Datasets;

/// The parts that jobs are run with.
#[derive(Clone)]
pub struct Service {
    /// Objects, records, clock.
    pub stores: Stores,
    /// Bounds of the API, which hold for dropped files too.
    pub limits: Limits,
    /// Bytes of memory that a job has, where they are counted: what needs more is refused before it is decoded.
    pub memory_bytes: Option<u64>,
    /// The bucket of originals: events that name another are passed over.
    pub originals: String,
    /// The dataset that was opened last.
    pub datasets: Datasets,
    /// Where metrics go.
    pub metrics: MetricSink,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("limits", &self.limits).finish_non_exhaustive()
    }
}
