//! The ports of the service: an object store, a signer and a record store, each a few methods.
//!
//! Outcomes that callers react to are errors by name ([`StoreError`]); vendors hide behind [`StoreError::Other`].
//! Every adapter passes the suite in `conformance` (the feature of that name). The adapter in [`memory`] is always
//! there, for tests.

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
pub use record::{Listed, Record, RecordStore, Spend};
pub use sign::{ANNOUNCED, SignedRequest, Signer, UploadRules, announced};

/// Milliseconds since 1970, from wherever the caller says.
pub type Clock = std::sync::Arc<dyn Fn() -> u64 + Send + Sync>;

/// The clock of the system.
#[must_use]
pub fn system_clock() -> Clock {
    std::sync::Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    })
}
