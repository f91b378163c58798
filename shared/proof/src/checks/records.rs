//! What each record shows by itself: it reads, its seal holds, it does not expire, and it stands in the lists that it says.

use crate::report::Report;
use ledger::KeyRing;
use std::fmt;
use store::{
    StoreError,
    backend::{Item, Operation, Table, Value, Write},
    records::{
        act::Act, billing, book::PayoutBook, connected::Connected, destination::StoredDestination, flag, payout, quarantine::Kept,
        referral, review::Review, seal,
    },
};

/// A text attribute; empty where there is none.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}

/// An item's key, as people write it; written only where there is something to tell of it.
pub(crate) struct Place<'a>(&'a Item);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", text(self.0, "pk"), text(self.0, "sk"))
    }
}

/// Where an item stands.
pub(crate) const fn key(item: &Item) -> Place<'_> {
    Place(item)
}

/// Whether it reads; counted, and told where it does not.
pub(crate) fn read<T>(item: &Item, record: Result<T, StoreError>, report: &mut Report) -> Option<T> {
    let fault = record.as_ref().err().map(ToString::to_string);
    report.look("records_read", &key(item), fault);
    record.ok()
}

/// Money is never forgotten, and neither is a link.
pub(crate) fn stays(table: Table, item: &Item, report: &mut Report) {
    let expires = || item.contains_key("ttl").then(|| "it would expire".to_owned());
    let pk = text(item, "pk");
    match table {
        Table::Accounts | Table::Ledger => report.look("nothing_expires", &key(item), expires()),
        Table::Referrals if pk.starts_with("code#") || pk.starts_with("tpl#") => report.look("nothing_expires", &key(item), expires()),
        Table::Referrals => {}
    }
}

/// A line's seal.
pub(crate) fn sealed(item: &Item, keys: &KeyRing, report: &mut Report) {
    let broken = (!seal::holds(item, keys)).then(|| "its seal does not hold".to_owned());
    report.look("lines_sealed", &key(item), broken);
}

/// The attributes by which an index lists an item.
const LISTED: [&str; 4] = ["g1pk", "g1sk", "g2pk", "g2sk"];

/// An item stands in the lists that it would be written into today.
fn listed(item: &Item, written: Write, report: &mut Report) {
    let Operation::Put(written) = written.operation else { return };
    let wrong = LISTED.into_iter().find(|name| item.get(*name) != written.get(*name));
    report.look("lists_equal_records", &key(item), wrong.map(|name| format!("{name} is not what it lists")));
}

/// Items of the ledger that are no lines.
pub(crate) fn marker(item: &Item, report: &mut Report) {
    match text(item, "pk").split_once('#').map(|(kind, _)| kind) {
        Some("acts") => {
            if let Some(act) = read(item, Act::read(item), report) {
                listed(item, act.write(), report);
            }
        }
        Some("review") => {
            if let Some(review) = read(item, Review::read(item), report) {
                listed(item, review.write(), report);
            }
        }
        Some("quarantine") => {
            if let Some(kept) = read(item, Kept::read(item), report) {
                listed(item, kept.create(), report);
            }
        }
        Some("flag") => drop(read(item, flag::read(item), report)),
        _ => {}
    }
}

/// The head of a payout.
pub(crate) fn head(item: &Item, report: &mut Report) -> Option<programme::payout::Payout> {
    let head = read(item, payout::read(item), report)?;
    listed(item, payout::write(&head), report);
    Some(head)
}

/// Items of an account beside its figures, rates and months.
pub(crate) fn of_account(item: &Item, report: &mut Report) -> Option<PayoutBook> {
    let sk = text(item, "sk");
    if sk == "payouts" {
        return read(item, PayoutBook::read(item), report);
    }
    if sk == "profile" {
        drop(read(item, referral::Profile::read(item), report));
    } else if sk.starts_with("tpl#") {
        drop(read(item, referral::Template::read(item), report));
    } else if sk == "billing" {
        drop(read(item, billing::read(item), report));
    } else if sk == "connect" {
        drop(read(item, Connected::read(item), report));
    } else if sk.starts_with("dest#") {
        drop(read(item, StoredDestination::read(item), report));
    }
    None
}

/// Links and signals. A hard signal is one account's, for ever; raw clicks and soft ones expire.
pub(crate) fn of_referrals(item: &Item, report: &mut Report) {
    let (pk, sk) = (text(item, "pk"), text(item, "sk"));
    if pk.starts_with("code#") {
        drop(read(item, referral::Code::read(item), report));
    } else if pk.starts_with("tpl#") {
        drop(read(item, referral::Template::read(item), report));
    } else if pk.starts_with("sig#") {
        drop(read(item, referral::Signal::read(item), report));
        if sk == "-" {
            report.look("hard_signals_stay", &key(item), item.contains_key("ttl").then(|| "it would expire".to_owned()));
        }
    }
}
