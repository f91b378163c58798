//! The tables as plain texts and numbers, without the records' own readers.

use super::cash::Told;
use crate::exact::{Micros, micros};
use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use store::backend::{Item, Table, Value};

/// A version of something: from when, and what.
pub(super) type Versions = Vec<(DateTime<Utc>, Json)>;

/// A payout that no rail has and nobody has ended.
#[derive(Debug)]
pub(super) struct OpenPayout {
    pub(super) account: String,
    pub(super) rail: String,
    pub(super) destination_version: Micros,
}

/// What the oracle reads.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Figures by account.
    pub(super) figures: BTreeMap<String, Item>,
    /// Chart buckets by account: month, template, attribute, figure.
    pub(super) buckets: BTreeMap<(String, String, String), Micros>,
    /// The newest state of each purchase.
    pub(super) purchases: BTreeMap<String, (String, Json)>,
    /// The fact of each usage and rental line.
    pub(super) singles: BTreeMap<String, Json>,
    /// Bodies in quarantine.
    pub(super) quarantine: Vec<String>,
    /// The programme's settings.
    pub(super) programme: Versions,
    /// Own rates by account.
    pub(super) rates: BTreeMap<String, Versions>,
    /// Payouts that wait, by key.
    pub(super) open_payouts: BTreeMap<String, OpenPayout>,
    /// Every payout, by its own lines.
    pub(super) payouts: BTreeMap<String, Told>,
    /// Invoices, credit notes and their counters, by key.
    pub(super) vouchers: BTreeMap<(String, String), Item>,
    /// Payouts by rail and the rail's id.
    pub(super) references: BTreeMap<(String, String), String>,
    /// Versions of payout accounts, by account and rail.
    pub(super) destinations: BTreeMap<(String, String), Micros>,
    /// Whose a code is.
    pub(super) codes: BTreeMap<String, String>,
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}

pub(super) fn number(item: &Item, name: &str) -> Micros {
    item.get(name).and_then(Value::as_number).map_or(0, |number| micros(&number.to_string()))
}

pub(super) fn json(item: &Item, name: &str) -> Json {
    serde_json::from_str(text(item, name)).unwrap_or(Json::Null)
}

fn time(value: &Json) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl Books {
    pub(super) fn read(items: &[(Table, Item)]) -> Self {
        let mut books = Self::default();
        for (table, item) in items {
            let (pk, sk) = (text(item, "pk"), text(item, "sk"));
            match table {
                Table::Accounts => books.account(pk, sk, item),
                Table::Ledger => books.ledger(pk, sk, item),
                Table::Referrals => {
                    if let Some(code) = pk.strip_prefix("code#") {
                        books.codes.insert(code.into(), text(item, "acct").into());
                    }
                }
            }
        }
        books.programme.sort_by_key(|(from, _)| *from);
        books.payouts = payouts(items);
        books
    }

    fn account(&mut self, pk: &str, sk: &str, item: &Item) {
        if pk == "programme" && sk == "switch" {
            return;
        }
        if pk == "programme" {
            self.programme.push((text(item, "from").parse().unwrap_or_default(), json(item, "set")));
            return;
        }
        let Some(account) = pk.strip_prefix("account#") else { return };
        if sk == "n" {
            self.figures.insert(account.into(), item.clone());
        } else if sk == "rates" {
            let versions = json(item, "rates");
            let read = |version: &Json| (time(&version["from"]), version["value"].clone());
            self.rates.insert(account.into(), versions.as_array().into_iter().flatten().map(read).collect());
        } else if let Some(rail) = sk.strip_prefix("dest#") {
            self.destinations.insert((account.into(), rail.into()), number(item, "ver"));
        } else if let Some((month, template)) = sk.strip_prefix("m#").and_then(|rest| rest.split_once('#')) {
            for name in item.keys().filter(|name| name.len() == 3 && name.starts_with(['e', 'r'])) {
                let day = format!("{month}-{}", &name[1..]);
                let series = format!("{}#{template}", &name[..1]);
                self.buckets.insert((account.into(), day, series), number(item, name));
            }
        }
    }

    fn ledger(&mut self, pk: &str, sk: &str, item: &Item) {
        if let Some(purchase) = pk.strip_prefix("purchase#") {
            let newest = self.purchases.get(purchase).is_none_or(|(known, _)| known.as_str() < sk);
            if newest {
                self.purchases.insert(purchase.into(), (sk.into(), json(item, "state")));
            }
        } else if pk.starts_with("usage#") || pk.starts_with("rental#") {
            self.singles.insert(pk.into(), json(item, "facts")[0].clone());
        } else if sk == "head" && ["requested", "approved"].contains(&text(item, "st")) {
            let (account, rail) = (text(item, "acct").to_owned(), text(item, "rail").to_owned());
            self.open_payouts.insert(pk.into(), OpenPayout { account, rail, destination_version: number(item, "dver") });
        } else if pk.starts_with("invoice#") || pk.starts_with("creditnote#") {
            self.vouchers.insert((pk.into(), sk.into()), item.clone());
        } else if let Some((rail, reference)) = pk.strip_prefix("ref#").and_then(|rest| rest.split_once('#')) {
            self.references.insert((rail.into(), reference.into()), text(item, "payout").into());
        } else if pk.starts_with("quarantine#") {
            self.quarantine.push(text(item, "body").into());
        }
    }

    /// A setting in force at a time; none where the default holds.
    pub(super) fn setting(&self, at: DateTime<Utc>, name: &str) -> Option<&Json> {
        self.programme.iter().rev().find(|(from, _)| *from <= at).and_then(|(_, settings)| settings.get(name))
    }
}

/// Payouts by their lines, in the order of their numbers.
fn payouts(items: &[(Table, Item)]) -> BTreeMap<String, Told> {
    let mut events: BTreeMap<(&str, &str), Json> = BTreeMap::new();
    for (_, item) in items.iter().filter(|(table, item)| *table == Table::Ledger && item.contains_key("event")) {
        if let Some(payout) = text(item, "pk").strip_prefix("payout#") {
            events.insert((payout, text(item, "sk")), json(item, "event"));
        }
    }
    let mut rows: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for ((payout, _), event) in events {
        rows.entry(payout).or_default().push(event);
    }
    rows.into_iter().map(|(payout, row)| (payout.to_owned(), Told::of(&row))).collect()
}
