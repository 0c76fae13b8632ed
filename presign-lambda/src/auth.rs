//! Bearer tokens of an OpenID Connect issuer: signatures by its published keys, and the claims that must hold.

use std::sync::Arc;

use async_trait::async_trait;
use augment_api::ProblemKind;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use tokio::sync::Mutex;

use crate::error::{ApiError, ApiResult};

/// What tokens may be signed by. A token names its algorithm itself, so the list must be ours.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];
/// How long keys are taken as they were fetched.
const KEYS_MS: u64 = 3600 * 1000;
/// How soon an unknown key may make us ask again: a new key works at once, a made-up one cannot make us ask all day.
const ASK_AGAIN_MS: u64 = 30 * 1000;
/// Seconds that clocks may differ.
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
    ApiError::new(ProblemKind::Unauthenticated, format!("the token is not taken: {detail}; sign in again"))
}

impl Verifier {
    /// A verifier for tokens of an issuer, made out for an audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, source: Arc<dyn KeySource>) -> Self {
        Self { issuer: issuer.into(), audience: audience.into(), source, keys: Mutex::default() }
    }

    /// The subject of a token.
    pub(crate) async fn verify(&self, token: &str, now_ms: u64) -> ApiResult<String> {
        if token.len() > MAX_TOKEN {
            return Err(refused("it is too long"));
        }
        let header = decode_header(token).map_err(|_| refused("it is no signed JSON web token"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(refused("it is not signed by RS256 or ES256"));
        }
        let id = header.kid.ok_or_else(|| refused("it does not name its key"))?;
        let key = self.key(&id, now_ms).await?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| refused("its key cannot be used"))?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Checked below: access tokens of some issuers name the client instead.
        validation.validate_aud = false;
        let claims = decode::<Claims>(token, &key, &validation).map_err(|error| refused(reason(&error)))?.claims;
        let for_us = match (&claims.aud, &claims.client_id) {
            (Some(Audience::One(audience)), _) => *audience == self.audience,
            (Some(Audience::Many(audiences)), _) => audiences.contains(&self.audience),
            (None, Some(client)) => *client == self.audience,
            (None, None) => false,
        };
        if for_us { Ok(claims.sub) } else { Err(refused("it was made out for another audience")) }
    }

    /// A key by its id, from the cache where it is known.
    async fn key(&self, id: &str, now_ms: u64) -> ApiResult<Jwk> {
        // Held over the fetch on purpose: many requests with a new key ask once.
        let mut keys = self.keys.lock().await;
        let fresh = now_ms.saturating_sub(keys.fetched_ms) < KEYS_MS;
        let known = keys.set.as_ref().and_then(|set| set.find(id)).cloned();
        if let (true, Some(key)) = (fresh, &known) {
            return Ok(key.clone());
        }
        if keys.asked_ms != 0 && now_ms.saturating_sub(keys.asked_ms) < ASK_AGAIN_MS {
            return known.ok_or_else(|| refused("it is signed by a key that its issuer does not publish"));
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
                // Keys that were good an hour ago are better than nobody signing in.
                let unavailable =
                    || ApiError::new(ProblemKind::Unavailable, "sign-in cannot be checked now; try again");
                return known.ok_or_else(unavailable);
            }
        }
        let key = keys.set.as_ref().and_then(|set| set.find(id)).cloned();
        key.ok_or_else(|| refused("it is signed by a key that its issuer does not publish"))
    }
}

fn reason(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "it lacks a claim: exp, iss and sub are needed",
        _ => "it cannot be read",
    }
}
