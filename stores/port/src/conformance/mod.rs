//! The suite that every adapter passes. It panics where a store does not keep a promise of the ports.
#![expect(clippy::unwrap_used, reason = "a suite of tests fails by panics")]

mod objects;
mod records;

pub use objects::{object_store, signer};
pub use records::{record_store, record_store_races};
