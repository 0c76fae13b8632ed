//! Jobs that fail: too large, too slow, failing stores, dying workers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use augment_api::{FailureKind, State};
use augment_core::digest::Digest;
use augment_lambda::{MAX_ATTEMPTS, handle, run};
use augment_records::jobs::{self, Claimed};
use augment_records::{Document, ImageRecord};
use augment_stores_port::Area;
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
    for _ in 0..MAX_ATTEMPTS {
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
async fn a_failing_store_is_no_attempt() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    for _ in 0..MAX_ATTEMPTS + 2 {
        bench.faults.failing_puts.store(1, Ordering::SeqCst);
        assert!(bench.handle(&json!({ "id": "a1" })).await.is_err(), "it must be retried");
        assert_eq!(bench.image("a1").await.job.unwrap().attempts, 0, "the job is not to blame");
    }
    let answer = bench.handle(&json!({ "id": "a1" })).await.unwrap();
    assert_eq!(answer["images"][0]["state"], "ready", "{answer}");
}

#[tokio::test]
async fn the_job_that_waits_longest_is_next() {
    let bench = bench();
    let stores = &bench.service.stores;
    waiting(&bench, &[], &jpeg(8, 8)).await;
    let (first, _) = stores.load::<ImageRecord>("a1").await.unwrap();
    for number in 0..150_u64 {
        let mut image = first.clone();
        image.facts.id = format!("j{number}");
        image.created_ms = 1000 + number;
        stores.records.create(image.to_record(1).unwrap()).await.unwrap();
    }
    for number in 0..150 {
        let next = jobs::claim(stores, 600).await.unwrap().unwrap();
        assert_eq!(next.image.id, format!("j{number}"));
        jobs::finish(stores, next, &jobs::ImageOutcome::default()).await.unwrap();
    }
    assert_eq!(jobs::claim(stores, 600).await.unwrap().unwrap().image.id, "a1", "the newest is last");
}

/// A job that takes minutes.
async fn long_job(bench: &Bench) -> jobs::Claim {
    let recipe = r#"{"version": 1, "seed": 1, "steps": [{"op": "resize", "width": 9000, "height": 9000}]}"#;
    waiting(bench, &[("num-of-augments", "20"), ("recipe", recipe)], &jpeg(64, 48)).await;
    claimed(bench, 600).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_image_frees_its_worker() {
    let bench = bench();
    let claim = long_job(&bench).await;
    let (service, stores) = (bench.service.clone(), bench.service.stores.clone());
    let running = tokio::spawn(async move { run(&service, claim, None).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (mut image, version) = stores.load::<ImageRecord>("a1").await.unwrap();
    image.bury();
    stores.records.replace(image.to_record(version + 1).unwrap()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), running).await.expect("it ends soon").unwrap();
    assert_eq!(ended.unwrap().made, None, "nothing was made");
    assert!(stores.objects.list(Area::Results, "", 9).await.unwrap().is_empty(), "and nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_service_gives_its_jobs_back() {
    let bench = bench();
    let claim = long_job(&bench).await;
    let service = bench.service.clone();
    let running = tokio::spawn(async move { run(&service, claim, None).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    bench.service.stopping.stop();
    let ended = tokio::time::timeout(Duration::from_secs(5), running).await.expect("at once").unwrap();
    assert!(ended.is_err(), "it was not done: {ended:?}");
    let job = bench.image("a1").await.job.unwrap();
    assert!(job.attempts == 0 && job.lease_until <= bench.service.stores.now(), "the next process takes it: {job:?}");
}

#[tokio::test]
async fn a_job_that_computes_too_much_is_refused_before_it_starts() {
    let bench = bench();
    let invert = r#", {"op": "invert"}"#.repeat(60);
    let recipe = format!(
        r#"{{"version": 1, "seed": 1, "steps": [{{"op": "resize", "width": 15000, "height": 15000}}{invert}]}}"#
    );
    let began = Instant::now();
    waiting(&bench, &[("num-of-augments", "20"), ("recipe", &recipe)], &jpeg(1, 1)).await;
    let answer = bench.handle(&json!({ "id": "a1" })).await.unwrap();
    let error = answer["images"][0]["error"].as_str().unwrap();
    assert_eq!(answer["images"][0]["error_kind"], "too_large", "{answer}");
    assert!(error.contains("20 copies") && error.contains("100000000000 at most"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5), "nothing was computed");
}

#[tokio::test]
async fn a_later_image_of_the_same_id_keeps_its_results() {
    let bench = bench();
    waiting(&bench, &[], &jpeg(64, 48)).await;
    let earlier = claimed(&bench, 600).await;
    let stores = &bench.service.stores;
    let (_, version) = stores.load::<ImageRecord>("a1").await.unwrap();
    stores.records.remove(&ImageRecord::record_key("a1"), version).await.unwrap();
    let event = bench.put("originals/a1/a.jpg", &[("num-of-augments", "1")], &jpeg(32, 24));
    bench.handle(&event).await.unwrap();
    let results = bench.result("results/a1.zip").await.unwrap();
    let later = bench.image("a1").await;
    assert!(run(&bench.service, earlier, None).await.is_ok(), "a job of the deleted image ends late");
    assert_eq!(bench.image("a1").await, later, "the record is untouched");
    assert!(bench.result("results/a1.zip").await.unwrap() == results, "and so are the results");
    assert!(bench.result("thumbnails/a1/small.jpg").await.is_some(), "and the thumbnails");
    let left = stores.objects.list(Area::Results, "", 99).await.unwrap();
    assert!(left.iter().all(|key| key.name().contains(&later.generation)), "nothing else is left: {left:?}");
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
