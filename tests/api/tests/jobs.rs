//! Jobs over datasets with a simulated worker: progress, completion, retry, and deletion in between.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use augment_api::{Content, FailureKind, JobFailure, Made};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::jpeg;
use augment_api_tests::jobs::{make, request, upload, uploads};
use augment_records::Stores;
use augment_records::dataset::{DatasetClaim, DatasetOutcome, JobRecord, finish_dataset};
use augment_records::jobs::JobError;
use augment_stores_port::{Area, ObjectStore};
use serde_json::{Value, json};

/// A deployment and its stores.
fn deployment() -> (Arc<Deployment>, Stores) {
    let mut stores = None;
    let at = Deployment::in_memory(|app| stores = Some(app.stores()));
    (Arc::new(at), stores.unwrap())
}

fn made() -> Made {
    serde_json::from_value(json!({
        "engine": "0", "outputs": 4, "pixels": 9, "bytes_before": 1, "bytes_after": 7, "warnings": 0, "fetch_ms": 0,
        "augment_ms": 1, "store_ms": 2,
    }))
    .unwrap()
}

/// Finishes a running job like the engine, with `failed` failures in one item.
async fn finish(stores: &Stores, id: &str, failed: u32) -> bool {
    let Ok((job, version)) = stores.load::<JobRecord>(id).await else { return false };
    let Some(claim) = DatasetClaim::of_engine(job, version) else { return false };
    let key = claim.job.results_key().unwrap();
    stores.objects.put(&key, "application/zip", "the zip".into()).await.unwrap();
    let failure =
        |at| JobFailure { path: format!("train/{at}.jpg"), error: "it is damaged".into(), kind: FailureKind::Image };
    let result = match failed {
        9 => Err(JobError::new(FailureKind::Image, "no image gave an output")),
        _ => Ok((Content { size: 7, sha256: String::new() }, made())),
    };
    let failed_items = if failed > 0 { vec![0] } else { Vec::new() };
    let outcome = DatasetOutcome { result, failed, failures: (0..failed).map(failure).collect(), failed_items };
    finish_dataset(stores, claim, &outcome).await.unwrap()
}

#[tokio::test]
async fn a_job_reports_progress_and_retries_failures() {
    let (at, stores) = deployment();
    // A larger image, so that items have fewer images.
    let mut large = jpeg(1);
    large.resize(9 << 20, 0);
    let large = upload(&at, &large).await;
    let ids: Vec<String> = std::iter::repeat_n(large, 5).collect();
    let id = make(&at, &request(&ids)).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/jobs/{id}");
    let (job, _) = stores.load::<JobRecord>(&id).await.unwrap();
    assert_eq!((job.items, job.per_item), (3, 2), "items of two, the last of one");
    for (item, done) in [(2, 1), (0, 3)] {
        let state = json!({ "round": 0, "images": 2 });
        stores.put_json(&job, &job.item_json_key(item).unwrap(), &state).await.unwrap();
        let seen = at.call("GET", &path, None).await.body;
        assert_eq!((&seen["state"], &seen["done"]), (&json!("running"), &json!(done)), "{seen}");
    }
    assert!(finish(&stores, &id, 2).await, "finished");
    let ended = at.call("GET", &path, None).await.body;
    assert_eq!((&ended["state"], &ended["done"], &ended["failed"]), (&json!("ready"), &json!(3), &json!(2)), "{ended}");
    let failure = json!({ "path": "train/0.jpg", "error": "it is damaged", "kind": "image" });
    assert_eq!(ended["failures"][0], failure, "by path");
    assert_eq!(at.follow(&format!("{path}/results")).await, (200, b"the zip".to_vec()), "the zip");

    let again = at.call("POST", &format!("{path}/retry"), None).await;
    assert_eq!((again.status, &again.body["state"]), (202, &json!("running")), "{again:?}");
    assert_eq!((&again.body["done"], &again.body["failed"]), (&json!(1), &json!(0)), "all but the retried item");
    let items: Value = stores.get_json(&job.items_key().unwrap()).await.unwrap();
    assert_eq!(items, json!([{ "item": 0, "first": 0, "images": 2 }]), "only the failed item");
    assert_eq!(at.call("POST", &format!("{path}/retry"), None).await.status, 409, "one retry at a time");
    stores.put_json(&job, &job.item_json_key(0).unwrap(), &json!({ "round": 1, "images": 2 })).await.unwrap();
    assert_eq!(at.call("GET", &path, None).await.body["done"], 3, "its file has the new round");
    assert!(finish(&stores, &id, 0).await, "finished again");
    assert_eq!(at.call("POST", &format!("{path}/retry"), None).await.status, 409, "nothing left to retry");
    let listed = at.call("GET", "/v1/jobs", None).await.body;
    assert_eq!((&listed["jobs"][0]["done"], &listed["jobs"][0]["state"]), (&json!(5), &json!("ready")), "{listed}");
}

#[tokio::test]
async fn a_job_without_output_has_an_error_and_can_be_retried() {
    let (at, stores) = deployment();
    let id = make(&at, &request(&uploads(&at, 1..3).await)).await["id"].as_str().unwrap().to_owned();
    assert!(finish(&stores, &id, 9).await, "failed");
    let path = format!("/v1/jobs/{id}");
    let failed = at.call("GET", &path, None).await.body;
    assert_eq!((&failed["state"], &failed["error_kind"]), (&json!("failed"), &json!("image")), "{failed}");
    assert_eq!(failed["error"], "no image gave an output", "with a message");
    assert_eq!(at.call("GET", &format!("{path}/results"), None).await.status, 404, "no zip");
    let again = at.call("POST", &format!("{path}/retry"), None).await;
    assert_eq!((again.status, &again.body["error"]), (202, &Value::Null), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_finish_retry_and_delete_end_complete_or_deleted() {
    let (at, stores) = deployment();
    let ids = uploads(&at, 1..3).await;
    for round in 0..50 {
        let id = make(&at, &request(&ids)).await["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/jobs/{id}");
        let calls = [("POST", "/retry"), ("GET", ""), ("POST", "/retry"), ("DELETE", "")];
        let tasks: Vec<_> = calls
            .into_iter()
            .take(3 + round % 2)
            .map(|(method, more)| {
                let (at, path) = (Arc::clone(&at), format!("{path}{more}"));
                tokio::spawn(async move { at.call(method, &path, None).await.status })
            })
            .collect();
        let ends: Vec<_> = (0..3)
            .map(|failed| {
                let (stores, id) = (stores.clone(), id.clone());
                tokio::spawn(async move { finish(&stores, &id, failed).await })
            })
            .collect();
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        for end in ends {
            end.await.unwrap();
        }
        assert!(statuses.iter().all(|status| matches!(status, 200 | 202 | 204 | 404 | 409)), "{round}: {statuses:?}");
        let job = at.call("GET", &path, None).await;
        if job.status == 200 {
            assert!(matches!(job.body["state"].as_str(), Some("ready" | "running")), "round {round}: {job:?}");
            assert_eq!(at.call("DELETE", &path, None).await.status, 204, "round {round}: it can be deleted");
        } else {
            assert!(statuses.contains(&204), "round {round}: it was deleted");
            // The last worker to finish finds the job deleted.
            finish(&stores, &id, 0).await;
        }
        let memory = at.memory.as_ref().unwrap();
        let left = memory.list(Area::Results, &format!("jobs/{id}/"), 9).await.unwrap();
        assert!(left.is_empty(), "round {round}: left of a deleted job: {left:?}");
    }
}
