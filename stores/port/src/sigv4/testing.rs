//! What tests need that try to break a server: signatures of requests that the signer never makes.

use std::collections::BTreeMap;

use super::{ALGORITHM, UrlSigner, names};

fn host(signer: &UrlSigner) -> &str {
    signer.endpoint.split_once("://").map_or("", |(_, host)| host)
}

/// The signed query for a path as it is, which may be one that no [`Key`](crate::Key) leads to.
///
/// # Panics
/// When the signer cannot sign.
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

/// The headers of a request that is signed by its `Authorization` header, as libraries of S3 do it.
///
/// # Panics
/// When the signer cannot sign.
#[must_use]
pub fn sign_header(
    signer: &UrlSigner,
    method: &str,
    path: &str,
    query: &BTreeMap<String, String>,
    headers: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let key = signer.key_of_now().expect("a test's signer can sign");
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
