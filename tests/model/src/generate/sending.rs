//! Cash on its way: runs, what becomes of payments, webhooks that come early, late and twice, the kill switch, and money
//! that is taken back between approval and sending.

use super::Maker;
use crate::{
    bank::Course,
    history::{Act, Setting, Step},
    telling::{CUSTOMERS_MAX, Person, Telling},
};
use programme::fact::RefundStatus;

impl Maker {
    /// What finance and the rails make of what somebody asked for at a moment.
    pub(super) fn sending(&mut self, payee: Person, moment: usize) {
        if !self.random.chance(850) {
            return;
        }
        self.approvals(payee, moment, 0);
        if self.random.chance(400) {
            self.approvals(payee, moment, 1);
        }
        if self.random.chance(250) {
            self.clawback(moment);
        }
        let by = self.officer();
        if self.random.chance(600) {
            let key = self.key();
            self.add_soon(moment, 60, &Act::OrderRun { by, key }, 250);
        } else {
            let nth = self.random.index(2);
            self.add_soon(moment, 60, &Act::PayNow { by, nth }, 400);
        }
        self.switches(moment);
        if self.random.chance(250) {
            self.add_soon(moment, 900, &Act::Sweep, 200);
        }
        self.courses(moment);
        if self.random.chance(150) {
            let (who, version) = (self.customer(), u8::try_from(self.random.below(3)).unwrap_or(0));
            self.add_soon(moment, 60, &Act::Billing { who, version }, 0);
        }
    }

    /// Within so many seconds of a moment, and mostly not at once; again some time later.
    fn add_soon(&mut self, moment: usize, seconds: i64, act: &Act, again_per_mille: u64) {
        let mut at = self.at(moment);
        loop {
            let most = if self.random.chance(200) { 0 } else { seconds * 1_000 };
            at += chrono::Duration::milliseconds(self.random.between(0, most));
            self.steps.push(Step { at, act: act.clone() });
            if !self.random.chance(again_per_mille) {
                return;
            }
        }
    }

    fn key(&mut self) -> u32 {
        self.keys += 1;
        self.keys
    }

    /// Two of finance, who look at the same payouts; now and then one of them is the payee.
    fn approvals(&mut self, payee: Person, moment: usize, nth: usize) {
        let first = self.random.index(3);
        for step in 0..2 {
            let by = if self.random.chance(80) { payee } else { CUSTOMERS_MAX + (first + step) % 3 };
            self.add_soon(moment, 20, &Act::Approve { by, nth }, 150);
        }
    }

    /// What earned the money is taken back.
    fn clawback(&mut self, moment: usize) {
        let (purchase, refund) = (self.random.index(self.purchases), self.refunds);
        self.refunds += 1;
        let cents = self.random.pick(&[1_000, 50_000, 600_000], 600_000);
        self.tell(moment, &Telling::Refund { purchase, refund, cents, status: RefundStatus::Succeeded }, 200);
    }

    fn switches(&mut self, moment: usize) {
        let by = self.officer();
        if self.random.chance(120) {
            self.add_soon(moment, 60, &Act::Switch { by, on: false }, 0);
            self.late_or_soon(moment, &Act::Switch { by, on: true });
        }
        if self.random.chance(30) {
            self.add(moment, Act::Programme { by, setting: Setting::PayoutsEnabled(false), ahead_minutes: 5 });
            let later = self.moment_from(moment);
            self.add(later, Act::Programme { by, setting: Setting::PayoutsEnabled(true), ahead_minutes: 5 });
        }
    }

    /// What becomes of payments, and what is told of it, early and late.
    fn courses(&mut self, moment: usize) {
        for _ in 0..self.random.between(1, 3) {
            let nth = self.random.index(2);
            let course = match self.random.below(10) {
                0..4 => Course::Arrives,
                4 => Course::Waits,
                5 => Course::Refused,
                6 => Course::ComesBack(1_000),
                7 | 8 => Course::ComesBack(self.random.pick(&[1, 250, 500], 500)),
                _ => Course::RolledBack,
            };
            let hints = u8::try_from(self.random.between(1, 3)).unwrap_or(1);
            let delay_seconds = self.random.pick(&[0, 0, 30, 900], 0);
            let by_reference = self.random.chance(500);
            let act = Act::Course { nth, course, hints, by_reference, delay_seconds };
            self.late_or_soon(moment, &act);
        }
        while self.random.chance(250) {
            let (nth, by_reference) = (self.random.index(2), self.random.chance(500));
            self.late_or_soon(moment, &Act::Hint { nth, by_reference });
        }
    }

    fn late_or_soon(&mut self, moment: usize, act: &Act) {
        if self.random.chance(500) {
            self.add_soon(moment, 300, act, 0);
        } else {
            let when = self.moment_from(moment);
            self.add(when, act.clone());
        }
    }
}
