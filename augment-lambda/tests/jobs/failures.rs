//! How jobs end that do not end well: too large, too slow, stores that fail, workers that die.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use augment_api::{FailureKind, State};
use augment_core::digest::Digest;
use augment_lambda::{MOST_ATTEMPTS, handle, run};
use augment_records::jobs::{self, Claimed};
use augment_records::{Document, ImageRecord};
use serde_json::{Value, json};

use crate::support::{Bench, bench, jpeg};

/// Large results: copies that no codec makes small.
const LARGE: &str = r#"{"version":1,"seed":1,"output":{"format":"png"},"steps":[{"op":"flip_horizontal"}]}"#;

fn queue(messages: &[&Value]) -> Value {
    let message = |(at, body): (usize, &&Value)| json!({ "messageId": at.to_string(), "eventSource": "aws:sqs", "body": body.to_string() });
    json!({ "Records": messages.iter().enumerate().map(message).collect::<Vec<_>>() })
}

fn failures(answer: &Value) -> Vec<&str> {
    let list = answer["batchItemFailures"].as_array().unwrap();
    list.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

/// Drops a file and leaves its job waiting.
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
async fn large_results_go_in_parts_and_are_given_up_where_a_part_fails() {
    let bench = bench();
    waiting(&bench, &[("num-of-augments", "3"), ("recipe", LARGE)], &jpeg(1500, 1000)).await;
    // Seven thumbnails come after the parts; the first put is the first part.
    bench.faults.failing_puts.store(1, Ordering::SeqCst);
    let failed = bench.handle(&json!({ "id": "a1" })).await;
    assert!(failed.is_err(), "a store that fails is asked again: {failed:?}");
    assert_eq!(bench.faults.aborted.load(Ordering::SeqCst), 1, "what was begun is given up");
    let image = bench.image("a1").await;
    assert_eq!((image.state, image.results), (State::Augmenting, None), "the job waits");
    let answer = bench.handle(&json!({ "id": "a1" })).await.unwrap();
    assert_eq!(answer["images"][0]["state"], "ready", "{answer}");
    let zip = bench.result("results/a1.zip").await.unwrap();
    assert!(zip.len() > 9 << 20, "more than a part: {}", zip.len());
    assert_eq!(bench.image("a1").await.results.unwrap().sha256, Digest::of(&zip).to_hex(), "the whole is as announced");
}

#[tokio::test]
async fn an_image_that_needs_more_memory_than_there_is_is_refused_before_it_is_decoded() {
    let mut bench = bench();
    bench.service.memory_bytes = Some(100 << 20);
    let event = bench.put("originals/a1/a.jpg", &[], &jpeg(3000, 2000));
    bench.handle(&event).await.unwrap();
    let image = bench.image("a1").await;
    assert_eq!((image.error_kind, image.frame), (Some(FailureKind::Memory), Some((3000, 2000))), "{:?}", image.error);
    assert!(image.error.unwrap().contains("MB of memory, and a job here has 100"), "it says how much");
    // A small one whose recipe enlarges it past all bounds.
    let grown = r#"{"version":1,"seed":1,"count":1,"steps":[{"op":"resize","width":9000,"height":9000}]}"#;
    let event = bench.put("originals/b2/a.jpg", &[("recipe", grown)], &jpeg(64, 48));
    bench.handle(&event).await.unwrap();
    let image = bench.image("b2").await;
    assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::TooLarge)), "{:?}", image.error);
}

#[tokio::test]
async fn a_job_without_time_for_its_copies_fails_in_words() {
    let mut bench = bench();
    bench.service.limits.max_count = 1000;
    waiting(&bench, &[("num-of-augments", "1000")], &jpeg(600, 400)).await;
    let claim = claimed(&bench, 60).await;
    let ended = run(&bench.service, claim, Some(Instant::now() + Duration::from_millis(4400))).await.unwrap();
    let failure = ended.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Time, "{failure}");
    assert!(failure.detail.contains("of 1000 copies"), "how far it came: {failure}");
    let image = bench.image("a1").await;
    assert_eq!((image.state, image.job, image.thumbnail), (State::Failed, None, true), "a clear end");
}

#[tokio::test]
async fn a_store_that_hangs_does_not_make_a_failed_image() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    bench.faults.stuck_reads.store(1, Ordering::SeqCst);
    let claim = claimed(&bench, 60).await;
    let ended = run(&bench.service, claim, Some(Instant::now() + Duration::from_millis(2300))).await;
    assert!(ended.is_err(), "it is to come again: {ended:?}");
    let answer = bench.handle(&json!({ "id": "a1" })).await.unwrap();
    assert_eq!(answer["images"][0]["state"], "ready", "{answer}");
}

#[tokio::test]
async fn a_dead_workers_job_is_taken_over_and_one_that_kills_is_given_up() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    let request = queue(&[&json!({ "id": "a1" })]);
    let held = claimed(&bench, 60).await;
    assert_eq!(failures(&bench.handle(&request).await.unwrap()), ["0"], "while it is another's it comes again");
    jobs::give_back(&bench.service.stores, held, "test").await.unwrap();
    // Workers that die: their leases end, and nothing else is heard of them.
    for _ in 1..MOST_ATTEMPTS {
        drop(claimed(&bench, 0).await);
    }
    for _ in 0..2 {
        assert_eq!(failures(&bench.handle(&request).await.unwrap()), ["0"], "it goes to the dead letters");
    }
    let image = bench.image("a1").await;
    assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::Stopped)), "{:?}", image.error);
    assert!(image.error.unwrap().starts_with("the job stopped 3 times"), "it says so");
}

#[tokio::test]
async fn of_a_batch_only_what_may_end_better_comes_again() {
    let bench = bench();
    let good = bench.put("originals/a1/a.jpg", &[], &jpeg(64, 48));
    let bad = bench.put("originals/b2/a.jpg", &[], b"no picture");
    let strange = json!({ "what": "is this" });
    let gone = json!({ "id": "nobody" });
    let batch = queue(&[&good, &strange, &bad, &gone, &good]);
    assert_eq!(failures(&bench.handle(&batch).await.unwrap()), ["1", "2"], "what nobody understands or can read");
    assert_eq!(failures(&bench.handle(&queue(&[&bad])).await.unwrap()), ["0"], "until it is a dead letter");
    assert_eq!(bench.image("b2").await.state, State::Failed, "which its record says at once");
    assert_eq!(bench.handle(&bad).await.unwrap()["images"][0]["error_kind"], "image", "who asks directly is told");
    assert_eq!(bench.image("a1").await.state, State::Ready, "the others are done");
    assert_eq!(bench.faults.zips.load(Ordering::SeqCst), 1, "each once");
    // With no time left nothing is begun.
    let event = bench.put("originals/c3/a.jpg", &[], &jpeg(64, 48));
    let answer = handle(&bench.service, &queue(&[&event]), Some(Instant::now() + Duration::from_secs(3))).await;
    assert_eq!(failures(&answer.unwrap()), ["0"], "it comes again");
    assert!(bench.service.stores.load::<ImageRecord>("c3").await.is_err(), "untouched");
}

#[tokio::test]
async fn who_was_given_a_newer_job_of_the_same_second_is_not_taken_for_the_one_before() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    let first = claimed(&bench, 900).await;
    // What the API does when the image is to be run again.
    let (mut image, version) = bench.service.stores.load::<ImageRecord>("a1").await.unwrap();
    image.state = State::Uploaded;
    image.job = Some(augment_records::Lease::WAITING);
    bench.service.stores.records.replace(image.to_record(version + 1).unwrap()).await.unwrap();
    let second = claimed(&bench, 900).await;
    run(&bench.service, first, None).await.unwrap();
    assert_eq!(bench.image("a1").await.state, State::Augmenting, "the newer job goes on");
    run(&bench.service, second, None).await.unwrap();
    assert_eq!((bench.image("a1").await.state, bench.image("a1").await.job), (State::Ready, None), "and ends");
}
