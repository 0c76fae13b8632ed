//! Verification of bearer tokens of an OpenID Connect issuer: signature and claims.

use std::sync::Arc;

use async_trait::async_trait;
use augment_api::ProblemKind;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use tokio::sync::Mutex;

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
}

#[derive(Default)]
struct Keys {
    set: Option<JwkSet>,
    fetched_ms: u64,
    asked_ms: u64,
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
        Self { issuer: issuer.into(), audience: audience.into(), source, keys: Mutex::default() }
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
        let id = header.kid.ok_or_else(|| refused("it does not name its key"))?;
        let key = self.key(&id, now_ms).await?;
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
        if for_us { Ok(claims.sub) } else { Err(refused("it is for another audience")) }
    }

    /// A key by its id, cached.
    async fn key(&self, id: &str, now_ms: u64) -> ApiResult<Jwk> {
        // The lock is held during the fetch so that many requests with a new key fetch once.
        let mut keys = self.keys.lock().await;
        let fresh = now_ms.saturating_sub(keys.fetched_ms) < KEYS_MS;
        let known = keys.set.as_ref().and_then(|set| set.find(id)).cloned();
        if let (true, Some(key)) = (fresh, &known) {
            return Ok(key.clone());
        }
        if keys.asked_ms != 0 && now_ms.saturating_sub(keys.asked_ms) < REFETCH_MS {
            return known.ok_or_else(|| refused("its signing key is not published by the issuer"));
        }
        keys.asked_ms = now_ms;
        let fetched = self.source.fetch().await;
        match fetched.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())) {
            Ok(set) => {
                keys.set = Some(set);
                keys.fetched_ms = now_ms;
            }
            Err(error) => {
                tracing::error!(error, "the issuer's keys cannot be fetched");
                // Old keys are better than a complete sign-in outage.
                let unavailable =
                    || ApiError::new(ProblemKind::Unavailable, "sign-in cannot be verified now; try again");
                return known.ok_or_else(unavailable);
            }
        }
        let key = keys.set.as_ref().and_then(|set| set.find(id)).cloned();
        key.ok_or_else(|| refused("its signing key is not published by the issuer"))
    }
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
