#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::{
    ids::SystemIds,
    testing::{StaticKeys, TestIssuer},
};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use http::Method;
use jsonwebtoken::{EncodingKey, encode, jwk::Jwk};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "referral";
const NOW: i64 = 1_795_478_400;

/// Made once: an RSA key takes a while.
static RSA: LazyLock<EncodingKey> = LazyLock::new(|| {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    // The library takes the key without its PKCS#8 wrapping, which is 26 bytes long around an RSA key of 2048 bits.
    EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..])
});

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn rsa_public(id: &str) -> Value {
    let mut key = Jwk::from_encoding_key(&RSA, Algorithm::RS256).unwrap();
    key.common.key_id = Some(id.to_owned());
    serde_json::to_value(key).unwrap()
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": NOW, "exp": NOW + 300, "groups": ["finance"], "email": "a@example.com" })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn header(algorithm: Algorithm) -> Header {
    Header { typ: Some("at+jwt".to_owned()), kid: Some("rsa".to_owned()), ..Header::new(algorithm) }
}

fn signed(claims: &Value) -> String {
    encode(&header(Algorithm::RS256), claims, &RSA).unwrap()
}

/// Puts a token together by hand, for headers that no library would write.
fn by_hand(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

fn verifier_of(documents: &Arc<StaticKeys>) -> Verifier {
    Verifier::new(ISSUER, AUDIENCE, Arc::<StaticKeys>::clone(documents))
}

fn verifier() -> Verifier {
    verifier_of(&Arc::new(StaticKeys::new(ISSUER, &[rsa_public("rsa"), json!({ "kty": "new", "kid": "odd" })])))
}

async fn answer(verifier: &Verifier, token: &str, now: DateTime<Utc>) -> Result<Principal, Problem> {
    verifier.principal(&Call::builder(Method::GET, "/earnings", now).bearer(token).build()).await
}

async fn refusal(token: &str) -> String {
    let problem = answer(&verifier(), token, at(NOW)).await.expect_err(token);
    assert_eq!(
        (problem.status().as_u16(), problem.detail()),
        (401, "A valid access token is needed."),
        "the same sentence whatever is wrong"
    );
    problem.private_half().unwrap()
}

#[tokio::test]
async fn access_tokens_are_taken() {
    let ids = ["at+jwt", "AT+JWT", "application/at+jwt"];
    for typ in ids {
        let header = Header { typ: Some(typ.to_owned()), ..header(Algorithm::RS256) };
        let principal = answer(&verifier(), &encode(&header, &claims(), &RSA).unwrap(), at(NOW)).await.unwrap();
        assert_eq!((principal.account.as_str(), principal.email.as_deref()), ("alice", Some("a@example.com")));
        assert!(principal.in_group("finance") && !principal.in_group("platform"));
    }
    for good in [
        with("aud", json!(["other", AUDIENCE])),
        with("sub", json!("x".repeat(128))),
        with("exp", json!(NOW - 59)),
        with("nbf", json!(NOW + 60)),
        with("iat", json!(NOW + 60)),
        without("iat"),
        without("groups"),
    ] {
        assert!(answer(&verifier(), &signed(&good), at(NOW)).await.is_ok(), "{good}");
    }
}

#[tokio::test]
async fn cognitos_access_tokens_are_taken() {
    let cognito = json!({ "iss": ISSUER, "client_id": AUDIENCE, "token_use": "access", "sub": "alice", "exp": NOW + 300, "cognito:groups": ["platform"] });
    let plain = Header { typ: None, ..header(Algorithm::RS256) };
    let principal = answer(&verifier(), &encode(&plain, &cognito, &RSA).unwrap(), at(NOW)).await.unwrap();
    assert!(principal.in_group("platform"));
    for (name, value, expected) in [
        ("token_use", json!("id"), "not an access token"),
        ("client_id", json!("other"), "another audience"),
        ("aud", json!("other"), "another audience"),
    ] {
        let mut bad = cognito.clone();
        bad[name] = value;
        assert_eq!(refusal(&encode(&plain, &bad, &RSA).unwrap()).await, expected, "{name}");
    }
}

#[tokio::test]
async fn each_claim_that_is_wrong_is_refused() {
    for (bad, expected) in [
        (with("exp", json!(NOW - 60)), "expired"),
        (with("exp", json!(i64::MIN)), "expired"),
        (without("exp"), "the claims can't be read"),
        (with("exp", json!("tomorrow")), "the claims can't be read"),
        (with("nbf", json!(NOW + 61)), "not valid yet"),
        (with("iat", json!(NOW + 61)), "not valid yet"),
        (with("iss", json!("https://issuer.example/")), "another issuer"),
        (with("iss", json!("https://evil.example")), "another issuer"),
        (without("iss"), "the claims can't be read"),
        (with("aud", json!("other")), "another audience"),
        (with("aud", json!([])), "another audience"),
        (without("aud"), "another audience"),
        (
            with("client_id", json!(AUDIENCE))
                .as_object()
                .map(|map| map.iter().filter(|(name, _)| *name != "aud").map(|(name, value)| (name.clone(), value.clone())).collect())
                .unwrap(),
            "another audience",
        ),
        (without("sub"), "the claims can't be read"),
        (with("sub", json!("")), "the subject is no account id"),
        (with("sub", json!("a b")), "the subject is no account id"),
        (with("sub", json!("x".repeat(129))), "the subject is no account id"),
        (with("token_use", json!("id")), "not an access token"),
    ] {
        assert_eq!(refusal(&signed(&bad)).await, expected, "{bad}");
    }
}

#[tokio::test]
async fn each_trick_with_the_header_is_refused() {
    let typed = |typ: Option<&str>| Header { typ: typ.map(str::to_owned), ..header(Algorithm::RS256) };
    for typ in [None, Some("JWT"), Some("id+jwt")] {
        assert_eq!(refusal(&encode(&typed(typ), &claims(), &RSA).unwrap()).await, "not an access token", "an ID token has this type");
    }
    let public = rsa_public("rsa");
    let confused = EncodingKey::from_secret(public["n"].as_str().unwrap().as_bytes());
    assert_eq!(refusal(&encode(&header(Algorithm::HS256), &claims(), &confused).unwrap()).await, "the algorithm is not allowed");
    assert_eq!(refusal(&encode(&header(Algorithm::RS512), &claims(), &RSA).unwrap()).await, "the algorithm is not allowed");
    assert_eq!(refusal(&encode(&Header { kid: None, ..header(Algorithm::RS256) }, &claims(), &RSA).unwrap()).await, "no key id");
    assert_eq!(
        refusal(&encode(&Header { kid: Some("gone".to_owned()), ..header(Algorithm::RS256) }, &claims(), &RSA).unwrap()).await,
        "the key is not known"
    );
    assert_eq!(
        refusal(&encode(&Header { crit: Some(vec!["x".to_owned()]), ..header(Algorithm::RS256) }, &claims(), &RSA).unwrap()).await,
        "the header has a critical extension"
    );
    let other_key = encode(&header(Algorithm::ES256), &claims(), &p256()).unwrap();
    assert_eq!(refusal(&other_key).await, "the key is not one for this algorithm");
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        let token = by_hand(&json!({ "alg": algorithm, "kid": "rsa", "typ": "at+jwt" }), &claims(), "");
        assert_eq!(refusal(&token).await, "the token can't be read", "{algorithm}");
    }
    let embedded = json!({ "alg": "RS256", "typ": "at+jwt", "jwk": public, "kid": "mine" });
    assert_eq!(refusal(&by_hand(&embedded, &claims(), "AAAA")).await, "the key is not known", "a key that the token brings along");
}

fn p256() -> EncodingKey {
    let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref())
}

#[tokio::test]
async fn what_was_tampered_with_or_is_garbage_is_refused() {
    let good = signed(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let richer = BASE64_URL_SAFE_NO_PAD.encode(with("sub", json!("bob")).to_string());
    assert_eq!(refusal(&format!("{}.{richer}.{}", parts[0], parts[2])).await, "the signature is wrong");
    assert_eq!(refusal(&format!("{}.{}.", parts[0], parts[1])).await, "the signature is wrong");
    for garbage in ["x", "a.b.c", "..", &format!("{good}.x"), &good[..40]] {
        assert!(["the token can't be read", "the signature is wrong"].contains(&refusal(garbage).await.as_str()), "{garbage}");
    }
    assert_eq!(refusal(&signed(&with("pad", json!("x".repeat(8_192))))).await, "the token is too long");
    let bare = Call::builder(Method::GET, "/earnings", at(NOW));
    assert_eq!(verifier().principal(&bare.build()).await.unwrap_err().private_half().unwrap(), "no token");
    let two = Call::builder(Method::GET, "/earnings", at(NOW)).bearer(&good).bearer(&good).build();
    assert_eq!(verifier().principal(&two).await.unwrap_err().status(), 401);
}

#[tokio::test]
async fn an_elliptic_key_serves_its_own_algorithm() {
    let issuer = TestIssuer::new(ISSUER, AUDIENCE);
    let principal = answer(&issuer.verifier(), &issuer.token("alice", &["platform"], None, at(NOW)), at(NOW)).await.unwrap();
    assert!(principal.require_group("platform").is_ok());
    assert_eq!(
        answer(&verifier(), &issuer.token("alice", &[], None, at(NOW)), at(NOW)).await.unwrap_err().status(),
        401,
        "of another issuer's key"
    );
}

#[tokio::test]
async fn a_key_that_is_not_for_signing_is_not_used() {
    for (name, value) in [("use", json!("enc")), ("alg", json!("RS512"))] {
        let mut key = rsa_public("rsa");
        key[name] = value;
        let documents = Arc::new(StaticKeys::new(ISSUER, &[key]));
        let problem = answer(&verifier_of(&documents), &signed(&claims()), at(NOW)).await.unwrap_err();
        assert_eq!(problem.private_half().unwrap(), "the key is not one for this algorithm", "{name}");
    }
}

#[tokio::test]
async fn rotation_needs_no_restart_and_made_up_keys_do_not_flood_the_issuer() {
    let documents = Arc::new(StaticKeys::new(ISSUER, &[rsa_public("old")]));
    let verifier = verifier_of(&documents);
    let token = signed(&json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 100_000 }));
    let ask = async |after: i64| answer(&verifier, &token, at(NOW + after)).await.map_or_else(|problem| problem.status().as_u16(), |_| 200);
    assert_eq!((ask(0).await, documents.asked()), (401, 2), "discovery and keys");
    assert_eq!((ask(29).await, documents.asked()), (401, 2), "not asked again so soon");
    documents.replace(ISSUER, &[rsa_public("old"), rsa_public("rsa")]);
    assert_eq!((ask(30).await, documents.asked()), (200, 4), "the new key is found");
    assert_eq!((ask(600).await, documents.asked()), (200, 4), "from the cache");
    documents.replace(ISSUER, &[rsa_public("old")]);
    assert_eq!((ask(629).await, documents.asked()), (200, 4), "a withdrawn key is good for ten minutes at most");
    assert_eq!((ask(630).await, documents.asked()), (401, 6));
    documents.replace(ISSUER, &[rsa_public("rsa")]);
    assert_eq!((ask(-5_000).await, documents.asked()), (200, 8), "time that was moved back does not keep old keys");
}

#[tokio::test]
async fn an_issuer_that_is_away_or_wrong_is_503_until_it_is_back() {
    let documents = Arc::new(StaticKeys::new(ISSUER, &[rsa_public("rsa")]));
    let verifier = verifier_of(&documents);
    let token = signed(&with("exp", json!(NOW + 100_000)));
    documents.vanish();
    let problem = answer(&verifier, &token, at(NOW)).await.unwrap_err();
    assert_eq!((problem.status().as_u16(), problem.render("r").headers.contains_key("retry-after")), (503, true));
    let discovery = format!("{ISSUER}/.well-known/openid-configuration");
    for (document, keys) in [
        (json!({ "issuer": "https://evil.example", "jwks_uri": format!("{ISSUER}/keys") }), json!({ "keys": [rsa_public("rsa")] })),
        (json!({ "issuer": ISSUER }), json!({ "keys": [rsa_public("rsa")] })),
        (json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys") }), json!({ "keys": [] })),
        (json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys") }), json!([])),
    ] {
        documents.put(&discovery, &document);
        documents.put(&format!("{ISSUER}/keys"), &keys);
        assert_eq!(answer(&verifier, &token, at(NOW)).await.unwrap_err().status(), 503, "{document} {keys}");
    }
    documents.replace(ISSUER, &[rsa_public("rsa")]);
    assert!(answer(&verifier, &token, at(NOW)).await.is_ok());
    documents.vanish();
    assert!(answer(&verifier, &token, at(NOW) + TimeDelta::minutes(9)).await.is_ok(), "good without the issuer");
    let unknown = encode(&Header { kid: Some("new".to_owned()), ..header(Algorithm::RS256) }, &claims(), &RSA).unwrap();
    assert_eq!(answer(&verifier, &unknown, at(NOW) + TimeDelta::minutes(1)).await.unwrap_err().status(), 401);
    assert_eq!(answer(&verifier, &token, at(NOW) + TimeDelta::minutes(10)).await.unwrap_err().status(), 503, "and no longer");
}

#[tokio::test]
async fn a_session_cookie_counts_on_our_own_pages_alone() {
    let ours = "https://example.com";
    let call = |method: Method, origin: Option<&str>, cookies: &[&str]| {
        let builder =
            cookies.iter().fold(Call::builder(method, "/signups", at(NOW)), |builder, value| builder.cookie(SESSION_COOKIE, value));
        origin.into_iter().fold(builder, |builder, origin| builder.header("origin", origin)).build()
    };
    let keys = SealKeys::parse(&format!("k1:{}", "01".repeat(32))).unwrap();
    let session = Session {
        token: signed(&claims()),
        account: "alice".into(),
        name: None,
        groups: std::collections::BTreeSet::new(),
        secret: "s".into(),
        expires_at: NOW + 300,
    };
    let bare = signed(&claims());
    let token = session.seal(&keys, &SystemIds).unwrap();
    let sessions = verifier().with_sessions(vec![ours.to_owned()], keys);
    for (call, expected) in [
        (call(Method::POST, Some(ours), &[&token]), 200),
        (call(Method::GET, None, &[&token]), 200),
        (call(Method::POST, Some("https://evil.example"), &[&token]), 403),
        (call(Method::POST, None, &[&token]), 403),
        (call(Method::POST, Some(ours), &["x"]), 401),
        (call(Method::POST, Some(ours), &[&bare]), 401),
        (call(Method::POST, Some(ours), &[&token, "x"]), 401),
        (call(Method::POST, Some("https://evil.example"), &[]), 401),
    ] {
        let status = sessions.principal(&call).await.map_or_else(|problem| problem.status().as_u16(), |_| 200);
        assert_eq!(status, expected, "{:?} {:?}", call.method, call.headers);
    }
    assert_eq!(
        verifier().principal(&call(Method::GET, None, &[&token])).await.unwrap_err().status(),
        401,
        "no sessions unless they are wanted"
    );
    let both =
        Call::builder(Method::POST, "/signups", at(NOW)).bearer(&bare).cookie(SESSION_COOKIE, "x").header("origin", "https://evil.example");
    assert!(sessions.principal(&both.build()).await.is_ok(), "a bearer token proves by itself");
    let bad_bearer =
        Call::builder(Method::GET, "/signups", at(NOW)).header("authorization", "Basic x").cookie(SESSION_COOKIE, &token).build();
    assert_eq!(sessions.principal(&bad_bearer).await.unwrap_err().status(), 401, "one proof at a time");
}

#[test]
fn it_is_configured_or_refused() {
    let env = |issuer: &str| Env::from_pairs([("OIDC_ISSUER", issuer), ("OIDC_AUDIENCE", AUDIENCE), ("PUBLIC_URL", "https://example.com")]);
    assert!(Verifier::from_env(&env("http://127.0.0.1:8080")).is_ok());
    assert!(Verifier::from_env(&env("http://issuer.example")).is_err());
    for (keys, taken) in [(format!("k1:{}", "01".repeat(32)), true), ("?".to_owned(), false), ("k1:0102".to_owned(), false)] {
        let names = [("OIDC_ISSUER", "http://127.0.0.1:8080"), ("OIDC_AUDIENCE", AUDIENCE), ("PUBLIC_URL", "https://example.com")];
        let made = Verifier::from_env(&Env::from_pairs(names.into_iter().chain([("SESSION_KEYS", keys.as_str())])));
        assert_eq!((made.is_ok(), made.is_ok_and(|verifier| verifier.sessions.is_some())), (taken, taken), "{keys}");
    }
    assert!(Verifier::from_env(&env("http://127.0.0.1:8080")).unwrap().sessions.is_none(), "no sessions without their keys");
    assert!(Verifier::from_env(&Env::from_pairs([("OIDC_ISSUER", ISSUER)])).is_err());
}

#[tokio::test]
async fn an_id_token_tells_who_signed_in_to_its_own_client_once() {
    let issuer = TestIssuer::new(ISSUER, AUDIENCE);
    let good = json!({ "iss": ISSUER, "aud": "web", "sub": "alice", "iat": NOW, "exp": NOW + 300, "nonce": "n", "name": "Alice" });
    let verifier = issuer.verifier();
    let read = async |token: &str| verifier.identity(token, "web", "n", at(NOW)).await;
    let identity = read(&issuer.sign_identity(&good)).await.unwrap();
    assert_eq!((identity.subject.as_str(), identity.name.as_deref()), ("alice", Some("Alice")));
    assert!(!format!("{identity:?}").contains("Alice"));
    for (name, value, expected) in [
        ("nonce", json!("other"), "another sign-in's nonce"),
        ("nonce", json!(null), "another sign-in's nonce"),
        ("aud", json!(AUDIENCE), "another audience"),
        ("iss", json!("https://evil.example"), "another issuer"),
        ("exp", json!(NOW - 60), "expired"),
        ("iat", json!(NOW + 61), "not valid yet"),
        ("token_use", json!("access"), "not an ID token"),
        ("sub", json!(1), "the claims can't be read"),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(read(&issuer.sign_identity(&bad)).await.unwrap_err().private_half().unwrap(), expected, "{name}");
    }
    assert_eq!(read(&issuer.sign(&good)).await.unwrap_err().private_half().unwrap(), "not an ID token", "an access token by its type");
    let foreign = TestIssuer::new(ISSUER, AUDIENCE).sign_identity(&good);
    assert_eq!(read(&foreign).await.unwrap_err().private_half().unwrap(), "the signature is wrong");
}

#[test]
fn a_visitor_is_named_by_our_own_pages_alone_and_for_a_minute() {
    let keys = SealKeys::parse(&format!("k1:{}", "01".repeat(32))).unwrap();
    let person = Call::builder(Method::POST, "/my/join", at(NOW)).source_ip([203, 0, 113, 7].into()).user_agent("Browser").build();
    let sealed = Visitor::seal(&keys, &person, &SystemIds).unwrap();
    let call = |now: i64, headers: &[&str]| {
        let call = Call::builder(Method::POST, "/signups", at(now)).source_ip([10, 0, 0, 1].into()).user_agent("function");
        headers.iter().fold(call, |call, header| call.header(VISITOR_HEADER, header)).build()
    };
    let sessions = verifier().with_sessions(vec!["https://example.com".into()], keys);
    for (verifier, call, expected) in [
        (&sessions, call(NOW + 60, &[&sealed]), "Browser"),
        (&sessions, call(NOW + 61, &[&sealed]), "function"),
        (&sessions, call(NOW, &[&sealed, &sealed]), "function"),
        (&sessions, call(NOW, &["k1.AAAA"]), "function"),
        (&sessions, call(NOW, &[]), "function"),
        (&verifier(), call(NOW, &[&sealed]), "function"),
    ] {
        let visitor = verifier.visitor(&call);
        assert_eq!(visitor.agent.as_deref(), Some(expected));
        assert_eq!(visitor.address == Some([203, 0, 113, 7].into()), expected == "Browser");
    }
}

proptest! {
    #[test]
    fn no_token_makes_it_panic(token in "[a-zA-Z0-9_.=-]{0,80}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert_eq!(runtime.block_on(answer(&verifier(), &token, at(NOW))).unwrap_err().status(), 401);
    }
}
