#![allow(clippy::unwrap_used)]
use super::*;
use crate::backend::{Table, Value, memory::Memory};
use chrono::{DateTime, Utc};
use ledger::{KeyRing, TemplateId};
use programme::{
    attribution::{AttributionReason, Receipt, Signals, decide},
    settings::Settings,
};
use std::sync::Arc;

fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}
fn store() -> (Store, Arc<Memory>) {
    Store::in_memory(KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap())
}
fn attribution(template: bool, signals: &Signals) -> Attribution {
    let template = template.then(|| TemplateId::try_new("tpl_1").unwrap());
    let receipt = Receipt { click: "clk_1".into(), code: "AAAAAAAA".into(), template, at: "2026-11-20T10:00:00Z".parse().unwrap() };
    decide(&id("bob"), Some((&receipt, &id("alice"))), signals, now(), (0, &Settings::default()))
}

async fn sign_up(store: &Store, known: &Account, attribution: &Attribution, code: &str, signals: &[NewSignal]) -> SignupOutcome {
    let bob = id("bob");
    store.sign_up(&Signup { account: &bob, known, attribution, code, signals }).await.unwrap()
}

#[tokio::test]
async fn it_writes_the_account_and_what_its_referrer_counts() {
    let (store, memory) = store();
    let attribution = attribution(true, &Signals::default());
    let signals =
        [(SignalKind::Email, "k1.e"), (SignalKind::Device, "k1.d")].map(|(kind, digest)| NewSignal { kind, digest: digest.into() });
    assert_eq!(sign_up(&store, &Account::default(), &attribution, "BBBBBBBB", &signals).await, SignupOutcome::Written);
    let bob = store.account(&id("bob")).await.unwrap().unwrap();
    assert_eq!(bob.attribution, Some(attribution));
    assert_eq!(store.profile(&id("bob")).await.unwrap().unwrap().code, "BBBBBBBB");
    assert_eq!(store.code_owner("BBBBBBBB").await.unwrap(), Some(id("bob")));
    let (alice, buckets) = store.account_with_months(&id("alice"), "2026-11", "2026-11").await.unwrap();
    assert_eq!(alice.unwrap().referrals, 1);
    assert_eq!(
        buckets.iter().map(|bucket| (bucket.series, bucket.figure.to_string())).collect::<Vec<_>>(),
        [(Series::Signups, "1.00".into())]
    );
    assert_eq!(buckets[0].template, TemplateId::try_new("tpl_1").ok());
    assert_eq!(store.signal("email", "k1.e").await.unwrap().unwrap().account, id("bob"));
    assert!(store.soft_signal(SignalKind::Device, "k1.d", &id("bob")).await.unwrap().is_some());
    assert!(store.soft_signal(SignalKind::Device, "k1.d", &id("alice")).await.unwrap().is_none());
    for (table, item) in memory.dump() {
        let expires = item.contains_key("ttl");
        let soft = table == Table::Referrals && item["pk"].as_text().unwrap().starts_with("sig#device");
        assert_eq!(expires, soft, "{item:?}");
    }
}

#[tokio::test]
async fn one_that_earns_nothing_is_not_counted() {
    let (store, _) = store();
    let refused = attribution(false, &Signals { same_email: true, ..Signals::default() });
    assert_eq!(refused.status, AttributionStatus::Refused);
    assert_eq!(sign_up(&store, &Account::default(), &refused, "BBBBBBBB", &[]).await, SignupOutcome::Written);
    assert_eq!(store.account(&id("alice")).await.unwrap(), None);
}

#[tokio::test]
async fn one_in_review_is_listed_for_finance_and_counted() {
    let (store, _) = store();
    let suspect = attribution(false, &Signals { same_device: true, ..Signals::default() });
    assert_eq!(sign_up(&store, &Account::default(), &suspect, "BBBBBBBB", &[]).await, SignupOutcome::Written);
    let review = store.review(&id("bob")).await.unwrap().unwrap();
    assert_eq!((review.referrer, review.reason, review.opened_at), (Some(id("alice")), Some(AttributionReason::SameDevice), now()));
    assert_eq!(store.account(&id("alice")).await.unwrap().unwrap().referrals, 1);
    assert_eq!(store.review(&id("alice")).await.unwrap(), None);
}

#[tokio::test]
async fn each_claim_can_be_lost() {
    let attribution = attribution(false, &Signals::default());
    let email = [NewSignal { kind: SignalKind::Email, digest: "k1.e".into() }];
    let waiting = Account { waiting: 1, first_fact: Some(now()), ..Account::default() };
    let tampers: [(&str, Write, &Account, SignupOutcome); 7] = [
        (
            "signed up",
            Write::update(keys::figures(&id("bob")), vec![], vec![Change::Set("av".into(), 1_u32.into())]),
            &Account::default(),
            SignupOutcome::Changed,
        ),
        (
            "a purchase waits",
            Write::update(keys::figures(&id("bob")), vec![], vec![Change::Add("wt".into(), 1.into())]),
            &Account::default(),
            SignupOutcome::Changed,
        ),
        (
            "no longer waits",
            Write::update(keys::figures(&id("bob")), vec![], vec![Change::Add("wt".into(), 0.into())]),
            &waiting,
            SignupOutcome::Changed,
        ),
        (
            "a first fact",
            Write::update(keys::figures(&id("bob")), vec![], vec![Change::SetOnce("ft".into(), "2026-01-01T00:00:00.000Z".into())]),
            &Account::default(),
            SignupOutcome::Changed,
        ),
        (
            "a zero is nothing",
            Write::update(keys::figures(&id("bob")), vec![], vec![Change::Add("wt".into(), 0.into())]),
            &Account::default(),
            SignupOutcome::Written,
        ),
        (
            "the e-mail",
            Write::put(keys::signal("email", "k1.e"), Signal { account: id("carol"), at: now() }.write(None)),
            &Account::default(),
            SignupOutcome::Changed,
        ),
        (
            "the code",
            Write::put(keys::code("BBBBBBBB"), Code { code: String::new(), account: id("carol"), alias: false }.write()),
            &Account::default(),
            SignupOutcome::CodeTaken,
        ),
    ];
    for (name, tamper, known, outcome) in tampers {
        let (store, memory) = store();
        store.backend().write(&[tamper]).await.unwrap();
        let before = memory.dump();
        assert_eq!(sign_up(&store, known, &attribution, "BBBBBBBB", &email).await, outcome, "{name}");
        assert_eq!(memory.dump() == before, outcome != SignupOutcome::Written, "{name}: all or nothing");
    }
    let (store, memory) = store();
    memory.tamper(&keys::figures(&id("bob")), |item| {
        *item = Some([("wt".to_owned(), Value::N(1.into())), ("ft".to_owned(), "2026-11-21T10:00:00.000Z".into())].into());
    });
    assert_eq!(sign_up(&store, &waiting, &attribution, "BBBBBBBB", &email).await, SignupOutcome::Written, "as it was read");
}
