//! `delta push`, `list` and `pull` against a running server.

use std::time::{Duration, Instant};

use augment_api_tests::images::jpeg;
use augment_core::digest::Digest;
use serde_json::Value;

use crate::support::{PATIENCE, Server, delta};

#[test]
fn push_list_and_pull_work_together_and_again() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("data"), &[]);
    let photos = home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    for number in 0..5 {
        std::fs::write(photos.join(format!("p{number}.jpg")), jpeg(number)).unwrap();
    }
    std::fs::write(photos.join("script.jpg"), "<script>").unwrap();
    let run = |arguments: &[&str]| {
        let output = delta().current_dir(home.path()).args(arguments).args(["--api", &server.origin]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let push = ["push", "photos", "--tags", "pushed", "--count", "2", "--json"];
    let (code, out, err) = run(&push);
    assert_eq!(code, Some(1), "one of them is no image: {out} {err}");
    assert!(err.contains("script.jpg: this is not an image"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["sent"].as_array().unwrap().len(), 5, "{report}");
    let (_, out, _) = run(&push);
    let again: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((again["sent"].as_array().unwrap().len(), again["there"].as_array().unwrap().len()), (0, 5), "{again}");
    let (code, listed, _) = run(&["list", "--tag", "pushed", "--json"]);
    assert_eq!((code, listed.lines().count()), (Some(0), 5), "{listed}");
    let id = report["sent"][0]["id"].as_str().unwrap();
    let until = Instant::now() + PATIENCE;
    let said = loop {
        let said = run(&["pull", id, "-o", "out.zip"]);
        if said.0 == Some(0) {
            break said;
        }
        assert!(said.2.contains("no results yet") && Instant::now() < until, "{said:?}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let zip = std::fs::read(home.path().join("out.zip")).unwrap();
    assert!(said.1.contains(&Digest::of(&zip).to_hex()), "the zip is what was announced: {said:?}");
}

#[test]
fn files_of_one_content_are_sent_once_however_many_go_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("data"), &[]);
    let photos = home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    for number in 0..24 {
        std::fs::write(photos.join(format!("p{number}.jpg")), jpeg(number / 12)).unwrap();
    }
    let push = ["push", "photos", "--jobs", "8", "--count", "1", "--json", "--api", &server.origin];
    let output = delta().current_dir(home.path()).args(push).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |list: &str| report[list].as_array().map(Vec::len);
    assert_eq!((of("sent"), of("there"), of("failed")), (Some(2), Some(22), Some(0)), "{report}");
}

/// A black bitmap: large without work, and an image by its first bytes.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let (head, pixels) = (54, width * height * 3);
    assert_eq!(width % 4, 0, "rows are padded to four bytes");
    let mut bytes = b"BM".to_vec();
    for number in [head + pixels, 0, head, 40, width, height, 1 | 24 << 16, 0, pixels, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize((head + pixels) as usize, 0);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_broken_off_goes_on_with_the_parts_that_are_missing() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Server::start(&data, &[]);
    let bytes = bitmap(8000, 2900);
    assert!(bytes.len() > 64 << 20, "large enough for parts");
    std::fs::write(home.path().join("large.bmp"), &bytes).unwrap();
    let push = |origin: &str| {
        let mut push = delta();
        push.current_dir(home.path()).args(["push", "large.bmp", "--count", "1", "--json", "--api", origin]);
        push.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        push.spawn().unwrap()
    };
    let parts = || {
        let files = walkdir::WalkDir::new(data.join("objects/parts")).into_iter().filter_map(Result::ok);
        files.filter(|file| file.file_type().is_file()).count()
    };
    let mut first = push(&server.origin);
    let until = Instant::now() + PATIENCE;
    while parts() < 3 {
        assert!(Instant::now() < until && first.try_wait().unwrap().is_none(), "parts arrive one by one");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    first.kill().unwrap();
    first.wait().unwrap();
    // The server's crash loses nothing either.
    server.kill();
    let server = Server::start(&data, &[]);
    let again = push(&server.origin).wait_with_output().unwrap();
    assert!(again.status.success(), "{again:?}");
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    let sent = report["bytes"].as_u64().unwrap();
    assert!(0 < sent && sent < bytes.len() as u64 - (8 << 20), "what was there is not sent again: {report}");
    let at = server.deployment();
    let id = report["sent"][0]["id"].as_str().unwrap();
    let image = at.call("GET", &format!("/v1/images/{id}"), None).await.body;
    assert_eq!(image["sha256"], Digest::of(&bytes).to_hex(), "and all of it is there: {image}");
    assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, bytes), "byte for byte");
}
