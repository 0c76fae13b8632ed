//! The public keys of an OpenID Connect issuer, by way of its discovery document.

use anyhow::Context;
use presign_lambda::auth::KeySource;

/// How long the issuer may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// Bytes of an answer at most.
const MOST_BYTES: usize = 1 << 20;

/// Fetches the keys of an issuer.
pub(crate) struct IssuerKeys {
    http: reqwest::Client,
    discovery: String,
}

impl IssuerKeys {
    pub(crate) fn new(issuer: &str) -> anyhow::Result<Self> {
        augment_api::client::prepare_tls();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().context("no connection can be made")?;
        Ok(Self { http, discovery: format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')) })
    }

    async fn text(&self, url: &str) -> Result<String, String> {
        let answer = self.http.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let text = match answer {
            Ok(answer) => answer.text().await,
            Err(error) => Err(error),
        };
        let text = text.map_err(|error| error.to_string())?;
        if text.len() > MOST_BYTES { Err("the issuer's answer is too long".to_owned()) } else { Ok(text) }
    }
}

#[async_trait::async_trait]
impl KeySource for IssuerKeys {
    async fn fetch(&self) -> Result<String, String> {
        let discovery = self.text(&self.discovery).await?;
        let discovery: serde_json::Value = serde_json::from_str(&discovery).map_err(|error| error.to_string())?;
        let keys = discovery["jwks_uri"].as_str().ok_or("the discovery document names no jwks_uri")?;
        self.text(keys).await
    }
}
