//! Refuses requests with unsigned parts that change what the store does.
//!
//! A version 4 signature covers method, path and query, but only the headers that it names.

use http::{HeaderMap, Uri, header};
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};

/// Operations allowed by signed URL. Copies, listings and deletions need a signature in the header.
const BY_URL: [&str; 3] = ["GetObject", "PutObject", "UploadPart"];
/// Operations that store the media type.
const TYPED: [&str; 2] = ["PutObject", "CreateMultipartUpload"];

/// Refuses requests whose verified signature does not cover everything relevant.
#[derive(Debug)]
pub(crate) struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let signed = Signed::by(context.uri(), context.headers()).filter(|_| context.credentials().is_some());
        let Some(signed) = signed else {
            return Err(s3_error!(AccessDenied, "sign with AWS Signature Version 4, in the URL or in the header"));
        };
        let operation = context.s3_op().name();
        if signed.in_url && !BY_URL.contains(&operation) {
            return Err(s3_error!(AccessDenied, "a signed URL does not allow {operation}; sign in the header"));
        }
        let matters = |name: &str| name.starts_with("x-amz-") || (name == "content-type" && TYPED.contains(&operation));
        let headers = context.headers();
        let unsigned = headers.keys().find(|name| matters(name.as_str()) && !signed.covers(headers, name.as_str()));
        unsigned.map_or(Ok(()), |name| Err(s3_error!(AccessDenied, "the signature does not cover the header {name}")))
    }
}

/// How a request is signed.
struct Signed {
    in_url: bool,
    headers: Vec<String>,
}

impl Signed {
    /// Finds the signature and its header names; `None` unless there is exactly one, of version 4.
    fn by(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let query: Vec<_> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect();
        let has = |wanted: &str| query.iter().any(|(name, _)| name == wanted);
        let (in_url, authorization) = (has("X-Amz-Signature"), headers.get(header::AUTHORIZATION));
        let names = match authorization {
            None if in_url => &query.iter().find(|(name, _)| name == "X-Amz-SignedHeaders")?.1,
            Some(header) if !in_url && !has("Signature") => {
                let parts = header.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
                parts.split([',', ' ']).find_map(|part| part.strip_prefix("SignedHeaders="))?
            }
            _ => return None,
        };
        Some(Self { in_url, headers: names.split(';').map(str::to_owned).collect() })
    }

    /// Whether a header is covered. It must be a single text value, since several would be signed as one.
    fn covers(&self, headers: &HeaderMap, name: &str) -> bool {
        let mut values = headers.get_all(name).iter();
        let one = values.next().is_some_and(|value| value.to_str().is_ok()) && values.next().is_none();
        one && self.headers.iter().any(|signed| signed == name)
    }
}
