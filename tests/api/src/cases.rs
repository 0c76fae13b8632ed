//! The cases that every deployment must pass.

use augment_core::digest::Digest;
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::images::{jpeg, png, zip};
use crate::jobs;

/// The announcement of a JPEG that the client has augmented itself.
#[must_use]
pub fn announcement(bytes: &[u8]) -> Value {
    json!({
        "filename": "photo été.jpg", "content_type": "image/jpeg", "size": bytes.len(),
        "sha256": Digest::of(bytes).to_hex(), "tags": ["cat"], "count": 2, "recipe": "flip-vertical",
        "run": "client", "visibility": "public", "retention": "standard",
        "results": { "size": zip().len(), "sha256": Digest::of(&zip()).to_hex() },
    })
}

/// The announcement of a JPEG for the server to augment.
#[must_use]
pub fn for_server(bytes: &[u8]) -> Value {
    let mut body = announcement(bytes);
    body["run"] = "server".into();
    body.as_object_mut().unwrap().remove("results");
    body
}

/// Reserves, uploads and completes.
pub async fn share(at: &Deployment, body: &Value, bytes: &[u8]) -> Value {
    let reserved = at.call("POST", "/v1/uploads", Some(body)).await;
    assert_eq!(reserved.status, 201, "{reserved:?}");
    assert_eq!(at.put(&reserved.body["original"], bytes).await, 200, "the image is accepted");
    if reserved.body["results"].is_object() {
        assert_eq!(at.put(&reserved.body["results"], &zip()).await, 200, "the results are accepted");
    }
    let id = reserved.body["id"].as_str().unwrap();
    let done = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
    assert_eq!(done.status, 200, "{done:?}");
    done.body
}

/// All cases in sequence.
pub async fn all(at: &Deployment) {
    meta(at).await;
    an_upload_from_end_to_end(at).await;
    an_earlier_reservation_reaches_nothing(at).await;
    completing_verifies_the_upload(at).await;
    listing(at).await;
    changing(at).await;
    running_again(at).await;
    parts(at).await;
    groups(at).await;
    jobs::all(at).await;
    unknown_addresses(at).await;
}

async fn meta(at: &Deployment) {
    assert_eq!(at.call("GET", "/healthz", None).await.body["status"], "ok", "it is up");
    let config = at.call("GET", "/v1/config", None).await.body;
    assert_eq!(config["limits"]["max_count"], at.limits.max_count, "limits are published");
    let document = at.call("GET", "/v1/openapi.json", None).await;
    assert_eq!((document.status, &document.body["openapi"]), (200, &json!("3.1.0")), "the document");
}

async fn an_upload_from_end_to_end(at: &Deployment) {
    let bytes = jpeg(1);
    let image = share(at, &announcement(&bytes), &bytes).await;
    let id = image["id"].as_str().unwrap();
    assert_eq!((&image["state"], &image["mine"]), (&json!("ready"), &json!(true)), "the client ran the recipe");
    assert_eq!(image["filename"], "photo été.jpg", "the name is kept");
    assert!(image["recipe"]["seed"].is_u64(), "the recipe has a seed: {image}");
    assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, bytes), "the same file");
    assert_eq!(at.follow(&format!("/v1/images/{id}/results")).await, (200, zip()), "and the results");
    let again = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
    assert_eq!((again.status, &again.body["id"]), (200, &image["id"]), "completing again is allowed");
    let mut taken = announcement(&jpeg(2));
    taken["id"] = image["id"].clone();
    let taken = at.call("POST", "/v1/uploads", Some(&taken)).await;
    assert_eq!(taken.status, 409, "an id is unique");
    assert_eq!(taken.body["type"], "urn:delta-augment:problem:id-taken", "by its stable type");
    let gone = at.call("DELETE", &format!("/v1/images/{id}"), None).await;
    assert_eq!(gone.status, 200, "deleted");
    for path in ["", "/original", "/results", "/thumbnail"] {
        let path = format!("/v1/images/{id}{path}");
        assert_eq!(at.call("GET", &path, None).await.status, 404, "{path} is deleted");
    }
    assert_eq!(at.call("DELETE", &format!("/v1/images/{id}"), None).await.status, 404, "a repeat");
}

async fn an_earlier_reservation_reaches_nothing(at: &Deployment) {
    let (earlier, later) = (jpeg(50), jpeg(51));
    let old = at.call("POST", "/v1/uploads", Some(&announcement(&earlier))).await.body;
    let id = old["id"].as_str().unwrap();
    assert_eq!(at.call("DELETE", &format!("/v1/images/{id}"), None).await.status, 200, "the id is free");
    let mut body = announcement(&later);
    body["id"] = id.into();
    let new = at.call("POST", "/v1/uploads", Some(&body)).await;
    assert_eq!(new.status, 201, "{new:?}");
    for (object, bytes) in [("original", &earlier), ("results", &zip())] {
        assert_eq!(at.put(&old[object], bytes).await, 200, "what was signed before comes late: {object}");
    }
    let complete = format!("/v1/uploads/{id}/complete");
    assert_eq!(at.call("POST", &complete, None).await.status, 409, "nothing of the new one has arrived");
    for (object, bytes) in [("original", &later), ("results", &zip())] {
        assert_eq!(at.put(&new.body[object], bytes).await, 200, "{object}");
    }
    assert_eq!(at.put(&old["original"], &earlier).await, 200, "the late one again");
    assert_eq!(at.call("POST", &complete, None).await.status, 200, "it has arrived");
    assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, later), "its own bytes");
    assert_eq!(at.call("DELETE", &format!("/v1/images/{id}"), None).await.status, 200, "deleted");
}

async fn completing_verifies_the_upload(at: &Deployment) {
    let bytes = jpeg(3);
    let reserved = at.call("POST", "/v1/uploads", Some(&for_server(&bytes))).await;
    let id = reserved.body["id"].as_str().unwrap();
    let complete = format!("/v1/uploads/{id}/complete");
    assert_eq!(at.call("POST", &complete, None).await.status, 409, "nothing has arrived");
    assert_eq!(at.call("GET", &format!("/v1/images/{id}"), None).await.body["state"], "pending", "still pending");
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(at.put(&reserved.body["original"], &other).await, 400, "the store refuses other bytes");
    assert_eq!(at.call("POST", &complete, None).await.status, 409, "still nothing has arrived");
    // Correctly announced bytes that are not a JPEG pass the store but not the API.
    for script in [b"<script>alert(1)</script>".to_vec(), b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), png(1)]
    {
        let reserved = at.call("POST", "/v1/uploads", Some(&for_server(&script))).await;
        let id = reserved.body["id"].as_str().unwrap();
        assert_eq!(at.put(&reserved.body["original"], &script).await, 200, "the store accepts it");
        let refused = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/content_type", "the type differs");
        let again = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
        assert_eq!(again.status, 409, "the object was removed");
    }
}

async fn listing(at: &Deployment) {
    let mut ids = Vec::new();
    for number in 0..5 {
        let bytes = jpeg(10 + number);
        let mut body = announcement(&bytes);
        body["tags"] = json!(["listed", if number % 2 == 0 { "even" } else { "odd" }]);
        body["group"] = "listing".into();
        ids.push(share(at, &body, &bytes).await["id"].as_str().unwrap().to_owned());
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    ids.reverse();
    let found = |body: &Value| -> Vec<String> {
        body["images"].as_array().unwrap().iter().map(|image| image["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut seen = Vec::new();
    let mut path = "/v1/images?tag=listed&limit=2".to_owned();
    for _ in 0..3 {
        let page = at.call("GET", &path, None).await.body;
        seen.extend(found(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/images?tag=listed&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ids, "newest first, each once, across pages");
    let even = at.call("GET", "/v1/images?tag=even&group=listing&owner=me&state=ready", None).await.body;
    assert_eq!(found(&even), [ids[0].as_str(), ids[2].as_str(), ids[4].as_str()], "filters narrow");
    assert_eq!(even["next_cursor"], Value::Null, "the last page");
    let tags = at.call("GET", "/v1/tags", None).await.body;
    let names: Vec<&str> = tags["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert!(["even", "listed", "odd"].iter().all(|tag| names.contains(tag)), "tags in use are listed: {names:?}");
    for id in ids {
        at.call("DELETE", &format!("/v1/images/{id}"), None).await;
    }
    assert!(found(&at.call("GET", "/v1/images?tag=listed", None).await.body).is_empty(), "deleted images");
}

async fn changing(at: &Deployment) {
    let bytes = jpeg(20);
    let id = share(at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/images/{id}");
    let change = json!({ "title": "A cat", "tags": ["zoo", "changed"], "group": "pets", "visibility": "private" });
    let changed = at.call("PATCH", &path, Some(&change)).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.body["tags"], json!(["changed", "zoo"]), "tags are sorted");
    let cleared = at.call("PATCH", &path, Some(&json!({ "title": null }))).await.body;
    assert_eq!((&cleared["title"], &cleared["group"]), (&Value::Null, &json!("pets")), "null removes, absence keeps");
    let listed = at.call("GET", "/v1/images?tag=changed", None).await.body;
    assert_eq!(listed["images"].as_array().unwrap().len(), 1, "the owner sees private images");
    let refused = at.call("PATCH", &path, Some(&json!({ "state": "ready", "tags": ["a1"] }))).await;
    let pointers: Vec<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!((refused.status, pointers), (422, vec!["/tags/0", "/state"]), "every bad field");
    at.call("DELETE", &path, None).await;
}

async fn running_again(at: &Deployment) {
    let bytes = jpeg(30);
    let id = share(at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/images/{id}/augment");
    let accepted = at.call("POST", &path, Some(&json!({ "recipe": "classic", "count": 3 }))).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    assert_eq!((&accepted.body["count"], &accepted.body["run"]), (&json!(3), &json!("server")), "as asked");
    let again = at.call("POST", &path, Some(&json!({}))).await;
    assert!(matches!(again.status, 202 | 409), "a second run is refused or starts after the first: {again:?}");
    if at.memory.is_some() {
        assert_eq!(again.status, 409, "without a worker the job waits");
    }
    let reserved = at.call("POST", "/v1/uploads", Some(&for_server(&bytes))).await.body;
    let pending = reserved["id"].as_str().unwrap();
    let early = at.call("POST", &format!("/v1/images/{pending}/augment"), Some(&json!({}))).await;
    assert_eq!(early.status, 409, "a pending image cannot run");
    at.call("DELETE", &format!("/v1/images/{id}"), None).await;
    at.call("DELETE", &format!("/v1/images/{pending}"), None).await;
}

async fn parts(at: &Deployment) {
    // Several parts of the deployment's part size.
    let size = usize::try_from(at.limits.part_bytes * 2 + at.limits.part_bytes / 2).unwrap();
    let mut bytes = jpeg(40);
    bytes.resize(size, 7);
    let reserved = at.call("POST", "/v1/uploads", Some(&for_server(&bytes))).await.body;
    let id = reserved["id"].as_str().unwrap();
    let base = format!("/v1/uploads/{id}/parts");
    let object = json!({ "object": "original" });
    assert_eq!(at.call("GET", &format!("{base}?object=original"), None).await.status, 409, "nothing was begun");
    let begun = at.call("POST", &base, Some(&object)).await.body;
    assert_eq!((&begun["part_count"], &begun["parts"]), (&json!(3), &json!([])), "three parts, none arrived");
    let pieces: Vec<&[u8]> = bytes.chunks(usize::try_from(at.limits.part_bytes).unwrap()).collect();
    let wanted: Vec<Value> =
        (1..).zip(&pieces).map(|(n, piece)| json!({ "number": n, "sha256": Digest::of(piece).to_hex() })).collect();
    let targets =
        at.call("POST", &format!("{base}/urls"), Some(&json!({ "object": "original", "parts": wanted }))).await;
    assert_eq!(targets.status, 200, "{targets:?}");
    let targets = targets.body["parts"].as_array().unwrap().clone();
    assert_eq!(at.put(&targets[0], pieces[0]).await, 200, "the first part");
    assert_eq!(at.put(&targets[1], pieces[0]).await, 400, "the wrong bytes for the second");
    let arrived = at.call("GET", &format!("{base}?object=original"), None).await.body;
    assert_eq!(arrived["parts"], json!([{ "number": 1, "size": at.limits.part_bytes }]), "only the first has arrived");
    let resumed = at.call("POST", &base, Some(&object)).await.body;
    assert_eq!(resumed["parts"], arrived["parts"], "beginning again resumes");
    assert_eq!(at.call("POST", &format!("{base}/complete"), Some(&object)).await.status, 409, "parts are missing");
    for number in [1, 2] {
        assert_eq!(at.put(&targets[number], pieces[number]).await, 200, "the rest");
    }
    assert_eq!(at.call("POST", &format!("{base}/complete"), Some(&object)).await.status, 200, "joined");
    assert_eq!(at.call("POST", &format!("{base}/complete"), Some(&object)).await.status, 200, "a repeat");
    let done = at.call("POST", &format!("/v1/uploads/{id}/complete"), None).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(at.follow(&format!("/v1/images/{id}/original")).await, (200, bytes.clone()), "the same file");
    assert_eq!(at.call("POST", &base, Some(&object)).await.status, 409, "the upload is complete");
    at.call("DELETE", &format!("/v1/images/{id}"), None).await;
}

async fn groups(at: &Deployment) {
    let made = at.call("POST", "/v1/groups", Some(&json!({ "name": "herd", "title": "A herd" }))).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(at.call("POST", "/v1/groups", Some(&json!({ "name": "herd" }))).await.status, 409, "the name is taken");
    let groups = at.call("GET", "/v1/groups", None).await.body;
    let listed = groups["groups"].as_array().unwrap().contains(&json!({ "name": "herd", "title": "A herd" }));
    assert!(listed, "it is listed: {groups}");
}

async fn unknown_addresses(at: &Deployment) {
    let nowhere = at.call("GET", "/v1/nothing", None).await;
    assert_eq!(nowhere.body["type"], "urn:delta-augment:problem:not-found", "a problem");
    let method = at.call("PUT", "/v1/images", None).await;
    assert_eq!((method.status, method.headers.contains_key("allow")), (405, true), "{method:?}");
    for id in ["..", "%2e%2e", "a%00b", "%ff", "abcdefghijklmnopqrstu"] {
        assert_eq!(at.call("GET", &format!("/v1/images/{id}"), None).await.status, 404, "{id} is not an image");
    }
}
