//! Signatures of unusual requests, for tests that attack a server.

use std::collections::BTreeMap;

use super::{ALGORITHM, UrlSigner, names};

fn host(signer: &UrlSigner) -> &str {
    signer.endpoint.split_once("://").map_or("", |(_, host)| host)
}

/// The signed query for any path, even one without a valid [`Key`](crate::Key).
///
/// # Panics
/// If the signer fails.
#[must_use]
pub fn sign_raw(
    signer: &UrlSigner,
    method: &str,
    path: &str,
    query: &BTreeMap<String, String>,
    headers: &BTreeMap<String, String>,
    seconds: u64,
) -> String {
    let query = signer.signed_query(method, host(signer), path, query.clone(), headers, seconds);
    query.expect("a test's signer can sign")
}

/// The headers of a request signed by its `Authorization` header, as S3 libraries do.
///
/// # Panics
/// If the signer fails.
#[must_use]
pub fn sign_header(
    signer: &UrlSigner,
    method: &str,
    path: &str,
    query: &BTreeMap<String, String>,
    headers: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let key = signer.signing_key().expect("a test's signer can sign");
    let mut signed = headers.clone();
    signed.insert("host".to_owned(), host(signer).to_owned());
    signed.insert("x-amz-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned());
    signed.insert("x-amz-date".to_owned(), key.moment.clone());
    let signature = key.signature(method, path, query, &signed).expect("a test's signer can sign");
    let (id, scope, names) = (&key.credentials.id, &key.scope, names(&signed));
    let authorization = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
    signed.insert("authorization".to_owned(), authorization);
    signed
}
