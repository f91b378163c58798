//! Payouts: payout accounts, requests that meet each other, and what finance does about them.

use super::Maker;
use crate::{history::Act, telling::Telling};

impl Maker {
    pub(super) fn payouts(&mut self) {
        for who in 0..self.customers {
            // The first ones have the referees.
            let likely = if who == 0 { 800 } else { 220 };
            if !self.random.chance(likely) {
                continue;
            }
            let shared = if self.random.chance(120) { 0 } else { who };
            let (rail, value) = (u8::try_from(self.random.below(3)).unwrap_or(0), u8::try_from(shared).unwrap_or(0));
            let moment = self.random.index(4).min(self.last());
            self.add_repeated(moment, &Act::Destination { who, rail, value, default: true }, 150);
            if self.random.chance(750) {
                let (cents, at) = (self.random.between(1_000, 50_000), self.before(moment + 1));
                self.tell(moment + 1, &Telling::Rental { earning: 100 + who, who, cents, at }, 200);
            }
            let rounds = if self.random.chance(300) { 2 } else { 1 };
            for _ in 0..rounds {
                let when = self.round(who, moment + 1);
                self.sending(who, when);
                if self.random.chance(120) {
                    let value = value + 10;
                    self.add(when, Act::Destination { who, rail, value, default: false });
                }
            }
        }
    }

    /// Several requests at one moment, which is told, and then finance.
    fn round(&mut self, who: usize, least: usize) -> usize {
        // Late enough for rewards to mature.
        let moment = self.moment_from(least.max(self.moments.len() / 2));
        for _ in 0..self.random.between(1, 2) {
            let key = self.keys;
            self.keys += 1;
            let per_mille = self.random.pick(&[1_000, 1_000, 600, 500, 300, 1_001, 2_000], 1_000);
            self.add_repeated(moment, &Act::Request { who, key, per_mille }, 300);
        }
        while self.random.chance(450) {
            let (by, nth) = (self.officer(), self.random.index(6));
            let when = self.late_moment(moment);
            match self.random.below(10) {
                0..4 => self.add_repeated(when, &Act::Approve { by, nth }, 300),
                4..7 => self.add_repeated(when, &Act::Reject { by, nth }, 200),
                _ => self.add_repeated(when, &Act::Cancel { nth }, 300),
            }
        }
        moment
    }

    fn late_moment(&mut self, moment: usize) -> usize {
        if self.random.chance(500) { moment } else { self.moment_from(moment) }
    }
}
