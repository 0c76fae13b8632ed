//! Signed URLs for S3 and compatible stores: AWS Signature Version 4 in query parameters.
//!
//! After "Authenticating Requests: Using Query Parameters" of the S3 API reference, whose example is a test here.

#[cfg(feature = "conformance")]
pub mod testing;

use std::collections::BTreeMap;
use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Clock;
use crate::error::{StoreError, StoreResult};
use crate::key::{Area, Key};
use crate::sign::{SignedRequest, Signer, UploadRules, check_seconds, upload_headers};

/// The algorithm that signatures name.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The credentials of an access key.
#[derive(Clone)]
pub struct Credentials {
    /// The id, visible in signed URLs.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// The session token of temporary credentials.
    pub session: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The source of credentials, called for every signature since temporary ones change.
pub type CredentialSource = std::sync::Arc<dyn Fn() -> StoreResult<Credentials> + Send + Sync>;

/// Signs URLs of an endpoint.
#[derive(Clone)]
pub struct UrlSigner {
    /// The endpoint, such as `http://127.0.0.1:8081`, without a trailing slash.
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// The bucket of originals.
    pub originals: String,
    /// The bucket of results.
    pub results: String,
    /// Whether bucket names are in the path instead of the host.
    pub path_style: bool,
    /// Credentials.
    pub credentials: CredentialSource,
    /// The current time.
    pub clock: Clock,
}

impl std::fmt::Debug for UrlSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UrlSigner").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl UrlSigner {
    fn bucket(&self, area: Area) -> &str {
        match area {
            Area::Originals => &self.originals,
            Area::Results => &self.results,
        }
    }

    fn sign(
        &self,
        method: &'static str,
        key: &Key,
        query: BTreeMap<String, String>,
        headers: BTreeMap<String, String>,
        seconds: u64,
    ) -> StoreResult<SignedRequest> {
        check_seconds(seconds)?;
        let (scheme, host) = self
            .endpoint
            .split_once("://")
            .ok_or_else(|| StoreError::Refused("the store's endpoint is not a URL".to_owned()))?;
        let bucket = self.bucket(key.area());
        let (host, path) = if self.path_style {
            (host.to_owned(), format!("/{}/{}", encode(bucket, false), encode(key.name(), true)))
        } else {
            (format!("{bucket}.{host}"), format!("/{}", encode(key.name(), true)))
        };
        let query = self.signed_query(method, &host, &path, query, &headers, seconds)?;
        Ok(SignedRequest {
            method,
            url: format!("{scheme}://{host}{path}?{query}"),
            headers,
            expires_ms: (self.clock)() / 1000 * 1000 + seconds * 1000,
        })
    }

    /// The signed query for an encoded path.
    fn signed_query(
        &self,
        method: &str,
        host: &str,
        path: &str,
        mut query: BTreeMap<String, String>,
        headers: &BTreeMap<String, String>,
        seconds: u64,
    ) -> StoreResult<String> {
        let key = self.signing_key()?;
        let mut signed = headers.clone();
        signed.insert("host".to_owned(), host.to_owned());
        query.insert("X-Amz-Algorithm".to_owned(), ALGORITHM.to_owned());
        query.insert("X-Amz-Credential".to_owned(), format!("{}/{}", key.credentials.id, key.scope));
        query.insert("X-Amz-Date".to_owned(), key.moment.clone());
        query.insert("X-Amz-Expires".to_owned(), seconds.to_string());
        query.insert("X-Amz-SignedHeaders".to_owned(), names(&signed));
        if let Some(session) = &key.credentials.session {
            query.insert("X-Amz-Security-Token".to_owned(), session.clone());
        }
        let signature = key.signature(method, path, &query, &signed)?;
        Ok(format!("{}&X-Amz-Signature={signature}", canonical(&query)))
    }

    /// The credentials with the current time and scope.
    fn signing_key(&self) -> StoreResult<SigningKey> {
        let credentials = (self.credentials)()?;
        let moment = amz_moment((self.clock)() / 1000)?;
        let scope = format!("{}/{}/s3/aws4_request", &moment[..8], self.region);
        Ok(SigningKey { credentials, moment, scope })
    }

    fn signed_put(
        &self,
        key: &Key,
        query: BTreeMap<String, String>,
        rules: &UploadRules,
    ) -> StoreResult<SignedRequest> {
        rules.check()?;
        self.sign("PUT", key, query, upload_headers(rules), rules.seconds)
    }
}

impl Signer for UrlSigner {
    fn put(&self, key: &Key, rules: &UploadRules) -> StoreResult<SignedRequest> {
        if rules.content_type.is_none() {
            return Err(StoreError::Refused("an object has a media type".to_owned()));
        }
        self.signed_put(key, BTreeMap::new(), rules)
    }

    fn put_part(&self, key: &Key, upload: &str, number: u32, rules: &UploadRules) -> StoreResult<SignedRequest> {
        if rules.content_type.is_some() {
            // S3 ignores the type of a part, so signing it would have no effect.
            return Err(StoreError::Refused("a part has no media type of its own".to_owned()));
        }
        let query =
            BTreeMap::from([("partNumber".to_owned(), number.to_string()), ("uploadId".to_owned(), upload.to_owned())]);
        self.signed_put(key, query, rules)
    }

    fn get(&self, key: &Key, seconds: u64, save_as: Option<&str>) -> StoreResult<SignedRequest> {
        let mut query = BTreeMap::new();
        if let Some(name) = save_as {
            // RFC 6266 with the encoding of RFC 5987, which all browsers support.
            let disposition = format!("attachment; filename*=UTF-8''{}", encode(name, false));
            query.insert("response-content-disposition".to_owned(), disposition);
        }
        self.sign("GET", key, query, BTreeMap::new(), seconds)
    }
}

/// Credentials with their time and scope.
struct SigningKey {
    credentials: Credentials,
    moment: String,
    scope: String,
}

impl SigningKey {
    /// The signature of a request with an unsigned body. The maps sort parameters and headers as the canonical form
    /// requires.
    fn signature(
        &self,
        method: &str,
        path: &str,
        query: &BTreeMap<String, String>,
        headers: &BTreeMap<String, String>,
    ) -> StoreResult<String> {
        let mut request = format!("{method}\n{path}\n{}\n", canonical(query));
        for (name, value) in headers {
            let _ = writeln!(request, "{name}:{}", value.trim());
        }
        let _ = write!(request, "\n{}\nUNSIGNED-PAYLOAD", names(headers));
        let hash = hex::encode(Sha256::digest(request));
        let mut secret = format!("AWS4{}", self.credentials.secret).into_bytes();
        for part in self.scope.split('/') {
            secret = hmac(&secret, part)?.to_vec();
        }
        Ok(hex::encode(hmac(&secret, &format!("{ALGORITHM}\n{}\n{}\n{hash}", self.moment, self.scope))?))
    }
}

/// The signed header names.
fn names(headers: &BTreeMap<String, String>) -> String {
    headers.keys().map(String::as_str).collect::<Vec<_>>().join(";")
}

/// The canonical query.
fn canonical(query: &BTreeMap<String, String>) -> String {
    let pairs = query.iter().map(|(name, value)| format!("{}={}", encode(name, false), encode(value, false)));
    pairs.collect::<Vec<_>>().join("&")
}

fn hmac(key: &[u8], text: &str) -> StoreResult<[u8; 32]> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key).map_err(|_| StoreError::other("invalid key length"))?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

/// AWS percent-encoding: everything except letters, digits and `-._~`, and slashes of paths.
#[must_use]
pub fn encode(text: &str, path: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            b'/' if path => encoded.push('/'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// A time as `20130524T000000Z`.
fn amz_moment(seconds: u64) -> StoreResult<String> {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let moment = moment.ok_or_else(|| StoreError::other("the clock is out of range"))?;
    Ok(moment.strftime("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn signer() -> UrlSigner {
        let credentials = Credentials {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            session: None,
        };
        UrlSigner {
            endpoint: "https://s3.amazonaws.com".to_owned(),
            region: "us-east-1".to_owned(),
            originals: "examplebucket".to_owned(),
            results: "other".to_owned(),
            path_style: false,
            credentials: Arc::new(move || Ok(credentials.clone())),
            clock: Arc::new(|| 1_369_353_600_000),
        }
    }

    #[test]
    fn the_reference_example_matches() {
        let key = Key::new(Area::Originals, &["test.txt"]).unwrap();
        let signed = signer().get(&key, 86_400, None).unwrap();
        assert_eq!(
            signed.url,
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
             AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=\
             86400&X-Amz-SignedHeaders=host&X-Amz-Signature=\
             aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            "as in the reference"
        );
    }

    #[test]
    fn an_upload_signs_length_type_and_checksum() {
        let key = Key::new(Area::Originals, &["originals", "a1", "a b.jpg"]).unwrap();
        let rules = UploadRules { size: 3, content_type: Some("image/jpeg".to_owned()), sha256: [0; 32], seconds: 60 };
        let signed = signer().put(&key, &rules).unwrap();
        assert!(
            signed.url.contains(
                "SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256%3Bx-amz-meta-announced%3Bx-amz-tagging&"
            ),
            "{}",
            signed.url
        );
        assert!(signed.url.contains("/originals/a1/a%20b.jpg?"), "the path is encoded: {}", signed.url);
        assert_eq!(signed.headers["content-length"], "3", "what to send");
        assert!(!format!("{signed:?}").contains("Signature"), "logs contain no signature");
    }

    #[test]
    fn unenforceable_rules_are_refused() {
        let key = Key::new(Area::Originals, &["a"]).unwrap();
        let rules = UploadRules { size: 1, content_type: None, sha256: [0; 32], seconds: 60 };
        assert!(signer().put(&key, &rules).is_err(), "an object without a type");
        assert!(signer().put_part(&key, "u", 1, &rules).is_ok(), "a part has none");
        assert!(signer().put_part(&key, "u", 1, &UploadRules { size: 0, ..rules.clone() }).is_err(), "no bytes");
        assert!(signer().put_part(&key, "u", 1, &UploadRules { seconds: 604_801, ..rules }).is_err(), "over a week");
    }
}
