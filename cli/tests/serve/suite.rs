//! The suite of the API over a real store that verifies every signature, and a real database.

use std::sync::Arc;

use augment_api_tests::cases::{self, announcement, for_server, share};
use augment_api_tests::images::jpeg;
use augment_api_tests::{bad_input, races};
use augment_core::digest::Digest;
use serde_json::json;

use crate::support::{Server, delta, ended};

#[tokio::test(flavor = "multi_thread")]
async fn every_case_and_every_bad_input() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    cases::all(&at).await;
    bad_input::all(&at).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_clients_gets_an_id() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    races::reserve(&Arc::new(server.deployment()), 50, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_made_started_and_deleted_at_once_ends_whole_or_gone() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    races::jobs(&Arc::new(server.deployment()), 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_augment_and_delete_at_once_end_well() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    races::change(&Arc::new(server.deployment()), 50).await;
    // Nothing of what was deleted stays, whenever its job ended; what is left is listed.
    let at = server.deployment();
    let mut listed = Vec::new();
    for image in at.call("GET", "/v1/images?limit=100", None).await.body["images"].as_array().unwrap() {
        let id = image["id"].as_str().unwrap();
        ended(&at, id).await;
        listed.push(id.to_owned());
    }
    assert!((9..50).contains(&listed.len()), "nine rounds delete nothing, others may: {}", listed.len());
    drop(server);
    let mut kept = 0;
    for file in walkdir::WalkDir::new(home.path().join("objects")).into_iter().map(Result::unwrap) {
        if file.file_type().is_file() {
            // A file begins with what it is, its key among it.
            let content = std::fs::read(file.path()).unwrap();
            let head = String::from_utf8_lossy(&content[..content.len().min(4096)]).into_owned();
            assert!(listed.iter().any(|id| head.contains(id.as_str())), "left of a deleted image: {head:.200}");
            kept += 1;
        }
    }
    assert!(kept >= 3 * listed.len(), "original, results and thumbnail of each: {kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_makes_the_bytes_that_the_command_makes() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("data"), &[]);
    let at = server.deployment();
    let bytes = jpeg(7);
    let mut body = for_server(&bytes);
    body["filename"] = "photo.jpg".into();
    body["recipe"] = json!({ "version": 1, "seed": 5, "steps": [{ "op": "rotate", "degrees": [-20, 20] }] });
    body["count"] = 3.into();
    let id = share(&at, &body, &bytes).await["id"].as_str().unwrap().to_owned();
    let image = ended(&at, &id).await;
    assert_eq!(image["state"], "ready", "{image}");
    let (_, made) = at.follow(&format!("/v1/images/{id}/results")).await;
    assert_eq!(image["results"]["sha256"], Digest::of(&made).to_hex(), "the zip is what the image says");
    let (status, small) = at.follow(&format!("/v1/images/{id}/thumbnail")).await;
    assert_eq!((status, &small[..2]), (200, &[0xFF, 0xD8][..]), "the thumbnail is a JPEG");

    std::fs::write(home.path().join("photo.jpg"), &bytes).unwrap();
    std::fs::write(home.path().join("recipe.json"), image["recipe"].to_string()).unwrap();
    let mut augment = delta();
    augment.current_dir(home.path()).args(["augment", "photo.jpg", "-o", "out.zip", "--recipe", "recipe.json"]);
    let done = augment.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let local = std::fs::read(home.path().join("out.zip")).unwrap();
    assert_eq!(Digest::of(&local), Digest::of(&made), "the same bytes here and there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_says_why_and_can_run_again() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let at = server.deployment();
    // The first bytes of a JPEG, so that it is taken, and nothing that could be decoded.
    let mut broken = jpeg(1);
    broken.truncate(40);
    let id = share(&at, &for_server(&broken), &broken).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/images/{id}");
    let image = loop {
        let image = at.call("GET", &path, None).await.body;
        if image["state"] == "failed" {
            break image;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(!image["error"].as_str().unwrap().is_empty(), "it says why: {image}");
    let again = at.call("POST", &format!("{path}/augment"), Some(&json!({}))).await;
    assert_eq!(again.status, 202, "and may be asked again: {again:?}");
    // What the page's client makes itself gets a thumbnail from the server.
    let bytes = jpeg(2);
    let made = share(&at, &announcement(&bytes), &bytes).await;
    assert_eq!(ended(&at, made["id"].as_str().unwrap()).await["state"], "ready", "the client's results stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_tell_of_requests_and_no_secrets() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let server = Server::start_logged(&home.path().join("data"), &log);
    let at = server.deployment().with_token(Some("a-token-that-is-secret"));
    let bytes = jpeg(5);
    let mut body = announcement(&bytes);
    body["title"] = "a title of the body".into();
    let id = share(&at, &body, &bytes).await["id"].as_str().unwrap().to_owned();
    assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await.0, 200, "a download");
    body["count"] = 0.into();
    assert_eq!(at.call("POST", "/v1/uploads", Some(&body)).await.status, 422, "a refusal");
    drop(server);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("\"http.route\":\"/v1/uploads\""), "requests are told: {log}");
    assert!(log.contains("invalid-fields"), "and why they were refused: {log}");
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("every line is JSON");
    }
    for secret in ["X-Amz", "ignature", "a-token", "a title", "photo", &Digest::of(&bytes).to_hex()] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
