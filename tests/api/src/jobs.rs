//! The cases of jobs over datasets that every deployment must pass.

use augment_core::digest::Digest;
use augment_stores_port::{Area, ObjectStore};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::images::{jpeg, png, zip};

/// The announcement of a JPEG for jobs over datasets.
#[must_use]
pub fn for_dataset(bytes: &[u8]) -> Value {
    json!({
        "filename": "part.jpg", "content_type": "image/jpeg", "size": bytes.len(),
        "sha256": Digest::of(bytes).to_hex(), "run": "dataset",
    })
}

/// Uploads an image for jobs and returns its id.
pub async fn upload(at: &Deployment, bytes: &[u8]) -> String {
    let reserved = at.call("POST", "/v1/uploads", Some(&for_dataset(bytes))).await;
    assert_eq!(reserved.status, 201, "{reserved:?}");
    assert_eq!(at.put(&reserved.body["original"], bytes).await, 200, "the image is accepted");
    let id = reserved.body["id"].as_str().unwrap().to_owned();
    let done = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
    assert_eq!((done.status, &done.body["state"]), (200, &json!("ready")), "nothing to run: {done:?}");
    id
}

/// Uploads small images and returns their ids.
pub async fn uploads(at: &Deployment, numbers: std::ops::Range<u32>) -> Vec<String> {
    let mut ids = Vec::new();
    for number in numbers {
        ids.push(upload(at, &jpeg(number)).await);
    }
    ids
}

/// A job request over uploads as `train/0.jpg` and so on, the last image first.
#[must_use]
pub fn request(ids: &[String]) -> Value {
    let image = |(at, id): (usize, &String)| json!({ "id": id, "path": format!("train/{at}.jpg") });
    json!({ "images": ids.iter().enumerate().map(image).rev().collect::<Vec<_>>(), "recipe": "flip-vertical" })
}

/// The announced zip of labels.
fn labels() -> Value {
    json!({ "size": zip().len(), "sha256": Digest::of(&zip()).to_hex() })
}

/// Creates a job and returns the answer.
pub async fn make(at: &Deployment, body: &Value) -> Value {
    let made = at.call("POST", "/v1/jobs", Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body
}

/// All cases in sequence.
pub async fn all(at: &Deployment) {
    a_dataset_file_is_in_no_gallery(at).await;
    a_job_is_created_and_deleted(at).await;
    labels_are_required_and_verified(at).await;
    images_of_a_job_are_checked(at).await;
    listing(at).await;
}

async fn a_dataset_file_is_in_no_gallery(at: &Deployment) {
    let bytes = jpeg(70);
    let mut public = for_dataset(&bytes);
    public["visibility"] = "public".into();
    public["tags"] = json!(["unseen"]);
    public["group"] = "unseen".into();
    let reserved = at.call("POST", "/v1/uploads", Some(&public)).await.body;
    let id = reserved["id"].as_str().unwrap();
    assert_eq!(at.put(&reserved["original"], &bytes).await, 200, "the image is accepted");
    let image = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await.body;
    assert_eq!((&image["state"], &image["run"]), (&json!("ready"), &json!("dataset")), "kept, not run");
    let private = upload(at, &jpeg(71)).await;
    let private_image = at.call("GET", &format!("/v1/images/{private}"), None).await.body;
    assert_eq!(private_image["visibility"], "private", "private by default");
    for query in ["", "owner=me&", "tag=unseen&", "group=unseen&", "state=ready&owner=me&"] {
        let listed = at.call("GET", &format!("/v1/images?{query}limit=100"), None).await.body;
        let shown =
            listed["images"].as_array().unwrap().iter().any(|image| image["id"] == id || image["id"] == *private);
        assert!(!shown, "{query}: {listed}");
    }
    let tags = at.call("GET", "/v1/tags", None).await.body;
    assert!(!tags.to_string().contains("unseen"), "its tag is not listed: {tags}");
    let augment = at.call("POST", &format!("/v1/images/{id}/augment"), Some(&json!({ "recipe": "classic" }))).await;
    assert_eq!(augment.status, 409, "it has no job of its own: {augment:?}");
    assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, bytes), "but it can be read");
    for id in [id, &private] {
        assert_eq!(at.call("DELETE", &format!("/v1/images/{id}"), None).await.status, 200, "and deleted");
    }
}

/// An object of a job, if the store is in memory.
async fn object(at: &Deployment, id: &str, name: &str) -> Option<Value> {
    let memory = at.memory.as_ref()?;
    let keys = memory.list(Area::Results, &format!("jobs/{id}/"), 99).await.unwrap();
    // Between id and name is the job's generation.
    let key = keys.iter().find(|key| key.name().ends_with(&format!("/{name}"))).unwrap();
    let bytes = memory.read(key, 0, u64::MAX).await.unwrap();
    Some(serde_json::from_slice(&bytes).unwrap())
}

async fn a_job_is_created_and_deleted(at: &Deployment) {
    let ids = uploads(at, 80..83).await;
    let mut body = request(&ids);
    body["title"] = "All / of them".into();
    body["format"] = "voc".into();
    let made = make(at, &body).await;
    let (id, path) = (made["id"].as_str().unwrap(), format!("/v1/jobs/{}", made["id"].as_str().unwrap()));
    assert_eq!(
        (&made["state"], &made["labels"]),
        (&json!("running"), &Value::Null),
        "without labels it starts at once"
    );
    assert_eq!((&made["images"], &made["done"], &made["format"]), (&json!(3), &json!(0), &json!("voc")), "{made}");
    assert!(made["recipe"]["seed"].is_u64(), "the recipe has a seed: {made}");
    let seen = at.call("GET", &path, None).await;
    assert_eq!((seen.status, &seen.body["title"]), (200, &json!("All / of them")), "{seen:?}");
    if let Some(images) = object(at, id, "images.json").await {
        let paths: Vec<&str> = images.as_array().unwrap().iter().map(|i| i["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["train/0.jpg", "train/1.jpg", "train/2.jpg"], "sorted by path");
        assert_eq!(images[0]["sha256"], Digest::of(&jpeg(80)).to_hex(), "with its hash");
        let key = images[0]["key"].as_str().unwrap();
        assert!(key.starts_with(&format!("originals/{}/", ids[0])) && key.ends_with("/part.jpg"), "and its key: {key}");
        let items = object(at, id, "items.json").await.unwrap();
        assert_eq!(items, json!([{ "item": 0, "first": 0, "images": 3 }]), "small images form one item");
        assert_eq!(seen.body["state"], "running", "no worker runs it");
        assert_eq!(at.call("GET", &format!("{path}/results"), None).await.status, 404, "no results yet");
        assert_eq!(at.call("POST", &format!("{path}/retry"), None).await.status, 409, "nothing to retry");
    }
    assert_eq!(at.call("POST", &format!("{path}/start"), None).await.status, 202, "starting again is allowed");
    let mut again = body.clone();
    again["id"] = id.into();
    let taken = at.call("POST", "/v1/jobs", Some(&again)).await;
    assert_eq!((taken.status, &taken.body["errors"][0]["pointer"]), (409, &json!("/id")), "an id is unique");
    assert_eq!(at.call("DELETE", &path, None).await.status, 204, "deleted");
    for (method, more) in [("GET", ""), ("GET", "/results"), ("POST", "/start"), ("POST", "/retry"), ("DELETE", "")] {
        let gone = at.call(method, &format!("{path}{more}"), None).await;
        assert_eq!(gone.status, 404, "{method} {more} of a deleted job: {gone:?}");
    }
    if let Some(memory) = &at.memory {
        assert!(memory.list(Area::Results, &format!("jobs/{id}/"), 9).await.unwrap().is_empty(), "with its objects");
    }
    let again = make(at, &again).await;
    assert_eq!(again["id"], id, "the id is free again");
    at.call("DELETE", &path, None).await;
    assert_eq!(at.follow(&format!("/v1/images/{}/original", ids[0])).await.0, 200, "its images stay");
}

async fn labels_are_required_and_verified(at: &Deployment) {
    let mut body = request(&uploads(at, 84..85).await);
    body["labels"] = labels();
    let made = make(at, &body).await;
    let path = format!("/v1/jobs/{}", made["id"].as_str().unwrap());
    assert_eq!(made["state"], "waiting", "labels come first");
    assert_eq!(at.call("POST", &format!("{path}/start"), None).await.status, 409, "they are missing");
    assert_eq!(at.call("POST", &format!("{path}/retry"), None).await.status, 409, "nothing failed");
    let mut other = zip();
    other[21] ^= 1;
    assert_eq!(at.put(&made["labels"], &other).await, 400, "the store refuses other bytes");
    assert_eq!(at.put(&made["labels"], &zip()).await, 200, "the announced bytes");
    let started = at.call("POST", &format!("{path}/start"), None).await;
    assert_eq!((started.status, &started.body["state"]), (202, &json!("running")), "{started:?}");
    let again = at.call("POST", &format!("{path}/start"), None).await;
    assert_eq!(again.status, 202, "a repeat: {again:?}");
    assert_eq!(at.call("DELETE", &path, None).await.status, 204, "deleted while running");
    // What was signed for it reaches no later job of its id.
    body["id"] = made["id"].clone();
    make(at, &body).await;
    assert_eq!(at.put(&made["labels"], &zip()).await, 200, "labels that come late");
    assert_eq!(at.call("POST", &format!("{path}/start"), None).await.status, 409, "are not its labels");
    assert_eq!(at.call("DELETE", &path, None).await.status, 204, "deleted while waiting");
    body.as_object_mut().unwrap().remove("id");

    // Correctly announced bytes that are not a zip pass the store but not the API.
    let script = b"<script>alert(1)</script>";
    body["labels"] = json!({ "size": script.len(), "sha256": Digest::of(script).to_hex() });
    let made = make(at, &body).await;
    let path = format!("/v1/jobs/{}", made["id"].as_str().unwrap());
    assert_eq!(at.put(&made["labels"], script).await, 200, "the store accepts it");
    let refused = at.call("POST", &format!("{path}/start"), None).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/labels/size")), "{refused:?}");
    assert_eq!(at.call("POST", &format!("{path}/start"), None).await.status, 409, "the object was removed");
    assert_eq!(at.call("GET", &path, None).await.body["state"], "waiting", "still waiting");
    assert_eq!(at.call("DELETE", &path, None).await.status, 204, "deleted");
}

async fn images_of_a_job_are_checked(at: &Deployment) {
    let ids = uploads(at, 86..88).await;
    let waiting = at.call("POST", "/v1/uploads", Some(&for_dataset(&png(9)))).await;
    assert_eq!(waiting.status, 201, "{waiting:?}");
    let pending = waiting.body["id"].as_str().unwrap();
    let pointers = async |images: Value| {
        let mut body = request(&ids);
        body["images"] = images;
        let refused = at.call("POST", "/v1/jobs", Some(&body)).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        let errors = refused.body["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let unknown = json!([{ "id": "nobody" }, { "id": ids[0] }, { "id": pending }]);
    assert_eq!(pointers(unknown).await, ["/images/0/id", "/images/2/id"], "an unknown and a pending upload");
    let same = json!([{ "id": ids[0] }, { "id": ids[1] }]);
    assert_eq!(pointers(same).await, ["/images/1/path"], "equal file names need paths");
    let many: Vec<Value> = (0..30).map(|at| json!({ "id": "nobody", "path": format!("{at}.jpg") })).collect();
    assert_eq!(pointers(many.into()).await.len(), 20, "a long list stops at 20");
    let twice = json!({ "images": [{ "id": ids[0], "path": "a.jpg" }, { "id": ids[0], "path": "b.jpg" }],
                        "recipe": "none", "count": 1, "retention": "extended", "partial": true });
    let made = make(at, &twice).await;
    let kept = [&made["images"], &made["retention"], &made["partial"]];
    assert_eq!(kept, [&json!(2), &json!("extended"), &json!(true)], "one upload used twice: {made}");
    at.call("DELETE", &format!("/v1/jobs/{}", made["id"].as_str().unwrap()), None).await;
    at.call("DELETE", &format!("/v1/images/{pending}"), None).await;
}

async fn listing(at: &Deployment) {
    let mut body = request(&uploads(at, 88..89).await);
    body["labels"] = labels();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(make(at, &body).await["id"].clone());
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut path = "/v1/jobs?limit=2".to_owned();
    for _ in 0..10 {
        let page = at.call("GET", &path, None).await.body;
        seen.extend(page["jobs"].as_array().unwrap().iter().map(|job| job["id"].clone()));
        match page["next_cursor"].as_str() {
            Some(cursor) if seen.len() < 5 => path = format!("/v1/jobs?limit=2&cursor={cursor}"),
            _ => break,
        }
    }
    assert_eq!(seen[..5], ids, "newest first, each once, across pages");
    for id in &ids {
        at.call("DELETE", &format!("/v1/jobs/{}", id.as_str().unwrap()), None).await;
    }
    let left = at.call("GET", "/v1/jobs?limit=100", None).await.body;
    let left: Vec<&Value> = left["jobs"].as_array().unwrap().iter().map(|job| &job["id"]).collect();
    assert!(ids.iter().all(|id| !left.contains(&id)), "deleted jobs are not listed: {left:?}");
}
