//! A client of the API for native programs and browsers; it retries only failures that may pass.

mod content;
mod jobs;
mod oidc;
mod retry;
mod send;
mod transfer;
mod turns;
mod upload;

use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use content::FileContent;
pub use oidc::{Discovery, Tokens, secret};
pub use retry::Retry;
pub use transfer::Progress;
use turns::Turns;
pub use upload::{StartedUpload, Upload, UploadEvent, Uploaded};

use crate::{
    AugmentRequest, Config, Deleted, Group, GroupRequest, Groups, Image, ImagePage, ImageQuery, ObjectName,
    PartTargets, PartsRequest, PartsSelection, PartsStatus, Patch, Problem, Reservation, Tags, Target, UploadRequest,
};

/// Why a call failed.
#[derive(Debug)]
pub enum ClientError {
    /// The server refused; the problem explains it to the user.
    Refused(Box<Problem>),
    /// The server or the object store gave an unexpected answer.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The request.
        what: String,
    },
    /// The connection failed in every attempt.
    Network(String),
    /// A file cannot be read.
    File(String),
}

impl ClientError {
    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            Self::Answer { status, .. } => Some(*status),
            Self::Network(_) | Self::File(_) => None,
        }
    }
}

impl std::fmt::Display for ClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(problem) => write!(f, "{}", problem.detail),
            Self::Answer { status, what } => write!(f, "{what} failed with status {status}"),
            Self::Network(cause) => write!(f, "the server cannot be reached: {cause}"),
            Self::File(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for ClientError {}

/// The result of a call.
pub type ClientResult<T> = Result<T, ClientError>;

/// A client of one server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    retry: Retry,
    turns: Turns,
}

impl Client {
    /// A client of the API at a base URL such as `https://api.example.org`, with a bearer token if one is needed.
    ///
    /// # Errors
    /// `Network` if the system cannot make connections.
    pub fn new(base: &str, token: Option<String>) -> ClientResult<Self> {
        #[cfg(not(target_arch = "wasm32"))]
        prepare_tls();
        #[cfg(not(target_arch = "wasm32"))]
        let builder = reqwest::Client::builder()
            .connect_timeout(std::time::Duration::from_secs(15))
            // Redirects lead to the store, which must not see the token.
            .redirect(reqwest::redirect::Policy::none());
        #[cfg(target_arch = "wasm32")]
        let builder = reqwest::Client::builder();
        let http = builder.build().map_err(|error| ClientError::Network(cause(&error)))?;
        Ok(Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            token,
            retry: Retry::default(),
            turns: Turns::default(),
        })
    }

    /// The same client with another retry policy.
    #[must_use]
    pub const fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &impl Serialize,
        body: Option<&(impl Serialize + Sync)>,
    ) -> ClientResult<T> {
        let url = format!("{}{path}", self.base);
        let what = format!("{method} {path}");
        let send = || async {
            let mut request = self.http.request(method.clone(), &url).query(query).header("accept", "application/json");
            if let Some(token) = &self.token {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            request.send().await
        };
        let answer = self.retry.run(send).await?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| ClientError::Network(cause(&error)))?;
        if status == StatusCode::NO_CONTENT {
            return serde_json::from_str("null").map_err(|_| ClientError::Answer { status: status.as_u16(), what });
        }
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| ClientError::Answer { status: status.as_u16(), what });
        }
        Err(match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => ClientError::Refused(Box::new(problem)),
            Err(_) => ClientError::Answer { status: status.as_u16(), what },
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> ClientResult<T> {
        self.call(Method::GET, path, &(), None::<&()>).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> ClientResult<T> {
        self.call(Method::POST, path, &(), Some(body)).await
    }

    /// Limits, sign-in, version.
    ///
    /// # Errors
    /// As every call: the server's refusal, or a connection that failed in every attempt.
    pub async fn config(&self) -> ClientResult<Config> {
        self.get("/v1/config").await
    }

    /// Reserves an id and gets signed URLs.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn reserve(&self, request: &UploadRequest) -> ClientResult<Reservation> {
        self.post("/v1/uploads", request).await
    }

    /// Completes an upload.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn complete(&self, id: &str) -> ClientResult<Image> {
        self.post(&format!("/v1/uploads/{id}/complete"), &serde_json::json!({})).await
    }

    /// An image.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn image(&self, id: &str) -> ClientResult<Image> {
        self.get(&format!("/v1/images/{id}")).await
    }

    /// A page of images.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn images(&self, query: &ImageQuery) -> ClientResult<ImagePage> {
        self.call(Method::GET, "/v1/images", query, None::<&()>).await
    }

    /// Changes an image.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn patch(&self, id: &str, patch: &Patch) -> ClientResult<Image> {
        self.call(Method::PATCH, &format!("/v1/images/{id}"), &(), Some(patch)).await
    }

    /// Deletes an image; a missing one is no error.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn delete(&self, id: &str) -> ClientResult<Deleted> {
        let path = format!("/v1/images/{id}");
        match self.call(Method::DELETE, &path, &(), None::<&()>).await {
            // An earlier attempt may have deleted it.
            Err(error) if error.status() == Some(404) => Ok(Deleted { id: id.to_owned() }),
            answer => answer,
        }
    }

    /// Runs a recipe on the server.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn augment(&self, id: &str, request: &AugmentRequest) -> ClientResult<Image> {
        self.post(&format!("/v1/images/{id}/augment"), request).await
    }

    /// The groups.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn groups(&self) -> ClientResult<Groups> {
        self.get("/v1/groups").await
    }

    /// Creates a group.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn make_group(&self, request: &GroupRequest) -> ClientResult<Group> {
        self.post("/v1/groups", request).await
    }

    /// The tags in use.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn tags(&self) -> ClientResult<Tags> {
        self.get("/v1/tags").await
    }

    /// A signed request for `original`, `results` or `thumbnail` of an image; send it without a token.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn link(&self, id: &str, file: &str) -> ClientResult<Target> {
        // Redirects of a plain GET would carry the token to the store in some browsers.
        self.get(&format!("/v1/images/{id}/{file}")).await
    }

    /// Downloads the content of a signed request.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn fetch(&self, target: &Target) -> ClientResult<bytes::Bytes> {
        let answer = self.retry.run(|| self.http.get(&target.url).send()).await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(ClientError::Answer { status: status.as_u16(), what: "the download".to_owned() });
        }
        answer.bytes().await.map_err(|error| ClientError::Network(cause(&error)))
    }

    async fn begin_parts(&self, id: &str, object: ObjectName) -> ClientResult<PartsStatus> {
        self.post(&format!("/v1/uploads/{id}/parts"), &PartsSelection { object }).await
    }

    async fn part_urls(&self, id: &str, request: &PartsRequest) -> ClientResult<PartTargets> {
        self.post(&format!("/v1/uploads/{id}/parts/urls"), request).await
    }

    async fn join_parts(&self, id: &str, object: ObjectName) -> ClientResult<PartsStatus> {
        self.post(&format!("/v1/uploads/{id}/parts/complete"), &PartsSelection { object }).await
    }

    /// The signed URL behind `/original`, `/results` or `/thumbnail`. Browsers follow redirects without showing the URL,
    /// so there use [`Client::link`].
    ///
    /// # Errors
    /// As [`Client::config`].
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn file_address(&self, id: &str, file: &str) -> ClientResult<String> {
        let url = format!("{}/v1/images/{id}/{file}", self.base);
        let send = || {
            let request = self.http.get(&url);
            match &self.token {
                Some(token) => request.bearer_auth(token).send(),
                None => request.send(),
            }
        };
        let answer = self.retry.run(send).await?;
        let status = answer.status();
        if status == StatusCode::FOUND {
            let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
            if let Some(location) = location {
                return Ok(location.to_owned());
            }
        }
        let bytes = answer.bytes().await.map_err(|error| ClientError::Network(cause(&error)))?;
        Err(match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => ClientError::Refused(Box::new(problem)),
            Err(_) => ClientError::Answer { status: status.as_u16(), what: format!("GET {file}") },
        })
    }
}

/// Selects the TLS implementation once per process; every client calls it.
#[cfg(not(target_arch = "wasm32"))]
pub fn prepare_tls() {
    // An error means that one is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The innermost cause of a failed request, without its URL, which may contain a signature.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = cause.to_string();
    if text.contains("://") { "the connection failed".to_owned() } else { text }
}

/// Whether the same request may succeed later.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
