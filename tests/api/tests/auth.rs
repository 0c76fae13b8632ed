//! Authorization with a test issuer: valid tokens and every kind of invalid one.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use augment_api::AuthConfig;
use augment_api_tests::cases::{announcement, share};
use augment_api_tests::deployment::Deployment;
use augment_api_tests::images::jpeg;
use augment_api_tests::jobs;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use presign_lambda::Budgets;
use presign_lambda::auth::{KeySource, Verifier};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "delta";

/// A test issuer: its published keys and the number of fetches.
#[derive(Default)]
struct Issuer {
    keys: Mutex<Vec<Jwk>>,
    asked: AtomicUsize,
    /// Whether it never answers.
    hangs: AtomicBool,
}

#[async_trait::async_trait]
impl KeySource for Issuer {
    async fn fetch(&self) -> Result<String, String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let keys = self.keys.lock().unwrap().clone();
        serde_json::to_string(&JwkSet { keys }).map_err(|error| error.to_string())
    }
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_der(include_bytes!("../fixtures/rsa.der"))
}

fn ec(der: &[u8]) -> EncodingKey {
    EncodingKey::from_ec_der(der)
}

const EC: &[u8] = include_bytes!("../fixtures/ec.der");
const OTHER_EC: &[u8] = include_bytes!("../fixtures/other-ec.der");

fn published(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    jwk
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims(subject: &str) -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": now() + 600, "nbf": now() - 10 })
}

fn token(key: &EncodingKey, algorithm: Algorithm, id: &str, claims: &Value) -> String {
    let header = Header { kid: Some(id.to_owned()), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

fn token_of(subject: &str) -> String {
    token(&ec(EC), Algorithm::ES256, "ec", &claims(subject))
}

fn deployment(issuer: &Arc<Issuer>, budgets: Option<Budgets>) -> Deployment {
    *issuer.keys.lock().unwrap() =
        vec![published(&rsa(), Algorithm::RS256, "rsa"), published(&ec(EC), Algorithm::ES256, "ec")];
    let source = Arc::<Issuer>::clone(issuer);
    Deployment::in_memory(|app| {
        app.verifier = Some(Verifier::new(ISSUER, AUDIENCE, source));
        app.settings.auth = Some(AuthConfig { issuer: ISSUER.to_owned(), client_id: None, scopes: Vec::new() });
        app.settings.budgets = budgets;
    })
}

async fn status_with(at: &Deployment, token: &str) -> u16 {
    at.with_token(Some(token)).call("GET", "/v1/images?owner=me", None).await.status
}

#[tokio::test]
async fn valid_tokens_are_accepted_and_others_rejected() {
    let at = deployment(&Arc::default(), None);
    let (rsa, ec, other) = (rsa(), ec(EC), self::ec(OTHER_EC));
    assert_eq!(status_with(&at, &token(&rsa, Algorithm::RS256, "rsa", &claims("ann"))).await, 200, "RS256");
    assert_eq!(status_with(&at, &token_of("ann")).await, 200, "ES256");
    let mut several = claims("ann");
    several["aud"] = json!(["other", AUDIENCE]);
    assert_eq!(status_with(&at, &token(&ec, Algorithm::ES256, "ec", &several)).await, 200, "one of several audiences");
    let mut client = claims("ann");
    client.as_object_mut().unwrap().remove("aud");
    client["client_id"] = AUDIENCE.into();
    assert_eq!(status_with(&at, &token(&ec, Algorithm::ES256, "ec", &client)).await, 200, "an access token's client");

    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("other")),
        ("aud", json!(["other"])),
        ("exp", json!(now() - 3600)),
        ("nbf", json!(now() + 3600)),
    ] {
        let mut bad = claims("ann");
        bad[name] = value;
        assert_eq!(status_with(&at, &token(&ec, Algorithm::ES256, "ec", &bad)).await, 401, "a wrong {name}");
    }
    for name in ["iss", "aud", "exp", "sub"] {
        let mut bad = claims("ann");
        bad.as_object_mut().unwrap().remove(name);
        assert_eq!(status_with(&at, &token(&ec, Algorithm::ES256, "ec", &bad)).await, 401, "no {name}");
    }
    assert_eq!(status_with(&at, &token(&other, Algorithm::ES256, "ec", &claims("ann"))).await, 401, "a wrong key");
    assert_eq!(status_with(&at, &token(&other, Algorithm::ES256, "none", &claims("ann"))).await, 401, "an unknown key");
    // The public key as an HMAC secret, which fools verifiers that trust the header's algorithm.
    let secret = EncodingKey::from_secret(include_bytes!("../fixtures/rsa.der"));
    assert_eq!(status_with(&at, &token(&secret, Algorithm::HS256, "rsa", &claims("ann"))).await, 401, "HS256");
    let good = token_of("ann");
    let mut pieces = good.split('.');
    let (_, body, signature) = (pieces.next().unwrap(), pieces.next().unwrap(), pieces.next().unwrap());
    // {"alg":"none","kid":"ec"}
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiZWMifQ";
    for bad in
        [format!("{none}.{body}."), format!("{none}.{body}.{signature}"), good.replace('.', ""), "x".repeat(9000)]
    {
        assert_eq!(status_with(&at, &bad).await, 401, "bad token: {}", bad.chars().take(30).collect::<String>());
    }
    let refused = at.with_token(Some("x.y.z")).call("GET", "/v1/images", None).await;
    assert_eq!(refused.headers["www-authenticate"], "Bearer", "an invalid token is refused even where none is needed");
}

#[tokio::test]
async fn keys_are_cached_and_new_ones_found() {
    let issuer = Arc::new(Issuer::default());
    let at = deployment(&issuer, None);
    for _ in 0..5 {
        assert_eq!(status_with(&at, &token_of("ann")).await, 200, "a valid token");
    }
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 1, "the keys were fetched once");
    for n in 0..5 {
        let made_up = token(&ec(OTHER_EC), Algorithm::ES256, &format!("made-up-{n}"), &claims("ann"));
        assert_eq!(status_with(&at, &made_up).await, 401, "a made-up key");
    }
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 1, "unknown keys do not cause fetches");

    let late = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let issuer = Arc::new(Issuer::default());
    let (source, shift) = (Arc::<Issuer>::clone(&issuer), Arc::clone(&late));
    *issuer.keys.lock().unwrap() = vec![published(&ec(EC), Algorithm::ES256, "ec")];
    let at = Deployment::in_memory(|app| {
        app.verifier = Some(Verifier::new(ISSUER, AUDIENCE, source));
        let clock = augment_stores_port::system_clock();
        app.clock = Arc::new(move || clock() + shift.load(Ordering::Relaxed));
    });
    assert_eq!(status_with(&at, &token_of("ann")).await, 200, "the old key");
    *issuer.keys.lock().unwrap() = vec![published(&ec(OTHER_EC), Algorithm::ES256, "new")];
    let new = token(&ec(OTHER_EC), Algorithm::ES256, "new", &claims("ann"));
    late.store(31_000, Ordering::Relaxed);
    assert_eq!(status_with(&at, &new).await, 200, "a new key is found half a minute later");
    assert_eq!(status_with(&at, &token_of("ann")).await, 401, "and a withdrawn key is rejected");
}

#[tokio::test]
async fn critical_extensions_keys_for_other_uses_and_empty_subjects_are_refused() {
    let issuer = Arc::new(Issuer::default());
    let at = deployment(&issuer, None);
    let mut keys = issuer.keys.lock().unwrap().clone();
    for (id, change) in [
        ("encryption", (|key: &mut Jwk| key.common.public_key_use = Some(PublicKeyUse::Encryption)) as fn(&mut Jwk)),
        ("wrapping", |key| key.common.key_operations = Some(vec![KeyOperations::WrapKey])),
        ("other", |key| key.common.key_algorithm = Some(KeyAlgorithm::ES384)),
        ("signature", |key| key.common.public_key_use = Some(PublicKeyUse::Signature)),
    ] {
        let mut key = published(&ec(EC), Algorithm::ES256, id);
        change(&mut key);
        keys.push(key);
    }
    *issuer.keys.lock().unwrap() = keys;
    for (id, expected) in [("encryption", 401), ("wrapping", 401), ("other", 401), ("signature", 200)] {
        assert_eq!(status_with(&at, &token(&ec(EC), Algorithm::ES256, id, &claims("ann"))).await, expected, "{id}");
    }
    for subject in ["", " "] {
        assert_eq!(status_with(&at, &token_of(subject)).await, 401, "the subject {subject:?}");
    }
    let header =
        Header { kid: Some("ec".to_owned()), crit: Some(vec!["exp2".to_owned()]), ..Header::new(Algorithm::ES256) };
    let critical = encode(&header, &claims("ann"), &ec(EC)).unwrap();
    assert_eq!(status_with(&at, &critical).await, 401, "a critical extension");
}

#[tokio::test]
async fn a_made_up_key_slows_nobody_down() {
    let late = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let issuer = Arc::new(Issuer::default());
    let (source, shift) = (Arc::<Issuer>::clone(&issuer), Arc::clone(&late));
    *issuer.keys.lock().unwrap() = vec![published(&ec(EC), Algorithm::ES256, "ec")];
    let at = Deployment::in_memory(|app| {
        app.verifier = Some(Verifier::new(ISSUER, AUDIENCE, source));
        let clock = augment_stores_port::system_clock();
        app.clock = Arc::new(move || clock() + shift.load(Ordering::Relaxed));
    });
    assert_eq!(status_with(&at, &token_of("ann")).await, 200, "a published key");
    issuer.hangs.store(true, Ordering::Relaxed);
    late.store(31_000, Ordering::Relaxed);
    let made_up = token(&ec(OTHER_EC), Algorithm::ES256, "made-up", &claims("ann"));
    let (good, hanging) = (token_of("ann"), status_with(&at, &made_up));
    let others = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        status_with(&at, &good).await
    };
    tokio::select! {
        status = hanging => panic!("the issuer does not answer: {status}"),
        status = others => assert_eq!(status, 200, "while the issuer is asked"),
    }
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 2, "it was asked");
}

#[tokio::test]
async fn only_owners_change_images_and_private_ones_are_hidden() {
    let at = deployment(&Arc::default(), None);
    let (ann, bob) = (at.with_token(Some(&token_of("ann"))), at.with_token(Some(&token_of("bob"))));
    let guest = at.with_token(None);
    let bytes = jpeg(1);
    assert_eq!(
        guest.call("POST", "/v1/uploads", Some(&announcement(&bytes))).await.status,
        401,
        "uploads need a token"
    );
    let public = share(&ann, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let mut body = announcement(&bytes);
    body["visibility"] = "private".into();
    let private = share(&ann, &body, &bytes).await["id"].as_str().unwrap().to_owned();
    let waiting =
        ann.call("POST", "/v1/uploads", Some(&announcement(&bytes))).await.body["id"].as_str().unwrap().to_owned();

    for other in [&bob, &guest] {
        let seen = other.call("GET", &format!("/v1/images/{public}"), None).await;
        assert_eq!((seen.status, &seen.body["mine"]), (200, &json!(false)), "public images are visible");
        for hidden in [&private, &waiting] {
            for file in ["", "/original", "/results", "/thumbnail"] {
                let path = format!("/v1/images/{hidden}{file}");
                assert_eq!(other.call("GET", &path, None).await.status, 404, "{file} of a private image");
            }
        }
        let listed = other.call("GET", "/v1/images?limit=100", None).await.body;
        assert_eq!(listed["images"].as_array().unwrap().len(), 1, "only public images are listed");
    }
    let title = json!({ "title": "mine now" });
    for (who, id, status) in
        [(&bob, &public, 403), (&bob, &private, 404), (&guest, &public, 401), (&guest, &private, 401)]
    {
        let path = format!("/v1/images/{id}");
        assert_eq!(who.call("PATCH", &path, Some(&title)).await.status, status, "changing another user's image");
        assert_eq!(who.call("DELETE", &path, None).await.status, status, "deleting it");
        assert_eq!(who.call("POST", &format!("{path}/augment"), Some(&json!({}))).await.status, status, "running it");
    }
    assert_eq!(bob.call("POST", &format!("/v1/uploads/{waiting}/complete"), None).await.status, 404, "completing it");
    assert_eq!(guest.call("GET", "/v1/images?owner=me", None).await.status, 401, "an guest caller owns nothing");
    let own = ann.call("GET", "/v1/images?owner=me", None).await.body;
    assert_eq!(own["images"].as_array().unwrap().len(), 2, "the owner's list has private images");
    assert_eq!(
        ann.call("PATCH", &format!("/v1/images/{private}"), Some(&json!({ "visibility": "public" }))).await.status,
        200,
        "the owner publishes"
    );
    assert_eq!(guest.call("GET", &format!("/v1/images/{private}"), None).await.status, 200, "everyone sees it");
}

#[tokio::test]
async fn jobs_over_datasets_are_private() {
    let budgets = Budgets { owner_bytes: u64::MAX, owner_jobs: 2, address_bytes: u64::MAX, address_jobs: u64::MAX };
    let at = deployment(&Arc::default(), Some(budgets));
    let (ann, bob) = (at.with_token(Some(&token_of("ann"))), at.with_token(Some(&token_of("bob"))));
    let guest = at.with_token(None);
    let ids = jobs::uploads(&ann, 1..2).await;
    let body = jobs::request(&ids);
    assert_eq!(guest.call("POST", "/v1/jobs", Some(&body)).await.status, 401, "jobs need a token");
    let refused = bob.call("POST", "/v1/jobs", Some(&body)).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/images/0/id")), "not his image");
    let path = format!("/v1/jobs/{}", jobs::make(&ann, &body).await["id"].as_str().unwrap());
    for (method, more) in [("GET", ""), ("GET", "/results"), ("POST", "/start"), ("POST", "/retry"), ("DELETE", "")] {
        let path = format!("{path}{more}");
        assert_eq!(bob.call(method, &path, None).await.status, 404, "{method} {more} of another user's job");
        assert_eq!(guest.call(method, &path, None).await.status, 401, "{method} {more} without a token");
    }
    assert_eq!(guest.call("GET", "/v1/jobs", None).await.status, 401, "no token");
    assert_eq!(bob.call("GET", "/v1/jobs", None).await.body["jobs"], json!([]), "bob has none");
    // Public images are usable by everyone; refused jobs leave nothing behind.
    let bytes = jpeg(2);
    let public = share(&ann, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    let theirs = jobs::request(&[public]);
    for _ in 0..2 {
        jobs::make(&bob, &theirs).await;
    }
    assert_eq!(bob.call("POST", "/v1/jobs", Some(&theirs)).await.status, 429, "the third is too much");
    assert_eq!(bob.call("GET", "/v1/jobs", None).await.body["jobs"].as_array().unwrap().len(), 2, "and does not exist");
    assert_eq!(ann.call("GET", &path, None).await.status, 200, "her job is unchanged");
}

#[tokio::test]
async fn budgets_are_limited_and_say_when_to_retry() {
    let bytes = jpeg(1);
    let one = bytes.len() as u64 + augment_api_tests::images::zip().len() as u64;
    let budgets = Budgets { owner_bytes: one * 2, owner_jobs: 1, address_bytes: u64::MAX, address_jobs: u64::MAX };
    let at = deployment(&Arc::default(), Some(budgets));
    let (ann, bob) = (at.with_token(Some(&token_of("ann"))), at.with_token(Some(&token_of("bob"))));
    let id = share(&ann, &announcement(&bytes), &bytes).await["id"].as_str().unwrap().to_owned();
    share(&ann, &announcement(&bytes), &bytes).await;
    let refused = ann.call("POST", "/v1/uploads", Some(&announcement(&bytes))).await;
    assert_eq!(refused.status, 429, "the third is too much: {refused:?}");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "until the next day: {wait}");
    let listed = ann.call("GET", "/v1/images?owner=me&limit=100", None).await.body;
    assert_eq!(listed["images"].as_array().unwrap().len(), 2, "the refused upload left nothing: {listed}");
    share(&bob, &announcement(&bytes), &bytes).await;
    let mut taken = announcement(&bytes);
    taken["id"] = id.as_str().into();
    for _ in 0..3 {
        assert_eq!(bob.call("POST", "/v1/uploads", Some(&taken)).await.status, 409, "another user's id");
    }
    share(&bob, &announcement(&bytes), &bytes).await;
    assert_eq!(
        bob.call("POST", "/v1/uploads", Some(&announcement(&bytes))).await.status,
        429,
        "two uploads; refusals are not charged"
    );
    let augment = format!("/v1/images/{id}/augment");
    assert_eq!(ann.call("POST", &augment, Some(&json!({}))).await.status, 202, "one job");
    assert_eq!(ann.call("POST", &augment, Some(&json!({}))).await.status, 409, "no charge while it runs");
}
