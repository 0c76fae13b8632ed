//! The S3 adapter passes the conformance suite over the embedded server.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use augment_stores_aws::{Connection, Credentials, S3Objects};
use augment_stores_local::{AccessKey, Folder, ORIGINALS_BUCKET, REGION, RESULTS_BUCKET, s3_server};
use augment_stores_port::{Area, Key, ObjectStore, PartInfo, StoreError, conformance};
use axum::body::Body;
use axum::extract::Request;
use tower::ServiceExt;

/// A server over a folder and the connection to it.
async fn serve(home: &Path) -> Connection {
    let access = AccessKey::fresh().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = s3_server(Folder::open(home).unwrap(), &access, &[], None).unwrap();
    let answer = move |request: Request| {
        let server = server.clone();
        async move { server.oneshot(request).await.unwrap().map(Body::new) }
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    Connection {
        region: REGION.to_owned(),
        credentials: Credentials { id: access.id, secret: access.secret, session: None },
        s3_endpoint: Some(endpoint),
        dynamodb_endpoint: None,
    }
}

fn objects(connection: &Connection) -> S3Objects {
    S3Objects::new(connection.s3(), ORIGINALS_BUCKET, RESULTS_BUCKET)
}

#[tokio::test]
async fn objects_pass_the_suite() {
    let home = tempfile::tempdir().unwrap();
    conformance::object_store(&objects(&serve(home.path()).await)).await;
}

#[tokio::test]
async fn signing_passes_the_suite() {
    let home = tempfile::tempdir().unwrap();
    conformance::signer(&serve(home.path()).await.signer(ORIGINALS_BUCKET, RESULTS_BUCKET));
}

#[tokio::test]
async fn parts_become_one_object() {
    let home = tempfile::tempdir().unwrap();
    let connection = serve(home.path()).await;
    let (store, client) = (objects(&connection), connection.s3());
    let key = Key::parse(Area::Originals, "originals/a/été.tif").unwrap();
    let upload = store.begin_parts(&key, "image/tiff").await.unwrap();
    for (number, bytes) in [(2, "second"), (1, "first ")] {
        let part = client.upload_part().bucket(ORIGINALS_BUCKET).key(key.name()).upload_id(&upload);
        part.part_number(number).body(bytes.as_bytes().to_vec().into()).send().await.unwrap();
    }
    let parts = store.parts(&key, &upload).await.unwrap();
    let known: Vec<_> = parts.iter().map(|part| (part.number, part.size)).collect();
    assert_eq!(known, [(1, 6), (2, 6)], "both, by number");
    let wrong = [PartInfo { etag: "0".to_owned(), ..parts[0].clone() }];
    let joined = store.join_parts(&key, &upload, &wrong).await;
    assert!(matches!(joined, Err(StoreError::Precondition)), "a part of other content: {joined:?}");
    store.join_parts(&key, &upload, &parts).await.unwrap();
    assert_eq!(store.read(&key, 0, 100).await.unwrap(), "first second", "the parts in order");
    assert_eq!(store.head(&key).await.unwrap().content_type.as_deref(), Some("image/tiff"), "the type of the upload");
    let again = store.join_parts(&key, &upload, &parts).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "the upload is gone: {again:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut connection = serve(home.path()).await;
    connection.credentials.secret = "guessed".to_owned();
    let key = Key::parse(Area::Originals, "a").unwrap();
    let refused = objects(&connection).put(&key, "text/plain", "a".into()).await.unwrap_err();
    let said = refused.to_string();
    assert!(matches!(refused, StoreError::Other(_)) && said.contains("403"), "a failure, not an outcome: {said}");
    assert!(!said.contains("guessed") && !said.contains("http"), "no secret and no URL: {said}");
}
