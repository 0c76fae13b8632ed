//! The memory adapter passes the suite.

use std::sync::Arc;

use augment_stores_port::memory::{MemoryObjects, MemoryRecords};
use augment_stores_port::{conformance, system_clock};

#[tokio::test]
async fn objects() {
    conformance::object_store(&MemoryObjects::new(system_clock())).await;
}

#[test]
fn signing() {
    conformance::signer(&MemoryObjects::new(system_clock()));
}

#[tokio::test(flavor = "multi_thread")]
async fn records() {
    conformance::record_store(&MemoryRecords::default()).await;
    conformance::record_store_races(Arc::new(MemoryRecords::default()), 50, 16).await;
}
