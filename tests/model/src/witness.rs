//! What is seen at the moment of a write, by somebody who shares no code with those who wrote it:
//! a line is written once and for ever, a payout reserves no more than can be cashed right then and is sent only while it
//! still can be, and numbers of invoices and credit notes follow one another.

mod sending;

use crate::exact::{Micros, amount, micros, ten_thousandths};
use chrono::{DateTime, Duration, Utc};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use store::backend::{Item, Key, Operation, Table, Value, Write, memory::Memory};

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Witness {
    lines: BTreeSet<(String, String)>,
    settings: Vec<(DateTime<Utc>, Json)>,
    payouts: BTreeMap<String, Reserved>,
    /// What accounts asked for on a day, without what was released on the same day.
    asked: BTreeMap<(String, String), Micros>,
    /// Requests seen, for the count.
    requests: u64,
    /// The last number of each series and year.
    numbers: BTreeMap<(&'static str, String), u64>,
}

/// A payout as its lines tell it.
#[derive(Debug, Clone)]
struct Reserved {
    account: String,
    /// What was taken of each purse, and has not come back.
    referral: Micros,
    rental: Micros,
    /// What was taken at first.
    whole: [Micros; 2],
    at: DateTime<Utc>,
    day: String,
    status: String,
    /// What the payout account was when it was asked for.
    destination: Json,
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}

fn is_line(key: &Key) -> bool {
    key.table == Table::Ledger && key.sk.len() == 8 && key.sk.bytes().all(|byte| byte.is_ascii_digit())
}

/// An account's figures as they stand, read at once.
fn figures(memory: &Memory, account: &str) -> Item {
    let key = Key { table: Table::Accounts, pk: format!("account#{account}"), sk: "n".into() };
    memory.peek(&key, |item| item.cloned().unwrap_or_default())
}

impl Witness {
    /// Every payout that was asked for, also those whose payee was never answered.
    #[must_use]
    pub fn payouts(&self) -> Vec<String> {
        self.payouts.keys().map(|key| key.trim_start_matches("payout#").to_owned()).collect()
    }

    /// How many payouts were asked for.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Looks at writes that just happened; tells what is wrong with them.
    pub fn saw(&mut self, writes: &[Write], memory: &Memory) -> Vec<String> {
        let mut wrong = Vec::new();
        for write in writes {
            let key = &write.key;
            if is_line(key) && !matches!(write.operation, Operation::Check) && !self.lines.insert((key.pk.clone(), key.sk.clone())) {
                wrong.push(format!("the line {}/{} was written a second time", key.pk, key.sk));
            }
            let Operation::Put(item) = &write.operation else { continue };
            if key.pk == "programme" {
                self.setting(item);
            } else if is_line(key) && key.pk.starts_with("payout#") {
                self.payout(&key.pk, item, memory, &mut wrong);
            }
        }
        wrong
    }

    fn setting(&mut self, item: &Item) {
        if let (Ok(from), Ok(settings)) = (text(item, "from").parse(), serde_json::from_str(text(item, "set"))) {
            self.settings.push((from, settings));
            self.settings.sort_by_key(|(from, _)| *from);
        }
    }

    /// A setting in force at a time; none where the default holds.
    fn in_force(&self, at: DateTime<Utc>, name: &str) -> Option<&Json> {
        self.settings.iter().rev().find(|(from, _)| *from <= at).and_then(|(_, settings)| settings.get(name))
    }

    fn payout(&mut self, id: &str, item: &Item, memory: &Memory, wrong: &mut Vec<String>) {
        let (Ok(at), Ok(event)) = (text(item, "at").parse::<DateTime<Utc>>(), serde_json::from_str::<Json>(text(item, "event"))) else {
            wrong.push(format!("{id}: a line does not read"));
            return;
        };
        let status = event["status"].as_str().unwrap_or_default();
        if event["step"]["type"] == "requested" {
            self.requests += 1;
            self.requested(id, at, &event, memory, wrong);
        } else {
            self.moved(id, at, &event, memory, wrong);
        }
        if let Some(payout) = self.payouts.get_mut(id) {
            status.clone_into(&mut payout.status);
        }
    }

    /// The purses have back what a payout took, which is asked for no longer where that was on the same day.
    fn released(&mut self, id: &str, at: DateTime<Utc>) {
        let Some(payout) = self.payouts.get_mut(id) else { return };
        if payout.day == at.date_naive().to_string() {
            let sum = payout.referral + payout.rental;
            *self.asked.entry((payout.account.clone(), payout.day.clone())).or_default() -= sum;
        }
        (payout.referral, payout.rental) = (0, 0);
    }

    fn requested(&mut self, id: &str, at: DateTime<Utc>, event: &Json, memory: &Memory, wrong: &mut Vec<String>) {
        let part = |name: &str| event["step"]["split"][name].as_str().map_or(0, micros);
        let (referral, rental) = (part("referral"), part("rental"));
        let (account, day) = (event["by"]["id"].as_str().unwrap_or_default().to_owned(), at.date_naive().to_string());
        let share = self.in_force(at, "cashable_share").and_then(Json::as_str).map_or(7_500, ten_thousandths);
        let open = self.left(&account, &figures(memory, &account), share, at).max(0);
        if referral + rental > open {
            wrong.push(format!("{id}: {account} reserved {} while {} could be cashed", amount(referral + rental), amount(open)));
        }
        let asked = self.asked.entry((account.clone(), day.clone())).or_default();
        *asked += referral + rental;
        let asked = *asked;
        let limit = self.in_force(at, "account_daily_limit").and_then(Json::as_str).map_or(10_000_000_000, micros);
        if asked > limit {
            wrong.push(format!("{id}: {account} asked for {} on {day}, the limit is {}", amount(asked), amount(limit)));
        }
        let hours = self.in_force(at, "destination_cooldown_hours").and_then(Json::as_i64).unwrap_or(72);
        let changed = event["step"]["destination"]["changed_at"].as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
        if changed.is_none_or(|changed| at < changed + Duration::hours(hours)) {
            wrong.push(format!("{id}: the payout account was changed less than {hours} hours before"));
        }
        let destination = event["step"]["destination"].clone();
        let (whole, status) = ([referral, rental], String::new());
        self.payouts.insert(id.to_owned(), Reserved { account, referral, rental, whole, at, day, status, destination });
    }

    /// `min(share × (R − W − H) − C, R − W − C − max(0, U − P))`, at most 0 while purchased credits
    /// are left; and what is left of rent. What was taken is summed from the payouts' own lines. Below 0: more was taken.
    fn left(&self, account: &str, figures: &Item, share: Micros, at: DateTime<Utc>) -> Micros {
        let figure = |name: &str| figures.get(name).and_then(Value::as_number).map_or(0, |number| micros(&number.to_string()));
        let today = format!("h{}", at.format("%Y%m%d"));
        let on_hold = |name: &&String| name.len() == 9 && name.starts_with('h') && **name > today;
        let held: Micros = figures.keys().filter(on_hold).map(|name| figure(name)).sum();
        let mine = |payout: &&Reserved| payout.account == account;
        let taken: Micros = self.payouts.values().filter(mine).map(|payout| payout.referral).sum();
        let taken_rent: Micros = self.payouts.values().filter(mine).map(|payout| payout.rental).sum();
        let (purchased, spent, free) = (figure("P"), figure("U"), figure("R") - figure("W"));
        let by_share = ((free - held) * share).div_euclid(10_000) - taken;
        let by_balance = free - taken - (spent - purchased).max(0);
        let mut referral = by_share.min(by_balance);
        if purchased > spent {
            referral = referral.min(0);
        }
        referral + figure("E") - taken_rent
    }
}
