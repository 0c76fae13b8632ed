//! A deployment under test: how the suite calls its API and its store.

use std::collections::BTreeMap;
use std::sync::Arc;

use augment_api::{Limits, openapi};
use augment_stores_port::memory::{MemoryObjects, MemoryRecords};
use augment_stores_port::system_clock;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;
use presign_lambda::{App, Settings, router};
use serde_json::Value;
use tower::ServiceExt;

/// A deployment under test.
pub struct Deployment {
    pub limits: Limits,
    /// The store, if it is in memory.
    pub memory: Option<Arc<MemoryObjects>>,
    pub token: Option<String>,
    /// Whether workers run jobs.
    pub has_worker: bool,
    transport: Transport,
    document: Value,
}

/// How requests reach the API.
#[derive(Clone)]
enum Transport {
    /// A direct call.
    Router(Router),
    /// HTTP to a base URL.
    Network(String, reqwest::Client),
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A raw answer.
struct RawAnswer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Transport {
    async fn send(&self, method: &Method, path: &str, headers: &[(&str, String)], body: Bytes) -> RawAnswer {
        match self {
            Self::Router(router) => {
                let mut request = Request::builder().method(method).uri(path);
                for (name, value) in headers {
                    request = request.header(*name, value);
                }
                let request = request.body(Body::from(body)).unwrap();
                let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                RawAnswer { status: parts.status.as_u16(), headers: parts.headers, body }
            }
            Self::Network(base, client) => {
                // URLs of the store are absolute.
                let url = if path.starts_with('/') { format!("{base}{path}") } else { path.to_owned() };
                let mut request = client.request(method.clone(), url).body(body);
                for (name, value) in headers {
                    request = request.header(*name, value);
                }
                let response = request.send().await.unwrap();
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                RawAnswer { status, headers, body: response.bytes().await.unwrap() }
            }
        }
    }
}

impl Deployment {
    /// A deployment over the network.
    #[must_use]
    pub fn at(api: &str, limits: Limits) -> Self {
        let transport = Transport::Network(api.to_owned(), http_client());
        Self { limits, memory: None, token: None, has_worker: false, transport, document: openapi(&limits) }
    }

    /// The router over stores in memory; `change` adapts its parts.
    pub fn in_memory(change: impl FnOnce(&mut App)) -> Self {
        let objects = Arc::new(MemoryObjects::new(system_clock()));
        let limits = Limits { part_bytes: 1000, multipart_from_bytes: 2000, ..Limits::default() };
        let mut app = App {
            objects: Arc::<MemoryObjects>::clone(&objects),
            signer: Arc::<MemoryObjects>::clone(&objects),
            records: Arc::new(MemoryRecords::default()),
            verifier: None,
            settings: Settings { limits, auth: None, budgets: None },
            clock: system_clock(),
            metrics: Arc::new(|_| {}),
            wake: Arc::new(|| {}),
        };
        change(&mut app);
        let limits = app.settings.limits;
        let transport = Transport::Router(router(Arc::new(app)));
        Self { limits, memory: Some(objects), token: None, has_worker: false, transport, document: openapi(&limits) }
    }

    /// The same deployment with another token, or none.
    #[must_use]
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self {
            limits: self.limits,
            memory: self.memory.clone(),
            token: token.map(str::to_owned),
            has_worker: self.has_worker,
            transport: self.transport.clone(),
            document: self.document.clone(),
        }
    }

    /// Calls the API and checks the answer against the OpenAPI document.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let content_type = body.map(|_| "application/json");
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(&method.parse().unwrap(), path, content_type, body.into()).await
    }

    /// Calls the API with any bytes.
    pub async fn call_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.send(&Method::POST, path, Some(content_type), body.into()).await
    }

    fn asking_for_json(&self) -> Vec<(&'static str, String)> {
        let token = self.token.as_ref().map(|token| ("authorization", format!("Bearer {token}")));
        token.into_iter().chain([("accept", "application/json".to_owned())]).collect()
    }

    async fn send(&self, method: &Method, path: &str, content_type: Option<&str>, body: Bytes) -> Answer {
        let mut headers = Vec::new();
        headers.extend(content_type.map(|content_type| ("content-type", content_type.to_owned())));
        headers.extend(self.token.as_ref().map(|token| ("authorization", format!("Bearer {token}"))));
        let RawAnswer { status, headers, body } = self.transport.send(method, path, &headers, body).await;
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        let answer = Answer { status, headers, body };
        self.check_document(method, path, &answer);
        answer
    }

    fn check_document(&self, method: &Method, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap_or_default();
        let Some(operation) = self.operation(path, method) else {
            assert!(matches!(answer.status, 404 | 405), "{method} {path} is not in the document: {answer:?}");
            return;
        };
        let promised = &operation["responses"][answer.status.to_string()];
        assert!(promised.is_object(), "{method} {path} may not answer {answer:?}");
        let media_type = answer.headers.get("content-type").map(|value| value.to_str().unwrap());
        let Some(content) = promised["content"].as_object() else {
            return;
        };
        let (promised_type, promised_content) = content.iter().next().unwrap();
        assert_eq!(media_type, Some(promised_type.as_str()), "{method} {path}: {answer:?}");
        let mut schema = promised_content["schema"].clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let problems: Vec<String> =
            validator.iter_errors(&answer.body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(problems.is_empty(), "{method} {path} violates the document: {problems:?} in {answer:?}");
        if let Some(headers) = promised["headers"].as_object() {
            for name in headers.keys() {
                assert!(answer.headers.contains_key(name), "{method} {path} {}: no {name}", answer.status);
            }
        }
    }

    fn operation(&self, path: &str, method: &Method) -> Option<&Value> {
        let segments: Vec<&str> = path.split('/').collect();
        let paths = self.document["paths"].as_object().unwrap();
        let fits = |template: &str| {
            let template: Vec<&str> = template.split('/').collect();
            template.len() == segments.len()
                && template.iter().zip(&segments).all(|(a, b)| a.starts_with('{') || a == b)
        };
        let operations = paths.iter().find(|(template, _)| fits(template))?.1;
        Some(&operations[method.as_str().to_ascii_lowercase()]).filter(|operation| operation.is_object())
    }

    /// Sends a signed request to the store.
    pub async fn put(&self, target: &Value, body: &[u8]) -> u16 {
        let (method, url) = (target["method"].as_str().unwrap(), target["url"].as_str().unwrap());
        let headers: BTreeMap<String, String> = serde_json::from_value(target["headers"].clone()).unwrap();
        if let Some(memory) = &self.memory {
            return memory.request(method, url, &headers, Bytes::copy_from_slice(body)).status;
        }
        let headers: Vec<(&str, String)> = headers
            .iter()
            .filter(|(name, _)| *name != "content-length")
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        self.transport.send(&method.parse().unwrap(), url, &headers, Bytes::copy_from_slice(body)).await.status
    }

    /// Follows a redirect of the API.
    pub async fn follow(&self, path: &str) -> (u16, Vec<u8>) {
        let answer = self.call("GET", path, None).await;
        if answer.status != 302 {
            return (answer.status, Vec::new());
        }
        let url = answer.headers["location"].to_str().unwrap().to_owned();
        let linked = self.transport.send(&Method::GET, path, &self.asking_for_json(), Bytes::new()).await;
        assert_eq!(linked.status, 200, "the signed URL as JSON");
        let linked: Value = serde_json::from_slice(&linked.body).unwrap();
        assert_eq!(bare(linked["url"].as_str().unwrap()), bare(&url), "the same file");
        if let Some(memory) = &self.memory {
            let reply = memory.request("GET", &url, &BTreeMap::new(), Bytes::new());
            return (reply.status, reply.body.to_vec());
        }
        let answer = self.transport.send(&Method::GET, &url, &[], Bytes::new()).await;
        (answer.status, answer.body.to_vec())
    }
}

/// A URL without its signature.
fn bare(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// An HTTP client that follows no redirects.
#[must_use]
pub fn http_client() -> reqwest::Client {
    // An error means that one is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
