//! The merge: idempotent and commutative, so neither order nor repetition of facts can matter.

use super::state::{CaptureSeen, DisputeSeen, PurchaseState, RefundSeen};
use crate::fact::PurchaseFact;
use chrono::{DateTime, Utc};
use ledger::Money;

impl PurchaseState {
    /// Takes one more fact in. Nothing is ever taken out: every field only grows in its own order.
    pub fn merge(&mut self, fact: &PurchaseFact) {
        #[cfg(feature = "bugs")]
        if crate::bug::merge(self, fact) {
            return;
        }
        match fact {
            PurchaseFact::Captured { amount, currency, at, credits, buyer } => {
                self.merge_capture(*amount, *at);
                self.currencies.insert(currency.clone());
                self.merge_credits(*credits);
                self.buyers.extend(buyer.clone());
            }
            PurchaseFact::Named { buyer, credits } => {
                self.merge_credits(*credits);
                self.buyers.extend(buyer.clone());
            }
            PurchaseFact::Refund { id, amount, currency, status } => {
                self.currencies.insert(currency.clone());
                let seen = self.refunds.entry(id.clone()).or_insert(RefundSeen { status: *status, amount: *amount });
                seen.status = seen.status.max(*status);
                seen.amount = seen.amount.max(*amount);
            }
            PurchaseFact::RefundedTotal { amount, currency } => {
                self.currencies.insert(currency.clone());
                self.refunded_total = self.refunded_total.max(Some(*amount));
            }
            PurchaseFact::Dispute { id, amount, currency, status, at } => {
                self.currencies.insert(currency.clone());
                let told = DisputeSeen { at: *at, status: *status, amount: *amount };
                let seen = self.disputes.entry(id.clone()).or_insert(told);
                *seen = told.max(*seen);
            }
            PurchaseFact::Instrument { digest } => {
                self.instruments.insert(digest.clone());
            }
        }
    }

    fn merge_capture(&mut self, amount: Money, at: DateTime<Utc>) {
        let seen = self.capture.get_or_insert(CaptureSeen { amount, amount_highest: amount, at, at_latest: at });
        seen.amount = seen.amount.min(amount);
        seen.amount_highest = seen.amount_highest.max(amount);
        seen.at = seen.at.min(at);
        seen.at_latest = seen.at_latest.max(at);
    }

    fn merge_credits(&mut self, credits: Option<Money>) {
        if let Some(told) = credits {
            let (lowest, highest) = self.credits.unwrap_or((told, told));
            self.credits = Some((lowest.min(told), highest.max(told)));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Flag;
    use super::*;
    use crate::fact::{Buyer, DisputeStatus, Naming, RefundStatus};
    use ledger::{AccountId, Currency};
    use proptest::prelude::*;

    fn usd() -> Currency {
        Currency::try_new("USD").unwrap()
    }
    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }
    fn time(minute: u32) -> DateTime<Utc> {
        format!("2026-03-01T10:{minute:02}:00Z").parse().unwrap()
    }
    fn buyer(by: Naming, name: &str) -> Buyer {
        Buyer { by, account: AccountId::try_new(name).unwrap() }
    }
    fn captured(amount: &str, minute: u32) -> PurchaseFact {
        PurchaseFact::Captured { amount: money(amount), currency: usd(), at: time(minute), credits: None, buyer: None }
    }
    fn refund(id: &str, amount: &str, status: RefundStatus) -> PurchaseFact {
        PurchaseFact::Refund { id: id.into(), amount: money(amount), currency: usd(), status }
    }
    fn dispute(id: &str, amount: &str, status: DisputeStatus, minute: u32) -> PurchaseFact {
        PurchaseFact::Dispute { id: id.into(), amount: money(amount), currency: usd(), status, at: time(minute) }
    }
    fn total(amount: &str) -> PurchaseFact {
        PurchaseFact::RefundedTotal { amount: money(amount), currency: usd() }
    }
    fn merged<'a>(facts: impl IntoIterator<Item = &'a PurchaseFact>) -> PurchaseState {
        let mut state = PurchaseState::default();
        facts.into_iter().for_each(|fact| state.merge(fact));
        state
    }

    #[test]
    fn what_is_left_of_a_purchase() {
        use DisputeStatus::{Inquiry, Lost, Open, Won};
        use RefundStatus::{Canceled, Failed, Pending, Succeeded};
        let cases: Vec<(&str, Vec<PurchaseFact>, &str)> = vec![
            ("captured", vec![captured("100", 0)], "100"),
            ("nothing captured yet", vec![refund("r", "40", Succeeded)], "0"),
            ("refund counts while pending", vec![captured("100", 0), refund("r", "40", Pending)], "60"),
            ("and once when it succeeds", vec![refund("r", "40", Pending), refund("r", "40", Succeeded), captured("100", 0)], "60"),
            (
                "a failed refund gives back, even told before its success",
                vec![refund("r", "40", Failed), captured("100", 0), refund("r", "40", Succeeded)],
                "100",
            ),
            ("a canceled one too", vec![refund("r", "40", Canceled), captured("100", 0), refund("r", "40", Pending)], "100"),
            ("failed is the highest", vec![refund("r", "40", Failed), captured("100", 0), refund("r", "40", Canceled)], "100"),
            ("two refunds add", vec![refund("a", "40", Succeeded), captured("100", 0), refund("b", "10", Pending)], "50"),
            ("the greatest amount of one refund", vec![captured("100", 0), refund("a", "40", Pending), refund("a", "45", Pending)], "55"),
            ("the processor's sum alone", vec![captured("100", 0), total("30")], "70"),
            ("the sum does not add to the refunds in it", vec![captured("100", 0), total("30"), refund("a", "30", Succeeded)], "70"),
            ("the sum knows one refund more", vec![captured("100", 0), total("50"), refund("a", "30", Succeeded)], "50"),
            (
                "a refund in the sum that failed later",
                vec![captured("100", 0), total("50"), refund("a", "30", Failed), refund("b", "20", Succeeded)],
                "80",
            ),
            ("the highest sum", vec![total("50"), captured("100", 0), total("20")], "50"),
            ("open dispute", vec![captured("100", 0), dispute("d", "100", Open, 1)], "0"),
            ("won, told first", vec![dispute("d", "100", Won, 9), captured("100", 0), dispute("d", "100", Open, 1)], "100"),
            ("lost", vec![captured("100", 0), dispute("d", "60", Open, 1), dispute("d", "60", Lost, 2)], "40"),
            (
                "lost wins over won at the same time",
                vec![captured("100", 0), dispute("d", "60", Lost, 2), dispute("d", "60", Won, 2)],
                "40",
            ),
            ("an inquiry takes nothing", vec![captured("100", 0), dispute("d", "60", Inquiry, 1)], "100"),
            (
                "an inquiry that becomes a dispute",
                vec![dispute("d", "60", Open, 2), captured("100", 0), dispute("d", "60", Inquiry, 1)],
                "40",
            ),
            ("refund and dispute floor at zero", vec![captured("100", 0), refund("r", "70", Succeeded), dispute("d", "70", Open, 1)], "0"),
            ("the lowest of two captures", vec![captured("100", 0), captured("90", 1)], "90"),
        ];
        for (name, facts, net) in cases {
            assert_eq!(merged(&facts).net_received(), money(net), "{name}");
            assert_eq!(merged(facts.iter().rev()).net_received(), money(net), "{name}, reversed");
        }
    }

    #[test]
    fn contradictions_are_flagged_whatever_came_first() {
        let named = |by, name| PurchaseFact::Named { buyer: Some(buyer(by, name)), credits: None };
        let credits = |figure| PurchaseFact::Named { buyer: None, credits: Some(money(figure)) };
        let euro = PurchaseFact::RefundedTotal { amount: money("1"), currency: Currency::try_new("EUR").unwrap() };
        let cases: Vec<(Vec<PurchaseFact>, Vec<Flag>)> = vec![
            (vec![captured("100", 0), captured("100", 5)], vec![]),
            (vec![captured("100", 0), captured("100", 6)], vec![Flag::CaptureContradicted]),
            (vec![captured("100", 0), captured("99.99", 0)], vec![Flag::CaptureContradicted]),
            (vec![credits("5"), credits("5")], vec![]),
            (vec![credits("5"), credits("6")], vec![Flag::CaptureContradicted]),
            (vec![named(Naming::Payment, "a"), named(Naming::Checkout, "a")], vec![]),
            (vec![named(Naming::Payment, "a"), named(Naming::Checkout, "b")], vec![Flag::BuyerContradicted]),
            (vec![captured("5", 0), total("5")], vec![]),
            (vec![captured("5", 0), total("5.01")], vec![Flag::OverRefunded]),
            (
                vec![captured("100", 0), refund("r", "70", RefundStatus::Pending), dispute("d", "70", DisputeStatus::Open, 1)],
                vec![Flag::OverRefunded],
            ),
            (vec![captured("100", 0), refund("r", "70", RefundStatus::Pending), dispute("d", "30", DisputeStatus::Open, 1)], vec![]),
            (vec![total("5")], vec![]),
            (vec![captured("5", 0), euro.clone()], vec![Flag::CurrencyContradicted, Flag::ForeignCurrency]),
            (vec![euro], vec![Flag::ForeignCurrency]),
        ];
        for (facts, flags) in cases {
            assert_eq!(merged(&facts).flags(&usd()).into_iter().collect::<Vec<_>>(), flags, "{facts:?}");
            assert_eq!(merged(facts.iter().rev()).flags(&usd()).into_iter().collect::<Vec<_>>(), flags, "{facts:?} reversed");
        }
    }

    #[test]
    fn the_surest_naming_is_the_buyer_and_a_tie_is_nobody() {
        let state = |buyers: &[(Naming, &str)]| PurchaseState {
            buyers: buyers.iter().map(|(by, name)| buyer(*by, name)).collect(),
            ..PurchaseState::default()
        };
        let who = |buyers: &[(Naming, &str)]| state(buyers).buyer().map(ToString::to_string);
        assert_eq!(who(&[]), None);
        assert_eq!(who(&[(Naming::Checkout, "a")]).as_deref(), Some("a"));
        assert_eq!(who(&[(Naming::Checkout, "a"), (Naming::Payment, "b")]).as_deref(), Some("b"));
        assert_eq!(who(&[(Naming::Checkout, "a"), (Naming::Checkout, "b")]), None);
        assert_eq!(who(&[(Naming::Payment, "a"), (Naming::Payment, "b"), (Naming::Checkout, "a")]), None);
    }

    #[test]
    fn the_base_is_the_credits_where_told() {
        let with = |credits: Option<&str>| {
            let fact =
                PurchaseFact::Captured { amount: money("119"), currency: usd(), at: time(0), credits: credits.map(money), buyer: None };
            merged([&fact]).base()
        };
        assert_eq!(with(None), money("119"));
        assert_eq!(with(Some("100")), money("100"));
        assert_eq!(merged([&PurchaseFact::Named { buyer: None, credits: Some(money("100")) }]).base(), Money::ZERO);
    }

    fn any_fact() -> impl Strategy<Value = PurchaseFact> {
        let amount = (0_i64..300).prop_map(|cents| Money::from_minor(cents, 2).unwrap());
        let currency = prop_oneof![9 => Just(usd()), 1 => Just(Currency::try_new("EUR").unwrap())];
        let id = prop_oneof![Just("a".to_owned()), Just("b".to_owned())];
        let who = proptest::option::of(
            (0_u8..4).prop_map(|n| buyer(if n % 2 == 0 { Naming::Payment } else { Naming::Checkout }, if n < 2 { "x" } else { "y" })),
        );
        let refund_status = prop_oneof![
            Just(RefundStatus::Pending),
            Just(RefundStatus::Succeeded),
            Just(RefundStatus::Canceled),
            Just(RefundStatus::Failed)
        ];
        let dispute_status =
            prop_oneof![Just(DisputeStatus::Inquiry), Just(DisputeStatus::Open), Just(DisputeStatus::Won), Just(DisputeStatus::Lost)];
        (0_u8..6, amount, currency, id, who, refund_status, dispute_status, 0_u32..4, proptest::bool::ANY).prop_map(
            |(kind, amount, currency, id, buyer, refund, dispute, minute, credited)| match kind {
                0 => PurchaseFact::Captured { amount, currency, at: time(minute), credits: credited.then_some(amount), buyer },
                1 => PurchaseFact::Named { buyer, credits: credited.then_some(amount) },
                2 => PurchaseFact::Refund { id, amount, currency, status: refund },
                3 => PurchaseFact::RefundedTotal { amount, currency },
                4 => PurchaseFact::Dispute { id, amount, currency, status: dispute, at: time(minute) },
                _ => PurchaseFact::Instrument { digest: id },
            },
        )
    }

    proptest! {
        #[test]
        fn every_order_and_number_of_deliveries_ends_the_same(facts in proptest::collection::vec(any_fact(), 0..12), order in proptest::collection::vec(0_usize..12, 0..40)) {
            let once = merged(&facts);
            let mut again = PurchaseState::default();
            for index in order {
                if let Some(fact) = facts.get(index) {
                    again.merge(fact);
                }
            }
            facts.iter().rev().for_each(|fact| again.merge(fact));
            prop_assert_eq!(&again, &once);
            prop_assert!(once.net_received() >= Money::ZERO);
            let read: PurchaseState = serde_json::from_str(&serde_json::to_string(&once).unwrap()).unwrap();
            prop_assert_eq!(read, once);
        }
    }
}
