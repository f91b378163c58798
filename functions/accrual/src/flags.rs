//! Contradictions in a purchase's facts, marked for finance in the transaction that merges them.

use ledger::{AccountId, Currency, Money};
use programme::{
    plan::{Body, Plan, Subject, Views},
    purchase::{CaptureSeen, Flag, PurchaseState},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    backend::Write,
    records::flag::{self, Flagged},
};

/// A marker for the purchase of the plan, where its facts contradict each other otherwise than they did `before`. One that finance
/// has decided about is opened again by that, and by nothing else: a refund of a purchase whose captures differ tells nothing new
/// about them.
pub(crate) fn markers(plan: &Plan, before: Option<&PurchaseState>, views: &Views) -> Vec<Write> {
    plan.lines
        .iter()
        .filter_map(|line| match (&line.subject, &line.body) {
            (Subject::Purchase(purchase), Body::Purchase { state, .. }) => {
                let at = state.capture.as_ref().map_or(line.at, |capture| capture.at);
                let now = grounds(state, &views.programme.at(at).1.currency);
                // What stood before a capture was looked at by another day's settings: it is marked again.
                let captured = before.and_then(|before| before.capture.as_ref().map(|capture| (before, capture.at)));
                let known = captured.map(|(before, at)| grounds(before, &views.programme.at(at).1.currency)).unwrap_or_default();
                let news = now.iter().any(|(flag, ground)| known.get(flag) != Some(ground));
                let marker = |flags| Flagged { purchase: purchase.clone(), flags, line: line.number, at: line.at, decided: None };
                news.then(|| flag::write(&marker(now.into_keys().collect())))
            }
            (Subject::Purchase(_) | Subject::Usage(_) | Subject::UsageReward(_) | Subject::Rental(_) | Subject::Payout(_), _) => None,
        })
        .collect()
}

/// What raises a flag: another one raises it anew.
#[derive(PartialEq, Eq)]
enum Ground<'a> {
    Captures(Option<&'a CaptureSeen>, Option<(Money, Money)>),
    Buyers(BTreeSet<&'a AccountId>),
    Currencies(&'a BTreeSet<Currency>),
    /// Captured, and taken back.
    TakenBack(Money, Money),
}

fn grounds<'a>(state: &'a PurchaseState, currency: &Currency) -> BTreeMap<Flag, Ground<'a>> {
    let ground = |flag: &Flag| match flag {
        Flag::CaptureContradicted => Ground::Captures(state.capture.as_ref(), state.credits),
        Flag::BuyerContradicted => Ground::Buyers(state.buyers.iter().map(|buyer| &buyer.account).collect()),
        Flag::CurrencyContradicted | Flag::ForeignCurrency => Ground::Currencies(&state.currencies),
        Flag::OverRefunded => {
            Ground::TakenBack(state.capture.as_ref().map_or(Money::ZERO, |capture| capture.amount), state.refunded() + state.disputed())
        }
    };
    state.flags(currency).into_iter().map(|flag| (flag, ground(&flag))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::{DateTime, Utc};
    use programme::{
        fact::{Buyer, Fact, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source},
        plan::{PostedPurchase, purchase_line},
    };
    use store::backend::{Operation, Value};

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-11-21T10:{minute:02}:00Z").parse().unwrap()
    }

    fn captured(amount: &str, minute: u32, buyer: &str) -> PurchaseFact {
        let buyer = Some(Buyer { by: Naming::Payment, account: buyer.parse().unwrap() });
        PurchaseFact::Captured { amount: amount.parse().unwrap(), currency: "USD".parse().unwrap(), at: at(minute), credits: None, buyer }
    }

    fn refund(id: &str, amount: &str) -> PurchaseFact {
        let (amount, currency) = (amount.parse().unwrap(), "USD".parse().unwrap());
        PurchaseFact::Refund { id: id.into(), amount, currency, status: RefundStatus::Succeeded }
    }

    /// The flags that each fact in a row raises, or raises anew.
    fn raised(facts: Vec<PurchaseFact>) -> Vec<String> {
        let (purchase, views): (PurchaseId, Views) = ("stripe:pi_1".parse().unwrap(), Views::default());
        let mut known: Option<PostedPurchase> = None;
        let mut raised = Vec::new();
        for fact in facts {
            let body = FactBody::Purchase { purchase: purchase.clone(), fact };
            let fact = Fact { source: Source::Stripe, event: "e".into(), body };
            let plan = purchase_line(&purchase, known.as_ref(), &[fact], &views, at(59)).unwrap();
            let markers = markers(&plan, known.as_ref().map(|posted| &posted.state), &views);
            raised.push(markers.iter().map(flags).collect());
            let line = plan.lines.into_iter().next().unwrap();
            if let Body::Purchase { state, posting, .. } = line.body {
                known = Some(PostedPurchase { number: line.number, state: *state, posting: *posting });
            }
        }
        raised
    }

    fn flags(write: &Write) -> String {
        let Operation::Put(item) = &write.operation else { return "no put".into() };
        assert!(item.contains_key("g2pk"), "it is open");
        item.get("flags").and_then(Value::as_text).unwrap().into()
    }

    #[test]
    fn only_another_contradiction_raises_a_flag_again() {
        let (captures, buyers) = (r#"["capture_contradicted"]"#, r#"["capture_contradicted","buyer_contradicted"]"#);
        let all = r#"["capture_contradicted","buyer_contradicted","over_refunded"]"#;
        for (name, facts, expected) in [
            ("no contradiction", vec![captured("50", 0, "a"), refund("r1", "50")], vec!["", ""]),
            (
                "the captures, and what has nothing to do with it",
                vec![captured("50", 0, "a"), captured("40", 0, "a"), refund("r1", "10"), captured("45", 1, "a"), captured("30", 0, "a")],
                // A capture in between tells nothing of the lowest and the highest, but of a later time.
                vec!["", captures, "", captures, captures],
            ),
            (
                "one after the other",
                vec![captured("50", 0, "a"), captured("40", 0, "a"), captured("40", 0, "b"), refund("r1", "60"), refund("r2", "1")],
                vec!["", captures, buyers, all, all],
            ),
        ] {
            assert_eq!(raised(facts), expected, "{name}");
        }
    }
}
