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

#[tokio::test]
async fn strays_and_damaged_files_hide_no_objects() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let key = |name: &str| Key::parse(Area::Results, name).unwrap();
    for name in ["jobs/a/1.json", "results/a.zip"] {
        folder.put(&key(name), "text/plain", name.to_owned().into()).await.unwrap();
    }
    let results = home.path().join("results");
    let job = std::fs::read_dir(results.join("groups")).unwrap().next().unwrap().unwrap().path();
    for inside in [results.clone(), results.join("00"), results.join("groups"), job, home.path().join("originals")] {
        std::fs::write(inside.join(".DS_Store"), "a desktop's").unwrap();
        std::fs::write(inside.join("0".repeat(64)), "no object").unwrap();
    }
    let folder = Folder::open(home.path()).unwrap();
    let mut all = folder.list(Area::Results, "", 9).await.unwrap();
    all.sort();
    assert_eq!(all, [key("jobs/a/1.json"), key("results/a.zip")], "everything");
    assert_eq!(folder.list(Area::Results, "jobs/a/", 9).await.unwrap(), [key("jobs/a/1.json")], "of a job");
    assert!(folder.list(Area::Originals, "", 9).await.unwrap().is_empty(), "no originals");
    for key in &all {
        folder.delete(key).await.unwrap();
    }
    assert!(folder.list(Area::Results, "", 9).await.unwrap().is_empty(), "all are deleted");
}

#[tokio::test]
async fn the_objects_of_a_job_are_found_without_reading_others() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let key = |name: &str| Key::parse(Area::Results, name).unwrap();
    let [item, other] = [key("jobs/a/items/0.json"), key("results/b.zip")];
    for key in [&item, &other] {
        folder.put(key, "text/plain", "x".into()).await.unwrap();
    }
    // As an earlier version left it.
    let results = home.path().join("results");
    let group = std::fs::read_dir(results.join("groups")).unwrap().next().unwrap().unwrap().path();
    let file = std::fs::read_dir(&group).unwrap().next().unwrap().unwrap().path();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    std::fs::rename(&file, results.join(&name[..2]).join(&name)).unwrap();
    std::fs::remove_dir_all(results.join("groups")).unwrap();
    let folder = Folder::open(home.path()).unwrap();
    assert_eq!(folder.read(&item, 0, 9).await.unwrap(), "x", "it was moved to its job");
    assert_eq!(folder.count().unwrap(), 2, "and is still one");

    let began = std::time::Instant::now();
    for number in 0..3000 {
        // Read by a listing of everything only.
        std::fs::write(results.join("00").join(format!("{number:064}")), "damaged").unwrap();
    }
    let whole = std::time::Instant::now();
    assert_eq!(folder.list(Area::Results, "", usize::MAX).await.unwrap().len(), 2, "of everything");
    let whole = whole.elapsed();
    let of_job = std::time::Instant::now();
    let found = folder.list(Area::Results, "jobs/a/items/", usize::MAX).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&item), "of the job");
    assert!(of_job.elapsed() * 4 < whole, "{:?} of {whole:?}, after {:?}", of_job.elapsed(), began.elapsed());
    folder.delete(&item).await.unwrap();
    assert!(!group.exists(), "no folder is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_job_can_be_written_while_others_are_deleted() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let folder = folder.clone();
            tokio::spawn(async move {
                let key = Key::parse(Area::Results, &format!("jobs/a/{task}")).unwrap();
                for _ in 0..40 {
                    folder.put(&key, "text/plain", "x".into()).await.unwrap();
                    folder.delete(&key).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(folder.count().unwrap(), 0, "nothing is left");
}

#[test]
fn damaged_files_are_named_and_a_failed_start_leaves_none() {
    let home = tempfile::tempdir().unwrap();
    let (key, records) = (home.path().join("access-key.json"), home.path().join("records.redb"));
    for path in [&key, &records] {
        std::fs::write(path, "").unwrap();
    }
    let told = AccessKey::load_or_create(&key).unwrap_err().to_string();
    assert!(told.contains("access-key.json"), "{told}");
    for path in [&key, &records] {
        std::fs::write(path, "damaged").unwrap();
    }
    let told = LocalRecords::open(&records).unwrap_err().to_string();
    assert!(told.contains("records.redb"), "{told}");
    // A folder where the files are written first: as if there were no room.
    for path in [&key, &records] {
        std::fs::remove_file(path).unwrap();
        std::fs::create_dir(path.with_extension("new")).unwrap();
    }
    assert!(AccessKey::load_or_create(&key).is_err() && LocalRecords::open(&records).is_err(), "no file can be made");
    assert!(!key.exists() && !records.exists(), "no broken file is left");
    for path in [&key, &records] {
        std::fs::remove_dir(path.with_extension("new")).unwrap();
        std::fs::write(path.with_extension("new"), "of an earlier start").unwrap();
    }
    assert!(AccessKey::load_or_create(&key).is_ok() && LocalRecords::open(&records).is_ok(), "the next start");
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
