//! A database that was lost or is older than the objects: nothing that it does not know is removed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use augment_api_tests::cases::{announcement, share};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::jpeg;

use crate::support::{PATIENCE, Server, delta, ended};

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Shares an image, and waits for its thumbnails: from then on the store is at rest.
async fn shared(at: &Deployment, number: u32) -> String {
    let bytes = jpeg(number);
    let id = share(at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    ended(at, &id).await;
    id
}

async fn status(at: &Deployment, id: &str) -> u16 {
    at.follow(&format!("/v1/images/{id}/original")).await.0
}

/// Waits for words in a log.
async fn said(log: &Path, words: &str) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let log = std::fs::read_to_string(log).unwrap();
        if let Some(line) = log.lines().find(|line| line.contains(words)) {
            return line.to_owned();
        }
        assert!(Instant::now() < until, "it does not say '{words}': {log}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_database_does_not_know_is_moved_aside_and_can_be_put_back() {
    let home = tempfile::tempdir().unwrap();
    let (database, objects) = (home.path().join("records.redb"), home.path().join("objects"));
    let (older, newer, log) = (home.path().join("older"), home.path().join("newer"), home.path().join("log"));
    let server = Server::start(home.path(), &[]);
    let known = shared(&server.deployment(), 1).await;
    server.kill();
    std::fs::copy(&database, &older).unwrap();
    let server = Server::start(home.path(), &[]);
    let unknown = shared(&server.deployment(), 2).await;
    server.kill();
    std::fs::copy(&database, &newer).unwrap();
    let before = files(&objects).len();

    std::fs::copy(&older, &database).unwrap();
    let server = Server::start_logged(home.path(), &log);
    let line = said(&log, "without a record: 1;").await;
    let orphans = objects.join("orphans/1");
    assert!(line.contains(orphans.to_str().unwrap()), "it says where they are: {line}");
    assert_eq!(status(&server.deployment(), &known).await, 200, "what it knows stays");
    server.kill();
    assert_eq!(files(&objects).len(), before, "every file is still there");
    let [orphan]: [PathBuf; 1] = files(&orphans).try_into().expect("the one original is there");

    std::fs::copy(&newer, &database).unwrap();
    std::fs::rename(&orphan, objects.join(orphan.strip_prefix(&orphans).unwrap())).unwrap();
    let server = Server::start(home.path(), &[]);
    for id in [&known, &unknown] {
        assert_eq!(status(&server.deployment(), id).await, 200, "{id} with the newer database");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_without_a_database_are_kept_and_not_served() {
    let home = tempfile::tempdir().unwrap();
    let (database, objects) = (home.path().join("records.redb"), home.path().join("objects"));
    let empty = home.path().join("empty");
    let server = Server::start(home.path(), &[]);
    let log = home.path().join("log");
    // The first look at the clock is a record too.
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.kill();
    std::fs::copy(&database, &empty).unwrap();
    let server = Server::start(home.path(), &[]);
    let id = shared(&server.deployment(), 1).await;
    server.kill();
    let before = files(&objects);
    let whole = std::fs::read(&database).unwrap();

    std::fs::remove_file(&database).unwrap();
    for (given, told) in [(None, "is missing"), (Some(&empty), "has no images")] {
        if let Some(given) = given {
            std::fs::copy(given, &database).unwrap();
        }
        let output = delta().args(["serve", "--port", "0", "--data"]).arg(home.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}: {output:?}");
        let count = format!("has {} objects", before.len());
        for words in [told, count.as_str(), "newest copy", "--data", "--start-anew"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert_eq!(files(&objects), before, "{told}: everything is in its place");
        assert_eq!(database.exists(), given.is_some(), "{told}: no database is made");
    }
    std::fs::write(&database, whole).unwrap();
    let server = Server::start(home.path(), &["--start-anew"]);
    assert_eq!(status(&server.deployment(), &id).await, 200, "with its database nothing is started again");
    server.kill();

    std::fs::remove_file(&database).unwrap();
    let mut command = delta();
    command.args(["serve", "--port", "0", "--start-anew", "--data"]).arg(home.path());
    let server = Server::run_logged(command, &log);
    said(&log, &format!("{} objects were moved to", before.len())).await;
    let other = shared(&server.deployment(), 2).await;
    assert_eq!(status(&server.deployment(), &id).await, 404, "nothing of before is served");
    server.kill();
    let moved = files(&objects.join("orphans/1"));
    assert_eq!(moved.len(), before.len(), "and all of it is kept: {moved:?}");
    let server = Server::start(home.path(), &[]);
    assert_eq!(status(&server.deployment(), &other).await, 200, "the next start is like any");
}
