//! A full disk, clients that hold connections, and stops in the middle of work.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use augment_api_tests::cases::{announcement, for_server, share};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::jpeg;
use serde_json::json;

use crate::support::{PATIENCE, Server, after, ended};

/// Bounds the size of the files that a server writes, as a full disk would.
fn limit_files(server: &Server, bytes: &str) {
    let pid = server.pid().to_string();
    let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]).status().unwrap();
    assert!(done.success(), "the limit is set");
}

async fn health_becomes(at: &Deployment, status: u16) {
    let until = Instant::now() + PATIENCE;
    while at.call("GET", "/healthz", None).await.status != status {
        assert!(Instant::now() < until, "its health never becomes {status}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_survived() {
    let home = tempfile::tempdir().unwrap();
    // Otherwise a file that grows too large ends the process.
    let mut command = after("trap '' XFSZ");
    command.args(["serve", "--port", "0", "--data"]).arg(home.path());
    let server = Server::run(command);
    let at = server.deployment();
    let before = jpeg(1);
    let kept = share(&at, &announcement(&before), &before).await["id"].as_str().unwrap().to_owned();
    let waiting = jpeg(2);
    let reserved = at.call("POST", "/v1/uploads", Some(&announcement(&waiting))).await.body;
    ended(&at, &kept).await;
    for _ in 0..2 {
        limit_files(&server, "4096");
        let refused = at.call("POST", "/v1/uploads", Some(&announcement(&jpeg(3)))).await;
        assert_eq!(refused.status, 500, "no record can be written: {refused:?}");
        health_becomes(&at, 503).await;
        assert_eq!(at.call("DELETE", &format!("/v1/images/{kept}"), None).await.status, 500, "nor removed");
        limit_files(&server, "unlimited");
        health_becomes(&at, 200).await;
    }
    // It may be gone or there, but not half.
    let image = at.call("GET", &format!("/v1/images/{kept}"), None).await;
    if image.status == 200 {
        let (status, bytes) = at.follow(&format!("/v1/images/{kept}/original")).await;
        assert!(status == 200 && bytes == before, "an image that is listed is whole");
    }
    at.put(&reserved["original"], &waiting).await;
    at.put(&reserved["results"], &augment_api_tests::images::zip()).await;
    let id = reserved["id"].as_str().unwrap();
    let done = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
    assert_eq!(done.status, 200, "what was reserved before goes on: {done:?}");
    ended(&at, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_send_nothing_lock_nobody_out() {
    let home = tempfile::tempdir().unwrap();
    let mut command = after("ulimit -n 120");
    command.args(["serve", "--port", "0", "--data"]).arg(home.path());
    let server = Server::run(command);
    let address = server.origin.strip_prefix("http://").unwrap().to_owned();
    let half = [
        "GET /v1/config HTTP/1.1\r\nhost: a".to_owned(),
        format!(
            "POST /v1/groups HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{{"
        ),
    ];
    let mut held: Vec<TcpStream> = (0..100)
        .map(|number| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(half[number % 2].as_bytes()).unwrap();
            stream
        })
        .collect();
    let at = server.deployment();
    let until = Instant::now() + Duration::from_secs(180);
    let answer = tokio::time::timeout_at(until.into(), at.call("GET", "/v1/config", None)).await;
    assert_eq!(answer.expect("others are cut off").status, 200, "and it is answered");
    // The first was cut off.
    held[0].set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut rest = Vec::new();
    assert!(held[0].read_to_end(&mut rest).is_ok(), "its connection is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_gives_jobs_back_and_a_deletion_frees_the_worker() {
    let home = tempfile::tempdir().unwrap();
    let bytes = jpeg(5);
    let mut body = for_server(&bytes);
    body["recipe"] = json!({ "version": 1, "seed": 1, "steps": [{ "op": "resize", "width": 9000, "height": 9000 }] });
    body["count"] = 20.into();
    let mut ids = Vec::new();
    // More often than a job that kills its worker is tried.
    for round in 0..5 {
        let server = Server::start(home.path(), &[]);
        let at = server.deployment();
        while ids.len() < 4 {
            ids.push(share(&at, &body, &bytes).await["id"].as_str().unwrap().to_owned());
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let first = at.call("GET", &format!("/v1/images/{}", ids[0]), None).await.body;
            assert_ne!(first["state"], "failed", "round {round}: {first}");
            if first["state"] == "augmenting" {
                break;
            }
            assert!(Instant::now() < until, "the oldest job is first: {first}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(server.stop(), Some(0), "in good order");
    }
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    for id in &ids {
        assert_eq!(at.call("DELETE", &format!("/v1/images/{id}"), None).await.status, 200, "{id}");
    }
    let began = Instant::now();
    let next = share(&at, &for_server(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    assert_eq!(ended(&at, &next).await["state"], "ready", "the next job");
    assert!(began.elapsed() < Duration::from_secs(30), "waits for none of the deleted: {:?}", began.elapsed());
}
