//! The issuer over HTTP, as a client and a verifier meet it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admin;
mod flow;
mod keys;
mod refusals;

use super::{Clock, Issuer, MOUNT_PATH};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const START_MS: i64 = 1_790_000_000_500;
const AUDIENCE: &str = "referral-api";
const VERIFIER: &str = "a-verifier-of-enough-length-0123456789~._-x";

/// An issuer that listens on a port of its own, with a clock that a test can move.
struct World {
    issuer: Arc<Issuer>,
    origin: String,
    now_ms: Arc<AtomicI64>,
    http: reqwest::Client,
}

impl World {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let now_ms = Arc::new(AtomicI64::new(START_MS));
        let issuer = issuer_at(None, &format!("{origin}{MOUNT_PATH}"), &now_ms);
        let router = Router::new().nest(MOUNT_PATH, Arc::clone(&issuer).router()).nest("/_local", Arc::clone(&issuer).admin_router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { issuer, origin, now_ms, http }
    }

    fn move_clock(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.url())
    }

    fn redirect_uri(&self) -> String {
        format!("{}/login/callback", self.origin)
    }

    /// The parameters of a good authorization request.
    fn request(&self) -> Vec<(&'static str, String)> {
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", "referral-web".to_owned()),
            ("redirect_uri", self.redirect_uri()),
            ("scope", "openid profile".to_owned()),
            ("state", "a state & more".to_owned()),
            ("nonce", "a nonce".to_owned()),
            ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))),
            ("code_challenge_method", "S256".to_owned()),
        ]
    }

    /// The parameters of a good exchange of this code.
    fn exchange(&self, code: &str) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", "referral-web".to_owned()),
            ("redirect_uri", self.redirect_uri()),
            ("code", code.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ]
    }

    async fn get(&self, path: &str, params: &[(&str, String)]) -> reqwest::Response {
        self.http.get(format!("{}?{}", self.url(path), encode(params))).send().await.unwrap()
    }

    async fn post(&self, path: &str, params: &[(&str, String)]) -> reqwest::Response {
        self.http
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encode(params))
            .send()
            .await
            .unwrap()
    }

    /// Signs in at the page and gives the code.
    async fn code_for(&self, name: &str) -> String {
        let mut form = self.request();
        form.push(("name", name.to_owned()));
        let answer = self.post("/authorize", &form).await;
        assert_eq!(answer.status(), 303);
        parameter(&answer, "code").expect("a code")
    }

    /// The error that the token endpoint gives to these parameters.
    async fn token_error(&self, params: &[(&str, String)]) -> String {
        let answer = self.post("/token", params).await;
        assert!(answer.status().is_client_error(), "{}", answer.status());
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let body: Value = answer.json().await.unwrap();
        body["error"].as_str().unwrap().to_owned()
    }

    /// Verifies a token as a stranger would: by the keys over HTTP, for this audience.
    async fn verify(&self, token: &str, audience: &str) -> (Header, Value) {
        let keys: JwkSet = self.http.get(self.url("/jwks")).send().await.unwrap().json().await.unwrap();
        let now_seconds = self.now_ms.load(Ordering::SeqCst) / 1000;
        verified(token, &keys, self.issuer.url(), audience, now_seconds).expect("a token that verifies")
    }
}

fn issuer_at(data: Option<&Path>, url: &str, now_ms: &Arc<AtomicI64>) -> Arc<Issuer> {
    let now_ms = Arc::clone(now_ms);
    let clock: Clock = Arc::new(move || now_ms.load(Ordering::SeqCst));
    Issuer::open(data, url.to_owned(), AUDIENCE.to_owned(), clock).unwrap()
}

/// Header and claims of a token that is signed by one of the keys, by this issuer, for this
/// audience, and not expired at `now_seconds` (the library's own check uses the machine's clock).
fn verified(token: &str, keys: &JwkSet, issuer: &str, audience: &str, now_seconds: i64) -> Option<(Header, Value)> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = DecodingKey::from_jwk(keys.find(header.kid.as_deref()?)?).ok()?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.validate_exp = false;
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let data = jsonwebtoken::decode::<Value>(token, &key, &rules).ok()?;
    (data.claims["exp"].as_i64()? > now_seconds).then_some((data.header, data.claims))
}

fn encode(params: &[(&str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// The parameters without the one of this name.
fn without(mut params: Vec<(&'static str, String)>, name: &str) -> Vec<(&'static str, String)> {
    params.retain(|(is, _)| *is != name);
    params
}

/// The parameters with the one of this name set to `value`.
fn with(params: Vec<(&'static str, String)>, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut params = without(params, name);
    params.push((name, value.to_owned()));
    params
}

/// A parameter of the address that the answer redirects to.
fn parameter(answer: &reqwest::Response, name: &str) -> Option<String> {
    let location = url::Url::parse(answer.headers().get("location")?.to_str().ok()?).ok()?;
    location.query_pairs().find(|(is, _)| is == name).map(|(_, value)| value.into_owned())
}
