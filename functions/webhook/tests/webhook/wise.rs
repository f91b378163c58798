//! Wise: who signed, and what its events tell. The keys are made here.

use crate::{
    authority::pem_of,
    door::{accepted, door, ignored, outcome as answered, quarantined, refused},
    support::{bare, changed, fixture, outcome, sources, with_secrets},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use edge::{config::Env, http::Call};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};
use std::sync::LazyLock;
use webhook::sources::{Sources, Wise, WiseKeyError};

/// Two keys, since making one takes a while: the one in use and the one before it.
static KEYS: LazyLock<[KeyPair; 2]> = LazyLock::new(|| [rsa(), rsa()]);
static STRANGER: LazyLock<KeyPair> = LazyLock::new(rsa);

fn rsa() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

fn public(key: &KeyPair) -> String {
    pem_of("PUBLIC KEY", &key.subject_public_key_info())
}

/// Wise in the middle of a rotation.
pub(crate) fn source() -> Wise {
    Wise::from_pem(&KEYS.iter().map(public).collect::<String>()).unwrap()
}

fn signature(key: &KeyPair, body: &[u8]) -> String {
    STANDARD.encode(key.sign(body).unwrap())
}

fn with_signature(text: &str, body: &[u8]) -> Call {
    bare("wise", body).header("X-Signature-SHA256", text).header("X-Delivery-Id", "5cfcf49e-049c-2a73-7321-2b0487954a4c").build()
}

/// A request as Wise signs it.
pub(crate) fn call(body: &[u8]) -> Call {
    with_signature(&signature(&KEYS[0], body), body)
}

fn event(name: &str, changes: &[(&str, Option<Value>)]) -> Vec<u8> {
    changed(fixture("wise", name), changes).to_string().into_bytes()
}

#[test]
fn each_event_has_its_transfer_looked_up_and_tells_nothing_else() {
    let hint = json!([{ "type": "hint", "rail": "wise", "reference": "111" }]);
    let (id, state) = ("/data/resource/id", "/data/current_state");
    for (name, changes, expected) in [
        ("transfers.state-change", vec![], hint.clone()),
        ("transfers.refund", vec![], hint.clone()),
        ("transfers.payout-failure", vec![], hint.clone()),
        // Whatever state it says, and whenever it was: Wise is asked.
        ("transfers.state-change", vec![(state, Some(json!("a state of next year")))], hint.clone()),
        ("transfers.state-change", vec![(state, None), ("/data/occurred_at", None), ("/schema_version", None)], hint.clone()),
        ("transfers.state-change", vec![("/sent_at", Some(json!("2019-01-01T00:00:00Z")))], hint.clone()),
        ("transfers.state-change", vec![(id, Some(json!("111")))], hint),
        // What Wise sends when a subscription is made: there is no such transfer.
        ("transfers.state-change", vec![(id, Some(json!(0)))], json!([{ "type": "hint", "rail": "wise", "reference": "0" }])),
        ("transfers.state-change", vec![("/event_type", Some(json!("transfers#active-cases")))], json!("ignored")),
        ("transfers.state-change", vec![("/event_type", Some(json!("balances#update")))], json!("ignored")),
        ("transfers.state-change", vec![("/event_type", Some(json!("")))], json!("ignored")),
    ] {
        assert_eq!(outcome("wise", &event(name, &changes)), expected, "{name} {changes:?}");
    }
}

#[test]
fn what_does_not_read_is_quarantined() {
    let (id, state) = ("/data/resource/id", "transfers.state-change");
    let number = "the transfer's id is no number";
    for (name, change, reason) in [
        (state, (id, Some(json!("../../accounts"))), Some(number)),
        (state, (id, Some(json!(""))), Some(number)),
        (state, (id, Some(json!("9".repeat(20)))), Some(number)),
        (state, (id, Some(json!(-1))), None),
        (state, (id, Some(json!(1.5))), None),
        (state, (id, None), None),
        (state, ("/data", None), None),
        (state, ("/event_type", None), None),
        ("transfers.payout-failure", ("/data/transfer_id", None), None),
        ("transfers.payout-failure", ("/data/transfer_id", Some(json!(null))), None),
    ] {
        let told = outcome("wise", &event(name, std::slice::from_ref(&change)));
        let said = told["quarantined"].as_str().unwrap_or_else(|| panic!("{name} {change:?}: {told}"));
        assert!(reason.is_none_or(|reason| said == reason), "{name} {change:?}: {said}");
    }
}

#[tokio::test]
async fn only_wise_s_own_words_are_taken() {
    let body = event("transfers.state-change", &[]);
    let pretty = serde_json::to_vec_pretty(&fixture("wise", "transfers.state-change")).unwrap();
    let good = signature(&KEYS[0], &body);
    let elliptic = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut cut = STANDARD.decode(&good).unwrap();
    cut.pop();
    let unknown = event("transfers.state-change", &[("/event_type", Some(json!("cards#transaction")))]);
    let rows: Vec<(&str, Call, _)> = vec![
        ("signed", call(&body), accepted(1)),
        ("again, whenever", call(&body), accepted(1)),
        ("under the key before", with_signature(&signature(&KEYS[1], &body), &body), accepted(1)),
        ("without the delivery's id", bare("wise", &body).header("x-signature-sha256", &good).build(), accepted(1)),
        ("an unknown type", call(&unknown), ignored()),
        ("not JSON", call(b"hello"), quarantined()),
        ("no signature", bare("wise", &body).build(), refused()),
        ("the older scheme's header", bare("wise", &body).header("X-Signature", &good).build(), refused()),
        ("an empty signature", with_signature("", &body), refused()),
        ("no base64", with_signature("*", &body), refused()),
        ("a stranger's", with_signature(&signature(&STRANGER, &body), &body), refused()),
        ("another kind of key", with_signature(&signature(&elliptic, &body), &body), refused()),
        ("a part of the signature", with_signature(&STANDARD.encode(&cut), &body), refused()),
        ("another body", with_signature(&good, &unknown), refused()),
        ("serialised again", with_signature(&good, &pretty), refused()),
        ("Wise's signature at Stripe's door", bare("stripe", &body).header("x-signature-sha256", &good).build(), refused()),
    ];
    let door = door(sources());
    for (name, call, expected) in rows {
        assert_eq!(door.answer(call).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_stage_without_wise_has_no_such_door() {
    let door = door(Sources { wise: None, ..with_secrets(&["whsec_x"], &[crate::support::PLATFORM]) });
    let body = event("transfers.state-change", &[]);
    assert_eq!(door.answer(call(&body)).await, answered(404, "/problems/not-found", 0, 0));
}

#[test]
fn keys_are_public_rsa_keys_in_pem() {
    let elliptic = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let one = public(&KEYS[0]);
    for (name, text, fits) in [
        ("one", one.clone(), true),
        ("several, with words between", format!("the old one\n{one}\nthe new one\n{}", public(&KEYS[1])), true),
        ("eight", one.repeat(8), true),
        ("nine", one.repeat(9), false),
        ("none", "WISE".to_owned(), false),
        ("an elliptic one", public(&elliptic), false),
        ("one of two is broken", format!("{one}-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), false),
        ("a private one", pem_of("PRIVATE KEY", &KEYS[0].serialize_der()), false),
        ("half of one", one[..200].to_owned(), false),
    ] {
        assert_eq!(Wise::from_pem(&text).err(), (!fits).then_some(WiseKeyError), "{name}");
        let read = Wise::from_env(&Env::from_pairs([("WISE_WEBHOOK_KEY", text)]));
        assert_eq!(read.is_ok_and(|wise| wise.is_some()), fits, "{name}");
    }
    let nothing: [(&str, &str); 1] = [("WISE_WEBHOOK_KEY", "")];
    assert!(Wise::from_env(&Env::from_pairs(nothing)).unwrap().is_none());
    assert_eq!(format!("{:?}", source()), "Wise(2)");
}
