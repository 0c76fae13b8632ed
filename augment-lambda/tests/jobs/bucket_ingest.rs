//! Files that another client puts into the bucket of originals.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use augment_api::{FailureKind, NewUpload, ObjectName, Retention, State, Visibility};
use augment_core::archive::ZipFiles;
use augment_core::codec::{Format, decode};
use augment_core::digest::Digest;
use augment_core::files::Files;
use augment_core::limits::Limits;
use augment_records::{Document, ImageRecord, PUBLIC_LIST, THUMBNAILS};
use augment_stores_port::{ANNOUNCED, Area};
use serde_json::json;

use crate::support::{bench, jpeg, png};

#[tokio::test]
async fn a_file_becomes_an_image_with_results_and_thumbnails() {
    let bench = bench();
    let bytes = jpeg(400, 300);
    let event = bench.put("originals/a1/two words.jpg", &[("num-of-augments", "3"), ("tags", "cat")], &bytes);
    let answer = bench.handle(&event).await.unwrap();
    assert_eq!(answer["images"][0]["state"], "ready", "{answer}");
    let image = bench.image("a1").await;
    assert_eq!((image.filename.as_str(), image.count, &image.tags[..]), ("two words.jpg", 3, &["cat".to_owned()][..]));
    assert_eq!(image.frame, Some((400, 300)), "the size is known");
    let zip = bench.result("results/a1.zip").await.unwrap();
    let (results, made) = (image.facts.results.unwrap(), image.facts.made.unwrap());
    assert_eq!(
        (results.size, results.sha256),
        (zip.len() as u64, Digest::of(&zip).to_hex()),
        "the record matches the zip"
    );
    assert_eq!((made.outputs, made.bytes_before, made.bytes_after), (3, bytes.len() as u64, zip.len() as u64));
    let files = ZipFiles::open(Cursor::new(zip), Limits::default()).unwrap();
    assert_eq!(
        files.names().iter().filter(|name| name.starts_with("images/two words_")).count(),
        3,
        "{:?}",
        files.names()
    );
    for (name, size) in
        THUMBNAILS.into_iter().zip([(320, 240), (150, 113), (150, 113), (50, 38), (50, 38), (200, 150), (200, 150)])
    {
        let thumbnail = bench.result(&format!("thumbnails/a1/{name}")).await.unwrap();
        let format = if name.ends_with("webp") { Format::WebP } else { Format::Jpeg };
        assert_eq!(Format::sniff(&thumbnail), Some(format), "{name}");
        let picture = decode(&thumbnail, &Limits::default()).unwrap().image.size();
        assert_eq!((picture.width, picture.height), size, "{name}");
    }
    let metrics = bench.metrics.lock().unwrap();
    assert_eq!((metrics.len(), &metrics[0]["Result"], &metrics[0]["Outputs"]), (1, &json!("done"), &json!(3)));
}

#[tokio::test]
async fn concurrent_duplicate_events_make_one_image_once() {
    let bench = Arc::new(bench());
    let event = bench.put("originals/photos/summer/a.jpg", &[], &jpeg(64, 48));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (bench, event) = (Arc::clone(&bench), event.clone());
            tokio::spawn(async move { bench.handle(&event).await })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        // A conflicting event is redelivered.
        if let Ok(answer) = task.await.unwrap() {
            ids.push(answer["images"][0]["id"].as_str().unwrap().to_owned());
        }
    }
    let again = bench.handle(&event).await.unwrap();
    ids.push(again["images"][0]["id"].as_str().unwrap().to_owned());
    ids.dedup();
    assert_eq!((ids.len(), bench.faults.zips.load(Ordering::SeqCst)), (1, 1), "one image, one zip: {ids:?}");
    assert_eq!(bench.image(&ids[0]).await.state, State::Ready, "and it is ready");
}

#[tokio::test]
async fn a_replaced_file_is_augmented_again() {
    let bench = bench();
    let event = bench.put("originals/a1/a.jpg", &[], &jpeg(64, 48));
    bench.handle(&event).await.unwrap();
    let first = bench.image("a1").await;
    let event = bench.put("originals/a1/a.jpg", &[("num-of-augments", "2")], &jpeg(32, 48));
    bench.handle(&event).await.unwrap();
    let second = bench.image("a1").await;
    assert_eq!((second.frame, second.count, second.state), (Some((32, 48)), 2, State::Ready), "the newer file");
    assert_ne!(first.results, second.results, "its results too");
}

#[tokio::test]
async fn the_file_of_an_announced_upload_is_left_to_the_api() {
    let bench = bench();
    let bytes = jpeg(64, 48);
    let body = json!({
        "id": "a1", "filename": "a.jpg", "content_type": "image/jpeg", "size": bytes.len(),
        "sha256": Digest::of(&bytes).to_hex(), "count": 2, "recipe": "classic", "run": "server",
    });
    let upload = NewUpload::check(&body, &bench.service.limits).unwrap();
    let image = ImageRecord::reserve("a1".to_owned(), "somebody", upload, 1).unwrap();
    bench.service.stores.records.create(image.to_record(1).unwrap()).await.unwrap();
    let own = image.key(ObjectName::Original).unwrap();
    let event = bench.put(own.name(), &[], &bytes);
    bench.handle(&event).await.unwrap();
    assert_eq!(bench.image("a1").await, image, "nothing changed");
    // A file under the id of an upload but with another name gets its own id.
    let event = bench.put("originals/a1/b.jpg", &[], &bytes);
    let answer = bench.handle(&event).await.unwrap();
    let id = answer["images"][0]["id"].as_str().unwrap();
    assert!(id.len() == 20 && answer["images"][0]["state"] == "ready", "{answer}");
    assert_eq!(bench.image("a1").await, image, "the upload is unchanged");
}

#[tokio::test]
async fn a_late_file_of_a_deleted_image_is_removed() {
    let bench = bench();
    for key in ["originals/a1/a.jpg", "originals/b2/b.jpg", "originals/c3/anearliergeneration/c.jpg"] {
        let event = bench.put(key, &[(ANNOUNCED, "yes")], &jpeg(64, 48));
        assert_eq!(bench.handle(&event).await.unwrap(), json!({ "images": [null] }), "{key}");
    }
    let left = bench.service.stores.objects.list(Area::Originals, "", 10).await.unwrap();
    assert_eq!(left, [], "the files are removed");
    let public = bench.service.stores.records.list(PUBLIC_LIST, None, 10).await.unwrap();
    assert_eq!(public.records, [], "and no image was made");
}

#[tokio::test]
async fn a_file_that_cannot_be_augmented_becomes_a_failed_image() {
    let bench = bench();
    let good = png(20, 20);
    let mut cut = jpeg(64, 48);
    cut.truncate(200);
    for (name, metadata, bytes, kind, told) in [
        ("text", None, &b"<script>"[..], FailureKind::Image, "this is not an image"),
        ("cut", None, &cut, FailureKind::Image, "cut off"),
        ("count", Some(("num-of-augments", "1000")), &good, FailureKind::Metadata, "num-of-augments: count is 1 to 20"),
        ("recipe", Some(("recipe", "sepia")), &good, FailureKind::Metadata, "recipe: give a recipe"),
    ] {
        let event = bench.put(&format!("originals/{name}/a.jpg"), metadata.as_slice(), bytes);
        let answer = bench.handle(&event).await.unwrap();
        let image = bench.image(name).await;
        assert_eq!((image.state, image.error_kind), (State::Failed, Some(kind)), "{name}: {answer}");
        assert!(image.error.as_ref().unwrap().contains(told), "{name}: {:?}", image.error);
        assert!(bench.result(&format!("results/{name}.zip")).await.is_none(), "{name} has no results");
    }
}

#[tokio::test]
async fn a_file_too_large_for_a_job_gets_the_zip_of_the_batch_service() {
    let mut bench = bench();
    let bytes = jpeg(200, 150);
    bench.service.limits.max_image_bytes = bytes.len() as u64 - 1;
    let dropped = bench.put("originals/big/a b.jpg", &[], &bytes);
    let told = json!({ "large": "originals/big/a b.jpg", "sha256": "ab".repeat(32) });
    assert_eq!(bench.handle(&told).await.unwrap(), json!({ "images": [null] }), "no zip yet");
    assert_eq!(bench.image("big").await.error_kind, Some(FailureKind::TooLarge), "its record says so");
    let key = augment_stores_port::Key::parse(Area::Results, "large/originals/big/a b.jpg.zip").unwrap();
    bench.objects.put_with(&key, "application/zip", Default::default(), b"zip".to_vec().into());
    for event in [&told, &dropped, &told] {
        bench.handle(event).await.unwrap();
        let image = bench.image("big").await;
        assert_eq!((image.state, image.error.as_deref()), (State::Ready, None), "in any order, and twice");
        assert_eq!(image.results.as_ref().map(|results| results.size), Some(3));
        assert_eq!(image.key(augment_api::ObjectName::Results).unwrap(), key, "its key is found");
    }
    // A small file needs no batch service, so its message is ignored.
    bench.service.limits.max_image_bytes = 1 << 20;
    let small = bench.put("originals/small/a.jpg", &[], &bytes);
    bench.handle(&small).await.unwrap();
    let before = bench.image("small").await;
    let told = json!({ "large": "originals/small/a.jpg", "sha256": "ab".repeat(32) });
    bench.handle(&told).await.unwrap();
    assert_eq!(bench.image("small").await, before, "nothing changed");
}

#[tokio::test]
async fn files_belong_to_whom_their_metadata_names_and_are_private_with_sign_in() {
    let mut bench = bench();
    bench.service.sign_in = true;
    for (id, metadata, owner, visibility) in [
        ("a1", &[][..], "local", Visibility::Private),
        ("b2", &[("owner", "ann")], "oidc:ann", Visibility::Private),
        (
            "c3",
            &[("owner", "ann"), ("visibility", "public"), ("retention", "extended")],
            "oidc:ann",
            Visibility::Public,
        ),
        ("d4", &[("owner", "ann"), ("visibility", "everyone")], "oidc:ann", Visibility::Private),
    ] {
        let event = bench.put(&format!("originals/{id}/a.jpg"), metadata, &jpeg(64, 48));
        bench.handle(&event).await.unwrap();
        let image = bench.image(id).await;
        assert_eq!((image.owner.as_str(), image.visibility), (owner, visibility), "{id}");
        assert_eq!(image.state == State::Failed, id == "d4", "{:?}", image.error);
        assert_eq!(image.retention == Retention::Extended, id == "c3", "{id}");
    }
}

#[tokio::test]
async fn files_that_are_no_images_are_passed_over() {
    let bench = bench();
    for name in ["originals/a1/notes.txt", "originals/b2/.DS_Store", "originals/labels/data"] {
        let event = bench.put(name, &[], b"no picture");
        let message = json!({ "Records": [{ "messageId": "m", "eventSource": "aws:sqs", "body": event.to_string() }] });
        assert_eq!(bench.handle(&message).await.unwrap()["batchItemFailures"], json!([]), "{name}: no dead letter");
    }
    assert!(bench.service.stores.load::<ImageRecord>("a1").await.is_err(), "and no image");
}
