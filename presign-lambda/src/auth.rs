//! Verification of bearer tokens of an OpenID Connect issuer: signature and claims.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use augment_api::ProblemKind;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

use crate::error::{ApiError, ApiResult};

/// Accepted signature algorithms. A token names its own algorithm, so this list must be fixed.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];
/// How long fetched keys stay valid.
const KEYS_MS: u64 = 3600 * 1000;
/// Shortest time between fetches for unknown keys: new keys work soon, made-up ones cannot flood the issuer.
const REFETCH_MS: u64 = 30 * 1000;
/// Allowed clock skew in seconds.
const LEEWAY: u64 = 30;
/// Bytes of a token at most.
const MAX_TOKEN: usize = 8 << 10;

/// Fetches the issuer's keys.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The key set, as JSON.
    async fn fetch(&self) -> Result<String, String>;
}

/// Verifies tokens.
pub struct Verifier {
    issuer: String,
    audience: String,
    source: Arc<dyn KeySource>,
    keys: Mutex<Keys>,
    /// Held during a fetch, so that many requests with a new key fetch once. Requests with known keys do not take it.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Keys {
    set: Option<JwkSet>,
    fetched_ms: u64,
    asked_ms: u64,
    /// Whether the last fetch failed.
    failed: bool,
    /// Whether a fetch runs, for which requests with unknown keys wait.
    fetching: bool,
}

/// A running fetch, which may be cancelled.
struct Fetch<'a>(&'a Verifier);

impl Drop for Fetch<'_> {
    fn drop(&mut self) {
        self.0.keys().fetching = false;
    }
}

#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    client_id: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

fn refused(detail: &str) -> ApiError {
    ApiError::new(ProblemKind::Unauthenticated, format!("the token was rejected: {detail}; sign in again"))
}

impl Verifier {
    /// A verifier for an issuer's tokens for an audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, source: Arc<dyn KeySource>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            source,
            keys: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// The subject of a token.
    pub(crate) async fn verify(&self, token: &str, now_ms: u64) -> ApiResult<String> {
        if token.len() > MAX_TOKEN {
            return Err(refused("it is too long"));
        }
        let header = decode_header(token).map_err(|_| refused("it is not a signed JSON Web Token"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(refused("its algorithm is not RS256 or ES256"));
        }
        if header.crit.is_some() {
            return Err(refused("it has extensions that are critical"));
        }
        let id = header.kid.ok_or_else(|| refused("it does not name its key"))?;
        let key = self.key(&id, now_ms).await?;
        if !verifies(&key, header.alg) {
            return Err(refused("its key is for another use"));
        }
        let key = DecodingKey::from_jwk(&key).map_err(|_| refused("its key cannot be used"))?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Checked below, since access tokens of some issuers name the client instead.
        validation.validate_aud = false;
        let claims = decode::<Claims>(token, &key, &validation).map_err(|error| refused(reason(&error)))?.claims;
        let for_us = match (&claims.aud, &claims.client_id) {
            (Some(Audience::One(audience)), _) => *audience == self.audience,
            (Some(Audience::Many(audiences)), _) => audiences.contains(&self.audience),
            (None, Some(client)) => *client == self.audience,
            (None, None) => false,
        };
        if !for_us {
            return Err(refused("it is for another audience"));
        }
        if claims.sub.trim().is_empty() {
            return Err(refused("it names nobody"));
        }
        Ok(claims.sub)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_fetch(&self, now_ms: u64) -> Fetch<'_> {
        let mut keys = self.keys();
        keys.asked_ms = now_ms;
        keys.fetching = true;
        Fetch(self)
    }

    /// A key by its id, cached.
    async fn key(&self, id: &str, now_ms: u64) -> ApiResult<Jwk> {
        if let Some(found) = self.keys().find(id, now_ms) {
            return found;
        }
        let _fetching = self.fetching.lock().await;
        // Another request may have fetched meanwhile.
        if let Some(found) = self.keys().find(id, now_ms) {
            return found;
        }
        let _fetch = self.begin_fetch(now_ms);
        let fetched = self.source.fetch().await;
        let fetched = fetched.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        let mut keys = self.keys();
        keys.failed = fetched.is_err();
        match fetched {
            Ok(set) => {
                keys.set = Some(set);
                keys.fetched_ms = now_ms;
            }
            Err(error) => tracing::error!(error, "the issuer's keys cannot be fetched"),
        }
        // Old keys are better than a complete sign-in outage.
        keys.known(id).ok_or_else(|| keys.missing())
    }
}

impl Keys {
    fn known(&self, id: &str) -> Option<Jwk> {
        self.set.as_ref().and_then(|set| set.find(id)).cloned()
    }

    /// What is known without a fetch; `None` if it is time for one.
    fn find(&self, id: &str, now_ms: u64) -> Option<ApiResult<Jwk>> {
        let known = self.known(id);
        let fresh = now_ms.saturating_sub(self.fetched_ms) < KEYS_MS;
        if known.is_some() && fresh {
            return known.map(Ok);
        }
        let just_asked = self.asked_ms != 0 && now_ms.saturating_sub(self.asked_ms) < REFETCH_MS;
        (just_asked && !self.fetching).then(|| known.ok_or_else(|| self.missing()))
    }

    /// Why a key is missing: it may be published while the issuer cannot be reached.
    fn missing(&self) -> ApiError {
        if self.failed {
            ApiError::new(ProblemKind::Unavailable, "sign-in cannot be verified now; try again")
        } else {
            refused("its signing key is not published by the issuer")
        }
    }
}

/// Whether a key is for verifying signatures of an algorithm.
fn verifies(key: &Jwk, algorithm: Algorithm) -> bool {
    let common = &key.common;
    common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify))
        && common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(algorithm))
}

fn reason(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidIssuer => "it is from another issuer",
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing: exp, iss and sub are required",
        _ => "it cannot be parsed",
    }
}
