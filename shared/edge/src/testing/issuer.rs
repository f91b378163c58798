//! An issuer whose tokens a test makes as it likes.
#![expect(clippy::expect_used, reason = "a test without its issuer can only stop")]

use crate::{
    auth::{FetchError, KeyFetch, SealKeys, Session, Verifier},
    ids::SystemIds,
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Documents at hand, by URL, that can be replaced while a verifier uses them.
#[derive(Debug, Default)]
pub struct StaticKeys(Mutex<Documents>);

#[derive(Debug, Default)]
struct Documents {
    texts: BTreeMap<String, String>,
    asked: usize,
}

impl StaticKeys {
    /// The documents of `issuer` with these public keys.
    #[must_use]
    pub fn new(issuer: &str, keys: &[Value]) -> Self {
        let documents = Self::default();
        documents.replace(issuer, keys);
        documents
    }

    /// Other keys from now on.
    pub fn replace(&self, issuer: &str, keys: &[Value]) {
        let place = format!("{issuer}/keys");
        self.put(&format!("{issuer}/.well-known/openid-configuration"), &json!({ "issuer": issuer, "jwks_uri": place }));
        self.put(&place, &json!({ "keys": keys }));
    }

    /// Another document.
    pub fn put(&self, url: &str, document: &Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).texts.insert(url.to_owned(), document.to_string());
    }

    /// From now on nothing answers.
    pub fn vanish(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).texts.clear();
    }

    /// How many documents were asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked
    }
}

impl KeyFetch for StaticKeys {
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, FetchError>> {
        Box::pin(async move {
            let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            documents.asked += 1;
            documents.texts.get(url).cloned().ok_or_else(|| FetchError::Unreachable("nothing answers".into()))
        })
    }
}

/// An issuer with one fresh key.
pub struct TestIssuer {
    issuer: String,
    audience: String,
    key: EncodingKey,
    documents: Arc<StaticKeys>,
}

impl std::fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestIssuer").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// How long its tokens are good, seconds.
const TOKEN_LIFE: i64 = 3_600;
const KEY_ID: &str = "test";

impl TestIssuer {
    /// Makes a key for `issuer`, whose tokens are for `audience`.
    #[must_use]
    pub fn new(issuer: &str, audience: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let der = pair.to_pkcs8v1().expect("its PKCS#8 form");
        let key = EncodingKey::from_ec_der(der.as_ref());
        let documents = Arc::new(StaticKeys::new(issuer, &[public_key(&key, Algorithm::ES256, KEY_ID)]));
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), key, documents }
    }

    /// A verifier that trusts it.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&self.issuer, &self.audience, Arc::<StaticKeys>::clone(&self.documents))
    }

    /// An access token for `account`, good for an hour from `now`.
    #[must_use]
    pub fn token(&self, account: &str, groups: &[&str], email: Option<&str>, now: DateTime<Utc>) -> String {
        let mut claims = self.claims(account, now);
        claims["groups"] = json!(groups);
        if let Some(email) = email {
            claims["email"] = json!(email);
        }
        self.sign(&claims)
    }

    /// The claims that every good token has, for a test to spoil.
    #[must_use]
    pub fn claims(&self, account: &str, now: DateTime<Utc>) -> Value {
        let issued = now.timestamp();
        json!({ "iss": self.issuer, "aud": self.audience, "sub": account, "iat": issued, "exp": issued + TOKEN_LIFE })
    }

    /// Signs any claims as an access token.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { typ: Some("at+jwt".to_owned()), kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, &self.key).expect("a token")
    }

    /// Signs any claims as an ID token.
    #[must_use]
    pub fn sign_identity(&self, claims: &Value) -> String {
        let header = Header { typ: Some("JWT".to_owned()), kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, &self.key).expect("a token")
    }

    /// The keys of the sessions that [`TestIssuer::session`] makes.
    #[must_use]
    pub fn session_keys() -> SealKeys {
        SealKeys::parse(&format!("test:{}", "5e".repeat(32))).expect("keys")
    }

    /// The cookie of a session with this token, good for an hour from `now`.
    #[must_use]
    pub fn session(token: &str, account: &str, groups: &[&str], now: DateTime<Utc>) -> String {
        let session = Session {
            token: token.to_owned(),
            account: account.to_owned(),
            name: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            secret: "secret".to_owned(),
            expires_at: now.timestamp() + TOKEN_LIFE,
        };
        session.seal(&Self::session_keys(), &SystemIds).expect("a session")
    }

    /// Its documents, for a test to spoil.
    #[must_use]
    pub fn documents(&self) -> &StaticKeys {
        &self.documents
    }
}

/// The public half of a key, as key sets list it.
///
/// # Panics
/// When `key` is none for that algorithm.
#[must_use]
pub(crate) fn public_key(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut public = Jwk::from_encoding_key(key, algorithm).expect("a public half");
    public.common.key_id = Some(id.to_owned());
    serde_json::to_value(public).expect("its JSON form")
}
