//! Invoices and credit notes: from 1 on without a gap or a double in each year, one for each payment and each return of
//! one, of the right amount; and the ways from the rails' ids back to their payouts.

use super::tables::{Books, number, text};
use crate::exact::amount;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(books: &Books, wrong: &mut Vec<String>) {
    let mut years: BTreeMap<(String, String), BTreeSet<u64>> = BTreeMap::new();
    for (pk, sk) in books.vouchers.keys().filter(|(_, sk)| sk != "last") {
        let Some((series, year)) = pk.split_once('#') else { continue };
        years.entry((series.into(), year.into())).or_default().insert(sk.parse().unwrap_or(0));
    }
    for ((series, year), numbers) in &years {
        let count = u64::try_from(numbers.len()).unwrap_or(0);
        if numbers.last() != Some(&count) || numbers.first() != Some(&1) {
            wrong.push(format!("{series}s of {year} are numbered {numbers:?}"));
        }
        let last = books.vouchers.get(&(format!("{series}#{year}"), "last".into()));
        if last.map(|item| number(item, "n")) != Some(i128::from(count) * 1_000_000) {
            wrong.push(format!("the counter of {series}s of {year} is not at {count}"));
        }
    }
    issued(books, wrong);
    for ((rail, reference), payout) in &books.references {
        let found = books.payouts.get(payout).is_some_and(|told| told.is_known_as(rail, reference));
        if !found {
            wrong.push(format!("{reference} of {rail} leads to {payout}, which is not known there by it"));
        }
    }
    for (payout, told) in &books.payouts {
        if let Some(key) = told.reference()
            && books.references.get(&key) != Some(payout)
        {
            wrong.push(format!("nothing leads from {} of {} to {payout}", key.1, key.0));
        }
    }
}

/// Each number that a payout was given stands, once, for that payout and of that amount; and there are no others.
fn issued(books: &Books, wrong: &mut Vec<String>) {
    let mut standing: BTreeMap<&str, _> = BTreeMap::new();
    for ((_, sk), item) in books.vouchers.iter().filter(|((_, sk), _)| sk != "last") {
        let number = |text: &str| text.rsplit('-').next().and_then(|digits| digits.parse::<u64>().ok());
        if standing.insert(text(item, "num"), item).is_some() || number(text(item, "num")) != number(sk) {
            wrong.push(format!("{} stands twice, or in another's place", text(item, "num")));
        }
    }
    for (payout, told) in &books.payouts {
        let invoice = told.invoice.iter().map(|number| (number, told.amount()));
        for (issued, value) in invoice.chain(told.credit_notes.iter().map(|(number, value)| (number, *value))) {
            match standing.remove(issued.as_str()) {
                Some(item) if text(item, "payout") == payout && number(item, "amt") == value && text(item, "acct") == told.account => {}
                Some(item) => wrong.push(format!("{issued} should be for {} of {payout}: {item:?}", amount(value))),
                None => wrong.push(format!("{payout} has the number {issued}, which does not stand, or another has it, too")),
            }
        }
        let notes = told.credit_notes.iter().map(|(_, value)| value).sum::<i128>();
        if told.invoice.is_some() && notes != told.returned {
            wrong.push(format!("{} of {payout} came back, its credit notes are of {}", amount(told.returned), amount(notes)));
        }
    }
    for number in standing.keys() {
        wrong.push(format!("{number} is no payout's"));
    }
}
