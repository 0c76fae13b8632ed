//! The embedded S3 server for tests, over a folder, with injected faults.

use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use augment_stores_local::{AccessKey, Folder, PutHook, s3_server};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use tower::ServiceExt;

use crate::lambda::serve;

/// Injected faults.
#[derive(Debug, Default)]
pub struct Faults {
    /// Percentage of requests that are throttled.
    pub throttled_percent: AtomicU32,
    /// Throttled requests so far.
    pub throttled: AtomicU64,
    /// A key suffix whose reads hang forever.
    pub stuck: Mutex<Option<String>>,
    /// Hanging reads so far.
    pub waiting: AtomicU64,
    /// Keys of zips uploaded whole.
    pub zips: Mutex<Vec<String>>,
    asked: AtomicU32,
}

/// Whether the query is the SDK's for a whole object.
fn is_put(query: &str) -> bool {
    query == "x-id=PutObject"
}

/// Starts the server and returns its URL.
pub async fn start(home: &Path, access: &AccessKey, arrived: Option<PutHook>, faults: Arc<Faults>) -> String {
    let server = s3_server(Folder::open(home).unwrap(), access, &[], arrived).unwrap();
    let answer = move |request: Request| {
        let (server, faults) = (server.clone(), Arc::clone(&faults));
        async move {
            let path = request.uri().path().to_owned();
            // Spread evenly and reproducibly.
            let turn = faults.asked.fetch_add(37, Ordering::SeqCst) % 100;
            if turn < faults.throttled_percent.load(Ordering::SeqCst) {
                faults.throttled.fetch_add(1, Ordering::SeqCst);
                let body = "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>";
                return (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
            }
            let stuck = faults.stuck.lock().unwrap().clone();
            if request.method() == Method::GET && stuck.is_some_and(|stuck| path.ends_with(stuck.as_str())) {
                faults.waiting.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            // Other queries are tags or parts.
            if request.method() == Method::PUT && path.ends_with(".zip") && request.uri().query().is_none_or(is_put) {
                faults.zips.lock().unwrap().push(path);
            }
            server.oneshot(request).await.unwrap().map(Body::new)
        }
    };
    format!("http://{}", serve(Router::new().fallback(answer)).await)
}
