//! The token issuer from the environment, and its public keys found by its discovery document.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use augment_api::AuthConfig;

use crate::auth::{KeySource, Verifier};

/// The timeout of requests to the issuer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const MAX_BYTES: usize = 1 << 20;

/// An issuer and the audience of its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Its URL.
    pub issuer: String,
    /// The audience of its tokens.
    pub audience: String,
    /// The page's client id at the issuer.
    pub client_id: Option<String>,
}

impl Issuer {
    /// The configured issuer, if any.
    ///
    /// # Errors
    /// An issuer without an audience.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let Some(issuer) = variable("DELTA_OIDC_ISSUER") else { return Ok(None) };
        let missing = "DELTA_OIDC_ISSUER is set: also set DELTA_OIDC_AUDIENCE to the audience of its tokens";
        let audience = variable("DELTA_OIDC_AUDIENCE").ok_or(missing)?;
        Ok(Some(Self { issuer, audience, client_id: variable("DELTA_OIDC_CLIENT_ID") }))
    }

    /// The configuration for clients, and the verifier.
    ///
    /// # Errors
    /// If the system cannot make connections.
    pub fn open(self) -> Result<(AuthConfig, Verifier), String> {
        let Self { issuer, audience, client_id } = self;
        // An error means that one is already installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(|error| error.to_string())?;
        let discovery = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let keys = Arc::new(IssuerKeys { http, discovery, issuer: issuer.clone() });
        let config = AuthConfig { issuer: issuer.clone(), client_id, scopes: vec!["openid".to_owned()] };
        Ok((config, Verifier::new(issuer, audience, keys)))
    }
}

/// The keys of an issuer.
struct IssuerKeys {
    http: reqwest::Client,
    discovery: String,
    issuer: String,
}

impl IssuerKeys {
    async fn text(&self, url: &str) -> Result<String, String> {
        let answer = self.http.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let mut answer = answer.map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| error.to_string())? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MAX_BYTES {
                return Err("the issuer's answer is too long".to_owned());
            }
        }
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl KeySource for IssuerKeys {
    async fn fetch(&self) -> Result<String, String> {
        let discovery = self.text(&self.discovery).await?;
        let discovery: serde_json::Value = serde_json::from_str(&discovery).map_err(|error| error.to_string())?;
        if discovery["issuer"] != self.issuer.as_str() {
            return Err("the discovery document is of another issuer".to_owned());
        }
        let keys = discovery["jwks_uri"].as_str().ok_or("the discovery document has no jwks_uri")?;
        self.text(keys).await
    }
}
