//! What the books must say at the end, computed anew from what the history told, by the rules' own
//! words and with arithmetic of its own. It shares no code with the functions that wrote the books.

mod attributions;
mod cash;
mod figures;
mod payouts;
mod referral;
mod tables;
mod truth;
mod usage;
mod vouchers;

use crate::{bank::Settled, history::History, world::SignupCall};
use chrono::{DateTime, Utc};
use store::backend::{Item, Table};

/// Everything that differs, a sentence each.
#[must_use]
pub fn check(history: &History, signups: &[SignupCall], payments: &[Settled], items: &[(Table, Item)], now: DateTime<Utc>) -> Vec<String> {
    let books = tables::Books::read(items);
    let truth = truth::Truth::of(history);
    let mut wrong = Vec::new();
    figures::check(&truth, &books, now, &mut wrong);
    payouts::check(&books, &mut wrong);
    cash::check(&books, payments, &mut wrong);
    vouchers::check(&books, &mut wrong);
    attributions::check_cards(history, &truth, &books, &mut wrong);
    attributions::check(history, signups, &books, &mut wrong);
    wrong
}
