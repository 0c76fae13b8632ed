//! The test suite of the HTTP API: cases for any deployment, and deployments to test.
#![expect(clippy::unwrap_used, missing_docs, missing_debug_implementations, reason = "tests fail by panicking")]

pub mod bad_input;
pub mod cases;
pub mod deployment;
pub mod images;
pub mod jobs;
pub mod lambda;
pub mod latency;
pub mod moto;
pub mod queue;
pub mod races;
pub mod s3;
pub mod workers;

pub use deployment::http_client;
