//! The conformance suite of all adapters. It panics if a store breaks a promise of the ports.
#![expect(clippy::unwrap_used, reason = "test suites fail by panicking")]

mod objects;
mod records;

pub use objects::{object_store, signer};
pub use records::{record_store, record_store_races};
