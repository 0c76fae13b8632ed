//! From a file in the bucket to a ready image, with faults on the way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use augment_api::{FailureKind, State};
use augment_api_tests::images::jpeg;
use augment_records::{Document, ImageRecord, THUMBNAILS};
use augment_stores_local::ORIGINALS_BUCKET;
use serde_json::json;

use crate::harness::Harness;

/// The timeout on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn five_hundred_files_through_a_throttled_store_are_all_ready_and_none_twice() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    harness.faults.throttled_percent.store(10, Ordering::SeqCst);
    let began = Instant::now();
    for number in 0..500 {
        let metadata = [("num-of-augments", "2"), ("tags", "drop")];
        harness.put(&format!("originals/d{number}/photo {number}.jpg"), &metadata, jpeg(number)).await;
        // Every fifth has two notifications.
        if number % 5 == 0 {
            harness.queue.arrived(ORIGINALS_BUCKET, &format!("originals/d{number}/photo {number}.jpg"));
        }
    }
    println!("500 files put in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let mut feeds = Vec::new();
    for _ in 0..4 {
        let worker = harness.worker(1024, Duration::from_secs(30)).await;
        feeds.push(tokio::spawn(Arc::clone(&harness.queue).feed(worker, 10)));
    }
    // The emulator copies the whole table per transaction, which takes most of the time.
    harness.queue.drained(4 * TIMEOUT).await;
    let took = began.elapsed().as_secs_f64();
    let throttled = harness.faults.throttled.load(Ordering::SeqCst);
    println!("600 messages in {took:.1} s ({} deliveries, {throttled} requests throttled)", harness.queue.counts().1);
    for feed in feeds {
        feed.abort();
    }
    harness.faults.throttled_percent.store(0, Ordering::SeqCst);
    assert!(throttled > 100, "the store was busy: {throttled}");
    assert!(harness.queue.dead().is_empty(), "no dead letters: {:?}", harness.queue.dead());
    for number in 0..500 {
        let image = harness.image(&format!("d{number}")).await;
        assert_eq!((image.state, image.made.unwrap().outputs), (State::Ready, 2), "d{number}: {:?}", image.error);
    }
    let zips = harness.faults.zips.lock().unwrap().clone();
    let different: BTreeSet<_> = zips.iter().collect();
    assert_eq!(different.len(), 500, "each has its zip");
    // A worker that times out on a busy machine is replaced, and the same bytes are written again.
    println!("{} zips written for 500 images", zips.len());
    assert!(zips.len() <= 510, "duplicates make nothing twice: {}", zips.len());
    let listed = harness.stores.records.list(augment_records::PUBLIC_LIST, None, 1000).await.unwrap();
    assert_eq!(listed.records.len(), 500, "no file became two images");
    let key = harness.image("d7").await.thumbnail_named(THUMBNAILS[3]).unwrap();
    assert!(harness.stores.objects.head(&key).await.is_ok(), "thumbnails exist");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn a_job_whose_worker_is_killed_is_taken_over_and_one_that_kills_every_worker_is_given_up() {
    // The visibility timeout exceeds the function's, as SQS requires.
    let harness = Harness::new(Duration::from_secs(11)).await;
    let worker = harness.worker(1024, Duration::from_secs(9)).await;
    // The worker is killed while it reads the image.
    *harness.faults.stuck.lock().unwrap() = Some("poison.jpg".to_owned());
    harness.put("originals/bad/poison.jpg", &[], jpeg(1)).await;
    let feed = tokio::spawn(Arc::clone(&harness.queue).feed(Arc::clone(&worker), 1));
    let wait_for = async |reads: u64| {
        let until = Instant::now() + TIMEOUT;
        while harness.faults.waiting.load(Ordering::SeqCst) < reads {
            assert!(Instant::now() < until, "read {reads} does not happen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // The first kill happens before there is a record.
    wait_for(1).await;
    worker.kill();
    *harness.faults.stuck.lock().unwrap() = None;
    harness.queue.drained(TIMEOUT).await;
    assert_eq!(harness.image("bad").await.state, State::Ready, "the job is taken over");

    // Now kill every attempt of its job, started as by the API.
    let (mut image, version) = harness.stores.load::<ImageRecord>("bad").await.unwrap();
    image.state = State::Uploaded;
    image.job = Some(augment_records::Lease::WAITING);
    harness.stores.records.replace(image.to_record(version + 1).unwrap()).await.unwrap();
    harness.faults.waiting.store(0, Ordering::SeqCst);
    *harness.faults.stuck.lock().unwrap() = Some("poison.jpg".to_owned());
    harness.queue.send(&json!({ "eventName": "INSERT", "dynamodb": {
        "Keys": { "pk": { "S": "list#jobs" } }, "NewImage": { "key": { "S": "image/bad" } } } }));
    for kill in 1..=3 {
        wait_for(kill).await;
        assert_eq!(harness.image("bad").await.state, State::Augmenting, "it was running");
        worker.kill();
        let until = Instant::now() + TIMEOUT;
        while worker.started.load(Ordering::SeqCst) < kill + 2 {
            assert!(Instant::now() < until, "a new process starts");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    harness.queue.drained(TIMEOUT).await;
    feed.abort();
    let image = harness.image("bad").await;
    assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::Stopped)), "{:?}", image.error);
    println!("a job that killed three workers: {:?}", image.error);
    let dead = harness.queue.dead();
    assert!(dead.len() == 1 && dead[0].contains("image/bad"), "its message is a dead letter: {dead:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn damaged_files_and_unknown_messages_become_dead_letters() {
    let harness = Harness::new(Duration::from_millis(200)).await;
    let worker = harness.worker(1024, Duration::from_secs(30)).await;
    let feed = tokio::spawn(Arc::clone(&harness.queue).feed(worker, 4));
    let mut cut = jpeg(1);
    cut.truncate(300);
    harness.put("originals/cut/a.jpg", &[], cut).await;
    harness.put("originals/text/a.jpg", &[("num-of-augments", "5")], b"this is not an image".to_vec()).await;
    harness.queue.send(&json!({ "what": "is this" }));
    harness.queue.drained(TIMEOUT).await;
    feed.abort();
    for id in ["cut", "text"] {
        let image = harness.image(id).await;
        assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::Image)), "{id}");
        println!("{id}: {}", image.error.unwrap());
    }
    let dead = harness.queue.dead();
    let named = |name: &str| dead.iter().filter(|letter| letter.contains(name)).count();
    assert_eq!(
        (dead.len(), named("originals/cut/"), named("originals/text/")),
        (3, 1, 1),
        "after their retries: {dead:?}"
    );
    assert_eq!(named("is this"), 1, "the unknown message");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn a_job_without_time_ends_before_its_deadline() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    let worker = harness.worker(1024, Duration::from_secs(9)).await;
    let recipe = r#"{"version":1,"seed":1,"output":{"format":"png","compression":"small"},"steps":[{"op":"elastic"}]}"#;
    harness
        .put(
            "originals/slow/a.jpg",
            &[("recipe", recipe), ("num-of-augments", "20")],
            crate::performance::large(3000, 2000, 0),
        )
        .await;
    let answer = worker.invoke(json!({ "Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": ORIGINALS_BUCKET }, "object": { "key": "originals/slow/a.jpg" } } }] }));
    let answer = answer.await.unwrap();
    assert_eq!(answer["images"][0]["error_kind"], "time", "{answer}");
    assert_eq!(worker.started.load(Ordering::SeqCst), 1, "it was not killed");
    println!("too little time: {}", answer["images"][0]["error"]);
}
