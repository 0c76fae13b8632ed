//! From a file in the bucket to an image that is ready, whatever goes wrong on the way.

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

/// How long everything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn five_hundred_drops_at_once_through_a_throttled_store_are_all_ready_and_none_twice() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    harness.faults.throttled_of_100.store(10, Ordering::SeqCst);
    let began = Instant::now();
    for number in 0..500 {
        let metadata = [("num-of-augments", "2"), ("tags", "drop")];
        harness.put(&format!("originals/d{number}/photo {number}.jpg"), &metadata, jpeg(number)).await;
        // Every fifth is told twice.
        if number % 5 == 0 {
            harness.queue.arrived(ORIGINALS_BUCKET, &format!("originals/d{number}/photo {number}.jpg"));
        }
    }
    println!("500 files dropped in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let mut feeds = Vec::new();
    for _ in 0..4 {
        let worker = harness.worker(1024, Duration::from_secs(30)).await;
        feeds.push(tokio::spawn(Arc::clone(&harness.queue).feed(worker, 10)));
    }
    // The emulator of the table copies all of it for every transaction: it takes most of the time.
    harness.queue.drained(4 * PATIENCE).await;
    let took = began.elapsed().as_secs_f64();
    let throttled = harness.faults.throttled.load(Ordering::SeqCst);
    println!("600 messages in {took:.1} s ({} deliveries, {throttled} requests throttled)", harness.queue.counts().1);
    for feed in feeds {
        feed.abort();
    }
    harness.faults.throttled_of_100.store(0, Ordering::SeqCst);
    assert!(throttled > 100, "the store was busy: {throttled}");
    assert!(harness.queue.dead().is_empty(), "no dead letters: {:?}", harness.queue.dead());
    for number in 0..500 {
        let image = harness.image(&format!("d{number}")).await;
        assert_eq!((image.state, image.made.unwrap().outputs), (State::Ready, 2), "d{number}: {:?}", image.error);
    }
    let zips = harness.faults.zips.lock().unwrap().clone();
    let different: BTreeSet<_> = zips.iter().collect();
    assert_eq!(different.len(), 500, "each has its zip");
    // Whoever runs out of time on a busy machine is taken over, and puts the same bytes again.
    println!("{} zips were put for 500 images", zips.len());
    assert!(zips.len() <= 510, "duplicates make nothing twice: {}", zips.len());
    let listed = harness.stores.records.list(augment_records::PUBLIC_LIST, None, 1000).await.unwrap();
    assert_eq!(listed.records.len(), 500, "no file became two images");
    let key = harness.image("d7").await.thumbnail_named(THUMBNAILS[3]).unwrap();
    assert!(harness.stores.objects.head(&key).await.is_ok(), "thumbnails are there");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn a_job_whose_worker_is_killed_is_taken_over_and_one_that_kills_every_worker_is_given_up() {
    // Hidden for longer than the function may take, as queues before functions are.
    let harness = Harness::new(Duration::from_secs(11)).await;
    let worker = harness.worker(1024, Duration::from_secs(9)).await;
    // A worker that is killed while it reads the image: as a fault of the machine, or of the image, would end it.
    *harness.faults.stuck.lock().unwrap() = Some("poison.jpg".to_owned());
    harness.put("originals/bad/poison.jpg", &[], jpeg(1)).await;
    let feed = tokio::spawn(Arc::clone(&harness.queue).feed(Arc::clone(&worker), 1));
    let wait_for = async |reads: u64| {
        let until = Instant::now() + PATIENCE;
        while harness.faults.waiting.load(Ordering::SeqCst) < reads {
            assert!(Instant::now() < until, "the {reads}. read does not come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // The first kill comes while the file is looked at, before there is a record.
    wait_for(1).await;
    worker.kill();
    *harness.faults.stuck.lock().unwrap() = None;
    harness.queue.drained(PATIENCE).await;
    assert_eq!(harness.image("bad").await.state, State::Ready, "one that was killed once is taken over");

    // Now every time while its job runs: an image with a record, as the API asks for it.
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
        assert_eq!(harness.image("bad").await.state, State::Augmenting, "it was at work");
        worker.kill();
        let until = Instant::now() + PATIENCE;
        while worker.started.load(Ordering::SeqCst) < kill + 2 {
            assert!(Instant::now() < until, "a new process takes its place");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    harness.queue.drained(PATIENCE).await;
    feed.abort();
    let image = harness.image("bad").await;
    assert_eq!((image.state, image.error_kind), (State::Failed, Some(FailureKind::Stopped)), "{:?}", image.error);
    println!("a job that killed three workers: {:?}", image.error);
    let dead = harness.queue.dead();
    assert!(dead.len() == 1 && dead[0].contains("image/bad"), "its message is a dead letter: {dead:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn a_damaged_file_fails_at_once_and_its_message_becomes_a_dead_letter_as_what_nobody_understands() {
    let harness = Harness::new(Duration::from_millis(200)).await;
    let worker = harness.worker(1024, Duration::from_secs(30)).await;
    let feed = tokio::spawn(Arc::clone(&harness.queue).feed(worker, 4));
    let mut cut = jpeg(1);
    cut.truncate(300);
    harness.put("originals/cut/a.jpg", &[], cut).await;
    harness.put("originals/text/a.jpg", &[("num-of-augments", "5")], b"this is no image".to_vec()).await;
    harness.queue.send(&json!({ "what": "is this" }));
    harness.queue.drained(PATIENCE).await;
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
    assert_eq!(named("is this"), 1, "as what nobody understands");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn a_job_that_has_no_time_ends_before_it_is_ended() {
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
    assert_eq!(worker.started.load(Ordering::SeqCst), 1, "nobody had to end it");
    println!("too little time: {}", answer["images"][0]["error"]);
}
