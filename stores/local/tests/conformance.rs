//! The local adapters pass the conformance suite and keep answered writes.

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
async fn answered_writes_survive_a_restart() {
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
    // The writer's thread closes the file shortly after the last handle is dropped.
    let store = loop {
        match LocalRecords::open(&path) {
            Ok(store) => break store,
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    };
    assert_eq!(store.get("image/a").await.unwrap(), record, "the record");
    assert_eq!(store.list("public", None, 10).await.unwrap().records, [record], "in its list");
}

#[tokio::test]
async fn incomplete_files_of_a_crash_are_removed() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let key = Key::parse(Area::Originals, "originals/a/b.jpg").unwrap();
    folder.put(&key, "image/jpeg", "whole".into()).await.unwrap();
    let half = home.path().join("incoming").join("00ff");
    std::fs::write(&half, b"half an object").unwrap();
    let folder = Folder::open(home.path()).unwrap();
    assert!(!half.exists(), "the incomplete file is removed");
    assert_eq!(folder.read(&key, 0, 10).await.unwrap(), "whole", "complete objects stay");
}

#[test]
fn a_folder_is_locked_by_one_process() {
    let home = tempfile::tempdir().unwrap();
    let held = DataLock::take(home.path()).unwrap();
    assert!(DataLock::take(home.path()).is_err(), "a second one is refused");
    drop(held);
    assert!(DataLock::take(home.path()).is_ok(), "until the first is released");
}

#[test]
fn the_access_key_persists_and_is_private() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("access.json");
    let first = AccessKey::load_or_create(&path).unwrap();
    assert_eq!(AccessKey::load_or_create(&path).unwrap().secret, first.secret, "the same after a restart");
    assert!(!format!("{first:?}").contains(&first.secret), "logs do not show it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "readable by its owner only");
    }
}
