//! Where a request came from when a network of caches stands before the gateway, which sees only that.

use axum::http::HeaderMap;

/// What the caches add to every request, so that nobody else is taken for them.
const SECRET: &str = "x-edge-secret";
/// Who a request passed through: every one adds where it had it from, at the end.
const FORWARDED: &str = "x-forwarded-for";

/// The address of the client: the peer itself, or where the caches had the request from, if they prove to be them.
///
/// What a client writes into the header itself stands before what the caches add, and is never looked at.
#[must_use]
pub fn client_address(headers: &HeaderMap, peer: Option<&str>, secret: Option<&str>) -> Option<String> {
    let peer = peer.map(str::to_owned);
    let proof = headers.get(SECRET).and_then(|value| value.to_str().ok());
    if secret.is_none() || proof != secret {
        return peer;
    }
    let all = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
    let mut addresses: Vec<&str> = all.flat_map(|value| value.split(',')).map(str::trim).collect();
    // The gateway adds where it had the request from, which is the caches.
    if addresses.last().copied() == peer.as_deref() {
        addresses.pop();
    }
    addresses.last().filter(|address| !address.is_empty()).map(|address| (*address).to_owned()).or(peer)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::client_address;

    fn headers(secret: Option<&'static str>, forwarded: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        if let Some(secret) = secret {
            headers.insert(super::SECRET, HeaderValue::from_static(secret));
        }
        headers
    }

    #[test]
    fn behind_the_caches_the_client_is_who_they_name() {
        let through = |forwarded| client_address(&headers(Some("s3cret"), forwarded), Some("70.0.0.1"), Some("s3cret"));
        assert_eq!(through("192.0.2.7, 70.0.0.1").as_deref(), Some("192.0.2.7"), "client, caches");
        assert_eq!(through("192.0.2.7").as_deref(), Some("192.0.2.7"), "a gateway that adds nothing");
        assert_eq!(through("198.51.100.1, 192.0.2.7, 70.0.0.1").as_deref(), Some("192.0.2.7"), "what a client made up");
        assert_eq!(through("70.0.0.1").as_deref(), Some("70.0.0.1"), "nobody else is named");
    }

    #[test]
    fn who_is_not_the_caches_is_believed_nothing() {
        let random_id = "192.0.2.7, 198.51.100.1";
        for (proof, secret) in [(None, Some("s3cret")), (Some("guess"), Some("s3cret")), (None, None), (Some(""), None)]
        {
            let found = client_address(&headers(proof, random_id), Some("198.51.100.1"), secret);
            assert_eq!(found.as_deref(), Some("198.51.100.1"), "{proof:?} against {secret:?}");
        }
    }
}
