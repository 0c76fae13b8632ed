//! The signer: requests that whoever holds them may make, exactly as they are, until they expire.

use std::collections::BTreeMap;

use crate::error::{StoreError, StoreResult};
use crate::key::Key;

/// What an upload must be. All of it is signed; a signer that cannot enforce one of these refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRules {
    /// Exactly so many bytes.
    pub size: u64,
    /// Exactly this media type; a part of an object has none of its own.
    pub content_type: Option<String>,
    /// Exactly these bytes.
    pub sha256: [u8; 32],
    /// Seconds until the request expires.
    pub seconds: u64,
}

impl UploadRules {
    /// Refuses rules that mean nothing.
    ///
    /// # Errors
    /// `Refused` for no bytes, or a life of no time or of more than a week, which no S3 honours.
    pub fn check(&self) -> StoreResult<()> {
        if self.size == 0 {
            return Err(StoreError::Refused("an upload has at least one byte".to_owned()));
        }
        check_seconds(self.seconds)
    }
}

/// What stands beside every object that the API was told of, written by who signs for it or begins it. A file among
/// the originals that has none was dropped there by another client.
pub const ANNOUNCED: &str = "announced";

/// [`ANNOUNCED`] as metadata.
#[must_use]
pub fn announced() -> BTreeMap<String, String> {
    BTreeMap::from([(ANNOUNCED.to_owned(), "yes".to_owned())])
}

/// The headers that an upload is bound to.
pub(crate) fn upload_headers(rules: &UploadRules) -> BTreeMap<String, String> {
    use base64::Engine as _;
    let checksum = base64::engine::general_purpose::STANDARD.encode(rules.sha256);
    let mut headers = BTreeMap::from([
        ("content-length".to_owned(), rules.size.to_string()),
        ("x-amz-checksum-sha256".to_owned(), checksum),
    ]);
    // A part has neither a type nor anything written beside it: both are the whole object's.
    if let Some(content_type) = &rules.content_type {
        headers.insert("content-type".to_owned(), content_type.clone());
        headers.extend(announced().into_iter().map(|(name, value)| (format!("x-amz-meta-{name}"), value)));
    }
    headers
}

pub(crate) fn check_seconds(seconds: u64) -> StoreResult<()> {
    if (1..=604_800).contains(&seconds) {
        Ok(())
    } else {
        Err(StoreError::Refused("a signed request lives one second to seven days".to_owned()))
    }
}

/// A request to be sent exactly as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The method.
    pub method: &'static str,
    /// The address, signature included: a secret while it lives.
    pub url: String,
    /// The signed headers but for `host`.
    pub headers: BTreeMap<String, String>,
    /// When it expires, milliseconds since 1970.
    pub expires_ms: u64,
}

impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Whoever reads a log must not be able to use the request.
        let address = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("SignedRequest").field("method", &self.method).field("address", &address).finish_non_exhaustive()
    }
}

/// Signs requests. It needs no network: secrets are at hand.
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

    /// A `GET` of an object, answered with a file name to save it under where one is given.
    ///
    /// # Errors
    /// As [`Signer::put`].
    fn get(&self, key: &Key, seconds: u64, save_as: Option<&str>) -> StoreResult<SignedRequest>;
}
