//! The promises of object stores and signers.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::key::{Area, Key};
use crate::object::ObjectStore;
use crate::sign::{ANNOUNCED, Signer, UploadRules};

/// Smallest part in bytes, except for the last, as in S3.
const MIN_PART: usize = 5 << 20;

fn key(name: &str) -> Key {
    Key::parse(Area::Originals, name).unwrap()
}

/// Runs the suite over an empty store.
///
/// # Panics
/// If the store breaks a promise.
pub async fn object_store(store: &dyn ObjectStore) {
    whole_objects(store).await;
    names_do_not_collide(store).await;
    objects_of_parts(store).await;
}

async fn whole_objects(store: &dyn ObjectStore) {
    let a = key("originals/a1/été & co+.jpg");
    assert!(matches!(store.head(&a).await, Err(StoreError::NotFound)), "missing at first");
    assert!(matches!(store.read(&a, 0, 1).await, Err(StoreError::NotFound)), "nothing to read");
    store.delete(&a).await.unwrap();
    store.put(&a, "image/jpeg", Bytes::from_static(b"0123456789")).await.unwrap();
    let info = store.head(&a).await.unwrap();
    assert_eq!((info.size, info.content_type.as_deref()), (10, Some("image/jpeg")), "size and type");
    if let Some(sha256) = info.sha256 {
        assert_eq!(sha256[..], Sha256::digest(b"0123456789")[..], "a checksum covers the bytes");
    }
    assert!(info.metadata.is_empty(), "no metadata");
    assert_eq!(store.head(&a).await.unwrap().etag, info.etag, "the ETag is stable");
    assert_eq!(store.read(&a, 0, 100).await.unwrap(), "0123456789", "all of it");
    assert_eq!(store.read(&a, 3, 4).await.unwrap(), "3456", "a range");
    assert_eq!(store.read(&a, 8, 4).await.unwrap(), "89", "the end");
    store.put(&a, "image/png", Bytes::from_static(b"new")).await.unwrap();
    assert_eq!(store.read(&a, 0, 100).await.unwrap(), "new", "replaced");
    assert_ne!(store.head(&a).await.unwrap().etag, info.etag, "new content has a new ETag");
    store.delete(&a).await.unwrap();
    store.delete(&a).await.unwrap();
    assert!(matches!(store.head(&a).await, Err(StoreError::NotFound)), "deleted");
}

async fn names_do_not_collide(store: &dyn ObjectStore) {
    let names = ["n/a", "n/a/b", "n/a/b/c", "n/A", "n/a%2Fb", "n/a b", "n/a+b"];
    for name in names {
        store.put(&key(name), "text/plain", Bytes::from(name)).await.unwrap();
    }
    let long = format!("n/{}", "x".repeat(1000));
    store.put(&key(&long), "text/plain", Bytes::from_static(b"long")).await.unwrap();
    for name in names {
        assert_eq!(store.read(&key(name), 0, 100).await.unwrap(), name, "{name} has its own content");
    }
    let mut listed = store.list(Area::Originals, "n/a/", 100).await.unwrap();
    listed.sort();
    assert_eq!(listed, [key("n/a/b"), key("n/a/b/c")], "listed by prefix");
    assert_eq!(store.list(Area::Originals, "n/", 3).await.unwrap().len(), 3, "at most the limit");
    assert!(store.list(Area::Results, "n/", 100).await.unwrap().is_empty(), "areas are separate");
    let other = Key::parse(Area::Results, "n/a").unwrap();
    assert!(matches!(store.head(&other).await, Err(StoreError::NotFound)), "also for equal names");
    for name in names {
        store.delete(&key(name)).await.unwrap();
    }
    store.delete(&key(&long)).await.unwrap();
}

async fn objects_of_parts(store: &dyn ObjectStore) {
    let a = key("p/a");
    assert!(matches!(store.parts(&a, "nothing").await, Err(StoreError::NotFound)), "an unknown upload");
    let upload = store.begin_parts(&a, "image/tiff").await.unwrap();
    assert!(store.parts(&a, &upload).await.unwrap().is_empty(), "no parts at first");
    assert!(matches!(store.head(&a).await, Err(StoreError::NotFound)), "invisible until complete");
    store.abort_parts(&a, &upload).await.unwrap();
    store.abort_parts(&a, &upload).await.unwrap();
    assert!(matches!(store.parts(&a, &upload).await, Err(StoreError::NotFound)), "aborted");
    let late = store.put_part(&a, &upload, 1, Bytes::from_static(b"late")).await;
    assert!(matches!(late, Err(StoreError::NotFound)), "no part after an abort: {late:?}");

    // Parts that S3 accepts; the last one is short.
    let (long, short) = (Bytes::from(vec![b'a'; MIN_PART]), Bytes::from_static(b"the end"));
    let source = key("p/source");
    store
        .put(&source, "text/plain", Bytes::from([&b"skip"[..], &vec![b'b'; MIN_PART], b"skip"].concat()))
        .await
        .unwrap();
    let upload = store.begin_parts(&a, "image/tiff").await.unwrap();
    store.put_part(&a, &upload, 1, short.clone()).await.unwrap();
    let first = store.put_part(&a, &upload, 1, long.clone()).await.unwrap();
    let range = 4..4 + MIN_PART as u64;
    let second = store.copy_part(&a, &upload, 2, &source, range.clone()).await.unwrap();
    assert_eq!((second.number, second.size), (2, MIN_PART as u64), "the copied part is known");
    let third = store.put_part(&a, &upload, 3, short.clone()).await.unwrap();
    let nowhere = store.copy_part(&a, &upload, 4, &key("p/nothing"), range).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound)), "a missing source: {nowhere:?}");
    let listed: Vec<u64> = store.parts(&a, &upload).await.unwrap().iter().map(|part| part.size).collect();
    assert_eq!(listed, [MIN_PART as u64, MIN_PART as u64, 7], "the arrived parts");
    store.join_parts(&a, &upload, &[first, second, third]).await.unwrap();
    let whole = store.read(&a, 0, u64::MAX >> 1).await.unwrap();
    assert_eq!(whole, [&long[..], &vec![b'b'; MIN_PART], &short].concat(), "the parts in order");
    assert_eq!(store.head(&a).await.unwrap().content_type.as_deref(), Some("image/tiff"), "the type of the upload");
    assert!(store.head(&a).await.unwrap().metadata.contains_key(ANNOUNCED), "a multipart object is announced");
    store.delete(&a).await.unwrap();
    store.delete(&source).await.unwrap();
}

/// Checks that a signer signs everything requested and refuses invalid rules. Enforcement is tested with the server.
///
/// # Panics
/// If the signer breaks a promise.
pub fn signer(signer: &dyn Signer) {
    let key = key("originals/a1/a b.jpg");
    let rules = UploadRules {
        size: 5,
        content_type: Some("image/jpeg".to_owned()),
        sha256: Sha256::digest(b"bytes").into(),
        seconds: 60,
    };
    let put = signer.put(&key, &rules).unwrap();
    assert_eq!(put.method, "PUT", "the method");
    let checksum = "J3CJ2RwL308uaGK6fkoHYFEZQx9dE/cm3TUrBvGyBqk=";
    let meta = format!("x-amz-meta-{ANNOUNCED}");
    for (name, value) in
        [("content-length", "5"), ("content-type", "image/jpeg"), ("x-amz-checksum-sha256", checksum), (&meta, "yes")]
    {
        assert_eq!(put.headers.get(name).map(String::as_str), Some(value), "{name} is signed");
    }
    assert!(signer.put(&key, &UploadRules { content_type: None, ..rules.clone() }).is_err(), "no type");
    assert!(signer.put(&key, &UploadRules { size: 0, ..rules.clone() }).is_err(), "no bytes");
    assert!(signer.put(&key, &UploadRules { seconds: 0, ..rules.clone() }).is_err(), "no lifetime");
    assert!(signer.put_part(&key, "u", 1, &rules).is_err(), "a type for a part");
    let part = UploadRules { content_type: None, ..rules };
    assert!(signer.put_part(&key, "u", 1, &part).is_ok(), "a part");
    assert_eq!(signer.get(&key, 60, Some("a \"b\".zip")).unwrap().method, "GET", "a download");
    assert!(signer.get(&key, 0, None).is_err(), "a download without lifetime");
    let shown = format!("{put:?}");
    assert!(!shown.contains("ignature") && !shown.contains("grant"), "a log shows no secret: {shown}");
}
