//! Jobs over stores in memory: what is made, what is refused, and what happens when something goes wrong on the way.
#![expect(clippy::unwrap_used, reason = "a test that cannot prepare has failed")]

mod datasets;
mod bucket_ingest;
mod failures;
mod faulty_store;
mod dataset_support;
mod support;
