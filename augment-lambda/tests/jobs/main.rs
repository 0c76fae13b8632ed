//! Jobs over stores in memory: results, refusals and failures.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bucket_ingest;
mod dataset_support;
mod datasets;
mod failures;
mod faulty_store;
mod support;
