//! Orphans leave the store but stay on disk.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use augment_stores_local::{Folder, LocalRecords};
use augment_stores_port::{Area, Key, ObjectStore, Record, RecordStore, StoreError};

fn key(area: Area, name: &str) -> Key {
    Key::parse(area, name).unwrap()
}

/// The content of all files below a folder, as one text.
fn texts(folder: &Path) -> String {
    let mut texts = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        texts += &if path.is_dir() {
            self::texts(&path)
        } else {
            String::from_utf8_lossy(&std::fs::read(path).unwrap()).replace('\0', "")
        };
    }
    texts
}

#[tokio::test]
async fn every_orphan_of_a_key_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let (a, b) = (key(Area::Originals, "a"), key(Area::Originals, "b"));
    folder.put(&b, "text/plain", "stays".into()).await.unwrap();
    for (number, text) in [(1, "the first"), (2, "the second")] {
        folder.put(&a, "text/plain", text.into()).await.unwrap();
        let mut orphans = folder.orphans();
        assert_eq!(orphans.folder(), home.path().join("orphans").join(number.to_string()), "its own folder");
        assert!(!orphans.folder().exists(), "created on first use");
        orphans.take(&a).unwrap();
        orphans.take(&a).unwrap();
        assert_eq!(orphans.count(), 1, "moved once");
        assert!(matches!(folder.head(&a).await, Err(StoreError::NotFound)), "out of the store");
        assert!(texts(orphans.folder()).contains(text), "kept on disk");
    }
    assert!(texts(&home.path().join("orphans/1")).contains("the first"), "next to earlier orphans");
    assert_eq!(folder.read(&b, 0, 10).await.unwrap(), "stays", "other objects stay");
    // Moved back, it is an object again.
    let moved = home.path().join("orphans/1/originals");
    let name = a_file(&moved);
    std::fs::rename(moved.join(&name), home.path().join("originals").join(&name)).unwrap();
    assert_eq!(folder.read(&a, 0, 20).await.unwrap(), "the first", "restored");
}

/// The path of the one file below a folder.
fn a_file(folder: &Path) -> std::path::PathBuf {
    let inner = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    let file = std::fs::read_dir(inner.path()).unwrap().next().unwrap().unwrap();
    Path::new(&inner.file_name()).join(file.file_name())
}

#[tokio::test]
async fn moving_everything_aside_leaves_an_empty_working_store() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let (a, b) = (key(Area::Originals, "a"), key(Area::Results, "b"));
    for key in [&a, &b] {
        folder.put(key, "text/plain", key.name().to_owned().into()).await.unwrap();
    }
    let upload = folder.begin_parts(&a, "text/plain").await.unwrap();
    folder.put_part(&a, &upload, 1, "a part".into()).await.unwrap();
    let mut orphans = folder.orphans();
    orphans.take_all().unwrap();
    assert_eq!((orphans.count(), folder.count().unwrap()), (2, 0), "both objects");
    assert!(texts(orphans.folder()).contains("a part"), "and the part");
    assert!(folder.parts(&a, &upload).await.is_err(), "the upload is gone");
    folder.put(&a, "text/plain", "new".into()).await.unwrap();
    assert_eq!(folder.read(&a, 0, 10).await.unwrap(), "new", "the store works");
}

#[tokio::test]
async fn a_database_without_expiring_records_counts_as_empty() {
    let home = tempfile::tempdir().unwrap();
    let store = LocalRecords::open(&home.path().join("a.redb")).unwrap();
    let mut record = Record {
        key: "group/a".to_owned(),
        version: 1,
        sort: "a".to_owned(),
        lists: vec!["groups".to_owned()],
        expires: None,
        body: "{}".to_owned(),
    };
    assert!(store.is_empty().unwrap(), "a new database");
    store.create(record.clone()).await.unwrap();
    assert!(store.is_empty().unwrap(), "a group has no objects");
    (record.key, record.expires) = ("image/a".to_owned(), Some(100));
    store.create(record).await.unwrap();
    assert!(!store.is_empty().unwrap(), "an image has objects");
}
