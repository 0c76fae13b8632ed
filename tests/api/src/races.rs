//! Concurrent clients: for the same id, the same image, and the same job over a dataset.

use std::sync::Arc;

use augment_stores_port::{Area, ObjectStore};
use serde_json::json;

use crate::cases::{announcement, for_server, share};
use crate::deployment::Deployment;
use crate::images::jpeg;
use crate::jobs;

/// Parallel clients reserve the same id: one wins and the others get 409, in every round.
pub async fn reserve(at: &Arc<Deployment>, rounds: usize, clients: usize) {
    for round in 0..rounds {
        let mut body = for_server(&jpeg(1));
        body["id"] = format!("race{round}").into();
        let tasks: Vec<_> = (0..clients)
            .map(|_| {
                let (at, body) = (Arc::clone(at), body.clone());
                tokio::spawn(async move { at.call("POST", "/v1/uploads", Some(&body)).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201, "round {round}: one wins");
        assert!(statuses[1..].iter().all(|status| *status == 409), "round {round}: the others lose: {statuses:?}");
    }
}

/// Completes, runs, changes and deletes one image concurrently; it ends in a valid state.
pub async fn change(at: &Arc<Deployment>, rounds: usize) {
    for round in 0..rounds {
        let bytes = jpeg(u32::try_from(round).unwrap());
        let id = share(at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
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
                let at = Arc::clone(at);
                tokio::spawn(async move { (path.clone(), at.call(method, &path, body.as_ref()).await.status) })
            })
            .collect();
        let mut augmented = 0;
        for task in tasks {
            let (path, status) = task.await.unwrap();
            assert!(matches!(status, 200 | 202 | 404 | 409), "round {round}: {path} got {status}");
            augmented += usize::from(status == 202);
        }
        // With a worker, the first job may end before the second request.
        let most = if at.has_worker { 2 } else { 1 };
        assert!(augmented <= most, "round {round}: a job runs once");
        let image = at.call("GET", &format!("/v1/images/{id}"), None).await;
        if image.status == 200 {
            let state = image.body["state"].as_str().unwrap();
            let is_waiting = state == "uploaded";
            assert!(at.has_worker || is_waiting == (augmented == 1), "round {round}: {state} after {augmented} jobs");
            assert!(matches!(state, "uploaded" | "augmenting" | "ready"), "round {round}: {state}");
            assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, bytes), "with its file");
        } else {
            assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await.0, 404, "gone with its file");
        }
    }
}

/// Creates one job several times, starts, retries and deletes it concurrently; it ends complete or deleted.
pub async fn jobs(at: &Arc<Deployment>, rounds: usize) {
    let ids = jobs::uploads(at, 90..92).await;
    for round in 0..rounds {
        let mut body = jobs::request(&ids);
        let id = format!("jobs{round}");
        body["id"] = id.as_str().into();
        let path = format!("/v1/jobs/{id}");
        let calls = [
            ("POST", "/v1/jobs".to_owned(), Some(body.clone())),
            ("POST", "/v1/jobs".to_owned(), Some(body.clone())),
            ("POST", format!("{path}/start"), None),
            ("POST", "/v1/jobs".to_owned(), Some(body)),
            ("POST", format!("{path}/retry"), None),
            ("GET", path.clone(), None),
            ("DELETE", path.clone(), None),
        ];
        let tasks: Vec<_> = calls
            .into_iter()
            .take(if round % 3 == 0 { 6 } else { 7 })
            .map(|(method, path, body)| {
                let at = Arc::clone(at);
                tokio::spawn(async move { (path.clone(), at.call(method, &path, body.as_ref()).await.status) })
            })
            .collect();
        let (mut made, mut deleted) = (0, 0);
        for task in tasks {
            let (path, status) = task.await.unwrap();
            assert!(matches!(status, 200..=204 | 404 | 409), "round {round}: {path} got {status}");
            made += usize::from(status == 201);
            deleted += usize::from(status == 204);
        }
        assert!(made <= 1 + deleted, "round {round}: an id has one job: {made} created, {deleted} deleted");
        let job = at.call("GET", &path, None).await;
        if job.status == 200 {
            let state = job.body["state"].as_str().unwrap();
            assert!(at.has_worker || state == "running", "round {round}: {state}");
            assert!(matches!(state, "running" | "ready"), "round {round}: {state}");
            assert_eq!(at.call("DELETE", &path, None).await.status, 204, "round {round}: it can be deleted");
        } else {
            assert_eq!(deleted, 1, "round {round}: it was deleted");
        }
        if let Some(memory) = &at.memory {
            let left = memory.list(Area::Results, &format!("jobs/{id}/"), 9).await.unwrap();
            assert!(left.is_empty(), "round {round}: left of a deleted job: {left:?}");
        }
    }
}
