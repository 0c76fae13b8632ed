//! The memory adapter passes the conformance suite.

use std::sync::Arc;

use augment_stores_port::memory::{MemoryObjects, MemoryRecords};
use augment_stores_port::{Area, Key, Signer, UploadRules, conformance, system_clock};
use sha2::{Digest, Sha256};

#[tokio::test]
async fn objects() {
    conformance::object_store(&MemoryObjects::new(system_clock())).await;
}

#[test]
fn signing() {
    conformance::signer(&MemoryObjects::new(system_clock()));
}

#[test]
fn unsigned_headers_are_refused_like_by_a_server() {
    let store = MemoryObjects::new(system_clock());
    let key = Key::parse(Area::Originals, "a").unwrap();
    let rules = UploadRules {
        size: 5,
        content_type: Some("image/jpeg".to_owned()),
        sha256: Sha256::digest(b"bytes").into(),
        seconds: 60,
    };
    let put = store.put(&key, &rules).unwrap();
    let mut headers = put.headers.clone();
    headers.insert("x-amz-meta-tags".to_owned(), "theirs".to_owned());
    assert_eq!(store.request("PUT", &put.url, &headers, "bytes".into()).status, 403, "an added header");
    assert_eq!(store.request("PUT", &put.url, &put.headers, "bytes".into()).status, 200, "as signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn records() {
    conformance::record_store(&MemoryRecords::default()).await;
    conformance::record_store_races(Arc::new(MemoryRecords::default()), 50, 16).await;
}
