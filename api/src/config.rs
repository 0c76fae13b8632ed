//! The answers of `GET /v1/config` and `GET /healthz`: what a client must know first.

use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// The answer to `GET /v1/config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The version of the server's engine.
    pub engine: String,
    /// The limits.
    pub limits: Limits,
    /// Accepted media types.
    pub content_types: Vec<String>,
    /// The names of the built-in recipes.
    pub recipes: Vec<String>,
    /// How to sign in; `null` if sign-in is off.
    pub auth: Option<AuthConfig>,
}

/// How to sign in: OpenID Connect, authorization code with PKCE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthConfig {
    /// The issuer; its discovery document is below `/.well-known/openid-configuration`.
    pub issuer: String,
    /// The page's client id at the issuer, if registered.
    pub client_id: Option<String>,
    /// Scopes to request.
    pub scopes: Vec<String>,
}

/// The answer to `GET /healthz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The version of the engine.
    pub engine: String,
}
