//! The client's IP address behind a CDN, of which the gateway sees only the edge server.

use std::net::Ipv6Addr;

use axum::http::HeaderMap;

/// The header with which the CDN proves itself.
const SECRET: &str = "x-edge-secret";
/// The header to which every proxy appends its peer's address.
const FORWARDED: &str = "x-forwarded-for";

/// The client's address: the peer, or the CDN's peer if the CDN proves itself.
///
/// Entries that a client forges come before those of the CDN and are ignored.
#[must_use]
pub fn client_address(headers: &HeaderMap, peer: Option<&str>, secret: Option<&str>) -> Option<String> {
    let peer = peer.map(str::to_owned);
    let proof = headers.get(SECRET).and_then(|value| value.to_str().ok());
    if secret.is_none() || proof != secret {
        return peer;
    }
    let all = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
    let mut addresses: Vec<&str> = all.flat_map(|value| value.split(',')).map(str::trim).collect();
    // The gateway appends its own peer, the CDN.
    if addresses.last().copied() == peer.as_deref() {
        addresses.pop();
    }
    addresses.last().filter(|address| !address.is_empty()).map(|address| (*address).to_owned()).or(peer)
}

/// What counts as one address: one user can have all addresses of an IPv6 network of 64 bits.
pub(crate) fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) if address.to_ipv4_mapped().is_none() => {
            format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{client_address, network};

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::1"), network("2001:db8:1:2::"), "one network");
        assert_ne!(network("2001:db8:1:3::"), network("2001:db8:1:2::"), "another one");
        for own in ["192.0.2.7", "::ffff:192.0.2.7", "unknown"] {
            assert_eq!(network(own), own, "by itself");
        }
    }

    fn headers(secret: Option<&'static str>, forwarded: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        if let Some(secret) = secret {
            headers.insert(super::SECRET, HeaderValue::from_static(secret));
        }
        headers
    }

    #[test]
    fn behind_the_cdn_its_peer_is_the_client() {
        let through = |forwarded| client_address(&headers(Some("s3cret"), forwarded), Some("70.0.0.1"), Some("s3cret"));
        assert_eq!(through("192.0.2.7, 70.0.0.1").as_deref(), Some("192.0.2.7"), "client, CDN");
        assert_eq!(through("192.0.2.7").as_deref(), Some("192.0.2.7"), "a gateway that appends nothing");
        assert_eq!(through("198.51.100.1, 192.0.2.7, 70.0.0.1").as_deref(), Some("192.0.2.7"), "a forged entry");
        assert_eq!(through("70.0.0.1").as_deref(), Some("70.0.0.1"), "no other entry");
    }

    #[test]
    fn forged_headers_are_ignored_without_the_secret() {
        let random_id = "192.0.2.7, 198.51.100.1";
        for (proof, secret) in [(None, Some("s3cret")), (Some("guess"), Some("s3cret")), (None, None), (Some(""), None)]
        {
            let found = client_address(&headers(proof, random_id), Some("198.51.100.1"), secret);
            assert_eq!(found.as_deref(), Some("198.51.100.1"), "{proof:?} against {secret:?}");
        }
    }
}
