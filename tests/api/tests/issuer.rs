//! Sign-in with an issuer over the network: discovery document, keys and failures.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use augment_api_tests::deployment::Deployment;
use axum::Router;
use axum::routing::get;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use presign_lambda::issuer::Issuer;
use serde_json::json;

const KEY: &[u8] = include_bytes!("../fixtures/ec.der");

/// A local issuer: its URL, and the answer of its key endpoint.
struct Running {
    address: String,
    keys: Arc<Mutex<String>>,
    /// The issuer that its discovery document names.
    named: Arc<Mutex<String>>,
}

async fn start() -> Running {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    // Under a path, like many issuers.
    let address = format!("http://{}/realm", listener.local_addr().unwrap());
    let mut key = Jwk::from_encoding_key(&EncodingKey::from_ec_der(KEY), Algorithm::ES256).unwrap();
    key.common.key_id = Some("ec".to_owned());
    let keys = Arc::new(Mutex::new(serde_json::to_string(&JwkSet { keys: vec![key] }).unwrap()));
    let named = Arc::new(Mutex::new(address.clone()));
    let (answer, issuer, jwks) = (Arc::clone(&keys), Arc::clone(&named), format!("{address}/keys"));
    let document = move || json!({ "issuer": *issuer.lock().unwrap(), "jwks_uri": jwks }).to_string();
    let router = Router::new()
        .route("/realm/.well-known/openid-configuration", get(move || async move { document() }))
        .route("/realm/keys", get(move || async move { answer.lock().unwrap().clone() }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Running { address, keys, named }
}

fn deployment(issuer: &str) -> Deployment {
    let variable = |name: &str| match name {
        "DELTA_OIDC_ISSUER" => Some(issuer.to_owned()),
        "DELTA_OIDC_AUDIENCE" => Some("delta".to_owned()),
        "DELTA_OIDC_CLIENT_ID" => Some("page".to_owned()),
        _ => None,
    };
    let (config, verifier) = Issuer::read(variable).unwrap().unwrap().open().unwrap();
    Deployment::in_memory(|app| {
        app.verifier = Some(verifier);
        app.settings.auth = Some(config);
    })
}

/// The status of a request with a token of an issuer.
async fn status(at: &Deployment, issuer: &str) -> u16 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "iss": issuer, "aud": "delta", "sub": "ann", "exp": now + 600 });
    let header = Header { kid: Some("ec".to_owned()), ..Header::new(Algorithm::ES256) };
    let token = encode(&header, &claims, &EncodingKey::from_ec_der(KEY)).unwrap();
    at.with_token(Some(&token)).call("GET", "/v1/images?owner=me", None).await.status
}

#[tokio::test]
async fn keys_are_found_by_the_discovery_document() {
    let issuer = start().await;
    let at = deployment(&issuer.address);
    assert_eq!(status(&at, &issuer.address).await, 200, "a token signed by a published key");
    assert_eq!(status(&at, "https://evil.example").await, 401, "and none that names another issuer");
    let config = at.call("GET", "/v1/config", None).await.body;
    assert_eq!(config["auth"]["client_id"], "page", "the page gets the sign-in configuration: {config}");
}

#[tokio::test]
async fn the_discovery_document_of_another_issuer_is_refused() {
    let issuer = start().await;
    "https://evil.example".clone_into(&mut issuer.named.lock().unwrap());
    assert_eq!(status(&deployment(&issuer.address), &issuer.address).await, 503, "its keys are not fetched");
}

#[tokio::test]
async fn a_failing_issuer_rejects_all_tokens() {
    let issuer = start().await;
    for answer in ["", "<html>", "{\"keys\": 5}", &"x".repeat(2 << 20)] {
        answer.clone_into(&mut issuer.keys.lock().unwrap());
        let at = deployment(&issuer.address);
        for _ in 0..2 {
            assert_eq!(status(&at, &issuer.address).await, 503, "keys like {:.20}", answer);
        }
    }
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    assert_eq!(status(&deployment(&address), &address).await, 503, "no issuer");
}
