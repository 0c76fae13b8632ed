//! `GET /v1/config` and `GET /healthz`: what a client must know before it begins.

use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// The answer to `GET /v1/config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The version of the engine that makes the server's results.
    pub engine: String,
    /// What is allowed.
    pub limits: Limits,
    /// Media types of images that are taken.
    pub content_types: Vec<String>,
    /// The names of the built-in recipes.
    pub recipes: Vec<String>,
    /// How to sign in; `null` where nobody needs to.
    pub auth: Option<AuthConfig>,
}

/// How to sign in: OpenID Connect, authorisation code with PKCE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthConfig {
    /// The issuer; its discovery document is below `/.well-known/openid-configuration`.
    pub issuer: String,
    /// The page's client id at the issuer, where one is registered.
    pub client_id: Option<String>,
    /// Scopes to ask for.
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
