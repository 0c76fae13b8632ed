//! The deployed function of jobs, with the embedded S3 server, an emulator of the table and a queue. `cargo xtask aws`
//! builds the function and runs these tests.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bytes;
mod datasets;
mod harness;
mod ingest;
mod performance;
