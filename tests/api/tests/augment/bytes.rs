//! The function makes the same zip as `delta augment`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use augment_api::State;
use augment_api_tests::images::{jpeg, png};
use augment_core::digest::Digest;
use serde_json::json;

use crate::harness::Harness;

/// Real photographs, if `DELTA_PHOTOGRAPHS` names their folder.
fn photographs() -> Vec<PathBuf> {
    fn within(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
            if path.is_dir() {
                within(&path, found);
            } else if matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png")) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    if let Some(folder) = std::env::var_os("DELTA_PHOTOGRAPHS") {
        within(Path::new(&folder), &mut found);
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto, the function and the command: cargo xtask aws"]
async fn the_same_bytes_as_the_command_line() {
    let delta = std::env::var_os("DELTA").expect("the command is built by `cargo xtask aws`");
    let harness = Harness::new(Duration::from_secs(60)).await;
    let worker = harness.worker(1024, Duration::from_secs(60)).await;
    let home = tempfile::tempdir().unwrap();
    let mut files = photographs();
    if files.is_empty() {
        println!("no real photographs: only drawn images are compared");
    }
    for (name, bytes) in [("drawn.jpg", jpeg(5)), ("drawn too.png", png(6))] {
        std::fs::write(home.path().join(name), bytes).unwrap();
        files.push(home.path().join(name));
    }
    let recipe = json!({ "version": 1, "seed": 41, "count": 2, "steps": [
        { "op": "rotate", "degrees": [-25, 25] }, { "op": "brightness" }, { "op": "gaussian_noise" },
    ]});
    std::fs::write(home.path().join("recipe.json"), recipe.to_string()).unwrap();
    let mut total = 0;
    for (number, file) in files.iter().enumerate() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let id = format!("i{number}");
        let key = format!("originals/{id}/{name}");
        harness.put(&key, &[("recipe", &recipe.to_string())], std::fs::read(file).unwrap()).await;
        let answer = worker.invoke(json!({ "Records": [{
            "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": augment_stores_local::ORIGINALS_BUCKET },
                    "object": { "key": key.replace(' ', "+") } },
        }]}));
        let answer = answer.await.unwrap();
        assert_eq!(answer["images"][0]["state"], "ready", "{name}: {answer}");
        // In its own folder, since the command would use labels next to it.
        let alone = tempfile::tempdir().unwrap();
        let out = alone.path().join("out.zip");
        let file = &alone.path().join(name);
        std::fs::copy(&files[number], file).unwrap();
        let mut augment = Command::new(&delta);
        augment.arg("augment").arg(file).arg("-o").arg(&out).arg("--recipe").arg(home.path().join("recipe.json"));
        let done = augment.output().unwrap();
        assert!(done.status.success(), "{done:?}");
        let (here, there) = (std::fs::read(&out).unwrap(), harness.zip(&id).await);
        assert_eq!(Digest::of(&here), Digest::of(&there), "{name}: the same bytes");
        let image = harness.image(&id).await;
        assert_eq!((image.state, image.results.unwrap().sha256), (State::Ready, Digest::of(&there).to_hex()), "{name}");
        total += there.len();
    }
    println!(
        "{} images: zips of {:.1} MB, each the same byte for byte as the command line's",
        files.len(),
        total as f64 / 1e6
    );
}
