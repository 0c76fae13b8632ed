//! Bad input: every case gets the right refusal with a helpful message, and nothing is stored.

use serde_json::{Value, json};

use crate::cases::for_server;
use crate::deployment::Deployment;
use crate::images::jpeg;

/// A field, a bad value, the status, and a part of the message.
fn table(at: &Deployment) -> Vec<(&'static str, Value, u16, &'static str)> {
    vec![
        ("id", json!("a-b"), 422, "ASCII letters and digits"),
        ("id", json!("abcdefghijklmnopqrstu"), 422, "1 to 20"),
        ("id", json!(""), 422, "1 to 20"),
        ("id", json!("../../etc"), 422, "ASCII letters and digits"),
        ("filename", json!(""), 422, "1 to 255"),
        ("filename", json!("x".repeat(10_000)), 422, "10000"),
        ("filename", json!("../a.jpg"), 422, "without folders"),
        ("filename", json!("a\u{0}.jpg"), 422, "control"),
        ("filename", json!(7), 422, "string"),
        ("content_type", json!("image/svg+xml"), 415, "image/jpeg"),
        ("content_type", json!("text/html"), 415, "image/jpeg"),
        ("content_type", json!("image/jpg"), 415, "image/jpeg"),
        ("size", json!(0), 422, "empty"),
        ("size", json!(-1), 422, "whole number"),
        ("size", json!(1.5), 422, "whole number"),
        ("size", json!("10"), 422, "whole number"),
        ("size", json!(at.limits.max_image_bytes + 1), 413, "the limit is"),
        ("sha256", json!("abc"), 422, "64 hexadecimal digits"),
        ("sha256", json!("z".repeat(64)), 422, "64 hexadecimal digits"),
        ("tags", json!("cat"), 422, "list"),
        ("tags", json!(["cat", "two words"]), 422, "ASCII letters"),
        ("tags", json!(["x".repeat(21)]), 422, "1 to 20"),
        ("tags", json!(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]), 422, "at most 10"),
        ("tags", json!(vec!["a"; 11]), 422, "at most 10"),
        ("group", json!("no spaces"), 422, "group"),
        ("title", json!("x".repeat(10_000)), 422, "1 to 200"),
        ("count", json!(0), 422, "1 to"),
        ("count", json!(at.limits.max_count + 1), 422, "1 to"),
        ("recipe", json!("nothing"), 422, "classic"),
        ("recipe", json!({ "version": 1, "steps": [{ "op": "rotat" }] }), 422, "rotat"),
        ("recipe", json!({ "version": 9, "steps": [] }), 422, "version"),
        ("run", json!("cloud"), 422, "client, server"),
        ("visibility", json!("friends"), 422, "public, private"),
        ("retention", json!("forever"), 422, "standard, extended"),
        ("results", json!({ "size": 1, "sha256": "ab".repeat(32) }), 422, "omit results"),
        ("results", json!([]), 422, "object"),
        ("color", json!("red"), 422, "unknown field 'color'"),
    ]
}

pub async fn all(at: &Deployment) {
    let before = ids(at).await;
    for (field, value, status, says) in table(at) {
        let mut body = for_server(&jpeg(1));
        body[field] = value;
        let refused = at.call("POST", "/v1/uploads", Some(&body)).await;
        let shown: String = body[field].to_string().chars().take(60).collect();
        assert_eq!(refused.status, status, "{field} = {shown}: {}", refused.body);
        let first = &refused.body["errors"][0];
        assert!(first["pointer"].as_str().unwrap().starts_with(&format!("/{field}")), "{field} = {shown}: {first}");
        assert!(first["detail"].as_str().unwrap().contains(says), "{field} = {shown}: {first} should say {says:?}");
    }
    for missing in ["filename", "content_type", "size", "sha256", "count", "recipe", "run"] {
        let mut body = for_server(&jpeg(1));
        body.as_object_mut().unwrap().remove(missing);
        let refused = at.call("POST", "/v1/uploads", Some(&body)).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["pointer"]),
            (422, &json!(format!("/{missing}"))),
            "no {missing}"
        );
    }
    raw_bodies(at).await;
    parameters(at).await;
    jobs(at).await;
    assert_eq!(ids(at).await, before, "nothing was stored");
}

async fn ids(at: &Deployment) -> Vec<Value> {
    let mut ids = Vec::new();
    for state in ["pending", "ready", "uploaded", "augmenting", "failed"] {
        let page = at.call("GET", &format!("/v1/images?state={state}&limit=100"), None).await.body;
        ids.extend(page["images"].as_array().unwrap().iter().map(|image| image["id"].clone()));
    }
    ids
}

async fn raw_bodies(at: &Deployment) {
    let json = "application/json";
    let deep = "[".repeat(100_000).into_bytes();
    let large = vec![b' '; usize::try_from(at.limits.max_body_bytes).unwrap() + 1];
    for (content_type, body, status) in [
        (json, b"{".to_vec(), 400),
        (json, b"".to_vec(), 400),
        (json, b"\xff\xfe".to_vec(), 400),
        (json, b"{\"size\": 1e999}".to_vec(), 400),
        (json, deep, 400),
        (json, large, 413),
        (json, b"[]".to_vec(), 422),
        (json, b"null".to_vec(), 422),
        ("text/plain", b"{}".to_vec(), 415),
        ("multipart/form-data", b"{}".to_vec(), 415),
    ] {
        let shown = String::from_utf8_lossy(&body).chars().take(20).collect::<String>();
        let refused = at.call_raw("/v1/uploads", content_type, body).await;
        assert_eq!(refused.status, status, "{content_type} {shown}: {}", refused.body);
        assert!(!refused.body["detail"].as_str().unwrap().is_empty(), "it has a message");
    }
}

/// The same for jobs over datasets, whose bodies have their own size limit.
async fn jobs(at: &Deployment) {
    let of_jobs = async || at.call("GET", "/v1/jobs?limit=100", None).await.body;
    let before = of_jobs().await;
    let good = json!({ "images": [{ "id": "a", "path": "a.jpg" }], "recipe": "none" });
    for (field, value, status, pointer, says) in [
        ("id", json!("a-b"), 422, "/id", "ASCII letters and digits"),
        ("images", json!([]), 422, "/images", "list of 1 to 5000"),
        ("images", json!(vec![json!({ "id": "a" }); 5001]), 422, "/images", "list of 1 to 5000"),
        ("images", json!([7]), 422, "/images/0", "object"),
        ("images", json!([{ "path": "a.jpg" }]), 422, "/images/0/id", "missing"),
        ("images", json!([{ "id": "a", "path": "../a.jpg" }]), 422, "/images/0/path", "leaves its folder"),
        ("images", json!([{ "id": "a", "path": "a.exe" }]), 422, "/images/0/path", ".jpg"),
        ("images", json!([{ "id": "a", "file": "a.jpg" }]), 422, "/images/0/file", "unknown field"),
        ("labels", json!({ "size": 1 }), 422, "/labels/sha256", "missing"),
        ("labels", json!({ "size": 1_u64 << 40, "sha256": "ab".repeat(32) }), 413, "/labels/size", "the limit is"),
        ("recipe", json!("nothing"), 422, "/recipe", "classic"),
        ("count", json!(at.limits.max_count + 1), 422, "/count", "1 to"),
        ("format", json!("pdf"), 422, "/format", "none, voc, yolo, yolo-obb, coco, labelme, csv, hf"),
        ("title", json!(""), 422, "/title", "1 to 200"),
        ("retention", json!("forever"), 422, "/retention", "standard, extended"),
        ("partial", json!("yes"), 422, "/partial", "true or false"),
        ("run", json!("server"), 422, "/run", "unknown field 'run'"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = at.call("POST", "/v1/jobs", Some(&body)).await;
        let first = &refused.body["errors"][0];
        assert_eq!((refused.status, &first["pointer"]), (status, &json!(pointer)), "{field}: {}", refused.body);
        assert!(first["detail"].as_str().unwrap().contains(says), "{field}: {first} should say {says:?}");
    }
    let json = "application/json";
    let spaces = |bytes: u64| [vec![b' '; usize::try_from(bytes).unwrap()], b"{}".to_vec()].concat();
    for (content_type, body, status) in [
        (json, b"{".to_vec(), 400),
        (json, spaces(at.limits.max_body_bytes), 422),
        (json, spaces(at.limits.max_job_body_bytes), 413),
        ("text/plain", b"{}".to_vec(), 415),
    ] {
        let refused = at.call_raw("/v1/jobs", content_type, body).await;
        assert_eq!(refused.status, status, "{content_type}: {}", refused.body);
    }
    for (query, pointer) in
        [("limit=0", "/query/limit"), ("cursor=abc", "/query/cursor"), ("state=ready", "/query/state")]
    {
        let refused = at.call("GET", &format!("/v1/jobs?{query}"), None).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{query}");
    }
    for id in ["..", "a%00b", "nobody"] {
        assert_eq!(at.call("GET", &format!("/v1/jobs/{id}"), None).await.status, 404, "{id} is not a job");
    }
    assert_eq!(of_jobs().await, before, "nothing was stored");
}

async fn parameters(at: &Deployment) {
    for (query, pointer) in [
        ("cursor=abc", "/query/cursor"),
        ("cursor=c0000000000000..", "/query/cursor"),
        ("limit=0", "/query/limit"),
        ("limit=101", "/query/limit"),
        ("limit=ten", "/query/limit"),
        ("tag=a1", "/query/tag"),
        ("tag=a&tag=b", "/query/tag"),
        ("group=a%20b", "/query/group"),
        ("owner=you", "/query/owner"),
        ("state=done", "/query/state"),
        ("page=2", "/query/page"),
    ] {
        let refused = at.call("GET", &format!("/v1/images?{query}"), None).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{query}");
    }
}
