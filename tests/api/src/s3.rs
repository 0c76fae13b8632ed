//! The S3 server that verifies every signature, for tests: over a folder, with faults on the way to it.

use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use augment_stores_local::{AccessKey, PutHook, Folder, s3_server};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use tower::ServiceExt;

use crate::lambda::serve;

/// What goes wrong on the way to the store.
#[derive(Debug, Default)]
pub struct Faults {
    /// Of a hundred requests, how many are told to come again more slowly.
    pub throttled_of_100: AtomicU32,
    /// Requests that were.
    pub throttled: AtomicU64,
    /// A name that reads wait forever on.
    pub stuck: Mutex<Option<String>>,
    /// Reads that wait there.
    pub waiting: AtomicU64,
    /// Whole zips that were put, by their names.
    pub zips: Mutex<Vec<String>>,
    asked: AtomicU32,
}

/// Whether a query only names the operation, as the SDK writes it for a whole object.
fn is_put(query: &str) -> bool {
    query == "x-id=PutObject"
}

/// Starts the server; gives its address.
pub async fn start(home: &Path, access: &AccessKey, arrived: Option<PutHook>, faults: Arc<Faults>) -> String {
    let server = s3_server(Folder::open(home).unwrap(), access, &[], arrived).unwrap();
    let answer = move |request: Request| {
        let (server, faults) = (server.clone(), Arc::clone(&faults));
        async move {
            let path = request.uri().path().to_owned();
            // Spread evenly, so that a test sees the same each time.
            let turn = faults.asked.fetch_add(37, Ordering::SeqCst) % 100;
            if turn < faults.throttled_of_100.load(Ordering::SeqCst) {
                faults.throttled.fetch_add(1, Ordering::SeqCst);
                let body = "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>";
                return (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
            }
            let stuck = faults.stuck.lock().unwrap().clone();
            if request.method() == Method::GET && stuck.is_some_and(|stuck| path.ends_with(stuck.as_str())) {
                faults.waiting.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            // With a query it is a tag or a part.
            if request.method() == Method::PUT && path.ends_with(".zip") && request.uri().query().is_none_or(is_put) {
                faults.zips.lock().unwrap().push(path);
            }
            server.oneshot(request).await.unwrap().map(Body::new)
        }
    };
    format!("http://{}", serve(Router::new().fallback(answer)).await)
}
