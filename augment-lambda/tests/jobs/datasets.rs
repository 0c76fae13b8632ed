//! Jobs over datasets: the zip equals that of the command line, byte for byte, however the items run.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use augment_api::{FailureKind, JobState};
use augment_core::formats::LabelFormat;
use augment_lambda::{handle, run_dataset};
use augment_records::Document;
use augment_records::dataset::{JobRecord, claim_dataset, release_datasets};
use augment_sample::dataset;
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::dataset_support::{Files, wanted};
use crate::support::{bench, jpeg, png};

fn sample(count: u32, format: LabelFormat) -> Files {
    dataset(count, format).collect::<Result<_, _>>().unwrap()
}

fn turns() -> Value {
    json!({ "version": 1, "seed": 5, "count": 2, "output": { "format": "jpeg", "include_original": true },
            "steps": [{ "op": "rotate", "degrees": [-30, 30] }, { "op": "brightness" }] })
}

fn small() -> Value {
    json!({ "version": 1, "seed": 5, "count": 1, "steps": [{ "op": "flip_horizontal" }] })
}

/// Small images without labels.
fn pictures(count: u32) -> Files {
    (0..count).map(|number| (format!("p/{number:02}.jpg"), jpeg(40 + number, 30))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_gives_the_same_zip_as_the_command_line() {
    for (name, format, out) in [
        ("voc", LabelFormat::Voc, None),
        ("yolo", LabelFormat::Yolo, None),
        ("coco", LabelFormat::Coco, None),
        ("other", LabelFormat::Coco, Some(LabelFormat::Voc)),
    ] {
        let (bench, files) = (bench(), sample(5, format));
        let job = bench.job(name, &files, &turns(), 2, out).await;
        assert_eq!(job.items, 3, "{name}");
        bench.run_all(&job).await;
        assert!(bench.zip(name).await == wanted(&files, &turns(), out), "{name}: the same bytes");
        let job = bench.job_now(name).await;
        let made = job.made.as_ref().unwrap();
        assert_eq!((made.outputs, job.failed, job.failures.len()), (15, 0, 0), "{name}");
        assert!(bench.result(&format!("jobs/{name}/items/0.zip")).await.is_none(), "items are removed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn class_folders_masks_and_equal_stems_work_as_in_a_folder() {
    let mut files = pictures(4);
    files[0].0 = "cats/a.jpg".into();
    files[1].0 = "cats/b.jpg".into();
    files[2].0 = "dogs/a.jpg".into();
    files[3].0 = "dogs/c d.jpg".into();
    let bench = bench();
    let job = bench.job("classes", &files, &small(), 3, None).await;
    bench.run_all(&job).await;
    assert!(bench.zip("classes").await == wanted(&files, &small(), None), "class folders");

    let mask = |w, h| {
        use augment_core::codec::{Encoding, PngCompression, encode};
        use augment_core::image::{Channels, Fill, Image};
        let size = augment_core::geometry::Size::new(w, h);
        let image = Image::from_samples(size, Channels::Gray, vec![3; (w * h) as usize]).unwrap();
        encode(&image, &Encoding::Png { compression: PngCompression::Fast }, None, Fill::BLACK).unwrap()
    };
    let files: Files = vec![
        ("a.jpg".into(), jpeg(50, 40)),
        ("a_mask.png".into(), mask(50, 40)),
        ("sub/a.png".into(), png(30, 20)),
        ("sub/a_mask.png".into(), mask(30, 20)),
    ];
    let job = bench.job("masks", &files, &small(), 1, None).await;
    bench.run_all(&job).await;
    assert!(bench.zip("masks").await == wanted(&files, &small(), None), "masks, and equal stems");
}

#[tokio::test(flavor = "multi_thread")]
async fn mixing_steps_find_partners_in_other_items() {
    let recipe = json!({ "version": 1, "seed": 9, "count": 2, "steps": [{ "op": "mosaic" }, { "op": "brightness" }] });
    let (bench, mut files) = (bench(), sample(4, LabelFormat::Coco));
    let job = bench.job("mix", &files, &recipe, 1, None).await;
    bench.run_all(&job).await;
    assert!(bench.zip("mix").await == wanted(&files, &recipe, None), "the same bytes");

    // A damaged image cannot be a partner, which shows only after all were read.
    let damaged = files.iter_mut().find(|(name, _)| name == "images/scene_0002.jpg").unwrap();
    damaged.1.truncate(9000);
    let job = bench.job("less", &files, &recipe, 1, None).await;
    for item in 0..job.items {
        bench.item("less", item).await;
    }
    for _ in 0..2 {
        // The answer may be lost, so a repeat gives the same answer.
        assert_eq!(bench.assemble("less").await, json!({ "job": "less", "state": "running", "again": true }));
    }
    bench.run_all(&job).await;
    assert!(bench.zip("less").await == wanted(&files, &recipe, None), "the same bytes without it");
    bench.job("here", &files, &recipe, 2, None).await;
    let claim = claim_dataset(&bench.service.stores, 1000).await.unwrap().unwrap();
    assert_eq!(run_dataset(&bench.service, claim, 2).await.unwrap(), Some(JobState::Ready));
    assert!(bench.zip("here").await == wanted(&files, &recipe, None), "also without an engine");
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_fail_alone_and_are_reported() {
    let mut files = sample(6, LabelFormat::Voc);
    for (name, bytes) in &mut files {
        match name.as_str() {
            "images/scene_0001.jpg" => bytes.truncate(bytes.len() / 2),
            "images/scene_0002.jpg" => *bytes = b"this is not an image".to_vec(),
            name if name.ends_with("scene_0004.xml") => *bytes = b"<annotation><object>".to_vec(),
            _ => {}
        }
    }
    let bench = bench();
    let job = bench.job("bad", &files, &small(), 4, None).await;
    bench.run_all(&job).await;
    assert!(bench.zip("bad").await == wanted(&files, &small(), None), "the same bytes and messages");
    let job = bench.job_now("bad").await;
    assert_eq!((job.failed, &job.failed_items), (3, &vec![0, 1]));
    let seen: Vec<_> = job.failures.iter().map(|failure| (failure.path.as_str(), failure.kind)).collect();
    let image = |path| (path, FailureKind::Image);
    assert!(
        seen.contains(&image("images/scene_0001.jpg")) && seen.contains(&image("images/scene_0002.jpg")),
        "{seen:?}"
    );
    assert!(seen.contains(&("images/scene_0004.jpg", FailureKind::Metadata)), "left out for its labels: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_item_is_reported_and_retried() {
    let (bench, files) = (bench(), pictures(5));
    let job = bench.job("again", &files, &small(), 2, None).await;
    bench.item("again", 0).await;
    bench.item("again", 2).await;
    bench.assemble("again").await;
    let mut ended = bench.job_now("again").await;
    assert_eq!((ended.state, ended.failed, &ended.failed_items[..]), (JobState::Ready, 2, &[1][..]));
    assert_eq!(ended.failures[0].kind, FailureKind::Stopped, "{:?}", ended.failures);
    assert!(bench.zip("again").await != wanted(&files, &small(), None), "one item is missing");
    assert_eq!(bench.item("again", 1).await, json!({ "job": "again", "state": "ready" }), "an ended job stays");

    ended.run_again(2_000_000);
    let stores = &bench.service.stores;
    stores.put_json(&ended, &ended.items_key().unwrap(), &ended.items_to_run()).await.unwrap();
    stores.records.replace(ended.to_record(3).unwrap()).await.unwrap();
    let zips = bench.faults.zips.load(Ordering::SeqCst);
    bench.run_all(&ended).await;
    assert_eq!(bench.faults.zips.load(Ordering::SeqCst), zips + 2, "one item and the final zip");
    assert!(bench.zip("again").await == wanted(&files, &small(), None), "the complete zip");
    drop(job);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_make_nothing_and_store_failures_are_retried() {
    let (bench, files) = (bench(), pictures(3));
    let job = bench.job("twice", &files, &small(), 2, None).await;
    bench.faults.failing_puts.store(1, Ordering::SeqCst);
    let failed = bench.handle(&json!({ "job": "twice", "item": 0 })).await;
    assert!(failed.is_err(), "the engine retries: {failed:?}");
    let first = bench.item("twice", 0).await;
    let zips = bench.faults.zips.load(Ordering::SeqCst);
    assert_eq!(bench.item("twice", 0).await, first, "the same answer");
    assert_eq!(bench.faults.zips.load(Ordering::SeqCst), zips, "nothing is rendered again");
    bench.run_all(&job).await;
    assert_eq!(bench.assemble("twice").await, json!({ "job": "twice", "state": "ready", "again": false }));
    assert!(bench.zip("twice").await == wanted(&files, &small(), None), "the same bytes");
    assert_eq!(bench.item("twice", 7).await["state"], "ready", "an unknown item does no harm");
    assert_eq!(bench.metrics.lock().unwrap().iter().filter(|line| line["Datasets"] == 1).count(), 1, "finished once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_job_leaves_nothing() {
    let bench = bench();
    bench.job("gone", &pictures(2), &small(), 1, None).await;
    let records = Arc::clone(&bench.service.stores.records);
    bench.faults.meanwhile.set(move || {
        records.remove(&JobRecord::record_key("gone"), 1).now_or_never().unwrap().unwrap();
    });
    assert_eq!(bench.item("gone", 0).await, json!({ "job": "gone", "state": null }), "deleted while its item ran");
    for step in [json!({ "job": "gone", "item": 1 }), json!({ "job": "gone", "assemble": true })] {
        assert_eq!(bench.handle(&step).await.unwrap()["state"], json!(null));
    }
    assert!(bench.result("jobs/gone/items/0.zip").await.is_none(), "late objects are removed");
    assert!(bench.result("jobs/gone/items/0.json").await.is_none(), "late objects are removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn timeouts_and_memory_limits_have_messages() {
    let mut bench = bench();
    bench.job("late", &pictures(2), &small(), 2, None).await;
    let until = Instant::now() + Duration::from_secs(4);
    handle(&bench.service, &json!({ "job": "late", "item": 0 }), Some(until)).await.unwrap();
    bench.assemble("late").await;
    let late = bench.job_now("late").await;
    assert_eq!((late.state, late.error_kind, late.failed), (JobState::Failed, Some(FailureKind::Time), 2));
    assert!(late.facts.error.unwrap().contains("no time was left"), "with a message");

    bench.service.memory_bytes = Some(110 << 20);
    let files: Files = vec![("large.jpg".into(), jpeg(2000, 1500)), ("small.jpg".into(), jpeg(100, 100))];
    let job = bench.job("large", &files, &small(), 2, None).await;
    bench.run_all(&job).await;
    let job = bench.job_now("large").await;
    assert_eq!((job.state, job.failed), (JobState::Ready, 1), "the small image works");
    assert_eq!((job.failures[0].path.as_str(), job.failures[0].kind), ("large.jpg", FailureKind::Memory));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_items_are_copied_inside_the_store() {
    let recipe = json!({ "version": 1, "seed": 1, "count": 1, "output": { "format": "png" }, "steps": [] });
    let files: Files = [(1400, 1300), (300, 200), (1500, 1400), (1300, 1400), (50, 50)]
        .iter()
        .enumerate()
        .map(|(number, (w, h))| (format!("{number}.png"), png(*w, *h)))
        .collect();
    let bench = bench();
    let job = bench.job("big", &files, &recipe, 1, None).await;
    bench.run_all(&job).await;
    let zip = bench.zip("big").await;
    assert!(zip == wanted(&files, &recipe, None), "the same bytes");
    let copied = bench.faults.copied.load(Ordering::SeqCst);
    assert!(copied > zip.len() as u64 / 2, "{copied} of {} bytes were copied", zip.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_engine_a_process_runs_the_job_and_the_next_resumes() {
    let (bench, files) = (bench(), pictures(7));
    bench.job("here", &files, &small(), 2, None).await;
    let stores = &bench.service.stores;
    let dead = claim_dataset(stores, 1000).await.unwrap().unwrap();
    bench.item("here", 3).await;
    drop(dead);
    // The process was killed; the next one ends all leases.
    release_datasets(stores).await.unwrap();
    let zips = bench.faults.zips.load(Ordering::SeqCst);
    let claim = claim_dataset(stores, 1000).await.unwrap().unwrap();
    bench.faults.failing_puts.store(1, Ordering::SeqCst);
    assert_eq!(run_dataset(&bench.service, claim, 2).await.unwrap(), Some(JobState::Ready));
    assert_eq!(bench.faults.zips.load(Ordering::SeqCst), zips + 4, "three items and the final zip");
    assert!(bench.zip("here").await == wanted(&files, &small(), None), "the same bytes");

    bench.job("stop", &files, &small(), 1, None).await;
    let claim = claim_dataset(stores, 1000).await.unwrap().unwrap();
    let records = Arc::clone(&stores.records);
    bench.faults.meanwhile.set(move || {
        records.remove(&JobRecord::record_key("stop"), 2).now_or_never().unwrap().unwrap();
    });
    assert_eq!(run_dataset(&bench.service, claim, 1).await.unwrap(), None, "a deleted job stops");
    assert!(bench.result("jobs/stop/items/1.zip").await.is_none(), "nothing more is rendered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_given_up_by_the_engine_is_failed() {
    let bench = bench();
    bench.job("lost", &pictures(2), &small(), 1, None).await;
    let stopped = json!({ "job": "lost", "stopped": "States.Timeout" });
    assert_eq!(bench.handle(&stopped).await.unwrap(), json!({ "job": "lost", "state": "failed" }));
    assert_eq!(bench.handle(&stopped).await.unwrap(), json!({ "job": "lost", "state": "failed" }), "repeated");
    let job = bench.job_now("lost").await;
    assert_eq!((job.error_kind, &job.failed_items), (Some(FailureKind::Stopped), &vec![0, 1]), "all can be retried");
    assert!(job.facts.error.unwrap().contains("States.Timeout"));
}
