#![allow(clippy::unwrap_used)]
use super::*;
use crate::plan::DayKey;
use ledger::Rate;

fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}
fn money(text: &str) -> Money {
    text.parse().unwrap()
}
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
fn reward(referrer: &str, amount: &str, on: &str) -> Reward {
    Reward {
        referrer: id(referrer),
        amount: money(amount),
        in_review: false,
        day: day(on),
        matures_on: Some(day("2026-02-20")),
        template: None,
        rate: Rate::ONE,
        settings_version: 0,
        rate_version: None,
    }
}
fn posting(buyer: &str, purchased: &str, reward: Option<Reward>) -> Posting {
    Posting { buyer: Some(id(buyer)), purchased: money(purchased), reward, outcome: Outcome::Earns, listed_for: None }
}
fn between(old: &Posting, new: &Posting) -> Moves {
    difference(old, new, "stripe", &Currency::try_new("USD").unwrap(), day("2026-02-01"))
}
fn words(moves: &Moves) -> Vec<String> {
    moves.transfers.iter().map(|t| format!("{} {} -> {} {}", t.kind(), t.debit(), t.credit(), t.amount())).collect()
}

#[test]
fn nothing_to_nothing_is_nothing() {
    let same = posting("bob", "10", Some(reward("alice", "0.3", "2026-02-01")));
    assert_eq!(between(&same, &same), Moves::default());
}

#[test]
fn each_direction_is_a_transfer_of_its_own_kind() {
    let none = Posting::nothing();
    let some = posting("bob", "10", Some(reward("alice", "0.3", "2026-02-01")));
    assert_eq!(
        words(&between(&none, &some)),
        ["purchase platform:processor:stripe -> purchased:bob 10.00", "reward platform:reward_expense -> referral:alice 0.30"]
    );
    assert_eq!(
        words(&between(&some, &none)),
        ["purchase_reversal purchased:bob -> platform:processor:stripe 10.00", "clawback referral:alice -> platform:reward_expense 0.30"]
    );
    let other = posting("carol", "10", Some(reward("dave", "0.3", "2026-02-01")));
    assert_eq!(between(&some, &other).transfers.len(), 4);
}

#[test]
fn an_earlier_capture_moves_the_day_and_the_hold_but_no_money() {
    let old = posting("bob", "10", Some(reward("alice", "0.3", "2026-02-02")));
    let mut earlier = reward("alice", "0.3", "2026-02-01");
    earlier.matures_on = Some(day("2026-02-19"));
    let moves = between(&old, &posting("bob", "10", Some(earlier)));
    assert!(moves.transfers.is_empty());
    let key = |on| DayKey { account: id("alice"), day: day(on), template: None };
    assert_eq!((moves.earned[&key("2026-02-02")], moves.earned[&key("2026-02-01")]), (money("-0.3"), money("0.3")));
    let holds = &moves.accounts[&id("alice")].holds;
    assert_eq!((holds[&day("2026-02-20")], holds[&day("2026-02-19")]), (money("-0.3"), money("0.3")));
    assert!(!moves.accounts.contains_key(&id("bob")));
}

#[test]
fn a_waiting_purchase_is_counted_and_counted_off() {
    let waiting = Posting { outcome: Outcome::Waiting, ..posting("bob", "10", None) };
    let moves = between(&Posting::nothing(), &waiting);
    assert_eq!(moves.accounts[&id("bob")].waiting, 1);
    assert_eq!(between(&waiting, &posting("bob", "10", None)).accounts[&id("bob")].waiting, -1);
}

/// Between the purses goes what stood; what changes at the same time is of its own kind, in the new purse.
#[test]
fn a_review_moves_what_stood_and_then_the_difference() {
    let none = Posting::nothing();
    let with = |amount: &str, in_review| posting("bob", "10", Some(Reward { in_review, ..reward("alice", amount, "2026-02-01") }));
    let (free, review) = (|amount: &str| with(amount, false), |amount: &str| with(amount, true));
    let opened = "review_opened referral:alice -> review:alice 0.30";
    let cleared = "review_cleared review:alice -> referral:alice 0.30";
    let cases: Vec<(&str, Posting, Posting, Vec<&str>)> = vec![
        ("it stays free", free("0.3"), free("0.5"), vec!["reward platform:reward_expense -> referral:alice 0.20"]),
        ("it stays in review", review("0.3"), review("0.1"), vec!["clawback review:alice -> platform:reward_expense 0.20"]),
        ("the same, free", free("0.3"), free("0.3"), vec![]),
        ("the same, in review", review("0.3"), review("0.3"), vec![]),
        ("opened", free("0.3"), review("0.3"), vec![opened]),
        ("opened and less", free("0.3"), review("0.1"), vec![opened, "clawback review:alice -> platform:reward_expense 0.20"]),
        ("opened and more", free("0.3"), review("0.5"), vec![opened, "reward platform:reward_expense -> review:alice 0.20"]),
        ("cleared", review("0.3"), free("0.3"), vec![cleared]),
        ("cleared and less", review("0.3"), free("0.1"), vec![cleared, "clawback referral:alice -> platform:reward_expense 0.20"]),
        ("cleared and more", review("0.3"), free("0.5"), vec![cleared, "reward platform:reward_expense -> referral:alice 0.20"]),
        ("confirmed", review("0.3"), posting("bob", "10", None), vec!["clawback review:alice -> platform:reward_expense 0.30"]),
        ("nothing to nothing", none.clone(), none, vec![]),
    ];
    for (name, old, new, transfers) in cases {
        assert_eq!(words(&between(&old, &new)), transfers, "{name}");
    }
}
