//! A running server, a signer for it, and a client.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use augment_stores_local::{AccessKey, Folder, s3_server};
use augment_stores_port::{Area, Key, ObjectStore, SignedRequest, UploadRules};
use sha2::{Digest, Sha256};

pub(crate) const BODY: &[u8] = b"these are the bytes";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";

pub(crate) struct Server {
    pub(crate) folder: Folder,
    pub(crate) signer: augment_stores_port::sigv4::UrlSigner,
    pub(crate) endpoint: String,
    /// Milliseconds that the signer's clock is behind.
    pub(crate) behind: Arc<AtomicU64>,
    pub(crate) client: reqwest::Client,
}

pub(crate) async fn serve(home: &Path) -> Server {
    let folder = Folder::open(home).unwrap();
    let access = AccessKey::fresh().unwrap();
    let service = s3_server(folder.clone(), &access, &[ORIGIN.to_owned()], None).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let handled = tower::ServiceBuilder::new()
        .layer(axum::error_handling::HandleErrorLayer::new(|_| async { axum::http::StatusCode::INTERNAL_SERVER_ERROR }))
        .service(service);
    let router = axum::Router::new().fallback_service(handled);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let behind = Arc::new(AtomicU64::new(0));
    let (clock, late) = (augment_stores_port::system_clock(), Arc::clone(&behind));
    let signer = access.signer(endpoint.clone(), Arc::new(move || clock() - late.load(Ordering::Relaxed)));
    // Other packages enable TLS, so the client needs an implementation.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Server { folder, signer, endpoint, behind, client: reqwest::Client::new() }
}

pub(crate) fn key(name: &str) -> Key {
    Key::parse(Area::Originals, name).unwrap()
}

pub(crate) fn rules() -> UploadRules {
    UploadRules {
        size: BODY.len() as u64,
        content_type: Some("image/jpeg".to_owned()),
        sha256: Sha256::digest(BODY).into(),
        seconds: 60,
    }
}

impl Server {
    pub(crate) async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &BTreeMap<String, String>,
        body: &'static [u8],
    ) -> u16 {
        let mut request = self.client.request(method.parse().unwrap(), url).body(body);
        for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn send_as(&self, signed: &SignedRequest, body: &'static [u8]) -> u16 {
        self.send(signed.method, &signed.url, &signed.headers, body).await
    }

    pub(crate) async fn is_empty(&self) -> bool {
        self.folder.list(Area::Originals, "", 10).await.unwrap().is_empty()
    }
}
