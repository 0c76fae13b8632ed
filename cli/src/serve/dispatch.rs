//! Dispatches requests to API, store or page by path.

use std::net::SocketAddr;
use std::time::Duration;

use augment_stores_local::{ORIGINALS_BUCKET, RESULTS_BUCKET, S3Server};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::StreamExt;
use presign_lambda::ClientAddress;
use tower::ServiceExt;

use super::site::Site;

/// Bytes of an oversized body that are read and discarded, so that its sender still gets the refusal.
const MAX_READ: usize = 64 << 20;

/// Time for the whole body of a request to the API.
const BODY_TIME: Duration = Duration::from_secs(60);
/// Says which sites may load an answer.
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The parts of the server.
#[derive(Clone)]
pub(crate) struct Dispatch {
    /// The common origin of page, API and store.
    pub(crate) origin: String,
    pub(crate) api: Router,
    /// The API's largest body limit in bytes.
    pub(crate) api_body_bytes: usize,
    pub(crate) store: S3Server,
    pub(crate) site: Site,
}

impl Dispatch {
    pub(crate) async fn answer(self, request: Request) -> Response {
        let mut response = self.dispatch(request).await;
        let headers = response.headers_mut();
        // No other site may show or load what this one answers.
        headers.insert(CORP, HeaderValue::from_static("same-origin"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.append(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
        response
    }

    async fn dispatch(self, mut request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let is_site = !matches!(first, "v1" | "healthz" | ORIGINALS_BUCKET | RESULTS_BUCKET);
        if !self.is_ours(&request) {
            // Refuse other host names, which another site may point at this machine (DNS rebinding).
            if is_site && request.method() == Method::GET && is_local_name(&request) {
                return Redirect::temporary(&format!("{}{path}", self.origin)).into_response();
            }
            if !is_local_name(&request) {
                return (StatusCode::MISDIRECTED_REQUEST, format!("use {}", self.origin)).into_response();
            }
        }
        if first == "v1" && self.is_foreign_change(&request) {
            return (StatusCode::FORBIDDEN, "pages of other sites change nothing here").into_response();
        }
        let client = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        if let Some(client) = client {
            request.extensions_mut().insert(ClientAddress(client));
        }
        match first {
            "v1" | "healthz" => {
                let Ok(request) = tokio::time::timeout(BODY_TIME, buffered(request, self.api_body_bytes)).await else {
                    return StatusCode::REQUEST_TIMEOUT.into_response();
                };
                match self.api.oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            ORIGINALS_BUCKET | RESULTS_BUCKET => match self.store.oneshot(request).await {
                Ok(response) => sandboxed(response.map(Body::new)),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            _ => self.site.answer(request).await,
        }
    }

    /// Whether a page of another site asks for a change. Other programs name no origin.
    fn is_foreign_change(&self, request: &Request) -> bool {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let foreign = |origin: &HeaderValue| origin.as_bytes() != self.origin.as_bytes();
        !reads && request.headers().get_all(header::ORIGIN).iter().any(foreign)
    }

    fn is_ours(&self, request: &Request) -> bool {
        self.origin.strip_prefix("http://") == host(request)
    }
}

/// The request with its body read into memory. Otherwise a client that is refused while sending sees a broken pipe
/// instead of the reason. Of a longer body, `most` + 1 bytes are kept, enough to refuse it.
async fn buffered(request: Request, most: usize) -> Request {
    let (head, body) = request.into_parts();
    let (mut kept, mut read) = (Vec::new(), 0);
    let mut pieces = body.into_data_stream();
    // A broken body is cut; its client is gone.
    while let Some(Ok(piece)) = pieces.next().await {
        read += piece.len();
        kept.extend_from_slice(&piece[..piece.len().min(most + 1 - kept.len())]);
        if read > MAX_READ {
            break;
        }
    }
    Request::from_parts(head, Body::from(kept))
}

fn host(request: &Request) -> Option<&str> {
    request.headers().get(header::HOST).and_then(|host| host.to_str().ok())
}

/// Whether a request uses a loopback host name.
fn is_local_name(request: &Request) -> bool {
    let name = host(request).map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    matches!(name, Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Uploaded content must not run as a page of this origin.
fn sandboxed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
