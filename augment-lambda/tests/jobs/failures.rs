//! Jobs that fail: too large, too slow, failing stores, dying workers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use augment_api::{FailureKind, State};
use augment_core::digest::Digest;
use augment_lambda::{MAX_ATTEMPTS, handle, run};
use augment_records::jobs::{self, Claimed};
use augment_records::{Document, ImageRecord};
use serde_json::{Value, json};

use crate::support::{Bench, bench, jpeg};

/// A recipe with large results, since noise does not compress.
const LARGE: &str = r#"{"version":1,"seed":1,"output":{"format":"png"},"steps":[{"op":"flip_horizontal"}]}"#;

fn queue(messages: &[&Value]) -> Value {
    let message = |(at, body): (usize, &&Value)| json!({ "messageId": at.to_string(), "eventSource": "aws:sqs", "body": body.to_string() });
    json!({ "Records": messages.iter().enumerate().map(message).collect::<Vec<_>>() })
}

fn failures(answer: &Value) -> Vec<&str> {
    let list = answer["batchItemFailures"].as_array().unwrap();
    list.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

/// Puts a file and registers it, so that its job waits.
async fn waiting(bench: &Bench, metadata: &[(&str, &str)], bytes: &[u8]) {
    let event = bench.put("originals/a1/a.jpg", metadata, bytes);
    let key = augment_stores_port::Key::parse(augment_stores_port::Area::Originals, "originals/a1/a.jpg").unwrap();
    augment_lambda::register(&bench.service, &key).await.unwrap();
    drop(event);
}

async fn claimed(bench: &Bench, lease: u64) -> jobs::Claim {
    match jobs::claim_one(&bench.service.stores, "a1", lease).await.unwrap() {
        Claimed::Mine(claim) => *claim,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn large_results_upload_in_parts_and_abort_on_failure() {
    let bench = bench();
    waiting(&bench, &[("num-of-augments", "3"), ("recipe", LARGE)], &jpeg(1500, 1000)).await;
    // Seven thumbnails come after the parts; the first put is the first part.
    bench.faults.failing_puts.store(1, Ordering::SeqCst);
    let failed = bench.handle(&json!({ "id": "a1" })).await;
    assert!(failed.is_err(), "a store failure is retried: {failed:?}");
    assert_eq!(bench.faults.aborted.load(Ordering::SeqCst), 1, "the upload is aborted");
    let image = bench.image("a1").await;
    assert_eq!((image.state, image.facts.results), (State::Augmenting, None), "the job waits");
    let answer = bench.handle(&json!({ "id": "a1" })).await.unwrap();
    assert_eq!(answer["images"][0]["state"], "ready", "{answer}");
    let zip = bench.result("results/a1.zip").await.unwrap();
    assert!(zip.len() > 9 << 20, "more than a part: {}", zip.len());
    assert_eq!(bench.image("a1").await.facts.results.unwrap().sha256, Digest::of(&zip).to_hex(), "the hash matches");
}

#[tokio::test]
async fn an_image_too_large_for_memory_is_refused_before_decoding() {
    let mut bench = bench();
    bench.service.memory_bytes = Some(100 << 20);
    let event = bench.put("originals/a1/a.jpg", &[], &jpeg(3000, 2000));
    bench.handle(&event).await.unwrap();
    let image = bench.image("a1").await;
    assert_eq!((image.error_kind, image.frame), (Some(FailureKind::Memory), Some((3000, 2000))), "{:?}", image.error);
    assert!(image.facts.error.unwrap().contains("MB of memory, and a job here has 100"), "with the amount");
    // A small image that the recipe enlarges too much.
    let grown = r#"{"version":1,"seed":1,"count":1,"steps":[{"op":"resize","width":9000,"height":9000}]}"#;
    let event = bench.put("originals/b2/a.jpg", &[("recipe", grown)], &jpeg(64, 48));
    bench.handle(&event).await.unwrap();
    let image = bench.image("b2").await;
    assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::TooLarge)), "{:?}", image.error);
}

#[tokio::test]
async fn a_job_without_time_for_its_copies_fails_with_a_message() {
    let mut bench = bench();
    bench.service.limits.max_count = 1000;
    waiting(&bench, &[("num-of-augments", "1000")], &jpeg(600, 400)).await;
    let claim = claimed(&bench, 60).await;
    let ended = run(&bench.service, claim, Some(Instant::now() + Duration::from_millis(4400))).await.unwrap();
    let failure = ended.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Time, "{failure}");
    assert!(failure.detail.contains("of 1000 copies"), "the progress: {failure}");
    let image = bench.image("a1").await;
    assert_eq!((image.state, image.job, image.thumbnail), (State::Failed, None, true), "a final state");
}

#[tokio::test]
async fn a_hanging_store_does_not_fail_the_image() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    bench.faults.stuck_reads.store(1, Ordering::SeqCst);
    let claim = claimed(&bench, 60).await;
    let ended = run(&bench.service, claim, Some(Instant::now() + Duration::from_millis(2300))).await;
    assert!(ended.is_err(), "it must be retried: {ended:?}");
    let answer = bench.handle(&json!({ "id": "a1" })).await.unwrap();
    assert_eq!(answer["images"][0]["state"], "ready", "{answer}");
}

#[tokio::test]
async fn a_dead_workers_job_is_taken_over_and_a_killing_job_fails() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    let request = queue(&[&json!({ "id": "a1" })]);
    let held = claimed(&bench, 60).await;
    assert_eq!(failures(&bench.handle(&request).await.unwrap()), ["0"], "redelivered while another worker holds it");
    jobs::give_back(&bench.service.stores, held, "test").await.unwrap();
    // Workers that die: their leases expire.
    for _ in 1..MAX_ATTEMPTS {
        drop(claimed(&bench, 0).await);
    }
    for _ in 0..2 {
        assert_eq!(failures(&bench.handle(&request).await.unwrap()), ["0"], "it becomes a dead letter");
    }
    let image = bench.image("a1").await;
    assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::Stopped)), "{:?}", image.error);
    assert!(image.facts.error.unwrap().starts_with("the job stopped 3 times"), "with the reason");
}

#[tokio::test]
async fn only_retriable_messages_of_a_batch_are_redelivered() {
    let bench = bench();
    let good = bench.put("originals/a1/a.jpg", &[], &jpeg(64, 48));
    let bad = bench.put("originals/b2/a.jpg", &[], b"no picture");
    let strange = json!({ "what": "is this" });
    let gone = json!({ "id": "nobody" });
    let batch = queue(&[&good, &strange, &bad, &gone, &good]);
    assert_eq!(failures(&bench.handle(&batch).await.unwrap()), ["1", "2"], "unknown and unreadable messages");
    assert_eq!(failures(&bench.handle(&queue(&[&bad])).await.unwrap()), ["0"], "until it is a dead letter");
    assert_eq!(bench.image("b2").await.state, State::Failed, "its record says so at once");
    assert_eq!(
        bench.handle(&bad).await.unwrap()["images"][0]["error_kind"],
        "image",
        "a direct request gets the answer"
    );
    assert_eq!(bench.image("a1").await.state, State::Ready, "the others are done");
    assert_eq!(bench.faults.zips.load(Ordering::SeqCst), 1, "each once");
    // Without time nothing starts.
    let event = bench.put("originals/c3/a.jpg", &[], &jpeg(64, 48));
    let answer = handle(&bench.service, &queue(&[&event]), Some(Instant::now() + Duration::from_secs(3))).await;
    assert_eq!(failures(&answer.unwrap()), ["0"], "redelivered");
    assert!(bench.service.stores.load::<ImageRecord>("c3").await.is_err(), "no record");
}

#[tokio::test]
async fn leases_of_the_same_second_are_distinct() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    let first = claimed(&bench, 900).await;
    // As the API starts another run.
    let (mut image, version) = bench.service.stores.load::<ImageRecord>("a1").await.unwrap();
    image.state = State::Uploaded;
    image.job = Some(augment_records::Lease::WAITING);
    bench.service.stores.records.replace(image.to_record(version + 1).unwrap()).await.unwrap();
    let second = claimed(&bench, 900).await;
    run(&bench.service, first, None).await.unwrap();
    assert_eq!(bench.image("a1").await.state, State::Augmenting, "the newer job continues");
    run(&bench.service, second, None).await.unwrap();
    assert_eq!((bench.image("a1").await.state, bench.image("a1").await.job), (State::Ready, None), "and ends");
}
