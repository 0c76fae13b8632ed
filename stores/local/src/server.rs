//! The embedded S3 server: verified signatures, CORS origins, and its access key.

use std::path::Path;
use std::sync::Arc;

use augment_stores_port::sigv4::{Credentials, UrlSigner};
use augment_stores_port::{Clock, StoreError, StoreResult};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tower_http::cors::{AllowOrigin, Cors, CorsLayer};

use crate::folder::{Folder, sync_folder};
use crate::no_forms::NoForms;
use crate::s3::{FolderS3, ORIGINALS_BUCKET, PutHook, RESULTS_BUCKET};
use crate::signed_only::SignedOnly;

/// The region in signatures.
pub const REGION: &str = "us-east-1";

/// Seconds that a browser caches a preflight answer.
const PREFLIGHT_SECONDS: u64 = 3600;

/// The server as a tower service.
pub type S3Server = Cors<NoForms>;

/// An access key of the embedded server.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct AccessKey {
    /// The id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AccessKey {
    /// A new random key.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn fresh() -> StoreResult<Self> {
        let mut bytes = [0; 40];
        getrandom::fill(&mut bytes).map_err(StoreError::other)?;
        let (id, secret) = bytes.split_at(8);
        Ok(Self { id: format!("DELTA{}", hex::encode_upper(id)), secret: hex::encode(secret) })
    }

    /// The key in a file that only its owner can read, created if missing, so that signed URLs survive a restart.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn load_or_create(path: &Path) -> StoreResult<Self> {
        let named = |error: &dyn std::fmt::Display| StoreError::other(format!("{}: {error}", path.display()));
        match std::fs::read(path) {
            Ok(bytes) => return serde_json::from_slice(&bytes).map_err(|error| named(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(named(&error)),
        }
        let access = Self::fresh()?;
        let mut options = std::fs::File::options();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        // Written aside, so that a full disk leaves no broken file.
        let aside = path.with_extension("new");
        let write = || {
            let file = options.open(&aside)?;
            serde_json::to_writer_pretty(&file, &access)?;
            file.sync_all()?;
            std::fs::rename(&aside, path)?;
            path.parent().map_or(Ok(()), sync_folder)
        };
        if let Err(error) = write() {
            let _ = std::fs::remove_file(&aside);
            return Err(named(&error));
        }
        Ok(access)
    }

    /// A signer for the server at an endpoint.
    #[must_use]
    pub fn signer(&self, endpoint: String, clock: Clock) -> UrlSigner {
        let credentials = Credentials { id: self.id.clone(), secret: self.secret.clone(), session: None };
        UrlSigner {
            endpoint,
            region: REGION.to_owned(),
            originals: ORIGINALS_BUCKET.to_owned(),
            results: RESULTS_BUCKET.to_owned(),
            path_style: true,
            credentials: Arc::new(move || Ok(credentials.clone())),
            clock,
        }
    }
}

/// The server over a folder. `on_put` is called for every upload; `origins` are the allowed CORS origins.
///
/// # Errors
/// `Refused` for an invalid origin.
pub fn s3_server(
    folder: Folder,
    access: &AccessKey,
    origins: &[String],
    on_put: Option<PutHook>,
) -> StoreResult<S3Server> {
    let mut builder = S3ServiceBuilder::new(FolderS3 { folder, on_put });
    builder.set_auth(SimpleAuth::from_single(access.id.clone(), access.secret.clone()));
    builder.set_access(SignedOnly);
    let mut allowed = Vec::new();
    for origin in origins {
        allowed.push(origin.parse().map_err(|_| StoreError::Refused(format!("'{origin}' is not an origin")))?);
    }
    let header = |name: &'static str| http::HeaderName::from_static(name);
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(allowed))
        .allow_methods([http::Method::GET, http::Method::HEAD, http::Method::PUT])
        .allow_headers([
            header("content-type"),
            header("x-amz-checksum-sha256"),
            header("x-amz-meta-announced"),
            header("x-amz-tagging"),
            header("range"),
        ])
        .expose_headers([header("etag"), header("content-length"), header("content-range")])
        .max_age(std::time::Duration::from_secs(PREFLIGHT_SECONDS));
    Ok(tower::Layer::layer(&cors, NoForms(builder.build())))
}
