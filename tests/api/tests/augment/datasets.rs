//! Jobs over datasets with the real function: the zip equals that of the command line despite kills and repeats, called
//! by the test or by the state machine's interpreter.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use augment_api::{Content, JobState, Limits, NewJob};
use augment_api_tests::workers::Worker;
use augment_core::archive::ZipSink;
use augment_core::digest::Digest;
use augment_records::Document;
use augment_records::dataset::{DatasetImage, JobRecord};
use augment_stores_port::{Area, Key};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};

use crate::harness::Harness;

/// The timeout on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(240);

fn delta() -> Command {
    Command::new(std::env::var_os("DELTA").expect("the command is built by `cargo xtask aws`"))
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// All files of a folder by relative path, sorted.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), path));
            }
        }
    }
    found.sort();
    found
}

/// A running job over a folder, as the API writes it: images uploaded, other files in a zip.
async fn job(harness: &Harness, id: &str, folder: &Path, recipe: &Value, per_item: u32) -> JobRecord {
    let (objects, stores) = (&harness.stores.objects, &harness.stores);
    let (mut images, mut labels) = (Vec::new(), ZipSink::new(Vec::new()));
    for (number, (path, file)) in files(folder).into_iter().enumerate() {
        let bytes = std::fs::read(file).unwrap();
        let name = path.rsplit('/').next().unwrap();
        if !matches!(name.rsplit('.').next(), Some("jpg" | "jpeg" | "png")) {
            labels.add(&path, &bytes).unwrap();
            continue;
        }
        let upload = format!("{id}{number}");
        let key = Key::new(Area::Originals, &["originals", &upload, name]).unwrap();
        let (size, sha256) = (bytes.len() as u64, Digest::of(&bytes).to_hex());
        objects.put(&key, "image/jpeg", bytes.into()).await.unwrap();
        images.push(DatasetImage { id: upload, path, key: key.name().to_owned(), size, sha256 });
    }
    let labels = labels.finish().unwrap();
    let listed: Vec<Value> = images.iter().map(|image| json!({ "id": image.id, "path": image.path })).collect();
    let body = json!({ "id": id, "images": listed, "recipe": recipe });
    let new = NewJob::check(&body, &Limits::default()).unwrap();
    let mut job = JobRecord::new(id.to_owned(), "ann", new, 1, stores.now_ms()).unwrap();
    job.labels = Some(Content { size: labels.len() as u64, sha256: Digest::of(&labels).to_hex() });
    (job.per_item, job.items) = (per_item, job.images.div_ceil(per_item));
    job.run(stores.now_ms());
    objects.put(&job.labels_key().unwrap(), "application/zip", labels.into()).await.unwrap();
    stores.put_json(&job, &job.images_key().unwrap(), &images).await.unwrap();
    stores.put_json(&job, &job.items_key().unwrap(), &job.items_to_run()).await.unwrap();
    stores.records.create(job.to_record(1).unwrap()).await.unwrap();
    job
}

/// The zip that the command makes of a folder.
fn wanted(folder: &Path, recipe: &Value) -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    let (out, file) = (home.path().join("out.zip"), home.path().join("recipe.json"));
    std::fs::write(&file, recipe.to_string()).unwrap();
    run(delta().arg("augment").arg(folder).arg("-o").arg(&out).arg("--recipe").arg(file));
    std::fs::read(out).unwrap()
}

async fn zip(harness: &Harness, id: &str) -> Vec<u8> {
    let (job, _) = harness.stores.load::<JobRecord>(id).await.unwrap();
    assert_eq!(job.state, JobState::Ready, "{:?} {:?}", job.error, job.failures);
    let size = job.results.as_ref().unwrap().size;
    let zip = harness.stores.objects.read(&job.results_key().unwrap(), 0, 1 << 40).await.unwrap();
    assert_eq!(zip.len() as u64, size, "the recorded size");
    zip.to_vec()
}

/// Drawn datasets, and real ones if available.
fn datasets(home: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for format in ["voc", "yolo"] {
        let drawn = home.join(format);
        run(delta().args(["sample", "--count", "7", "--labels", format, "-o"]).arg(&drawn));
        found.push(drawn);
    }
    if let Some(folder) = std::env::var_os("DELTA_PHOTOGRAPHS") {
        let real = ["bccd-voc", "coco-keypoints"].map(|name| Path::new(&folder).join(name));
        found.extend(real.into_iter().filter(|folder| folder.is_dir()));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto, the function and the command: cargo xtask aws"]
async fn the_zip_equals_the_command_lines_despite_kills_and_repeats() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    let worker = harness.worker(1024, Duration::from_secs(60)).await;
    let home = tempfile::tempdir().unwrap();
    let recipe = json!({ "version": 1, "seed": 41, "count": 2, "output": { "include_original": true }, "steps": [
        { "op": "rotate", "degrees": [-25, 25] }, { "op": "brightness" }, { "op": "mosaic", "p": 0.2 },
    ]});
    for (number, folder) in datasets(home.path()).iter().enumerate() {
        let id = format!("set{number}");
        let job = job(&harness, &id, folder, &recipe, 2).await;
        let images = job.images;
        let began = Instant::now();
        for item in job.items_to_run() {
            let event = json!({ "job": id, "item": item.item });
            if number == 0 && item.item == 1 {
                // Killed while it reads an image; the engine retries.
                *harness.faults.stuck.lock().unwrap() = Some("scene_0003.jpg".to_owned());
                let (first, killed) = (Arc::clone(&worker), event.clone());
                let first = tokio::spawn(async move { first.invoke(killed).await });
                while harness.faults.waiting.load(Ordering::SeqCst) == 0 {
                    assert!(began.elapsed() < TIMEOUT, "the read does not happen");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                worker.kill();
                assert!(first.await.unwrap().is_err(), "the call failed");
                *harness.faults.stuck.lock().unwrap() = None;
            }
            let answer = worker.invoke(event.clone()).await.unwrap();
            assert_eq!((&answer["item"], &answer["failed"]), (&json!(item.item), &json!(0)), "{answer}");
            if item.item == 0 {
                let zips = harness.faults.zips.lock().unwrap().len();
                assert_eq!(worker.invoke(event).await.unwrap(), answer, "a repeat gives the same answer");
                assert_eq!(harness.faults.zips.lock().unwrap().len(), zips, "and renders nothing");
            }
        }
        let worked = began.elapsed();
        let answer = worker.invoke(json!({ "job": id, "assemble": true })).await.unwrap();
        assert_eq!(answer, json!({ "job": id, "state": "ready", "again": false }));
        let assembled = began.elapsed() - worked;
        let (here, there) = (wanted(folder, &recipe), zip(&harness, &id).await);
        assert_eq!(Digest::of(&here), Digest::of(&there), "{}: the same bytes", folder.display());
        println!(
            "{}: {images} images in {} items in {:.1} s, one zip of {:.1} MB in {:.2} s: the command line's bytes",
            folder.file_name().unwrap().to_str().unwrap(),
            job.items,
            worked.as_secs_f64(),
            there.len() as f64 / 1e6,
            assembled.as_secs_f64()
        );
    }
}

/// The workers behind the interpreter.
#[derive(Clone)]
struct Bridge {
    workers: Arc<Vec<Arc<Worker>>>,
    next: Arc<AtomicUsize>,
}

async fn call(State(bridge): State<Bridge>, event: String) -> Result<String, (StatusCode, String)> {
    let turn = bridge.next.fetch_add(1, Ordering::SeqCst) % bridge.workers.len();
    let answer = bridge.workers[turn].invoke(serde_json::from_str(&event).unwrap()).await;
    answer.map(|answer| answer.to_string()).map_err(|why| (StatusCode::INTERNAL_SERVER_ERROR, why))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto, the function and the command: cargo xtask aws"]
async fn the_state_machine_runs_fifty_items_and_retries_a_lost_one() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    let home = tempfile::tempdir().unwrap();
    let (folder, list) = (home.path().join("drawn"), home.path().join("items.json"));
    run(delta().args(["sample", "--count", "50", "--labels", "coco", "-o"]).arg(&folder));
    let recipe = json!({ "version": 1, "seed": 3, "count": 1, "steps": [{ "op": "flip_horizontal" }] });
    let job = job(&harness, "fifty", &folder, &recipe, 1).await;
    let mut workers = Vec::new();
    for _ in 0..2 {
        workers.push(harness.worker(1024, Duration::from_secs(60)).await);
    }
    let bridge = Bridge { workers: Arc::new(workers), next: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let routes = Router::new().route("/", post(call)).with_state(bridge);
    let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
    let machine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/checks/machine.py");
    let execute = async |items: Value| {
        std::fs::write(&list, items.to_string()).unwrap();
        let python = std::env::var_os("MOTO_PYTHON").unwrap_or_else(|| "python3".into());
        let mut command = Command::new(python);
        command.arg(&machine).args([address.as_str(), "fifty"]).arg(&list).env("PYTHONDONTWRITEBYTECODE", "1");
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
        print!("{said}");
    };
    execute(json!(job.items_to_run())).await;
    let (mut ended, version) = harness.stores.load::<JobRecord>("fifty").await.unwrap();
    assert_eq!(
        (ended.state, ended.failed, &ended.failed_items[..]),
        (JobState::Ready, 1, &[7][..]),
        "{:?}",
        ended.error
    );

    // Retried as by the API: only the lost item.
    ended.run_again(harness.stores.now_ms());
    harness.stores.records.replace(ended.to_record(version + 1).unwrap()).await.unwrap();
    execute(json!(ended.items_to_run())).await;
    assert_eq!(
        Digest::of(&zip(&harness, "fifty").await),
        Digest::of(&wanted(&folder, &recipe)),
        "the command line's bytes"
    );
    serving.abort();
}
