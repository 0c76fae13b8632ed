//! `delta push --dataset` and `pull --dataset`: one job over a whole dataset makes the zip that `delta augment` makes.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use augment_api_tests::cases::share;
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::{jpeg, zip};
use augment_api_tests::jobs;
use augment_core::digest::Digest;
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, delta};

/// Copies, chance, boxes that move, and images that are mixed with others of the dataset.
const MIXING: &str = r#"{"version": 1, "count": 3, "output": {"include_original": true}, "steps": [
    {"op": "rotate", "degrees": [-20, 20]}, {"op": "mosaic", "p": 0.5}, {"op": "brightness", "p": 0.5}]}"#;

fn run(home: &Path, arguments: &[&str]) -> Output {
    delta().current_dir(home).args(arguments).output().unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn digest(home: &Path, file: &str) -> Digest {
    Digest::of(&std::fs::read(home.join(file)).unwrap())
}

/// A drawn YOLO set of six images, the last two of which are the split val; the first of train is in val too.
fn split_set(home: &Path) {
    let made = run(home, &["sample", "-o", "drawn", "--labels", "yolo", "--count", "6"]);
    assert!(made.status.success(), "{made:?}");
    let names = |folder: &str| {
        let files = std::fs::read_dir(home.join("drawn").join(folder)).unwrap();
        let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    for folder in ["images", "labels"] {
        for (at, name) in names(folder).iter().enumerate() {
            let (from, split) = (home.join("drawn").join(folder).join(name), if at < 4 { "train" } else { "val" });
            let copy = |split: &str, name: &str| {
                let to = home.join("split").join(folder).join(split);
                std::fs::create_dir_all(&to).unwrap();
                std::fs::copy(&from, to.join(name)).unwrap();
            };
            copy(split, name);
            if at == 0 {
                copy("val", &format!("again_{name}"));
            }
        }
    }
    std::fs::copy(home.join("drawn/data.yaml"), home.join("split/data.yaml")).unwrap();
}

#[test]
fn splits_are_told_and_kept_there_as_here() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let server = Server::start(&home.join("data"), &[]);
    split_set(home);
    let both = ["--recipe", "detection", "--seed", "7", "--count", "2"];
    let here = run(home, &[&["augment", "split", "-o", "here.zip"][..], &both].concat());
    let push = ["push", "split", "--dataset", "-o", "there.zip", "--api", &server.origin];
    let there = run(home, &[&push[..], &both].concat());
    assert_eq!((here.status.code(), there.status.code()), (Some(0), Some(0)), "{here:?} {there:?}");
    assert_eq!(digest(home, "there.zip"), digest(home, "here.zip"), "the same bytes");
    let first = |output: &Output| String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned);
    assert_eq!(first(&there), first(&here), "what was found");
    assert!(first(&here).is_some_and(|line| line.contains("train 4 image(s)") && line.contains("val")), "{here:?}");
    for output in [here, there] {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("warning: ") && told.contains("again_"), "the leak is told: {told}");
    }
}

#[test]
fn the_cloud_makes_the_zip_that_the_command_makes() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let server = Server::start(&home.join("data"), &[]);
    std::fs::write(home.join("mixing.json"), MIXING).unwrap();
    for (labels, recipe, more) in [
        ("voc", "detection", &["--count", "2"][..]),
        ("yolo", "mixing.json", &[]),
        ("coco", "mixing.json", &["--labels", "voc"]),
        ("coco", "classic", &["--labels", "none"]),
    ] {
        let set = format!("{labels}-set");
        if !home.join(&set).exists() {
            let made = run(home, &["sample", "-o", &set, "--labels", labels, "--count", "7"]);
            assert!(made.status.success(), "{made:?}");
            std::fs::write(home.join(&set).join("notes.pdf"), "no part of a dataset").unwrap();
        }
        let both = [&["--recipe", recipe, "--seed", "7", "--json"][..], more].concat();
        let here = run(home, &[&["augment", &set, "-o", "here.zip"][..], &both].concat());
        assert!(here.status.success(), "{labels}: {here:?}");
        let push = [&["push", &set, "--dataset", "-o", "there.zip", "--api", &server.origin][..], &both].concat();
        let there = run(home, &push);
        assert_eq!(there.status.code(), Some(0), "{labels}: {there:?}");
        assert_eq!(
            digest(home, "there.zip"),
            digest(home, "here.zip"),
            "{labels} by {recipe} {more:?}: the same bytes"
        );
        let (here, there) = (report(&here), report(&there));
        assert_eq!((&there["outputs"], &there["seed"]), (&here["outputs"], &here["seed"]), "{there}");
        assert_eq!((&there["done"], &there["failed"]), (&Value::from(7), &Value::from(0)), "{there}");
        // The same again sends nothing, and finds its job.
        std::fs::remove_file(home.join("there.zip")).unwrap();
        let again = report(&run(home, &push));
        assert_eq!((&again["sent"], &again["there"], &again["id"]), (&0.into(), &7.into(), &there["id"]), "{again}");
        assert_eq!(digest(home, "there.zip"), digest(home, "here.zip"), "{labels}: the zip comes again");
        let pull = ["pull", there["id"].as_str().unwrap(), "--dataset", "-o", "pulled.zip", "--api", &server.origin];
        assert!(run(home, &pull).status.success(), "{labels}: it can be fetched by its id");
        assert_eq!(digest(home, "pulled.zip"), digest(home, "here.zip"), "{labels}: the same bytes");
    }
    // What only a dataset has means nothing without one.
    for alone in [&["--labels", "voc"], &["--seed", "1"], &["-o", "out.zip"]] {
        let refused = run(home, &[&["push", "voc-set", "--api", &server.origin][..], alone].concat());
        assert_eq!(refused.status.code(), Some(2), "{alone:?}: {refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--dataset"), "{alone:?}: {refused:?}");
    }
}

#[test]
fn what_fails_there_is_named_and_fails_as_here() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let server = Server::start(&home.join("data"), &[]);
    assert!(run(home, &["sample", "-o", "set", "--labels", "voc", "--count", "4"]).status.success(), "a dataset");
    let images = walkdir::WalkDir::new(home.join("set")).sort_by_file_name().into_iter().map(Result::unwrap);
    let images: Vec<_> = images.filter(|file| file.path().extension().is_some_and(|e| e == "jpg")).collect();
    // One begins like an image and is none; one is not even like one; one has labels that cannot be read.
    let whole = std::fs::read(images[0].path()).unwrap();
    std::fs::write(images[0].path(), &whole[..200]).unwrap();
    std::fs::write(images[1].path(), "no image").unwrap();
    let xml = walkdir::WalkDir::new(home.join("set")).sort_by_file_name().into_iter().map(Result::unwrap);
    let xml = xml.filter(|file| file.path().extension().is_some_and(|e| e == "xml")).nth(2).unwrap();
    std::fs::write(xml.path(), "<annotation><object>").unwrap();
    let both = ["--recipe", "classic", "--count", "2", "--seed", "3"];
    let here = run(home, &[&["augment", "set", "-o", "here.zip"][..], &both].concat());
    assert_eq!(here.status.code(), Some(1), "{here:?}");
    let there = run(
        home,
        &[&["push", "set", "--dataset", "-o", "there.zip", "--json", "--api", &server.origin][..], &both].concat(),
    );
    assert_eq!(there.status.code(), Some(1), "{there:?}");
    let said = String::from_utf8_lossy(&there.stderr).into_owned();
    for file in [images[0].path(), images[1].path(), xml.path()] {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(said.contains(name), "{name} is named: {said}");
    }
    assert_eq!(digest(home, "there.zip"), digest(home, "here.zip"), "the same bytes, failures included");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_leaves_the_job_on_the_server_and_says_how_to_fetch_it() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let server = Server::start(&home.join("data"), &["--max-count", "100"]);
    assert!(run(home, &["sample", "-o", "set", "--labels", "coco", "--count", "12"]).status.success(), "a dataset");
    let both = ["--recipe", "classic", "--count", "60", "--seed", "1"];
    let push = [&["push", "set", "--dataset", "-o", "out.zip", "--api", &server.origin][..], &both].concat();
    let mut child = delta();
    child.current_dir(home).args(&push).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    let at = server.deployment();
    let until = Instant::now() + PATIENCE;
    let id = loop {
        let jobs = at.call("GET", "/v1/jobs", None).await.body;
        if jobs["jobs"][0]["state"] == "running" {
            break jobs["jobs"][0]["id"].as_str().unwrap().to_owned();
        }
        assert!(Instant::now() < until && jobs["jobs"][0]["state"] != "ready", "a job runs: {jobs}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    // It has heard that the job runs by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success(), "the signal is sent");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{ended:?}");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains(&format!("delta pull --dataset {id} --api {}", server.origin)), "{said}");
    let left = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.contains("out.zip")), "nothing half is left");
    let pull = run(home, &["pull", &id, "--dataset", "-o", "out.zip", "--api", &server.origin]);
    assert!(pull.status.success(), "the job went on: {pull:?}");
    assert!(run(home, &[&["augment", "set", "-o", "here.zip"][..], &both].concat()).status.success(), "the same here");
    assert_eq!(digest(home, "out.zip"), digest(home, "here.zip"), "the same bytes");
}

/// A job once it has ended.
async fn ended(at: &Deployment, id: &str) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let job = at.call("GET", &format!("/v1/jobs/{id}"), None).await.body;
        if matches!(job["state"].as_str(), Some("ready" | "failed")) {
            return job;
        }
        assert!(Instant::now() < until, "the job does not end: {job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missing_is_run_again_and_the_zip_is_then_whole() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let server = Server::start(&home.join("data"), &[]);
    let at = server.deployment();
    std::fs::create_dir(home.join("set")).unwrap();
    let mut images = Vec::new();
    for number in 0..3 {
        let (name, bytes) = (format!("{number}.jpg"), jpeg(number));
        std::fs::write(home.join("set").join(&name), &bytes).unwrap();
        let mut announced = jobs::for_dataset(&bytes);
        (announced["id"], announced["filename"]) = (format!("part{number}").into(), name.as_str().into());
        images.push((announced, bytes));
    }
    let send = async |(announced, bytes): &(Value, Vec<u8>)| share(&at, announced, bytes).await;
    for image in &images {
        send(image).await;
    }
    // It waits for labels, so that an image can go before it begins.
    let labels = zip();
    let listed: Vec<Value> = images.iter().map(|(announced, _)| json!({ "id": announced["id"] })).collect();
    let body = json!({
        "images": listed, "recipe": { "version": 1, "seed": 4, "steps": [{ "op": "rotate", "degrees": [-20, 20] }] },
        "count": 2, "labels": { "size": labels.len(), "sha256": Digest::of(&labels).to_hex() },
    });
    let made = jobs::make(&at, &body).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(at.put(&made["labels"], &labels).await, 200, "the labels are taken");
    assert_eq!(at.call("DELETE", "/v1/images/part1", None).await.status, 200, "an image goes");
    let path = format!("/v1/jobs/{id}");
    assert_eq!(at.call("POST", &format!("{path}/start"), None).await.status, 202, "it begins");
    let job = ended(&at, id).await;
    assert_eq!((&job["state"], &job["done"], &job["failed"]), (&json!("ready"), &json!(2), &json!(1)), "{job}");
    assert_eq!(job["failures"][0]["path"], "1.jpg", "the one that is missing is named: {job}");
    send(&images[1]).await;
    assert_eq!(at.call("POST", &format!("{path}/retry"), None).await.status, 202, "it is there again");
    let job = ended(&at, id).await;
    assert_eq!((&job["state"], &job["done"], &job["failures"]), (&json!("ready"), &json!(3), &json!([])), "{job}");
    let (_, there) = at.follow(&format!("{path}/results")).await;
    std::fs::write(home.join("recipe.json"), job["recipe"].to_string()).unwrap();
    assert!(run(home, &["augment", "set", "-o", "here.zip", "--recipe", "recipe.json"]).status.success(), "here");
    assert_eq!(Digest::of(&there), digest(home, "here.zip"), "the same bytes");
    assert_eq!(job["results"]["size"], there.len(), "as long as is said");
}
