//! The books as they are read: every item once, in any order.

use chrono::{DateTime, Utc};
use ledger::{AccountId, KeyRing, Money};
use programme::{
    account::Account,
    plan::{Line, Subject},
    settings::{History, Programme, Settings, Version},
};
use std::collections::BTreeMap;
use store::{
    backend::{Item, Table, Value},
    records::{
        account, line,
        month::{self, Bucket},
        seal, settings,
    },
};

use crate::Report;

/// Everything the checks look at.
pub struct Books {
    pub(crate) seal_keys: KeyRing,
    pub(crate) report: Report,
    pub(crate) lines: BTreeMap<Subject, BTreeMap<u32, Line>>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) rates: BTreeMap<AccountId, History<ledger::Rate>>,
    pub(crate) months: BTreeMap<AccountId, Vec<Bucket>>,
    pub(crate) heads: BTreeMap<String, Item>,
    versions: Vec<Version<Settings>>,
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}

impl Books {
    /// Empty books; `seal_keys` verify the records' seals.
    #[must_use]
    pub fn new(seal_keys: KeyRing) -> Self {
        Self {
            seal_keys,
            report: Report::default(),
            lines: BTreeMap::new(),
            accounts: BTreeMap::new(),
            rates: BTreeMap::new(),
            months: BTreeMap::new(),
            heads: BTreeMap::new(),
            versions: Vec::new(),
        }
    }

    /// Takes one item in.
    pub fn take(&mut self, table: Table, item: &Item) {
        match table {
            Table::Accounts => self.take_account(item),
            Table::Ledger => self.take_ledger(item),
            // Codes, clicks and signals move no money.
            Table::Referrals => {}
        }
        if table != Table::Referrals {
            let expires = item.contains_key("ttl").then(|| "it would expire".to_owned());
            self.look("nothing_expires", item, expires);
        }
    }

    fn look(&mut self, name: &'static str, item: &Item, fault: Option<String>) {
        let key = format!("{}/{}", text(item, "pk"), text(item, "sk"));
        self.report.look(name, &key, fault);
    }

    fn take_account(&mut self, item: &Item) {
        let sk = text(item, "sk");
        if text(item, "pk") == "programme" {
            match settings::read_programme(item) {
                Ok(version) => self.versions.push(version),
                Err(error) => self.look("records_read", item, Some(error.to_string())),
            }
            return;
        }
        let Some(owner) = account::owner(text(item, "pk")) else { return };
        let fault = if sk == "n" {
            account::read(item).map(|read| drop(self.accounts.insert(owner, read))).err()
        } else if sk == "rates" {
            settings::read_rates(item).map(|rates| drop(self.rates.insert(owner, rates))).err()
        } else if sk.starts_with("m#") {
            month::read(item).map(|buckets| self.months.entry(owner).or_default().extend(buckets)).err()
        } else {
            None
        };
        self.look("records_read", item, fault.map(|error| error.to_string()));
    }

    fn take_ledger(&mut self, item: &Item) {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        let Some(subject) = line::subject(pk) else { return };
        if sk == "head" {
            self.heads.insert(pk.to_owned(), item.clone());
            return;
        }
        let broken = (!seal::holds(item, &self.seal_keys)).then(|| "its seal does not hold".to_owned());
        self.look("lines_sealed", item, broken);
        match line::read(item) {
            Ok(read) => {
                self.look("records_read", item, None);
                self.lines.entry(subject).or_default().insert(read.number, read);
            }
            Err(error) => self.look("records_read", item, Some(error.to_string())),
        }
    }

    /// The settings over time.
    #[must_use]
    pub fn programme(&self) -> Programme {
        Programme::new(History::from_versions(self.versions.clone()))
    }

    /// Checks everything that was taken in.
    #[must_use]
    pub fn check(mut self, now: DateTime<Utc>) -> Report {
        crate::checks::run(&mut self, now);
        self.report
    }

    pub(crate) fn differ(&mut self, name: &'static str, key: &str, what: &str, kept: Money, lines: Money) {
        let fault = (kept != lines).then(|| format!("{what} is {kept}, the lines say {lines}"));
        self.report.look(name, &key, fault);
    }
}
