//! The function of jobs as it is deployed, between a store that verifies every signature, an emulator of the table and a
//! queue: what it makes, what it survives, and how long it takes. `cargo xtask aws` builds it and runs these.
#![expect(clippy::unwrap_used, reason = "a test that cannot prepare has failed")]

mod bytes;
mod ingest;
mod datasets;
mod performance;
mod harness;
