//! Signing in at an OpenID Connect issuer: the authorisation code flow with PKCE (RFC 7636, S256), by a client without a
//! secret. The API's token never comes here, and the issuer's answers go nowhere else.

use augment_core::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClientError, ClientResult, cause};
use crate::AuthConfig;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What is needed of an issuer's discovery document (OpenID Connect Discovery 1.0, section 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// The issuer, as its tokens name it.
    pub issuer: String,
    /// Where a person signs in.
    pub authorization_endpoint: String,
    /// Where a code becomes tokens.
    pub token_endpoint: String,
}

/// What the issuer gives for a code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// The token for an API; of some issuers it is a JSON web token.
    pub access_token: String,
    /// Who signed in.
    pub id_token: String,
    /// Seconds that the access token lives.
    #[serde(default)]
    pub expires_in: Option<u64>,
}

impl Discovery {
    /// Asks an issuer for its document.
    ///
    /// # Errors
    /// `Network` when it cannot be reached, `Answer` when it answers something else.
    pub async fn of(issuer: &str) -> ClientResult<Self> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let found: Self = answered(reqwest::Client::new().get(url), "the sign-in service").await?;
        if found.issuer.trim_end_matches('/') == issuer.trim_end_matches('/') {
            Ok(found)
        } else {
            Err(ClientError::File("the sign-in service calls itself by another name than the gallery does".to_owned()))
        }
    }

    /// The address at which a person signs in. `state`, `nonce` and `verifier` are random and kept until
    /// [`Discovery::exchange`].
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

    /// Gives a code for tokens, and sees that they answer the sign-in that was begun.
    ///
    /// # Errors
    /// As [`Discovery::of`], and when the tokens are for another sign-in.
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
        // It came straight from the issuer, so its signature need not be looked at (OpenID Connect Core, 3.1.3.7).
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
    /// The token for the API: the access token where it is one that the API can verify, else the identity token.
    #[must_use]
    pub fn bearer(&self) -> &str {
        if claims(&self.access_token).is_some() { &self.access_token } else { &self.id_token }
    }

    /// What a person is called, by the identity token.
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

/// The claims of a JSON web token, whoever signed it; `None` where it is none.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&decoded(claims)?).ok().filter(Value::is_object)
}

/// A word that nobody guesses: 32 random bytes.
#[must_use]
pub fn secret() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(base64url(&bytes))
}

/// Base64 for addresses, without padding (RFC 4648, section 5).
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

/// Names and values as forms and queries have them.
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
    fn the_challenge_is_the_one_of_the_standard() {
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
    fn an_access_token_that_says_nothing_gives_way_to_the_identity_token() {
        let id_token = token(&serde_json::json!({"sub": "u1", "email": "u@example.org"}));
        let mut tokens = Tokens { access_token: "opaque".to_owned(), id_token: id_token.clone(), expires_in: None };
        assert_eq!(tokens.bearer(), id_token, "nobody could verify the other");
        assert_eq!(tokens.name(), "u@example.org", "the best name that there is");
        tokens.access_token = token(&serde_json::json!({"sub": "u1"}));
        assert_eq!(tokens.bearer(), tokens.access_token, "it is for the API");
    }
}
