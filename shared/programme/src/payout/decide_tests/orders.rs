//! However a rail's words come in, and however often, a payout ends alike.

use super::*;
use crate::{account::Total, plan::Moves};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a rail can truthfully come to say of one payment, in the order in which it does.
fn life() -> impl Strategy<Value = Vec<Sighting>> {
    let notes = prop::collection::vec(prop_oneof![Just(None), Just(Some("PENDING")), Just(Some("UNCLAIMED"))], 0..3);
    let parts = prop::collection::vec(1_i64..=5000, 0..4);
    (notes, parts, 0_u8..4).prop_map(|(notes, mut parts, end)| {
        parts.sort_unstable();
        let cents = |part: i64| Money::from_minor(part, 2).unwrap();
        let mut life: Vec<Sighting> = vec![Sighting::Absent];
        life.extend(notes.into_iter().map(underway));
        match end {
            0 => life.push(failed()),
            1 => life.push(back("50")),
            2 | 3 => {
                life.push(paid("0"));
                let of = |part| {
                    if part == 5000 || end == 3 {
                        Sighting::Returned { reference: "r1".into(), returned: cents(part), note: None }
                    } else {
                        Sighting::Paid { reference: "r1".into(), returned: cents(part) }
                    }
                };
                life.extend(parts.into_iter().map(of));
            }
            _ => {}
        }
        life
    })
}

/// The totals of the payee after the reserve and these changes.
fn totals(changes: &[Change]) -> BTreeMap<Total, Money> {
    let mut all = Moves::default();
    all.account(&alice()).add(Total::ReferralCash, money("40"));
    all.account(&alice()).add(Total::RentalCash, money("10"));
    changes.iter().for_each(|change| all.merge(change.plan.moves.clone()));
    all.accounts.remove(&alice()).map(|moved| moved.totals).unwrap_or_default()
}

proptest! {
    /// However a rail's words come in, as long as the last one does, the payout ends alike.
    #[test]
    fn any_order_and_repetition_ends_alike(
        life in life(), picks in prop::collection::vec(any::<prop::sample::Index>(), 0..12), last in 0_usize..13, starts_unknown in any::<bool>(),
    ) {
        let start = if starts_unknown { standing(PayoutStatus::Unknown) } else { submitting() };
        let (plain, plain_changes, _) = settle(&start, life.last().unwrap());
        let mut seen: Vec<&Sighting> = picks.iter().map(|pick| pick.get(&life)).collect();
        seen.insert(last.min(seen.len()), life.last().unwrap());
        let (mut payout, mut changes) = (start, Vec::new());
        for sighting in seen {
            let (after, more, _) = settle(&payout, sighting);
            payout = after;
            changes.extend(more);
            let so_far = totals(&changes);
            prop_assert!(so_far.values().all(|total| !total.is_negative()), "{so_far:?}");
            let kept = so_far.get(&Total::ReferralCash).copied().unwrap_or_default() + so_far.get(&Total::RentalCash).copied().unwrap_or_default();
            let out = so_far.get(&Total::Paid).copied().unwrap_or_default();
            prop_assert_eq!(kept - out, if payout.status.is_reserved() { money("50") } else { Money::ZERO });
            prop_assert!(!payout.returned.is_negative() && payout.returned <= payout.amount);
        }
        prop_assert_eq!(payout.status, plain.status);
        prop_assert_eq!(payout.returned, plain.returned);
        prop_assert_eq!(totals(&changes), totals(&plain_changes));
        let count = |name: &str| changes.iter().filter(|change| change.event.step.name() == name).count();
        prop_assert!(count("paid") <= 1 && count("failed") <= 1 && count("submitted") <= 1);
        prop_assert_eq!(payout.invoice.is_some(), count("paid") == 1);
        prop_assert_eq!(payout.credit_notes.len(), if payout.invoice.is_some() { count("returned") } else { 0 });
        prop_assert!(changes.iter().all(|change| change.payout.to == submitting().to && change.payout.reference.as_deref().is_none_or(|r| r == "r1")));
    }
}
