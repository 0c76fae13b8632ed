//! What a signature must cover: every part of a request that changes what the store does.
//!
//! Method, path and query are in every signature of version 4; of the headers only those that it names are.

use http::{HeaderMap, Uri, header};
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};

/// All that a signed address is made for. Copies, listings and deletions take a signature in the header.
const BY_ADDRESS: [&str; 3] = ["GetObject", "PutObject", "UploadPart"];
/// Operations that keep the media type they are sent with.
const TYPED: [&str; 2] = ["PutObject", "CreateMultipartUpload"];

/// Refuses requests whose verified signature leaves something open.
#[derive(Debug)]
pub(crate) struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let signed = Signed::by(context.uri(), context.headers()).filter(|_| context.credentials().is_some());
        let Some(signed) = signed else {
            return Err(s3_error!(AccessDenied, "sign by AWS Signature Version 4, in the address or in the header"));
        };
        let operation = context.s3_op().name();
        if signed.in_address && !BY_ADDRESS.contains(&operation) {
            return Err(s3_error!(AccessDenied, "a signed address is not for {operation}; sign in the header"));
        }
        let acts = |name: &str| name.starts_with("x-amz-") || (name == "content-type" && TYPED.contains(&operation));
        let headers = context.headers();
        let open = headers.keys().find(|name| acts(name.as_str()) && !signed.covers(headers, name.as_str()));
        open.map_or(Ok(()), |name| Err(s3_error!(AccessDenied, "the signature does not cover the header {name}")))
    }
}

/// How a request is signed.
struct Signed {
    in_address: bool,
    headers: Vec<String>,
}

impl Signed {
    /// Reads where the signature is and which headers it names; `None` for any other than the one of version 4, and
    /// for more than one.
    fn by(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let query: Vec<_> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect();
        let has = |wanted: &str| query.iter().any(|(name, _)| name == wanted);
        let (in_address, authorization) = (has("X-Amz-Signature"), headers.get(header::AUTHORIZATION));
        let names = match authorization {
            None if in_address => &query.iter().find(|(name, _)| name == "X-Amz-SignedHeaders")?.1,
            Some(header) if !in_address && !has("Signature") => {
                let parts = header.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
                parts.split([',', ' ']).find_map(|part| part.strip_prefix("SignedHeaders="))?
            }
            _ => return None,
        };
        Some(Self { in_address, headers: names.split(';').map(str::to_owned).collect() })
    }

    /// Whether a header is as it was signed. What is signed is text, and several values are signed as one.
    fn covers(&self, headers: &HeaderMap, name: &str) -> bool {
        let mut values = headers.get_all(name).iter();
        let one = values.next().is_some_and(|value| value.to_str().is_ok()) && values.next().is_none();
        one && self.headers.iter().any(|signed| signed == name)
    }
}
