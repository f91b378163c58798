//! The steps of a payout after its request, at the moment in which each is written.

use super::{Reserved, Witness, figures, text};
use crate::exact::{amount, micros, ten_thousandths};
use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use store::backend::{Item, Key, Table, memory::Memory};

/// Where a payout may go from where it stands.
fn may_become(from: &str, to: &str) -> bool {
    let next: &[&str] = match from {
        "requested" => &["requested", "approved", "rejected", "canceled"],
        "approved" => &["submitting", "canceled"],
        "submitting" => &["submitted", "paid", "failed", "unknown"],
        "unknown" => &["submitted", "paid", "failed", "returned"],
        // Another word of the rail leaves it there.
        "submitted" => &["submitted", "paid", "failed", "returned"],
        // More of it may come back.
        "paid" | "returned" => &["returned"],
        _ => &[],
    };
    next.contains(&to)
}

impl Witness {
    /// A step after the request.
    pub(super) fn moved(&mut self, id: &str, at: DateTime<Utc>, event: &Json, memory: &Memory, wrong: &mut Vec<String>) {
        let (status, step) = (event["status"].as_str().unwrap_or_default(), &event["step"]);
        let Some(payout) = self.payouts.get(id).cloned() else {
            wrong.push(format!("{id} was never asked for"));
            return;
        };
        if !may_become(&payout.status, status) {
            wrong.push(format!("{id} goes from {} to {status}", payout.status));
        }
        match step["type"].as_str().unwrap_or_default() {
            "submitting" => self.intended(id, &payout, at, step, memory, wrong),
            "paid" => self.numbered("invoice", &step["invoice"], at, id, wrong),
            "returned" => {
                if !step["credit_note"].is_null() {
                    self.numbered("credit note", &step["credit_note"], at, id, wrong);
                }
                self.came_back(id, step, wrong);
            }
            _ if ["rejected", "canceled", "failed"].contains(&status) => self.released(id, at),
            _ => {}
        }
    }

    /// The intent to pay: what was approved, ordered by a run that stands, and still covered by what the payee has.
    fn intended(&self, id: &str, payout: &Reserved, at: DateTime<Utc>, step: &Json, memory: &Memory, wrong: &mut Vec<String>) {
        let share = self.in_force(payout.at, "cashable_share").and_then(Json::as_str).map_or(7_500, ten_thousandths);
        let left = self.left(&payout.account, &figures(memory, &payout.account), share, at);
        if left < 0 {
            wrong.push(format!("{id} is sent while {} of its money is gone", amount(-left)));
        }
        if step["destination"] != payout.destination["digest"] || step["destination_version"] != payout.destination["version"] {
            wrong.push(format!("{id} is sent to somewhere else than it was asked for"));
        }
        let run = step["run"].as_str().unwrap_or_default();
        if !lists(memory, run, id.trim_start_matches("payout#")) {
            wrong.push(format!("{id} is sent, and {run} does not list it"));
        }
        if self.in_force(at, "payouts_enabled") == Some(&Json::Bool(false)) {
            wrong.push(format!("{id} is sent while the settings hold all payouts"));
        }
    }

    /// A number: the one after the last of its series and year.
    fn numbered(&mut self, series: &'static str, number: &Json, at: DateTime<Utc>, id: &str, wrong: &mut Vec<String>) {
        let mut parts = number.as_str().unwrap_or_default().rsplit('-');
        let value: u64 = parts.next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let year = parts.next().unwrap_or_default().to_owned();
        if year != at.format("%Y").to_string() {
            wrong.push(format!("{id}: the {series} {number} is of another year than {at}"));
        }
        let last = self.numbers.entry((series, year)).or_default();
        if value != *last + 1 {
            wrong.push(format!("{id}: the {series} {number} comes after number {last}"));
        }
        *last = value.max(*last);
    }

    /// The purse that was taken from last is filled first.
    fn came_back(&mut self, id: &str, step: &Json, wrong: &mut Vec<String>) {
        let Some(payout) = self.payouts.get_mut(id) else { return };
        let total = step["total"].as_str().map_or(0, micros);
        let [referral, rental] = payout.whole;
        let before = referral + rental - payout.referral - payout.rental;
        if total <= before || total > referral + rental || step["amount"].as_str().map_or(0, micros) != total - before {
            wrong.push(format!("{id}: {} came back in all after {}, of {}", amount(total), amount(before), amount(referral + rental)));
        }
        let to_rental = total.min(rental);
        (payout.referral, payout.rental) = (referral - (total - to_rental), rental - to_rental);
    }
}

/// Whether a run stands and has this payout in its list.
fn lists(memory: &Memory, run: &str, payout: &str) -> bool {
    let part = |sk: String| {
        let key = Key { table: Table::Ledger, pk: format!("run#{run}"), sk };
        memory.peek(&key, |item| item.cloned())
    };
    let list = |item: Item| serde_json::from_str::<Json>(text(&item, "list")).unwrap_or_default();
    part("head".into()).is_some()
        && (0..)
            .map_while(|place: u32| part(format!("p#{place:04}")))
            .any(|item| list(item).as_array().is_some_and(|entries| entries.iter().any(|entry| entry["payout"] == payout)))
}
