//! The suite of the HTTP API: cases that run over any deployment, and deployments to run them over.
#![expect(
    clippy::unwrap_used,
    missing_docs,
    missing_debug_implementations,
    reason = "these are tests: they fail by panics"
)]

pub mod bad_input;
pub mod cases;
pub mod deployment;
pub mod jobs;
pub mod lambda;
pub mod latency;
pub mod moto;
pub mod images;
pub mod queue;
pub mod races;
pub mod s3;
pub mod workers;

pub use deployment::http_client;
