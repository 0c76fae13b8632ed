//! The ports of the service: an object store, a signer and a record store.
//!
//! Outcomes that callers handle are variants of [`StoreError`]; vendor errors are [`StoreError::Other`]. Every adapter
//! passes the suite in `conformance` (a feature). [`memory`] is an adapter for tests.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod key;
pub mod memory;
mod object;
mod record;
mod sign;
pub mod sigv4;

pub use error::{StoreError, StoreResult};
pub use key::{Area, Key};
pub use object::{ObjectInfo, ObjectStore, PartInfo};
pub use record::{Record, RecordPage, RecordStore, Spend};
pub use sign::{ANNOUNCED, SignedRequest, Signer, UNCOMPLETED, UploadRules, announced};

/// A source of the current time in milliseconds since 1970.
pub type Clock = std::sync::Arc<dyn Fn() -> u64 + Send + Sync>;

/// The system clock.
#[must_use]
pub fn system_clock() -> Clock {
    std::sync::Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    })
}
