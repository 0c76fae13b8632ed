//! Sign-in at an OpenID Connect issuer: authorization code flow with PKCE (RFC 7636, S256) for a public client. The
//! API's token is not sent to the issuer, and the issuer's answers go nowhere else.

use augment_core::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClientError, ClientResult, cause};
use crate::AuthConfig;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The fields used of an issuer's discovery document (OpenID Connect Discovery 1.0, section 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// The issuer, as its tokens name it.
    pub issuer: String,
    /// The sign-in page.
    pub authorization_endpoint: String,
    /// The endpoint that exchanges a code for tokens.
    pub token_endpoint: String,
}

/// The issuer's answer to a code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// The token for an API; a JSON Web Token with some issuers.
    pub access_token: String,
    /// The identity of the user.
    pub id_token: String,
    /// Lifetime of the access token in seconds.
    #[serde(default)]
    pub expires_in: Option<u64>,
}

impl Discovery {
    /// Fetches an issuer's document.
    ///
    /// # Errors
    /// `Network` if it cannot be reached, `Answer` for an unexpected answer.
    pub async fn of(issuer: &str) -> ClientResult<Self> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let found: Self = answered(reqwest::Client::new().get(url), "the sign-in service").await?;
        if found.issuer.trim_end_matches('/') == issuer.trim_end_matches('/') {
            Ok(found)
        } else {
            Err(ClientError::File("the sign-in service names another issuer than the gallery".to_owned()))
        }
    }

    /// The URL of the sign-in page. Keep the random `state`, `nonce` and `verifier` until [`Discovery::exchange`].
    #[must_use]
    pub fn sign_in(&self, auth: &AuthConfig, back: &str, state: &str, nonce: &str, verifier: &str) -> String {
        let challenge = base64url(&Digest::of(verifier.as_bytes()).0);
        let parameters = form(&[
            ("response_type", "code"),
            ("client_id", auth.client_id.as_deref().unwrap_or_default()),
            ("redirect_uri", back),
            ("scope", &auth.scopes.join(" ")),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if self.authorization_endpoint.contains('?') { '&' } else { '?' };
        format!("{}{joint}{parameters}", self.authorization_endpoint)
    }

    /// Exchanges a code for tokens and checks that they belong to this sign-in.
    ///
    /// # Errors
    /// As [`Discovery::of`], or if the tokens belong to another sign-in.
    pub async fn exchange(
        &self,
        auth: &AuthConfig,
        back: &str,
        code: &str,
        nonce: &str,
        verifier: &str,
    ) -> ClientResult<Tokens> {
        let client = auth.client_id.as_deref().unwrap_or_default();
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("redirect_uri", back),
            ("code", code),
            ("code_verifier", verifier),
        ]);
        let request = reqwest::Client::new().post(&self.token_endpoint);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let tokens: Tokens = answered(request, "the sign-in service").await?;
        // It came directly from the issuer, so its signature need not be checked (OpenID Connect Core, 3.1.3.7).
        let claims = claims(&tokens.id_token).unwrap_or_default();
        let audience = &claims["aud"];
        let for_us = audience == client || audience.as_array().is_some_and(|all| all.iter().any(|one| one == client));
        if claims["nonce"] != nonce || claims["iss"] != self.issuer.as_str() || !for_us {
            return Err(ClientError::File("the answer belongs to another sign-in; sign in again".to_owned()));
        }
        Ok(tokens)
    }
}

impl Tokens {
    /// The token for the API: the access token if the API can verify it, else the identity token.
    #[must_use]
    pub fn bearer(&self) -> &str {
        if claims(&self.access_token).is_some() { &self.access_token } else { &self.id_token }
    }

    /// The user's name in the identity token.
    #[must_use]
    pub fn name(&self) -> String {
        let claims = claims(&self.id_token).unwrap_or_default();
        let names = ["name", "email", "preferred_username", "sub"].iter().filter_map(|name| claims[*name].as_str());
        names.map(str::to_owned).next().unwrap_or_default()
    }
}

async fn answered<T: serde::de::DeserializeOwned>(request: reqwest::RequestBuilder, who: &str) -> ClientResult<T> {
    let network = |error: reqwest::Error| ClientError::Network(cause(&error));
    let answer = request.send().await.map_err(network)?;
    let status = answer.status();
    let bytes = answer.bytes().await.map_err(network)?;
    let wrong = || ClientError::Answer { status: status.as_u16(), what: who.to_owned() };
    if status.is_success() { serde_json::from_slice(&bytes).map_err(|_| wrong()) } else { Err(wrong()) }
}

/// The unverified claims of a JSON Web Token; `None` for anything else.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&decoded(claims)?).ok().filter(Value::is_object)
}

/// An unguessable text of 32 random bytes.
#[must_use]
pub fn secret() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(base64url(&bytes))
}

/// URL-safe Base64 without padding (RFC 4648, section 5).
#[must_use]
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len()).map(|at| ALPHABET[(word >> (18 - 6 * at)) as usize & 63] as char));
    }
    text
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for chunk in text.as_bytes().chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut word = 0_u32;
        for byte in chunk {
            word = word << 6 | ALPHABET.iter().position(|letter| letter == byte)? as u32;
        }
        word <<= 6 * (4 - chunk.len());
        bytes.extend(&word.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

/// Names and values, form-encoded.
fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &Value) -> String {
        format!("{}.{}.x", base64url(b"{}"), base64url(claims.to_string().as_bytes()))
    }

    #[test]
    fn the_challenge_matches_the_example_of_the_rfc() {
        let discovery = Discovery {
            issuer: "https://id.example".to_owned(),
            authorization_endpoint: "https://id.example/authorize?tenant=1".to_owned(),
            token_endpoint: "https://id.example/token".to_owned(),
        };
        let auth = AuthConfig {
            issuer: "https://id.example".to_owned(),
            client_id: Some("page".to_owned()),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
        };
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let address = discovery.sign_in(&auth, "https://page.example/a b", "s", "n", verifier);
        assert!(address.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), "{address}");
        assert!(
            address.starts_with("https://id.example/authorize?tenant=1&response_type=code&client_id=page"),
            "{address}"
        );
        assert!(address.contains("redirect_uri=https%3A%2F%2Fpage.example%2Fa%20b&scope=openid%20email"), "{address}");
    }

    #[test]
    fn an_opaque_access_token_is_replaced_by_the_identity_token() {
        let id_token = token(&serde_json::json!({"sub": "u1", "email": "u@example.org"}));
        let mut tokens = Tokens { access_token: "opaque".to_owned(), id_token: id_token.clone(), expires_in: None };
        assert_eq!(tokens.bearer(), id_token, "the API cannot verify an opaque token");
        assert_eq!(tokens.name(), "u@example.org", "the best available name");
        tokens.access_token = token(&serde_json::json!({"sub": "u1"}));
        assert_eq!(tokens.bearer(), tokens.access_token, "it is for the API");
    }
}
