//! Who is credited, and who is refused or looked at.

use crate::support::{BOTH_KEYS, Door, KEYS, door, door_with, id, merge_purchase, now, receipt, signed, with_template};
use chrono::Duration;
use edge::http::CallBuilder;
use ledger::TemplateId;
use programme::{
    attribution::AttributionStatus,
    settings::{AttributionModel, Settings, Version},
    visit::{DEVICE_COOKIE, RECEIPT_COOKIE, device_id},
};
use serde_json::json;
use std::sync::Arc;
use store::{backend::Table, records::month::Series};

fn by(call: CallBuilder, code: &str) -> CallBuilder {
    call.json(&json!({ "receipt": signed(&receipt(code, 5)) }))
}

fn browsing(call: CallBuilder, device: u8, address: &str) -> CallBuilder {
    call.cookie(DEVICE_COOKIE, &device_id([device; 16])).user_agent("Firefox").source_ip(address.parse().unwrap())
}

#[tokio::test]
async fn a_referrer_counts_whom_it_brought() {
    let door = door();
    let code = door.member("alice", None).await;
    let templated = signed(&with_template(receipt(&code, 5)));
    assert_eq!(door.referral(door.call("bob", None).json(&json!({ "receipt": templated }))).await, "attributed");
    assert_eq!(door.referral(by(door.call("carol", None), &code)).await, "attributed");
    assert_eq!(door.referrals_of("alice").await, 2);
    let (_, buckets) = door.store.account_with_months(&id("alice"), "2026-11", "2026-11").await.unwrap();
    let signups: Vec<_> = buckets.iter().map(|bucket| (bucket.template.clone(), bucket.series, bucket.figure.to_string())).collect();
    let one = |template: Option<&str>| (template.map(|id| TemplateId::try_new(id).unwrap()), Series::Signups, "1.00".to_owned());
    assert_eq!(signups, [one(None), one(Some("tpl_1"))]);
    let credit = door.store.account(&id("bob")).await.unwrap().unwrap().attribution.unwrap().credit.unwrap();
    assert_eq!((credit.referrer, credit.clicked_at, credit.click), (id("alice"), now() - Duration::minutes(5), format!("clk_{code}_5")));
}

#[tokio::test]
async fn the_newest_or_the_oldest_receipt_is_credited() {
    for (model, referrer) in [(AttributionModel::Last, "carol"), (AttributionModel::First, "alice")] {
        let door = door();
        let settings = Settings { attribution_model: model, ..Settings::default() };
        door.store.add_programme_version(&Version { number: 1, from: now() - Duration::days(100), value: settings }, &[]).await.unwrap();
        let (alice, carol) = (door.member("alice", None).await, door.member("carol", None).await);
        let call = door
            .call("bob", None)
            .json(&json!({ "receipt": signed(&receipt(&alice, 500)) }))
            .cookie(RECEIPT_COOKIE, &signed(&receipt(&carol, 5)))
            .cookie(RECEIPT_COOKIE, &signed(&receipt("ZZZZZZZZ", if referrer == "carol" { 1 } else { 900 })));
        assert_eq!(door.referral(call).await, "attributed");
        assert_eq!(door.referrals_of(referrer).await, 1, "{model:?}: a code that is nobody's stands before nobody");
    }
}

/// Refused at signup, with the reason; a refused one has no fallback and is not counted.
#[tokio::test]
async fn each_refusal_has_its_reason() {
    for (name, first_email, email, referral) in [
        ("another mailbox", "ann.lee@gmail.com", "ann.lee2@gmail.com", "attributed"),
        ("no e-mail", "ann.lee@gmail.com", "", "attributed"),
        ("no address", "ann.lee@gmail.com", "not an address", "attributed"),
        ("the same", "ann.lee@gmail.com", "ann.lee@gmail.com", "refused same_email"),
        ("dots and case", "ann.lee@gmail.com", "A.N.NLEE@gmail.com", "refused same_email"),
        ("a plus tag", "ann.lee@gmail.com", "ann.lee+2@gmail.com", "refused same_email"),
        ("googlemail", "ann.lee@gmail.com", "annlee@googlemail.com", "refused same_email"),
        ("a tag elsewhere", "ann@example.com", "ann+2@example.com", "refused same_email"),
    ] {
        let door = door();
        let code = door.member("alice", Some(first_email)).await;
        let email = Some(email).filter(|email| !email.is_empty());
        assert_eq!(door.referral(by(door.call("bob", email), &code)).await, referral, "{name}");
        assert_eq!(door.referrals_of("alice").await, u64::from(referral == "attributed"), "{name}");
        let kept = format!("{:?}", door.tables.memory.dump());
        assert!(!kept.contains("ann") && !kept.contains("example.com"), "{name}: no address is kept in clear");
    }
}

#[tokio::test]
async fn the_owner_of_the_mailbox_need_not_be_the_referrer() {
    let door = door();
    let code = door.member("alice", Some("alice@example.com")).await;
    door.member("dora", Some("ann@example.com")).await;
    let fallback = door.call("bob", Some("ann+x@example.com")).json(&json!({ "receipt": signed(&receipt(&code, 5)) }));
    assert_eq!(door.referral(fallback).await, "refused same_email");
    assert_eq!(door.referral(door.call("eve", Some("ann+y@example.com"))).await, "none", "without a receipt there is nothing to refuse");
}

#[tokio::test]
async fn a_mailbox_is_known_after_its_key_was_rotated() {
    let before = door();
    let code = before.member("alice", Some("ann@example.com")).await;
    let after = door_with(BOTH_KEYS, Arc::clone(&before.tables.memory));
    assert_eq!(after.referral(by(after.call("bob", Some("ann+x@example.com")), &code)).await, "refused same_email");
}

/// An own code can be clicked before the signup only where the account was known before: the platform's accounts are not new to us.
#[tokio::test]
async fn an_own_link_credits_nobody() {
    let door = door();
    let code = door.member("alice", None).await;
    // As if alice's signup were lost but her code stands: the receipt names herself.
    door.tables.memory.tamper(&store::keys::figures(&id("alice")), |item| *item = None);
    door.tables.memory.tamper(&store::keys::profile(&id("alice")), |item| *item = None);
    assert_eq!(door.referral(by(door.call("alice", None), &code)).await, "refused self_referral");
    assert_eq!(door.referrals_of("alice").await, 0);
}

#[tokio::test]
async fn an_account_that_bought_before_the_click_is_not_new() {
    for (bought, referral) in [("2026-11-21T09:54:59.000Z", "refused not_new"), ("2026-11-21T09:55:00.000Z", "attributed")] {
        let door = door();
        let code = door.member("alice", None).await;
        merge_purchase(&door.tables.memory, "bob", bought);
        assert_eq!(door.referral(by(door.call("bob", None), &code)).await, referral, "{bought}");
    }
}

/// Soft signals are shared by many; only the referrer's matter, and only while they last.
#[tokio::test]
async fn soft_signals_ask_for_a_review() {
    let day = Duration::hours(24);
    for (name, device, address, later, referral) in [
        ("nothing in common", 2, "198.51.100.7", Duration::zero(), "attributed"),
        ("the referrer's browser", 1, "198.51.100.7", Duration::zero(), "in_review same_device"),
        ("its network and kind of browser", 2, "203.0.113.200", Duration::zero(), "in_review same_network"),
        ("both", 1, "203.0.113.9", Duration::zero(), "in_review same_device"),
        ("its network, a day later", 2, "203.0.113.9", day, "attributed"),
        ("its browser, long after", 1, "198.51.100.7", Duration::days(399), "in_review same_device"),
        ("its browser, too long after", 1, "198.51.100.7", Duration::days(400), "attributed"),
    ] {
        let door = door();
        let (_, body) = door.answer(browsing(door.call("alice", None), 1, "203.0.113.9")).await;
        // Somebody else shares what alice has, and neither takes it from her nor is mistaken for her.
        door.answer(browsing(door.call("zoe", None), 1, "203.0.113.9")).await;
        let mut click = receipt(body["code"].as_str().unwrap(), 5);
        click.at += later;
        let call = door.call_at("bob", None, now() + later).json(&json!({ "receipt": signed(&click) }));
        assert_eq!(door.referral(browsing(call, device, address)).await, referral, "{name}");
        assert_eq!(door.referrals_of("alice").await, 1, "{name}: a review counts until it is decided");
    }
}

#[tokio::test]
async fn a_private_address_is_no_signal() {
    let door = door();
    let (_, body) = door.answer(browsing(door.call("alice", None), 1, "10.0.0.7")).await;
    let code = body["code"].as_str().unwrap();
    assert_eq!(door.referral(browsing(by(door.call("bob", None), code), 2, "10.0.0.7")).await, "attributed");
}

/// Alice was brought by bob's account, over some steps, before bob signs up: it should not happen, and earns no cash if it does.
#[tokio::test]
async fn a_cycle_is_looked_at() {
    async fn brought(door: &Door, account: &str, code: &str) -> String {
        let (_, body) = door.answer(by(door.call(account, None), code)).await;
        body["code"].as_str().unwrap().to_owned()
    }
    let door = door();
    let bobs = door.member("bob", None).await;
    let dora = brought(&door, "dora", &bobs).await;
    let alice = brought(&door, "alice", &dora).await;
    for key in [store::keys::figures(&id("bob")), store::keys::profile(&id("bob"))] {
        door.tables.memory.tamper(&key, |item| *item = None);
    }
    assert_eq!(door.referral(by(door.call("bob", None), &alice)).await, "in_review cycle");
    assert_eq!(door.store.account(&id("bob")).await.unwrap().unwrap().attribution.unwrap().status, AttributionStatus::InReview);
}

/// Nothing but soft signals ever expires.
#[tokio::test]
async fn only_soft_signals_expire() {
    let door = door();
    door.answer(browsing(door.call("alice", Some("ann@example.com")), 1, "203.0.113.9")).await;
    let expiring: Vec<(Table, String)> = door
        .tables
        .memory
        .dump()
        .into_iter()
        .filter(|(_, item)| item.contains_key("ttl"))
        .map(|(table, item)| (table, item["pk"].as_text().unwrap().split('.').next().unwrap().to_owned()))
        .collect();
    assert_eq!(expiring, [(Table::Referrals, "sig#device#k1".to_owned()), (Table::Referrals, "sig#network#k1".to_owned())]);
    assert_eq!(KEYS.split(':').next(), Some("k1"));
}
