#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    account::Total,
    attribution::{AttributionStatus, Receipt, Signals, decide},
    fact::{Buyer, DisputeStatus, Naming, PurchaseFact, RefundStatus, Source},
    settings::Settings,
};
use ledger::{Currency, Money};
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}
fn purchase() -> PurchaseId {
    "stripe:pi_1".parse().unwrap()
}
fn fact(event: &str, fact: PurchaseFact) -> Fact {
    Fact { source: Source::Stripe, event: event.into(), body: FactBody::Purchase { purchase: purchase(), fact } }
}
fn captured(amount: i64, buyer: Option<&str>) -> PurchaseFact {
    let buyer = buyer.map(|name| Buyer { by: Naming::Payment, account: id(name) });
    PurchaseFact::Captured {
        amount: Money::from_minor(amount, 2).unwrap(),
        currency: Currency::try_new("USD").unwrap(),
        at: at("2026-02-01T12:00:00Z"),
        credits: None,
        buyer,
    }
}
fn refund(amount: i64, status: RefundStatus) -> PurchaseFact {
    PurchaseFact::Refund {
        id: "re_1".into(),
        amount: Money::from_minor(amount, 2).unwrap(),
        currency: Currency::try_new("USD").unwrap(),
        status,
    }
}
fn views(status: Option<AttributionStatus>) -> Views {
    let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-01-01T00:00:00Z") };
    let mut attribution =
        decide(&id("bob"), Some((&receipt, &id("alice"))), &Signals::default(), at("2026-01-02T00:00:00Z"), (0, &Settings::default()));
    let mut views = Views::default();
    if let Some(status) = status {
        attribution.status = status;
        views.buyers.insert(id("bob"), BuyerView { attribution: Some(attribution) });
    }
    views
}
fn posted(plan: &Plan) -> PostedPurchase {
    match &plan.lines[0].body {
        Body::Purchase { state, posting, .. } => {
            PostedPurchase { number: plan.lines[0].number, state: (**state).clone(), posting: (**posting).clone() }
        }
        Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } | Body::Payout { .. } => panic!("not a purchase"),
    }
}
fn total(plan: &Plan, account: &str, total: Total) -> String {
    plan.moves.accounts.get(&id(account)).and_then(|moved| moved.totals.get(&total)).copied().unwrap_or_default().to_string()
}

#[test]
fn a_capture_credits_buyer_and_referrer_in_one_plan() {
    let now = at("2026-02-01T12:00:05Z");
    let plan =
        purchase_line(&purchase(), None, &[fact("e1", captured(10_000, Some("bob")))], &views(Some(AttributionStatus::Attributed)), now)
            .unwrap();
    assert_eq!(plan.lines[0].transfers.len(), 2);
    assert_eq!((total(&plan, "bob", Total::Purchased), total(&plan, "alice", Total::Rewards)), ("100.00".into(), "3.00".into()));
    assert_eq!(plan.moves.accounts[&id("alice")].holds[&"2026-02-16".parse().unwrap()].to_string(), "3.00");
    assert_eq!(plan.guards[&id("bob")], Guard::Attribution(Some(1)));
    assert_eq!((plan.lines[0].number, plan.lines[0].listed_for.clone()), (0, Some(id("alice"))));
    assert!(!plan.moves.accounts[&id("alice")].lowers_cash(), "a new reward never voids a reserve");
    assert!(plan.moves.accounts[&id("bob")].lowers_cash(), "credits bought may gate the buyer's own cash");
}

#[test]
fn the_same_again_is_nothing_and_a_refund_is_the_next_line() {
    let (now, views) = (at("2026-02-01T12:00:05Z"), views(Some(AttributionStatus::Attributed)));
    let first = purchase_line(&purchase(), None, &[fact("e1", captured(10_000, Some("bob")))], &views, now).unwrap();
    let known = posted(&first);
    assert_eq!(purchase_line(&purchase(), Some(&known), &[fact("e2", captured(10_000, Some("bob")))], &views, now), None);
    let plan = purchase_line(&purchase(), Some(&known), &[fact("e3", refund(4_000, RefundStatus::Succeeded))], &views, now).unwrap();
    assert_eq!((plan.lines[0].number, total(&plan, "alice", Total::Rewards)), (1, "-1.20".into()));
    assert!(plan.moves.accounts[&id("alice")].lowers_cash());
    let undone = purchase_line(&purchase(), Some(&posted(&plan)), &[fact("e4", refund(4_000, RefundStatus::Failed))], &views, now).unwrap();
    assert_eq!(total(&undone, "alice", Total::Rewards), "1.20");
}

#[test]
fn a_clawback_after_maturity_touches_no_hold() {
    let views = views(Some(AttributionStatus::Attributed));
    let first = purchase_line(&purchase(), None, &[fact("e1", captured(10_000, Some("bob")))], &views, at("2026-02-01T12:00:05Z")).unwrap();
    let facts = [fact("e3", refund(4_000, RefundStatus::Succeeded))];
    let on = |time| {
        purchase_line(&purchase(), Some(&posted(&first)), &facts, &views, at(time)).unwrap().moves.accounts[&id("alice")].holds.len()
    };
    assert_eq!(on("2026-02-15T23:59:59Z"), 1);
    assert_eq!(on("2026-02-16T00:00:00Z"), 0);
}

#[test]
fn a_purchase_waits_for_the_signup_and_is_computed_again() {
    let now = at("2026-02-01T12:00:05Z");
    let waiting = purchase_line(&purchase(), None, &[fact("e1", captured(10_000, Some("bob")))], &views(None), now).unwrap();
    assert_eq!((waiting.moves.accounts[&id("bob")].waiting, waiting.guards[&id("bob")]), (1, Guard::Attribution(None)));
    let plan = purchase_line(&purchase(), Some(&posted(&waiting)), &[], &views(Some(AttributionStatus::Attributed)), now).unwrap();
    assert_eq!((plan.moves.accounts[&id("bob")].waiting, total(&plan, "alice", Total::Rewards)), (-1, "3.00".into()));
    assert_eq!(total(&plan, "bob", Total::Purchased), "0.00");
}

#[test]
fn review_moves_the_reward_between_purses() {
    let now = at("2026-02-01T12:00:05Z");
    let facts = [fact("e1", captured(10_000, Some("bob")))];
    let review = purchase_line(&purchase(), None, &facts, &views(Some(AttributionStatus::InReview)), now).unwrap();
    assert_eq!((total(&review, "alice", Total::InReview), total(&review, "bob", Total::GeneratedInReview)), ("3.00".into(), "3.00".into()));
    assert!(review.moves.accounts[&id("alice")].holds.is_empty());
    let cleared = purchase_line(&purchase(), Some(&posted(&review)), &[], &views(Some(AttributionStatus::Attributed)), now).unwrap();
    assert_eq!((total(&cleared, "alice", Total::InReview), total(&cleared, "alice", Total::Rewards)), ("-3.00".into(), "0.00".into()));
    assert_eq!(cleared.lines[0].transfers.len(), 1);
    assert!(!cleared.moves.accounts[&id("alice")].lowers_cash());
    let confirmed = purchase_line(&purchase(), Some(&posted(&review)), &[], &views(Some(AttributionStatus::Refused)), now).unwrap();
    assert_eq!(total(&confirmed, "alice", Total::Rewards), "-3.00");
    let reopened = purchase_line(&purchase(), Some(&posted(&cleared)), &[], &views(Some(AttributionStatus::InReview)), now).unwrap();
    assert!(reopened.moves.accounts[&id("alice")].lowers_cash());
}

#[test]
fn a_contradicted_buyer_loses_the_credit_until_decided() {
    let (now, views) = (at("2026-02-01T12:00:05Z"), views(Some(AttributionStatus::Attributed)));
    let first = purchase_line(&purchase(), None, &[fact("e1", captured(10_000, Some("bob")))], &views, now).unwrap();
    let plan = purchase_line(&purchase(), Some(&posted(&first)), &[fact("e2", captured(10_000, Some("carol")))], &views, now).unwrap();
    assert_eq!((total(&plan, "bob", Total::Purchased), total(&plan, "alice", Total::Rewards)), ("-100.00".into(), "-3.00".into()));
    assert_eq!(plan.lines[0].listed_for, Some(id("alice")), "the referrer sees why");
}

/// A call to compute it again writes nothing where what should be posted is; a fact of another purchase is no news of this one.
#[test]
fn a_line_needs_news_or_another_target() {
    let (now, views) = (at("2026-02-01T12:00:05Z"), views(Some(AttributionStatus::Attributed)));
    let first = purchase_line(&purchase(), None, &[fact("e1", captured(10_000, Some("bob")))], &views, now).unwrap();
    let other = Fact {
        body: FactBody::Purchase { purchase: "stripe:pi_2".parse().unwrap(), fact: refund(4_000, RefundStatus::Pending) },
        ..fact("e2", refund(4_000, RefundStatus::Pending))
    };
    for facts in [vec![], vec![other]] {
        assert_eq!(purchase_line(&purchase(), Some(&posted(&first)), &facts, &views, now), None, "{facts:?}");
        assert_eq!(purchase_line(&purchase(), None, &facts, &views, now), None, "{facts:?}");
    }
    let instrument = fact("e3", PurchaseFact::Instrument { digest: "k1.00".into() });
    let plan = purchase_line(&purchase(), Some(&posted(&first)), &[instrument], &views, now).unwrap();
    assert!(plan.lines[0].transfers.is_empty(), "what changes no amount is kept all the same");
}

fn any_fact() -> impl Strategy<Value = PurchaseFact> {
    let usd = || Currency::try_new("USD").unwrap();
    let minutes = |minute: u32| at(&format!("2026-02-01T12:{minute:02}:00Z"));
    let status =
        prop_oneof![Just(RefundStatus::Pending), Just(RefundStatus::Succeeded), Just(RefundStatus::Canceled), Just(RefundStatus::Failed)];
    let dispute = prop_oneof![Just(DisputeStatus::Open), Just(DisputeStatus::Won), Just(DisputeStatus::Lost)];
    (0_u8..4, 1_i64..20_000, status, dispute, 0_u32..4, 0_u8..3).prop_map(move |(kind, cents, status, dispute, minute, who)| {
        let amount = Money::from_minor(cents, 2).unwrap();
        match kind {
            0 => captured(cents, ["bob", "carol"].get(usize::from(who)).copied()),
            1 => refund(cents, status),
            2 => PurchaseFact::RefundedTotal { amount, currency: usd() },
            _ => PurchaseFact::Dispute { id: "dp".into(), amount, currency: usd(), status: dispute, at: minutes(minute) },
        }
    })
}

proptest! {
    /// The books after any deliveries equal the books of the final state alone, and each line's
    /// transfers add up to what it moved.
    #[test]
    fn lines_add_up_to_the_target(facts in proptest::collection::vec(any_fact(), 1..10), days in proptest::collection::vec(0_u64..20, 10)) {
        let views = views(Some(AttributionStatus::Attributed));
        let (mut known, mut sum): (Option<PostedPurchase>, crate::plan::Moves) = (None, crate::plan::Moves::default());
        for (index, told) in facts.iter().chain(facts.iter()).enumerate() {
            let now = at("2026-02-01T13:00:00Z") + chrono::Duration::hours(i64::try_from(index).unwrap() + i64::try_from(days[index % 10]).unwrap());
            if let Some(plan) = purchase_line(&purchase(), known.as_ref(), &[fact("e", told.clone())], &views, now) {
                prop_assert_eq!(plan.lines[0].number, known.as_ref().map_or(0, |posted| posted.number + 1));
                let by_lines: Money = plan.lines[0].transfers.iter().map(|t| match (t.credit(), t.debit()) {
                    (ledger::LedgerAccount::Referral(_), _) => t.amount(),
                    (_, ledger::LedgerAccount::Referral(_)) => -t.amount(),
                    _ => Money::ZERO,
                }).sum();
                let moved = plan.moves.accounts.get(&id("alice")).and_then(|m| m.totals.get(&Total::Rewards)).copied().unwrap_or_default();
                prop_assert_eq!(by_lines, moved);
                known = Some(posted(&plan));
                sum.merge(plan.moves);
            }
        }
        let known = known.unwrap();
        let expected = views.target(&known.state);
        prop_assert_eq!(&known.posting, &expected);
        let rewards = sum.accounts.get(&id("alice")).and_then(|m| m.totals.get(&Total::Rewards)).copied().unwrap_or_default();
        prop_assert_eq!(rewards, expected.reward_amount());
        prop_assert_eq!(sum.earned.values().copied().sum::<Money>(), expected.reward_amount());
    }
}
