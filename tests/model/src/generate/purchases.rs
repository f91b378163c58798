//! Purchases and what becomes of them: refunds that fail, disputes won late, contradictions.

use super::Maker;
use crate::{
    clock::Time,
    telling::{Person, Telling},
};
use programme::fact::{DisputeStatus, Naming, RefundStatus};

impl Maker {
    pub(super) fn purchases(&mut self) {
        let count: usize = self.random.between(2, 5).try_into().unwrap_or(5);
        self.purchases = count;
        for purchase in 0..count {
            self.purchase(purchase);
        }
    }

    fn buyer(&mut self) -> Person {
        // Mostly referees: what the first one buys earns nobody anything.
        if self.random.chance(880) { 1 + self.random.index(self.customers - 1) } else { 0 }
    }

    /// Facts are told at their moment, sometimes a moment or more later: then out of order.
    fn late(&mut self, moment: usize) -> usize {
        let late = if self.random.chance(650) { 0 } else { self.random.index(3) };
        (moment + late).min(self.last())
    }

    fn purchase(&mut self, purchase: usize) {
        let (buyer, cents) = (self.buyer(), self.cents());
        let moment = self.moment_of(buyer);
        let at = self.before(moment);
        let currency = if self.random.chance(30) { "EUR" } else { "USD" };
        let credits = self.random.chance(120).then(|| cents - cents / 5);
        let named = match self.random.below(20) {
            0 => None,
            1 => Some((Naming::Checkout, buyer)),
            _ => Some((Naming::Payment, buyer)),
        };
        let captured = |cents, at| Telling::Captured { purchase, cents, currency, at, credits, buyer: named };
        let told = self.late(moment);
        self.tell(told, &captured(cents, at), 220);
        if named.is_none() || self.random.chance(60) {
            let who = if self.random.chance(100) { self.buyer() } else { buyer };
            let told = self.late(moment);
            self.tell(told, &Telling::Named { purchase, buyer: who, credits: None }, 200);
        }
        if self.random.chance(50) {
            let other = if self.random.chance(500) { cents + 1 } else { (cents - 1).max(1) };
            let seconds = self.random.between(0, 900);
            let earlier = at - chrono::Duration::seconds(seconds);
            let told = self.late(moment);
            self.tell(told, &captured(other, earlier), 100);
        }
        if self.random.chance(400) {
            let card = if self.random.chance(350) { self.random.index(2) } else { buyer };
            let told = self.late(moment);
            self.tell(told, &Telling::Instrument { purchase, card }, 200);
        }
        self.refunds(purchase, moment, cents);
        self.disputes(purchase, moment, cents);
    }

    fn refunds(&mut self, purchase: usize, moment: usize, cents: i64) {
        let mut left = cents;
        let mut total = 0;
        while self.random.chance(330) {
            let refund = self.refunds;
            self.refunds += 1;
            let part = match self.random.below(10) {
                0..3 => left.max(1),
                3 => cents,
                _ => self.random.between(1, left.max(1)),
            };
            left -= part;
            let (mut moment, first) =
                (self.late(moment), if self.random.chance(500) { RefundStatus::Pending } else { RefundStatus::Succeeded });
            let mut last = first;
            for next in [RefundStatus::Succeeded, RefundStatus::Canceled, RefundStatus::Failed] {
                self.tell(moment, &Telling::Refund { purchase, refund, cents: part, status: last }, 250);
                if next <= last || !self.random.chance(450) {
                    break;
                }
                last = next;
                moment = self.late(moment);
            }
            if last.counts() {
                total += part;
            }
        }
        if total > 0 && self.random.chance(250) {
            let told = self.late(moment);
            self.tell(told, &Telling::RefundedTotal { purchase, cents: total }, 200);
        }
    }

    fn disputes(&mut self, purchase: usize, moment: usize, cents: i64) {
        if !self.random.chance(220) {
            return;
        }
        let dispute = purchase;
        let mut opened = self.moment_from(moment);
        let part = if self.random.chance(700) { cents } else { self.random.between(1, cents.max(1)) };
        let at: Time = self.before(opened);
        let first = if self.random.chance(150) { DisputeStatus::Inquiry } else { DisputeStatus::Open };
        let told = self.late(opened);
        self.tell(told, &Telling::Dispute { purchase, dispute, cents: part, status: first, at }, 300);
        let mut after = at;
        for _ in 0..self.random.index(3) {
            opened = self.late(opened);
            let seconds = self.random.between(0, 100_000);
            after = (after + chrono::Duration::seconds(seconds)).min(self.before(opened).max(at));
            let status = self.random.pick(&[DisputeStatus::Won, DisputeStatus::Lost, DisputeStatus::Open], DisputeStatus::Won);
            let told = self.late(opened);
            self.tell(told, &Telling::Dispute { purchase, dispute, cents: part, status, at: after }, 300);
        }
    }
}
