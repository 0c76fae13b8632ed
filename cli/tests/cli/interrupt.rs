//! Ctrl-C.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{dataset, delta};

fn listing(at: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn interrupted(output: &str, begun: impl Fn(&Path) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 3);
    let mut child = delta()
        .current_dir(at)
        .args(["augment", "data", "-o", output, "--count", "100000"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !fs::read_dir(at).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.file_name().unwrap().to_str().unwrap().starts_with(".out") && begun(&path)
    }) {
        assert!(Instant::now() < patience, "nothing was begun: {:?}", listing(at));
        sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let sent = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(sent.elapsed() < Duration::from_secs(10), "it took {:?} to end", sent.elapsed());
    assert_eq!(listing(at), ["data"], "something was left behind");
}

#[test]
fn an_interrupted_zip_leaves_nothing() {
    interrupted("out.zip", |path| path.metadata().is_ok_and(|facts| facts.len() > 100_000));
}

#[test]
fn an_interrupted_folder_leaves_nothing() {
    interrupted("out", |path| fs::read_dir(path.join("images")).is_ok_and(|entries| entries.count() > 20));
}
