//! The AWS deployment without AWS: the DynamoDB adapter over an emulator, and the suite over the real function with the
//! embedded S3 server. `cargo xtask aws` installs moto and runs these tests.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use augment_api::Limits;
use augment_api_tests::deployment::Deployment;
use augment_api_tests::lambda::Function;
use augment_api_tests::moto::Moto;
use augment_api_tests::{bad_input, cases, latency, races};
use augment_stores_aws::{Connection, Credentials, DynamoRecords, S3Objects};
use augment_stores_local::{AccessKey, Folder, ORIGINALS_BUCKET, REGION, RESULTS_BUCKET, s3_server};
use augment_stores_port::{Area, Key, ObjectStore, StoreError, conformance};
use axum::body::Body;
use axum::extract::Request;
use tower::ServiceExt;

fn connection(access: &AccessKey, s3: Option<String>, moto: &Moto) -> Connection {
    let credentials = Credentials { id: access.id.clone(), secret: access.secret.clone(), session: None };
    let dynamodb = Some(moto.endpoint.clone());
    Connection { region: REGION.to_owned(), credentials, s3_endpoint: s3, dynamodb_endpoint: dynamodb }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto: cargo xtask aws"]
async fn records_pass_the_suite() {
    let moto = Moto::start().await;
    let access = AccessKey::fresh().unwrap();
    let store = DynamoRecords::new(connection(&access, None, &moto).dynamodb(), "records");
    store.make_table().await.unwrap();
    conformance::record_store(&store).await;
    conformance::record_store_races(Arc::new(store), 5, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto: cargo xtask aws"]
async fn objects_are_tagged_with_their_retention() {
    let moto = Moto::start().await;
    let access = AccessKey::fresh().unwrap();
    let client = connection(&access, Some(moto.endpoint.clone()), &moto).s3();
    client.create_bucket().bucket(ORIGINALS_BUCKET).send().await.unwrap();
    let store = S3Objects::new(client.clone(), ORIGINALS_BUCKET, RESULTS_BUCKET);
    let key = Key::parse(Area::Originals, "originals/a/b.jpg").unwrap();
    let missing = store.set_retention(&key, "standard").await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "nothing to tag: {missing:?}");
    store.put(&key, "image/jpeg", "bytes".into()).await.unwrap();
    store.set_retention(&key, "extended").await.unwrap();
    let tags = client.get_object_tagging().bucket(ORIGINALS_BUCKET).key(key.name()).send().await.unwrap();
    let tags: Vec<_> = tags.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
    assert_eq!(tags, [("retention", "extended")], "the tag of the lifecycle rules");
}

/// The embedded S3 server over a folder.
async fn store(home: &Path, access: &AccessKey) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = s3_server(Folder::open(home).unwrap(), access, &[], None).unwrap();
    let answer = move |request: Request| {
        let server = server.clone();
        async move { server.oneshot(request).await.unwrap().map(Body::new) }
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    endpoint
}

/// The function's program, named by `PRESIGN_LAMBDA`.
fn program() -> PathBuf {
    std::env::var_os("PRESIGN_LAMBDA").expect("the function is built by `cargo xtask aws`").into()
}

/// Resident memory of a process in MB.
fn resident(process: u32) -> f64 {
    let output = Command::new("ps").args(["-o", "rss=", "-p", &process.to_string()]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().unwrap() / 1024.0
}

/// Empty stores and the function's environment.
struct Harness {
    _home: tempfile::TempDir,
    /// Each test has its own emulator, since its transactions copy all data.
    _moto: Moto,
    environment: Vec<(&'static str, String)>,
}

impl Harness {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let moto = Moto::start().await;
        let access = AccessKey::fresh().unwrap();
        let endpoint = store(home.path(), &access).await;
        let connection = connection(&access, Some(endpoint.clone()), &moto);
        DynamoRecords::new(connection.dynamodb(), "images").make_table().await.unwrap();
        let environment = vec![
            ("AWS_ACCESS_KEY_ID", access.id),
            ("AWS_SECRET_ACCESS_KEY", access.secret),
            ("AWS_REGION", REGION.to_owned()),
            ("DELTA_TABLE", "images".to_owned()),
            ("DELTA_ORIGINALS_BUCKET", ORIGINALS_BUCKET.to_owned()),
            ("DELTA_RESULTS_BUCKET", RESULTS_BUCKET.to_owned()),
            ("DELTA_S3_ENDPOINT", endpoint),
            ("DELTA_DYNAMODB_ENDPOINT", moto.endpoint.clone()),
            ("DELTA_OPEN", "yes".to_owned()),
            // The default budgets are too small.
            ("DELTA_OWNER_JOBS", "100000".to_owned()),
            ("DELTA_ADDRESS_JOBS", "100000".to_owned()),
        ];
        Self { _home: home, _moto: moto, environment }
    }

    /// The deployed function with several instances.
    async fn function(&self, instances: usize) -> (Function, Arc<Deployment>) {
        let function = Function::start(&program(), instances, &self.environment).await;
        let at = Deployment::at(&function.origin, Limits::default());
        (function, Arc::new(at))
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn the_function_passes_the_suite_of_the_api() {
    let harness = Harness::new().await;
    let (function, at) = harness.function(1).await;
    cases::all(&at).await;
    bad_input::all(&at).await;
    println!("memory after the suite: {:.1} MB", resident(function.processes()[0]));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn the_function_starts_and_reserves_in_little_time_and_memory() {
    let harness = Harness::new().await;
    let began = Instant::now();
    let (function, at) = harness.function(1).await;
    assert_eq!(at.call("GET", "/healthz", None).await.status, 200, "it is up");
    println!("start to first answer: {:.1} ms", began.elapsed().as_secs_f64() * 1000.0);
    println!("reservations, emulators included: {}", latency::reserve(&function.origin, 1, 200).await);
    println!("memory: {:.1} MB", resident(function.processes()[0]));
    drop(function);
    // Several instances, as under load.
    let (function, _) = harness.function(4).await;
    println!("reservations, four instances: {}", latency::reserve(&function.origin, 32, 320).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn races_over_several_instances_end_well() {
    let harness = Harness::new().await;
    let (_function, at) = harness.function(4).await;
    races::reserve(&at, 50, 16).await;
    races::change(&at, 20).await;
    races::jobs(&at, 10).await;
}
