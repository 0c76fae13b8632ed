//! The client over a network and a real store: retries, and no part is sent twice.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use augment_api::client::{Client, ClientError, FileContent, Retry, Upload, UploadEvent, Uploaded};
use augment_api::{Content, ImageQuery, JobImage, JobQuery, JobRequest, JobState, Limits, Run, State, UploadRequest};
use augment_api_tests::cases::for_server;
use augment_api_tests::images::{jpeg, zip};
use augment_core::digest::Digest;
use augment_stores_local::{AccessKey, Folder, LocalRecords, S3Server, s3_server};
use augment_stores_port::system_clock;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use presign_lambda::{App, Settings, router};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// A server with injected faults.
struct Server {
    base: String,
    /// Received methods and URLs.
    seen: Arc<Mutex<Vec<String>>>,
    faults: Arc<Mutex<Vec<Fault>>>,
    /// Remaining connections to drop.
    drops: Arc<AtomicUsize>,
    limits: Limits,
    _home: tempfile::TempDir,
}

/// A fault: requests whose URL contains a text get a status, several times.
#[derive(Clone)]
struct Fault {
    at: &'static str,
    status: u16,
    times: usize,
}

/// A listener that drops the first connections.
struct Dropping(TcpListener, Arc<AtomicUsize>);

impl axum::serve::Listener for Dropping {
    type Io = TcpStream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (TcpStream, Self::Addr) {
        loop {
            let taken = axum::serve::Listener::accept(&mut self.0).await;
            let less = |left: usize| left.checked_sub(1);
            if self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err() {
                return taken;
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Server {
    async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let folder = Folder::open(&home.path().join("objects")).unwrap();
        let access = AccessKey::fresh().unwrap();
        let store = s3_server(folder.clone(), &access, &[], None).unwrap();
        let limits = Limits { part_bytes: 1000, multipart_from_bytes: 2000, ..Limits::default() };
        let api = router(Arc::new(App {
            objects: Arc::new(folder),
            signer: Arc::new(access.signer(base.clone(), system_clock())),
            records: Arc::new(LocalRecords::open(&home.path().join("records.redb")).unwrap()),
            verifier: None,
            settings: Settings { limits, auth: None, budgets: None },
            clock: system_clock(),
            metrics: Arc::new(|_| {}),
            wake: Arc::new(|| {}),
        }));
        let (seen, faults) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<Fault>>>::default());
        let drops = Arc::new(AtomicUsize::new(0));
        let (noted, made) = (Arc::clone(&seen), Arc::clone(&faults));
        let answer = move |request: Request| {
            let address = request.uri().to_string();
            noted.lock().unwrap().push(format!("{} {address}", request.method()));
            let fault = made.lock().unwrap().iter_mut().find_map(|fault| {
                let hit = address.contains(fault.at) && fault.times > 0;
                hit.then(|| {
                    fault.times -= 1;
                    fault.status
                })
            });
            answer(fault, request, api.clone(), store.clone())
        };
        let served = Router::new().fallback(answer);
        let dropping = Dropping(listener, Arc::clone(&drops));
        tokio::spawn(async move { axum::serve(dropping, served).await });
        Self { base, seen, faults, drops, limits, _home: home }
    }

    fn client(&self) -> Client {
        let retry = Retry { tries: 4, first: Duration::from_millis(5), longest: Duration::from_secs(2) };
        Client::new(&self.base, None).unwrap().with_retry(retry)
    }

    fn fail(&self, at: &'static str, status: u16, times: usize) {
        self.faults.lock().unwrap().push(Fault { at, status, times });
    }

    /// New requests since the last call that contain a text.
    fn received(&self, text: &str) -> Vec<String> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.into_iter().filter(|request| request.contains(text)).collect()
    }
}

async fn answer(fault: Option<u16>, request: Request, api: Router, store: S3Server) -> Response {
    if let Some(status) = fault {
        // Read the body first, so that the fault is an answer and not a broken connection.
        let _ = axum::body::to_bytes(request.into_body(), usize::MAX).await;
        return (StatusCode::from_u16(status).unwrap(), [("retry-after", "1")]).into_response();
    }
    if request.uri().path().starts_with("/v1/") {
        api.oneshot(request).await.unwrap()
    } else {
        store.oneshot(request).await.unwrap().map(Body::new)
    }
}

fn announced(bytes: &[u8]) -> UploadRequest {
    let mut request: UploadRequest = serde_json::from_value(for_server(bytes)).unwrap();
    request.run = Run::Server;
    request
}

/// Notes the progress of an upload.
fn note(told: &Mutex<Vec<u64>>, event: UploadEvent<'_>) {
    if let UploadEvent::Sent(_, bytes) = event {
        told.lock().unwrap().push(bytes);
    }
}

/// An image of many parts.
fn large() -> Vec<u8> {
    let mut bytes = jpeg(1);
    bytes.resize(10_500, 7);
    bytes
}

#[tokio::test]
async fn temporary_failures_are_retried() {
    let server = Server::start().await;
    server.fail("/v1/config", 503, 2);
    assert!(server.client().config().await.is_ok(), "two failures are retried");
    assert_eq!(server.received("/v1/config").len(), 3, "three attempts");
    server.fail("/v1/config", 429, 1);
    let began = Instant::now();
    assert!(server.client().config().await.is_ok(), "429 is retried");
    assert!(began.elapsed() >= Duration::from_secs(1), "after the requested wait");
    server.received("");
    server.drops.store(2, Ordering::SeqCst);
    assert!(server.client().config().await.is_ok(), "broken connections are retried");
    assert_eq!(server.drops.load(Ordering::SeqCst), 0, "both connections");
    server.received("");
    server.fail("/v1/config", 500, 100);
    let failed = server.client().config().await.unwrap_err();
    assert_eq!((failed.status(), server.received("/v1/config").len()), (Some(500), 4), "but not forever");
}

#[tokio::test]
async fn refusals_are_final() {
    let server = Server::start().await;
    let bytes = jpeg(1);
    let bad = UploadRequest { count: Some(0), ..announced(&bytes) };
    let refused = server.client().reserve(&bad).await.unwrap_err();
    let ClientError::Refused(problem) = refused else { panic!("{refused:?}") };
    assert_eq!((problem.status, problem.errors[0].pointer.as_str()), (422, "/count"), "with the server's problem");
    assert_eq!(server.received("/v1/uploads").len(), 1, "one attempt");
    // The store's refusal is final too.
    server.fail("/delta-originals/", 403, 1);
    let content = FileContent::Bytes(bytes.clone().into());
    let failed = server.client().upload(&Upload::new(&announced(&bytes), &content, &server.limits)).await;
    assert_eq!(failed.unwrap_err().status(), Some(403), "the store's refusal");
    assert_eq!(server.received("/delta-originals/").len(), 1, "one attempt");
}

#[tokio::test]
async fn a_retried_upload_starts_over() {
    let server = Server::start().await;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("photo.jpg");
    std::fs::write(&path, jpeg(2)).unwrap();
    let content = FileContent::open(&path).await.unwrap();
    server.fail("/delta-originals/", 500, 2);
    let told = Mutex::new(Vec::new());
    let observer = |event: UploadEvent<'_>| note(&told, event);
    let limits = Limits { multipart_from_bytes: 1 << 20, ..server.limits };
    let request = announced(&jpeg(2));
    let upload = Upload { observer: &observer, ..Upload::new(&request, &content, &limits) };
    let image = server.client().upload(&upload).await.unwrap().into_image();
    assert_eq!(image.state, State::Uploaded, "the checksum matched");
    assert_eq!(server.received("/delta-originals/").len(), 3, "third attempt");
    assert_eq!(told.lock().unwrap().last(), Some(&content.size()), "progress ends at the size");
}

#[tokio::test]
async fn an_upload_in_parts_resumes() {
    let server = Server::start().await;
    let bytes = large();
    let content = FileContent::Bytes(bytes.clone().into());
    server.fail("partNumber=5", 403, 1);
    let request = UploadRequest { id: Some("large".to_owned()), ..announced(&bytes) };
    let stopped = server.client().upload(&Upload::new(&request, &content, &server.limits)).await;
    assert_eq!(stopped.unwrap_err().status(), Some(403), "it stops at a part");
    assert_eq!(server.received("partNumber=").len(), 5, "the fifth part failed");
    // A new client only has the id and the file.
    let told = Mutex::new(Vec::new());
    let observer = |event: UploadEvent<'_>| note(&told, event);
    let client = server.client();
    let upload = Upload { observer: &observer, ..Upload::new(&request, &content, &server.limits) };
    let uploaded = client.upload(&upload).await.unwrap();
    let Uploaded::Sent(image, sent) = uploaded else { panic!("parts were missing: {uploaded:?}") };
    assert_eq!(sent, 10_500 - 4000, "only missing parts are sent");
    let numbers: Vec<String> = server.received("partNumber=");
    assert_eq!(numbers.len(), 7, "parts 5 to 11: {numbers:?}");
    assert_eq!(told.lock().unwrap().first(), Some(&4000), "progress starts with the arrived parts");
    assert_eq!(told.lock().unwrap().last(), Some(&10_500), "and ends at the size");
    assert_eq!((image.state, &image.sha256), (State::Uploaded, &Digest::of(&bytes).to_hex()), "the same file");
    let again = client.upload(&Upload::new(&request, &content, &server.limits)).await.unwrap();
    assert_eq!(again, Uploaded::Present(image), "a repeat sends nothing");
    let listed = client.images(&ImageQuery { state: Some(State::Uploaded), ..ImageQuery::default() }).await.unwrap();
    assert_eq!(listed.images.len(), 1, "and it is listed");
}

#[tokio::test]
async fn a_job_over_a_dataset_is_created_started_and_deleted() {
    let server = Server::start().await;
    let client = server.client();
    let (bytes, labels) = (jpeg(3), zip());
    let sha256 = Digest::of(&bytes).to_hex();
    let request =
        UploadRequest::for_dataset("part".into(), "a.jpg".into(), "image/jpeg".into(), bytes.len() as u64, sha256);
    let content = FileContent::Bytes(bytes.into());
    let image = client.upload(&Upload::new(&request, &content, &server.limits)).await.unwrap().into_image();
    assert_eq!((image.state, image.run), (State::Ready, Run::Dataset), "for jobs");
    let request = JobRequest {
        id: Some("job".to_owned()),
        images: vec![JobImage { id: image.facts.id, path: Some("images/a.jpg".to_owned()) }],
        labels: Some(Content { size: labels.len() as u64, sha256: Digest::of(&labels).to_hex() }),
        recipe: "none".into(),
        count: Some(2),
        format: None,
        title: None,
        retention: None,
        partial: false,
    };
    let made = client.make_job(&request).await.unwrap();
    assert_eq!(made.job.state, JobState::Waiting, "it waits for labels");
    assert_eq!(client.make_job(&request).await.unwrap_err().status(), Some(409), "a repeat");
    assert_eq!(client.start_job("job").await.unwrap_err().status(), Some(409), "they have not arrived");
    server.fail("/delta-results/", 503, 1);
    let labels = FileContent::Bytes(labels.into());
    client.send_labels(&made.labels.unwrap(), &labels, &|_| {}).await.unwrap();
    assert_eq!(server.received("/delta-results/").len(), 2, "second attempt");
    assert_eq!(client.start_job("job").await.unwrap().state, JobState::Running, "started");
    assert_eq!(client.job("job").await.unwrap().images, 1, "and readable");
    let page = client.jobs(&JobQuery { limit: Some(1), cursor: None }).await.unwrap();
    assert_eq!((page.jobs.len(), page.next_cursor), (1, None), "it is listed");
    assert_eq!(client.retry_job("job").await.unwrap_err().status(), Some(409), "nothing failed");
    assert_eq!(client.job_results("job").await.unwrap_err().status(), Some(404), "no zip yet");
    client.delete_job("job").await.unwrap();
    client.delete_job("job").await.unwrap();
    assert_eq!(client.job("job").await.unwrap_err().status(), Some(404), "deleted; a repeat is allowed");
}
