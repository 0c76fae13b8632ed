//! Retention: expired images and jobs are removed with their objects, and nothing earlier.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use augment_api::ObjectName;
use augment_api_tests::cases::{announcement, for_server, share};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::jpeg;
use augment_api_tests::jobs;
use augment_records::{Document, ImageRecord};
use augment_stores_port::{Area, ObjectStore, system_clock};
use presign_lambda::{App, retention};
use serde_json::json;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// A deployment with a shifted clock, and the same stores as another process.
fn deployment(ahead: Arc<AtomicU64>) -> (Deployment, App) {
    let mut swept = None;
    let at = Deployment::in_memory(|app| {
        app.clock = Arc::new(move || system_clock()() + ahead.load(Ordering::SeqCst));
        swept = Some(App {
            objects: Arc::clone(&app.objects),
            signer: Arc::clone(&app.signer),
            records: Arc::clone(&app.records),
            verifier: None,
            settings: app.settings.clone(),
            clock: Arc::clone(&app.clock),
            metrics: Arc::clone(&app.metrics),
            wake: Arc::clone(&app.wake),
        });
    });
    (at, swept.unwrap())
}

#[tokio::test]
async fn images_expire_by_their_retention() {
    let ahead = Arc::new(AtomicU64::new(0));
    let later = Arc::clone(&ahead);
    let (at, app) = deployment(later);
    let bytes = jpeg(1);
    let standard = share(&at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let mut body = announcement(&bytes);
    body["retention"] = "extended".into();
    let extended = share(&at, &body, &bytes).await["id"].as_str().unwrap().to_owned();
    let reserved = at.call("POST", "/v1/uploads", Some(&for_server(&bytes))).await.body;
    assert_eq!(at.put(&reserved["original"], &bytes).await, 200, "uploaded but never completed");
    let reserved = reserved["id"].as_str().unwrap().to_owned();

    for (days, gone, stay) in [
        (0, vec![], vec![&standard, &extended, &reserved]),
        (2, vec![&reserved], vec![&standard, &extended]),
        (27, vec![&reserved], vec![&standard, &extended]),
        (29, vec![&reserved, &standard], vec![&extended]),
        (364, vec![&reserved, &standard], vec![&extended]),
        (366, vec![&reserved, &standard, &extended], vec![]),
    ] {
        ahead.store(days * DAY_MS, Ordering::SeqCst);
        retention::sweep(&app).await.unwrap();
        for id in stay {
            assert_eq!(at.call("GET", &format!("/v1/images/{id}"), None).await.status, 200, "{id} after {days} days");
        }
        for id in gone {
            assert_eq!(at.call("GET", &format!("/v1/images/{id}"), None).await.status, 404, "{id} after {days} days");
            let objects = at.memory.as_ref().unwrap().list(Area::Originals, &format!("originals/{id}/"), 9).await;
            assert!(objects.unwrap().is_empty(), "the objects of {id} are removed");
        }
    }
}

#[tokio::test]
async fn jobs_over_datasets_expire_with_their_objects() {
    let ahead = Arc::new(AtomicU64::new(0));
    let (at, app) = deployment(Arc::clone(&ahead));
    let ids = jobs::uploads(&at, 1..2).await;
    let running = jobs::make(&at, &jobs::request(&ids)).await["id"].as_str().unwrap().to_owned();
    let mut body = jobs::request(&ids);
    body["labels"] = json!({ "size": 5, "sha256": "ab".repeat(32) });
    let waiting = jobs::make(&at, &body).await["id"].as_str().unwrap().to_owned();
    for (days, gone, stay) in [
        (0, vec![], vec![&waiting, &running]),
        (2, vec![&waiting], vec![&running]),
        // After weeks without a sweep, the clock is trusted only after another day.
        (28, vec![&waiting], vec![&running]),
        (29, vec![&waiting, &running], vec![]),
    ] {
        ahead.store(days * DAY_MS, Ordering::SeqCst);
        retention::sweep(&app).await.unwrap();
        for id in stay {
            assert_eq!(at.call("GET", &format!("/v1/jobs/{id}"), None).await.status, 200, "{id} after {days} days");
        }
        for id in gone {
            assert_eq!(at.call("GET", &format!("/v1/jobs/{id}"), None).await.status, 404, "{id} after {days} days");
            let objects = at.memory.as_ref().unwrap().list(Area::Results, &format!("jobs/{id}/"), 9).await;
            assert!(objects.unwrap().is_empty(), "the objects of {id} are removed");
        }
    }
}

#[tokio::test]
async fn a_clock_a_year_ahead_removes_nothing() {
    let ahead = Arc::new(AtomicU64::new(0));
    let (at, app) = deployment(Arc::clone(&ahead));
    let bytes = jpeg(1);
    let id = share(&at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let mut leaps = Vec::new();
    for days in [0, 1, 366, 366, 1, 366, 2, 28] {
        ahead.store(days * DAY_MS, Ordering::SeqCst);
        leaps.push(retention::sweep(&app).await.unwrap().leap_days);
        assert_eq!(at.call("GET", &format!("/v1/images/{id}"), None).await.status, 200, "{leaps:?}");
    }
    assert_eq!(leaps, [None, None, Some(365), Some(365), None, Some(365), None, Some(26)], "each jump is reported");
    // A clock that keeps running is trusted.
    ahead.store(29 * DAY_MS, Ordering::SeqCst);
    assert_eq!(
        retention::sweep(&app).await.unwrap(),
        retention::SweepReport { gone: 1, leap_days: None },
        "the expired image is removed"
    );
}

#[tokio::test]
async fn expiry_can_be_postponed_by_a_day() {
    let ahead = Arc::new(AtomicU64::new(0));
    let (at, app) = deployment(Arc::clone(&ahead));
    let bytes = jpeg(1);
    retention::sweep(&app).await.unwrap();
    at.call("POST", "/v1/uploads", Some(&announcement(&bytes))).await;
    for (days, doubted, gone) in [(2, true, 0), (2, false, 0), (3, false, 1)] {
        ahead.store(days * DAY_MS, Ordering::SeqCst);
        if doubted {
            retention::postpone_expiry(&app).await.unwrap();
        }
        assert_eq!(retention::sweep(&app).await.unwrap().gone, gone, "after {days} days");
    }
}

#[tokio::test]
async fn an_interrupted_deletion_is_finished_by_the_next_sweep() {
    let (at, app) = deployment(Arc::default());
    let stores = app.stores();
    let bytes = jpeg(1);
    let id = share(&at, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let (mut image, version) = stores.load::<ImageRecord>(&id).await.unwrap();
    let original = image.key(ObjectName::Original).unwrap();
    // As a deletion leaves it whose store fails.
    image.bury();
    stores.records.replace(image.to_record(version + 1).unwrap()).await.unwrap();
    for path in ["", "/original", "/results"] {
        assert_eq!(at.call("GET", &format!("/v1/images/{id}{path}"), None).await.status, 404, "{path} is deleted");
    }
    let listed = at.call("GET", "/v1/images", None).await.body;
    assert_eq!(listed["images"], json!([]), "and in no list");
    assert!(stores.objects.head(&original).await.is_ok(), "but its file is left");
    assert_eq!(retention::sweep(&app).await.unwrap().gone, 1, "the sweep finishes it");
    assert!(stores.objects.head(&original).await.is_err(), "nothing is left");
    let mut again = announcement(&bytes);
    again["id"] = id.into();
    assert_eq!(at.call("POST", "/v1/uploads", Some(&again)).await.status, 201, "the id can be used again");
}
