//! Signed requests, made as the senders make them, with an HMAC of our own (RFC 2104), so that the
//! code under test is not its own witness.

use crate::authority::{AUTHORITY, Leaf, Served, Transmission};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use edge::{
    config::Secret,
    http::{Call, CallBuilder, Method},
};
use futures::executor::block_on;
use ledger::KeyRing;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use webhook::{
    Told, Unreadable,
    sources::{Platform, Sources, Stripe},
};

pub(crate) const NOW: i64 = 1_795_000_000;
pub(crate) const STRIPE: &str = "whsec_newstripe";
pub(crate) const STRIPE_OLD: &str = "whsec_oldstripe";
pub(crate) const PLATFORM: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
pub(crate) const PLATFORM_OLD: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const SIGNAL_KEYS: &str = "k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f";

static PAYPAL_CHAIN: LazyLock<String> = LazyLock::new(|| AUTHORITY.chain(&Leaf::default()));

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

/// A stack in test mode, in the middle of a rotation of every secret.
pub(crate) fn sources() -> Sources {
    with_secrets(&[STRIPE, STRIPE_OLD], &[PLATFORM, PLATFORM_OLD])
}

pub(crate) fn with_secrets(stripe: &[&str], platform: &[&str]) -> Sources {
    let secrets = |texts: &[&str]| texts.iter().map(|text| Secret::new(*text)).collect::<Vec<_>>();
    Sources {
        stripe: Stripe::new(secrets(stripe), false, KeyRing::parse(SIGNAL_KEYS).unwrap()),
        paypal: Some(Served::one(PAYPAL_CHAIN.clone()).source()),
        wise: Some(crate::wise::source()),
        platform: Platform::try_new(&secrets(platform)).unwrap(),
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64, "a longer key would be hashed first");
    let pad = |byte: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect::<Vec<_>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// A signature in Stripe's form, hex.
pub(crate) fn stripe_v1(secret: &str, seconds: i64, body: &[u8]) -> String {
    hex::encode(hmac(secret.as_bytes(), &[format!("{seconds}.").as_bytes(), body].concat()))
}

/// A signature in the form of Standard Webhooks, `v1,` and base64.
pub(crate) fn standard_v1(secret: &str, id: &str, seconds: i64, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    format!("v1,{}", STANDARD.encode(hmac(&key, &[format!("{id}.{seconds}.").as_bytes(), body].concat())))
}

/// A request without a signature.
pub(crate) fn bare(source: &str, body: &[u8]) -> CallBuilder {
    Call::builder(Method::POST, "/webhooks/{source}", now()).param("source", source).body(body.to_vec())
}

pub(crate) fn stripe_call(secret: &str, seconds: i64, body: &[u8]) -> Call {
    bare("stripe", body).header("stripe-signature", &format!("t={seconds},v1={}", stripe_v1(secret, seconds, body))).build()
}

pub(crate) fn platform_call(secret: &str, seconds: i64, body: &[u8]) -> Call {
    bare("platform", body)
        .header("webhook-id", "msg_plum")
        .header("webhook-timestamp", &seconds.to_string())
        .header("webhook-signature", &standard_v1(secret, "msg_plum", seconds, body))
        .build()
}

/// A request as its source signs it now.
pub(crate) fn signed(source: &str, body: &[u8]) -> Call {
    match source {
        "stripe" => stripe_call(STRIPE, NOW, body),
        "platform" => platform_call(PLATFORM, NOW, body),
        "paypal" => Transmission::default().call(body),
        "wise" => crate::wise::call(body),
        other => panic!("{other} signs nothing"),
    }
}

/// What a signed body tells.
pub(crate) fn told(source: &str, body: &[u8]) -> Result<Told, Unreadable> {
    let (sources, call) = (sources(), signed(source, body));
    let sender = sources.named(source).unwrap();
    sender.translate(&block_on(sender.verify(&call)).unwrap())
}

/// `"ignored"`, `"quarantined"` with its reason, or the facts or errands as they travel.
pub(crate) fn outcome(source: &str, body: &[u8]) -> Value {
    match told(source, body) {
        Err(reason) => json!({ "quarantined": reason.to_string() }),
        Ok(told) if told.is_nothing() => json!("ignored"),
        Ok(told) if told.facts.is_empty() => serde_json::to_value(&told.errands).unwrap(),
        Ok(told) => {
            assert!(told.errands.is_empty(), "an event of both kinds");
            serde_json::to_value(&told.facts).unwrap()
        }
    }
}

/// One of our own events.
pub(crate) fn fixture(source: &str, name: &str) -> Value {
    let path = format!("{}/fixtures/{source}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).unwrap()
}

/// The event with values set at JSON pointers; `None` takes the key away.
pub(crate) fn changed(mut event: Value, changes: &[(&str, Option<Value>)]) -> Value {
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let object = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => object.insert((*key).to_owned(), value.clone()),
            None => object.remove(key),
        };
    }
    event
}
