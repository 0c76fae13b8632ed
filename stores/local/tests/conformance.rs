//! The local adapters pass the suite, and keep what they answered.

use std::sync::Arc;

use augment_stores_local::{AccessKey, DataLock, Folder, LocalRecords};
use augment_stores_port::{Area, Key, ObjectStore, Record, RecordStore, conformance, system_clock};

#[tokio::test]
async fn objects() {
    let home = tempfile::tempdir().unwrap();
    conformance::object_store(&Folder::open(home.path()).unwrap()).await;
}

#[test]
fn signing() {
    let access = AccessKey::fresh().unwrap();
    conformance::signer(&access.signer("http://127.0.0.1:9".to_owned(), system_clock()));
}

#[tokio::test(flavor = "multi_thread")]
async fn records() {
    let home = tempfile::tempdir().unwrap();
    let store = LocalRecords::open(&home.path().join("a.redb")).unwrap();
    conformance::record_store(&store).await;
    conformance::record_store_races(Arc::new(store), 10, 16).await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.redb");
    let record = Record {
        key: "image/a".to_owned(),
        version: 1,
        sort: "1".to_owned(),
        lists: vec!["public".to_owned()],
        expires: None,
        body: "{}".to_owned(),
    };
    let store = LocalRecords::open(&path).unwrap();
    store.create(record.clone()).await.unwrap();
    drop(store);
    // The writer's thread lets the file go a moment after the last handle.
    let store = loop {
        match LocalRecords::open(&path) {
            Ok(store) => break store,
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    };
    assert_eq!(store.get("image/a").await.unwrap(), record, "the record is there");
    assert_eq!(store.list("public", None, 10).await.unwrap().records, [record], "and listed");
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_cleared() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let key = Key::parse(Area::Originals, "originals/a/b.jpg").unwrap();
    folder.put(&key, "image/jpeg", "whole".into()).await.unwrap();
    let half = home.path().join("incoming").join("00ff");
    std::fs::write(&half, b"half an object").unwrap();
    let folder = Folder::open(home.path()).unwrap();
    assert!(!half.exists(), "the half is gone");
    assert_eq!(folder.read(&key, 0, 10).await.unwrap(), "whole", "the whole stays");
}

#[test]
fn a_folder_has_one_server() {
    let home = tempfile::tempdir().unwrap();
    let held = DataLock::take(home.path()).unwrap();
    assert!(DataLock::take(home.path()).is_err(), "a second one is refused");
    drop(held);
    assert!(DataLock::take(home.path()).is_ok(), "until the first has gone");
}

#[test]
fn the_access_key_is_kept_and_private() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("access.json");
    let first = AccessKey::kept(&path).unwrap();
    assert_eq!(AccessKey::kept(&path).unwrap().secret, first.secret, "the same after a restart");
    assert!(!format!("{first:?}").contains(&first.secret), "a log does not show it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "only its owner reads it");
    }
}
