//! What a power cut leaves: everything that was answered, nothing half.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use augment_api_tests::cases::{announcement, for_server, share};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::{jpeg, zip};
use augment_api_tests::jobs::{make, upload};
use augment_core::digest::Digest;
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, ended};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_outlives_a_kill() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let at = Arc::new(server.deployment());
    // Each upload tells how far it came: reserved, then completed.
    let told = Arc::new(Mutex::new(Vec::<(String, bool)>::new()));
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (at, told) = (Arc::clone(&at), Arc::clone(&told));
            tokio::spawn(async move {
                let bytes = jpeg(number);
                let reserved = at.call("POST", "/v1/uploads", Some(&announcement(&bytes))).await.body;
                let id = reserved["id"].as_str().unwrap().to_owned();
                told.lock().unwrap().push((id.clone(), false));
                at.put(&reserved["original"], &bytes).await;
                at.put(&reserved["results"], &zip()).await;
                let done = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
                assert_eq!(done.status, 200, "{done:?}");
                told.lock().unwrap().push((id, true));
            })
        })
        .collect();
    while told.lock().unwrap().iter().filter(|(_, done)| *done).count() < 40 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    server.kill();
    for task in tasks {
        // Those that were cut off fail, as they should.
        let _ = task.await;
    }
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    let told = told.lock().unwrap().clone();
    let (mut whole, mut waiting) = (0, 0);
    for (id, _) in told.iter().filter(|(_, done)| !done) {
        let image = at.call("GET", &format!("/v1/images/{id}"), None).await;
        assert_eq!(image.status, 200, "{id} was answered and is there");
        let completed = told.iter().any(|(other, done)| other == id && *done);
        if image.body["state"] == "pending" {
            assert!(!completed, "{id} was answered as complete and is not");
            // Not stuck: either everything arrived and it can be completed, or it can go.
            let again = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
            assert!(matches!(again.status, 200 | 409), "{id}: {again:?}");
            if again.status == 409 {
                assert_eq!(at.call("DELETE", &format!("/v1/images/{id}"), None).await.status, 200, "{id} can go");
                waiting += 1;
                continue;
            }
        }
        let (status, bytes) = at.follow(&format!("/v1/images/{id}/original")).await;
        assert_eq!(
            (status, Digest::of(&bytes).to_hex()),
            (200, image.body["sha256"].as_str().unwrap().to_owned()),
            "{id} is whole"
        );
        whole += 1;
    }
    assert!(whole >= 40, "{whole} whole, {waiting} waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_cut_off_is_run_again() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    let bytes = jpeg(3);
    let mut body = for_server(&bytes);
    body["count"] = 20.into();
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(share(&at, &body, &bytes).await["id"].as_str().unwrap().to_owned());
    }
    server.kill();
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    for id in ids {
        assert_eq!(ended(&at, &id).await["state"], "ready", "{id} waits for no lease");
    }
}

/// Waits until a job over a dataset is as far as that.
async fn job_until(at: &Deployment, id: &str, far: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let job = at.call("GET", &format!("/v1/jobs/{id}"), None).await.body;
        if far(&job) {
            return job;
        }
        assert!(Instant::now() < until, "the job does not go on: {job}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_was_cut_off_goes_on_and_a_deleted_one_stops() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    let image = upload(&at, &jpeg(4)).await;
    // Enough for several items.
    let images: Vec<Value> = (0..900).map(|n| json!({ "id": image, "path": format!("{n:03}.jpg") })).collect();
    let recipe = json!({ "version": 1, "seed": 7, "count": 4, "steps": [{ "op": "rotate", "degrees": [-9, 9] }] });
    let body = json!({ "images": images, "recipe": recipe });
    let id = make(&at, &body).await["id"].as_str().unwrap().to_owned();
    let cut = job_until(&at, &id, |job| job["done"].as_u64() > Some(0)).await;
    server.kill();
    assert_eq!(cut["state"], "running", "in the middle of it: {cut}");

    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    let job = job_until(&at, &id, |job| job["state"] != "running").await;
    assert_eq!((&job["state"], &job["done"], &job["failed"]), (&json!("ready"), &json!(900), &json!(0)), "{job}");
    let whole = make(&at, &body).await["id"].as_str().unwrap().to_owned();
    job_until(&at, &whole, |job| job["state"] == "ready").await;
    let (status, bytes) = at.follow(&format!("/v1/jobs/{id}/results")).await;
    assert_eq!((status, bytes.len() as u64), (200, job["results"]["size"].as_u64().unwrap()), "the zip");
    assert!(at.follow(&format!("/v1/jobs/{whole}/results")).await.1 == bytes, "as of one that was not cut off");

    let id = make(&at, &body).await["id"].as_str().unwrap().to_owned();
    job_until(&at, &id, |job| job["done"].as_u64() > Some(0)).await;
    assert_eq!(at.call("DELETE", &format!("/v1/jobs/{id}"), None).await.status, 204, "it may go while it runs");
    assert_eq!(at.call("GET", &format!("/v1/jobs/{id}"), None).await.status, 404, "it is gone");
    // The next one does not wait for what was deleted.
    let next = make(&at, &json!({ "images": [images[0]], "recipe": recipe })).await["id"].as_str().unwrap().to_owned();
    job_until(&at, &next, |job| job["state"] == "ready").await;
}
