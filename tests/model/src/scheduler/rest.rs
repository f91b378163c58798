//! The end of a history: faults have stopped, the queues are empty, and the regular looks of the payout worker do what is
//! left, as they do for ever.

use super::Scheduler;
use crate::{
    clock::{DAY_MS, time},
    history::{Act, Setting},
    telling::CUSTOMERS_MAX,
    witness::Witness,
};
use chrono::{DateTime, Utc};
use programme::payout::{Payout, PayoutStatus};
use store::{keys, records::payout};

const MINUTE_MS: i64 = 60_000;
/// A sweep is so long after the one before.
const EVERY_MS: i64 = 5 * MINUTE_MS;
/// Sweeps until nothing may be left that is being sent: more than a quarter of an hour.
const SWEEPS: u32 = 5;
/// How often payouts are switched on again, if it does not succeed.
const SWITCHED_ON_MAX: u32 = 3;
/// Sweeps between two moments of a history, at most in all of it: there are many more, and most find nothing.
const BETWEEN_MAX: u32 = 2;

/// How far a history is on its way to rest.
#[derive(Debug, Default)]
pub(super) struct Rest {
    swept: u32,
    /// Whose daily looks are still to come.
    daily: Option<Vec<DateTime<Utc>>>,
    between: u32,
    switched_on: u32,
}

impl Scheduler<'_> {
    /// Before time jumps to the next step: now and then a sweep falls in between. Tells when.
    pub(super) fn sweep_before(&mut self, now: i64, step: i64) -> Option<i64> {
        if !self.world.ordered || self.rest.between >= BETWEEN_MAX || step - now < 2 * EVERY_MS || !self.random.chance(200) {
            return None;
        }
        self.rest.between += 1;
        let at = now + self.random.between(EVERY_MS, (step - now).min(60 * MINUTE_MS));
        self.steps.push_front((at, Act::Sweep));
        Some(at)
    }

    /// What is done next where nothing is left by itself; false where all is at rest.
    pub(super) fn bring_to_rest(&mut self) -> bool {
        if !self.world.ordered {
            return false;
        }
        let now = self.world.control.clock.millis();
        if let Some(act) = self.switched_off(now).filter(|_| self.rest.switched_on < SWITCHED_ON_MAX) {
            self.rest.switched_on += 1;
            self.steps.push_back((now + MINUTE_MS, act));
            return true;
        }
        if self.rest.swept < self.sweeps() {
            self.rest.swept += 1;
            // Before it payouts may still be held by the settings.
            let at = self.planned_until(now).map_or(now, |at| at + MINUTE_MS).max(now + EVERY_MS);
            self.steps.push_back((at, Act::Sweep));
            return true;
        }
        if self.rest.daily.is_none() {
            for payout in self.open().iter().filter(|payout| payout.status == PayoutStatus::Submitting) {
                self.world.control.violation(format!("{} is still being sent a quarter of an hour after faults have stopped", payout.id));
            }
        }
        let open = self.open();
        let daily = self.rest.daily.get_or_insert_with(|| open.iter().filter_map(|payout| payout.submitting_since).collect());
        let Some(since) = daily.pop() else { return false };
        let at = the_day_after(now, since);
        self.steps.push_back((at, Act::Sweep));
        true
    }

    /// How many sweeps are to come in all: one finds what is ordered and was not sent, several bring to its end what is being sent.
    fn sweeps(&self) -> u32 {
        let open = self.open();
        let any = |wanted: &[PayoutStatus]| open.iter().any(|payout| wanted.contains(&payout.status));
        if any(&[PayoutStatus::Submitting, PayoutStatus::Unknown]) {
            SWEEPS
        } else if any(&[PayoutStatus::Approved]) {
            1
        } else {
            0
        }
    }

    /// Whoever switched payouts off switches them on again.
    fn switched_off(&self, now: i64) -> Option<Act> {
        let by = CUSTOMERS_MAX;
        if !self.world.control.state().switch.is_on() {
            return Some(Act::Switch { by, on: true });
        }
        let programme = self.world.programme();
        let last = programme.history.versions().last();
        let off = last.is_some_and(|version| !version.value.payouts_enabled);
        let later = || !programme.at(time(now + EVERY_MS)).1.payouts_enabled;
        // Nothing is planned before what is planned already.
        let ahead_minutes = self.planned_until(now).map_or(0, |at| (at - now) / MINUTE_MS + 2).max(5);
        (off && later()).then_some(Act::Programme { by, setting: Setting::PayoutsEnabled(true), ahead_minutes })
    }

    /// When the last version of the settings begins, where that is still to come.
    fn planned_until(&self, now: i64) -> Option<i64> {
        let programme = self.world.programme();
        programme.history.versions().last().map(|version| version.from.timestamp_millis()).filter(|at| *at > now)
    }

    /// Payouts that are to be sent, or that a rail may have and nobody knows the end of.
    fn open(&self) -> Vec<Payout> {
        let head = |id: &String| payout::read(&self.world.peek(&keys::payout_head(id))?).ok();
        let is_open = |payout: &Payout| match payout.status {
            PayoutStatus::Approved | PayoutStatus::Submitting | PayoutStatus::Unknown | PayoutStatus::Submitted => true,
            PayoutStatus::Requested
            | PayoutStatus::Rejected
            | PayoutStatus::Canceled
            | PayoutStatus::Paid
            | PayoutStatus::Failed
            | PayoutStatus::Returned => false,
        };
        self.world.tables.witness(Witness::payouts).iter().filter_map(head).filter(is_open).collect()
    }
}

/// In the middle of the sweeps' five minutes that a time is in, on a later day.
fn the_day_after(now: i64, since: DateTime<Utc>) -> i64 {
    let of_day = since.timestamp_millis().rem_euclid(DAY_MS);
    let slot = of_day - of_day.rem_euclid(EVERY_MS) + EVERY_MS / 2;
    let today = now - now.rem_euclid(DAY_MS) + slot;
    // What was sent a moment ago is left alone by a sweep.
    if today > now + EVERY_MS { today } else { today + DAY_MS }
}
