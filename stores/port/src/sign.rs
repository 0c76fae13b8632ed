//! The signer port: signed requests that anyone can send, exactly as signed, until they expire.

use std::collections::BTreeMap;

use crate::error::{StoreError, StoreResult};
use crate::key::Key;

/// The rules of an upload. All are signed; a signer refuses rules that it cannot enforce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRules {
    /// The exact size in bytes.
    pub size: u64,
    /// The exact media type; `None` for a part.
    pub content_type: Option<String>,
    /// The SHA-256 of the content.
    pub sha256: [u8; 32],
    /// Seconds until the request expires.
    pub seconds: u64,
}

impl UploadRules {
    /// Refuses invalid rules.
    ///
    /// # Errors
    /// `Refused` for an empty upload, or a lifetime that is zero or over a week, the limit of S3.
    pub fn check(&self) -> StoreResult<()> {
        if self.size == 0 {
            return Err(StoreError::Refused("an upload has at least one byte".to_owned()));
        }
        check_seconds(self.seconds)
    }
}

/// The metadata of announced objects, set by the signer or the multipart upload. Originals without it were put there by
/// another client.
pub const ANNOUNCED: &str = "announced";

/// [`ANNOUNCED`] as metadata.
#[must_use]
pub fn announced() -> BTreeMap<String, String> {
    BTreeMap::from([(ANNOUNCED.to_owned(), "yes".to_owned())])
}

/// The tag of a signed upload, until the upload is complete: lifecycle rules remove it soon.
pub const UNCOMPLETED: (&str, &str) = ("retention", "uncompleted");

/// The signed headers of an upload.
pub(crate) fn upload_headers(rules: &UploadRules) -> BTreeMap<String, String> {
    use base64::Engine as _;
    let checksum = base64::engine::general_purpose::STANDARD.encode(rules.sha256);
    let mut headers = BTreeMap::from([
        ("content-length".to_owned(), rules.size.to_string()),
        ("x-amz-checksum-sha256".to_owned(), checksum),
    ]);
    // A part has no type and no metadata; those belong to the whole object.
    if let Some(content_type) = &rules.content_type {
        headers.insert("content-type".to_owned(), content_type.clone());
        headers.insert("x-amz-tagging".to_owned(), format!("{}={}", UNCOMPLETED.0, UNCOMPLETED.1));
        headers.extend(announced().into_iter().map(|(name, value)| (format!("x-amz-meta-{name}"), value)));
    }
    headers
}

pub(crate) fn check_seconds(seconds: u64) -> StoreResult<()> {
    if (1..=604_800).contains(&seconds) {
        Ok(())
    } else {
        Err(StoreError::Refused("a signed request is valid for one second to seven days".to_owned()))
    }
}

/// A request to send exactly as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The method.
    pub method: &'static str,
    /// The URL with its signature: a secret until it expires.
    pub url: String,
    /// The signed headers except `host`.
    pub headers: BTreeMap<String, String>,
    /// When it expires, milliseconds since 1970.
    pub expires_ms: u64,
}

impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A log must not contain a usable request.
        let address = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("SignedRequest").field("method", &self.method).field("address", &address).finish_non_exhaustive()
    }
}

/// Signs requests, without network access.
pub trait Signer: Send + Sync + std::fmt::Debug {
    /// A `PUT` of a whole object.
    ///
    /// # Errors
    /// `Refused` for rules that cannot be enforced.
    fn put(&self, key: &Key, rules: &UploadRules) -> StoreResult<SignedRequest>;

    /// A `PUT` of a part.
    ///
    /// # Errors
    /// As [`Signer::put`].
    fn put_part(&self, key: &Key, upload: &str, number: u32, rules: &UploadRules) -> StoreResult<SignedRequest>;

    /// A `GET` of an object, with an optional download name.
    ///
    /// # Errors
    /// As [`Signer::put`].
    fn get(&self, key: &Key, seconds: u64, save_as: Option<&str>) -> StoreResult<SignedRequest>;
}
