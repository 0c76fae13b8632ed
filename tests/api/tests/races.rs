//! Many clients at once: one wins, the others are told, and every image ends in a valid state.

use std::sync::Arc;

use augment_api_tests::cases::{announcement, share};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::pictures::jpeg;
use augment_api_tests::races;
use serde_json::json;

const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_reserved_once_every_round() {
    races::reserve(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_augment_and_delete_at_once_end_well() {
    let at = Arc::new(Deployment::in_memory(|_| {}));
    for round in 0..ROUNDS {
        let bytes = jpeg(round as u32);
        let id = share(&at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
        let calls = [
            ("POST", format!("/v1/uploads/{id}/complete"), None),
            ("POST", format!("/v1/images/{id}/augment"), Some(json!({}))),
            ("POST", format!("/v1/images/{id}/augment"), Some(json!({}))),
            ("PATCH", format!("/v1/images/{id}"), Some(json!({ "title": "t" }))),
            ("DELETE", format!("/v1/images/{id}"), None),
        ];
        let tasks: Vec<_> = calls
            .into_iter()
            .skip(round % 2)
            .take(if round % 3 == 0 { 4 } else { 5 })
            .map(|(method, path, body)| {
                let at = Arc::clone(&at);
                tokio::spawn(async move { (path.clone(), at.call(method, &path, body.as_ref()).await.status) })
            })
            .collect();
        let mut augmented = 0;
        for task in tasks {
            let (path, status) = task.await.unwrap();
            assert!(matches!(status, 200 | 202 | 404 | 409), "round {round}: {path} was answered with {status}");
            augmented += usize::from(status == 202);
        }
        assert!(augmented <= 1, "round {round}: a job runs once");
        let image = at.call("GET", &format!("/v1/images/{id}"), None).await;
        if image.status == 200 {
            let state = image.body["state"].as_str().unwrap();
            assert_eq!(state == "uploaded", augmented == 1, "round {round}: the state says what was accepted");
            assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, bytes), "with its file");
        } else {
            assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await.0, 404, "gone with its file");
        }
    }
}
