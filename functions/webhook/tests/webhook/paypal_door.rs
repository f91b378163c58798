//! PayPal's door: what proves that PayPal speaks, and what is asked of the network before that is known.

use crate::{
    authority::{AUTHORITY, Answer, Authority, CERT_URL, Leaf, Served, Transmission, WEBHOOK_ID, crc32},
    door::{accepted, door, ignored, outcome, quarantined, refused},
    support::{NOW, PLATFORM, STRIPE, bare, changed, fixture, now, with_secrets},
};
use chrono::{DateTime, TimeDelta, Utc};
use edge::{
    config::{ConfigError, Env},
    http::Call,
};
use rcgen::ExtendedKeyUsagePurpose;
use serde_json::json;
use std::sync::Arc;
use webhook::sources::{PayPal, Sources};

fn sources(paypal: Option<PayPal>) -> Sources {
    Sources { paypal, ..with_secrets(&[STRIPE], &[PLATFORM]) }
}

fn body() -> Vec<u8> {
    fixture("paypal", "PAYMENT.CAPTURE.COMPLETED").to_string().into_bytes()
}

fn unavailable() -> crate::door::Outcome {
    outcome(503, "/problems/unavailable", 0, 0)
}

/// A transmission with one part changed before it is signed.
fn sent(change: impl FnOnce(&mut Transmission)) -> Transmission {
    let mut transmission = Transmission::default();
    change(&mut transmission);
    transmission
}

fn sent_at(seconds: i64) -> Transmission {
    let at: DateTime<Utc> = now() + TimeDelta::seconds(seconds);
    sent(|transmission| transmission.time = at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// As PayPal signed it, with one header changed after that.
fn forged(header: &str, value: Option<&str>) -> Call {
    let (transmission, body) = (Transmission::default(), body());
    let headers = transmission.headers(&transmission.sign(&body));
    let kept = headers.iter().filter(|(name, _)| *name != header);
    let call = kept.fold(bare("paypal", &body), |call, (name, value)| call.header(name, value));
    value.into_iter().fold(call, |call, value| call.header(header, value)).build()
}

#[tokio::test]
async fn every_kind_of_request_has_its_answer() {
    let (real, body) = (Transmission::default(), body());
    let signature = real.sign(&body);
    let tampered = String::from_utf8(body.clone()).unwrap().replace("\"100.00\"", "\"900.00\"").into_bytes();
    let reserialised = serde_json::to_vec_pretty(&fixture("paypal", "PAYMENT.CAPTURE.COMPLETED")).unwrap();
    let pending = fixture("paypal", "PAYMENT.CAPTURE.PENDING").to_string().into_bytes();
    let negative = String::from_utf8(body.clone()).unwrap().replace("\"100.00\"", "\"-100.00\"").into_bytes();
    let rows: Vec<(&str, Call, _)> = vec![
        ("a signed event", real.call(&body), accepted(1)),
        ("again", real.call(&body), accepted(1)),
        ("with fractions and an offset", sent(|it| it.time = "2026-11-18T12:06:00.123+01:00".into()).call(&body), accepted(1)),
        ("no effect", real.call(&pending), ignored()),
        ("signed, and not to be believed", real.call(&negative), quarantined()),
        ("signed, and no JSON", real.call(b"hello"), quarantined()),
        ("signed, and nothing at all", real.call(b""), quarantined()),
        // What was signed is not what came.
        ("another amount", real.with_signature(&signature, &tampered), refused()),
        ("serialised again", real.with_signature(&signature, &reserialised), refused()),
        ("another id", forged("PAYPAL-TRANSMISSION-ID", Some("79cd13f0-d67a-11e5-baa3-778b53f4ae55")), refused()),
        ("another time", forged("PAYPAL-TRANSMISSION-TIME", Some("2026-11-18T11:06:01Z")), refused()),
        ("the same time, spelled otherwise", forged("PAYPAL-TRANSMISSION-TIME", Some("2026-11-18T11:06:00.0Z")), refused()),
        ("a part moved over the bar", forged("PAYPAL-TRANSMISSION-ID", Some("69cd13f0|2026-11-18T11:06:00Z")), refused()),
        ("another webhook's event", sent(|it| it.webhook_id = "2PLUM291016473214".into()).call(&body), refused()),
        ("the simulator's", sent(|it| it.webhook_id = "WEBHOOK_ID".into()).call(&body), refused()),
        ("a stranger's signature", forged("PAYPAL-TRANSMISSION-SIG", Some(&real.sign(b"{}"))), refused()),
        ("a short one", forged("PAYPAL-TRANSMISSION-SIG", Some("AAAA")), refused()),
        ("an empty one", forged("PAYPAL-TRANSMISSION-SIG", Some("")), refused()),
        ("one that is no base64", forged("PAYPAL-TRANSMISSION-SIG", Some("not base64")), refused()),
        // When.
        ("as early as clocks differ", sent_at(300).call(&body), accepted(1)),
        ("earlier", sent_at(301).call(&body), refused()),
        ("the last of PayPal's tries", sent_at(-3 * 86_400 - 300).call(&body), accepted(1)),
        ("older", sent_at(-3 * 86_400 - 301).call(&body), refused()),
        ("no time", sent(|it| it.time = NOW.to_string()).call(&body), refused()),
        // By which algorithm.
        ("a weaker algorithm", forged("PAYPAL-AUTH-ALGO", Some("SHA1withRSA")), refused()),
        ("another case", forged("PAYPAL-AUTH-ALGO", Some("sha256WithRSA")), refused()),
        ("none", forged("PAYPAL-AUTH-ALGO", Some("none")), refused()),
        // With what.
        ("no id", forged("PAYPAL-TRANSMISSION-ID", None), refused()),
        ("no time header", forged("PAYPAL-TRANSMISSION-TIME", None), refused()),
        ("no signature", forged("PAYPAL-TRANSMISSION-SIG", None), refused()),
        ("no certificate", forged("PAYPAL-CERT-URL", None), refused()),
        ("no algorithm", forged("PAYPAL-AUTH-ALGO", None), refused()),
        ("no header at all", bare("paypal", &body).build(), refused()),
    ];
    let served = Served::one(AUTHORITY.chain(&Leaf::default()));
    let door = door(sources(Some(served.source())));
    for (name, call, expected) in rows {
        assert_eq!(door.answer(call).await, expected, "{name}");
    }
    assert_eq!(served.asked(), 1, "the certificate is fetched once");
}

#[tokio::test]
async fn nothing_is_fetched_for_what_cannot_be_paypals() {
    let body = body();
    let elsewhere = [
        "https://evil.example/v1/notifications/certs/CERT-plum",
        "https://evilpaypal.com/v1/notifications/certs/CERT-plum",
        "https://paypal.com.evil.example/cert",
        "https://api.paypal.com@evil.example/cert",
        "https://user@api.paypal.com/cert",
        "https://api.paypal.com:8443/cert",
        "https://api.paypal.com./cert",
        "https://.paypal.com/cert",
        "https://evil.example\\.paypal.com/cert",
        "https://evil.example#.paypal.com/cert",
        "https://evil.example?.paypal.com/cert",
        "https://xn--pypal-4ve.com/cert",
        "https://%61pi.paypal.com/cert",
        "https://127.0.0.1/cert",
        "https://169.254.169.254/latest/meta-data",
        "http://api.paypal.com/v1/notifications/certs/CERT-plum",
        "file:///etc/passwd",
        "cert_url",
        "",
    ];
    let mut calls: Vec<_> = elsewhere.iter().map(|url| (*url, sent(|it| it.url = (*url).to_owned()).call(&body))).collect();
    calls.extend([
        ("another algorithm", sent(|it| it.algorithm = "SHA1withRSA".into()).call(&body)),
        ("too old", sent_at(-4 * 86_400).call(&body)),
        ("too early", sent_at(301).call(&body)),
        ("no base64", forged("PAYPAL-TRANSMISSION-SIG", Some("not base64"))),
        ("no id", forged("PAYPAL-TRANSMISSION-ID", None)),
        ("nothing", bare("paypal", &body).build()),
    ]);
    // It would be served, were it asked for.
    let served = Served::one(AUTHORITY.chain(&Leaf::default()));
    for url in elsewhere {
        served.put(url, Answer::Bytes(AUTHORITY.chain(&Leaf::default())));
    }
    let door = door(sources(Some(served.source())));
    for (name, call) in calls {
        assert_eq!(door.answer(call).await, refused(), "{name}");
        assert_eq!(served.asked(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_certificate_must_be_paypals_and_valid_now() {
    let stranger = Authority::new();
    let leaf = |names: &[&'static str]| Leaf { names: names.to_vec(), ..Leaf::default() };
    let valid = |from, until| Leaf { valid: [from, until], ..Leaf::default() };
    let chain = |leaf: &Leaf| AUTHORITY.chain(leaf);
    let rows: Vec<(&str, String, bool)> = vec![
        ("PayPal's", chain(&Leaf::default()), true),
        ("its sandbox's", chain(&leaf(&["messageverificationcerts.sandbox.paypal.com"])), true),
        ("one name of several", chain(&leaf(&["other.paypal.com", "messageverificationcerts.paypal.com"])), true),
        ("for any usage", chain(&Leaf { usages: vec![], ..Leaf::default() }), true),
        ("valid since today", chain(&valid((2026, 11, 18), (2027, 11, 18))), true),
        ("it ran out yesterday", chain(&valid((2025, 11, 17), (2026, 11, 17))), false),
        ("not valid yet", chain(&valid((2026, 11, 19), (2027, 11, 19))), false),
        ("another server of PayPal's", chain(&leaf(&["www.paypal.com"])), false),
        ("PayPal's domain itself", chain(&leaf(&["paypal.com"])), false),
        ("a stranger's name", chain(&leaf(&["messageverificationcerts.evil.example"])), false),
        ("a name that only begins so", chain(&leaf(&["messageverificationcerts.paypal.com.evil.example"])), false),
        ("no name but the subject's", chain(&leaf(&[])), false),
        ("for e-mail", chain(&Leaf { usages: vec![ExtendedKeyUsagePurpose::EmailProtection], ..Leaf::default() }), false),
        ("an authority's own", chain(&Leaf { authority: true, ..Leaf::default() }), false),
        ("a key of another kind", chain(&Leaf { elliptic: true, ..Leaf::default() }), false),
        ("from another root", stranger.chain(&Leaf::default()), false),
        ("without the one between", AUTHORITY.leaf(&Leaf::default()), false),
        ("no PEM", "<html>Sign in</html>".to_owned(), false),
        ("nothing", String::new(), false),
        ("too many", chain(&Leaf::default()).repeat(5), false),
    ];
    for (name, pem, fits) in rows {
        let served = Served::one(pem);
        let door = door(sources(Some(served.source())));
        let expected = if fits { accepted(1) } else { refused() };
        assert_eq!(door.answer(Transmission::default().call(&body())).await, expected, "{name}");
        assert_eq!(served.asked(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_certificate_is_kept_for_a_day_and_while_it_is_valid() {
    let served = Served::one(AUTHORITY.chain(&Leaf { valid: [(2026, 6, 1), (2026, 11, 21)], ..Leaf::default() }));
    let door = door(sources(Some(served.source())));
    let at = |received_at: DateTime<Utc>| sent(|it| (it.received_at, it.time) = (received_at, received_at.to_rfc3339())).call(&body());
    let day = |day: &str| DateTime::parse_from_rfc3339(&format!("2026-11-{day}Z")).unwrap().to_utc();
    for (time, expected, asked) in [
        ("18T11:06:40", accepted(1), 1),
        ("19T11:06:39", accepted(1), 0),
        ("19T11:06:40", accepted(1), 1),
        ("20T11:06:39", accepted(1), 0),
        // Kept for minutes only, but it ran out, and PayPal has no new one.
        ("20T23:59:59", accepted(1), 1),
        ("21T00:00:01", refused(), 1),
    ] {
        assert_eq!((door.answer(at(day(time))).await, served.asked()), (expected, asked), "{time}");
    }
    served.put(CERT_URL, Answer::Bytes(AUTHORITY.chain(&Leaf::default())));
    assert_eq!((door.answer(at(day("21T00:00:02"))).await, served.asked()), (accepted(1), 1), "a new one under the same address");
    assert_eq!((door.answer(at(day("21T00:00:03"))).await, served.asked()), (accepted(1), 0));
}

#[tokio::test]
async fn few_are_kept_and_none_that_is_not_paypals() {
    let served = Served::one(AUTHORITY.chain(&Leaf::default()));
    let door = door(sources(Some(served.source())));
    let url = |number: usize| format!("{CERT_URL}-{number}");
    let from = |number| sent(|it| it.url = url(number)).call(&body());
    for number in 0..9 {
        served.put(&url(number), Answer::Bytes(AUTHORITY.chain(&Leaf::default())));
        assert_eq!((door.answer(from(number)).await, served.asked()), (accepted(1), 1), "{number}");
    }
    assert_eq!((door.answer(from(8)).await, served.asked()), (accepted(1), 0), "the newest is kept");
    assert_eq!((door.answer(from(1)).await, served.asked()), (accepted(1), 0), "and eight in all");
    assert_eq!((door.answer(from(0)).await, served.asked()), (accepted(1), 1), "the oldest gave way");
    served.put(&url(20), Answer::Bytes(String::new()));
    for _ in 0..2 {
        assert_eq!((door.answer(from(20)).await, served.asked()), (refused(), 1), "what is none is not kept");
    }
    assert_eq!((door.answer(from(8)).await, served.asked()), (accepted(1), 0), "nor does it push others out");
}

#[tokio::test]
async fn paypal_away_is_a_reason_to_come_again() {
    let served = Arc::new(Served::default());
    let door = door(sources(Some(served.source())));
    let call = || Transmission::default().call(&body());
    served.put(CERT_URL, Answer::Away);
    assert_eq!((door.answer(call()).await, served.asked()), (unavailable(), 1));
    let problem = webhook::handle(&door.app, call()).await.unwrap_err();
    assert!(problem.render("r").headers.contains_key("retry-after"));
    served.put(CERT_URL, Answer::NotThere);
    assert_eq!(door.answer(call()).await, refused(), "an address that PayPal does not know was made up");
    served.put(CERT_URL, Answer::Bytes(AUTHORITY.chain(&Leaf::default())));
    assert_eq!(door.answer(call()).await, accepted(1), "the same request, when PayPal is back");
    served.put(CERT_URL, Answer::Away);
    assert_eq!(door.answer(call()).await, accepted(1), "a kept certificate needs nobody");
}

#[tokio::test]
async fn the_roots_of_the_system_do_not_vouch_for_us() {
    let served = Served::one(AUTHORITY.chain(&Leaf::default()));
    let paypal = PayPal::new(WEBHOOK_ID.to_owned(), None, Arc::clone(&served) as _);
    let answer = door(sources(Some(paypal))).answer(Transmission::default().call(&body())).await;
    // A machine without any roots can't tell.
    assert!([refused(), unavailable()].contains(&answer), "{answer:?}");
}

#[tokio::test]
async fn without_a_webhook_there_is_no_such_source() {
    let call = Transmission::default().call(&body());
    assert_eq!(door(sources(None)).answer(call).await, outcome(404, "/problems/not-found", 0, 0));
}

#[test]
fn settings_are_read_and_refused_by_name() {
    let read = |pairs: &[(&str, &str)]| PayPal::from_env(&Env::from_pairs(pairs.iter().copied()));
    assert!(read(&[]).unwrap().is_none());
    assert!(read(&[("PAYPAL_WEBHOOK_ID", "")]).unwrap().is_none());
    assert!(read(&[("PAYPAL_WEBHOOK_ID", WEBHOOK_ID)]).unwrap().is_some());
    let roots = AUTHORITY.leaf(&Leaf::default());
    assert!(read(&[("PAYPAL_WEBHOOK_ID", WEBHOOK_ID), ("PAYPAL_ROOTS", &roots), ("PAYPAL_CERT_ENDPOINT", "http://127.0.0.1:1")]).is_ok());
    for (name, value) in [("PAYPAL_WEBHOOK_ID", "WEBHOOK_ID"), ("PAYPAL_ROOTS", "roots"), ("PAYPAL_CERT_ENDPOINT", "https://evil.example")]
    {
        let refused =
            read(&[("PAYPAL_WEBHOOK_ID", WEBHOOK_ID), (name, value)].map(|pair| if pair.0 == name { (name, value) } else { pair }));
        assert_eq!(refused.unwrap_err(), ConfigError::Invalid { name: name.to_owned() });
    }
}

/// The check value that every description of this CRC gives.
#[test]
fn the_checksum_of_these_tests_is_the_known_one() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    assert_eq!(crc32(b""), 0);
}

#[tokio::test]
async fn a_buyer_is_whom_the_capture_names_and_nobody_it_could_not_be() {
    let door = door(sources(Some(Served::one(AUTHORITY.chain(&Leaf::default())).source())));
    let named = |custom_id| changed(fixture("paypal", "PAYMENT.CAPTURE.COMPLETED"), &[("/resource/custom_id", custom_id)]);
    for (custom_id, expected) in [(Some(json!("acct_bob")), accepted(1)), (None, accepted(1)), (Some(json!("no body")), quarantined())] {
        let event = named(custom_id.clone()).to_string().into_bytes();
        assert_eq!(door.answer(Transmission::default().call(&event)).await, expected, "{custom_id:?}");
    }
}
