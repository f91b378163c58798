//! Cash on its way: what finance orders, what the payout worker does regularly, what becomes of payments at the rails,
//! and what the rails tell of it.

use crate::{
    bank::Turned,
    calls,
    clock::Time,
    history::Act,
    world::{Work, World, http},
};
use edge::http::{Call, Reply, StatusCode};
use programme::payout::Errand;
use std::sync::Arc;

impl World {
    /// Begins an act of cash. None where it needs no handler.
    pub(crate) fn cash(&mut self, act: &Act, instance: usize, now: Time) -> Option<Work> {
        self.ordered |= matches!(act, Act::OrderRun { .. } | Act::PayNow { .. });
        match *act {
            Act::OrderRun { by, key } => self.finance(instance, calls::order_run(by, &self.people, key, now)),
            Act::PayNow { by, nth } => {
                let (payout, _) = self.payout(nth)?;
                self.finance(instance, calls::pay_now(by, &self.people, &payout, self.version(&payout), now))
            }
            Act::Switch { by, on } => self.finance(instance, calls::switch(by, &self.people, on, now)),
            Act::Billing { who, version } => self.pay(calls::billing(who, version, now)),
            Act::Sweep => {
                let apps = Arc::clone(&self.apps);
                Some(http(async move {
                    let app = apps.worker.get(instance).unwrap_or(&apps.worker[0]);
                    payout_worker::sweep(app, now).await.map(|()| Reply::empty(StatusCode::NO_CONTENT))
                }))
            }
            Act::Course { nth, course, hints, by_reference, delay_seconds } => {
                let turned = self.bank.turn(nth, course)?;
                // One of the webhooks comes in for sure; it may be late, and others may come before and after it.
                (0..hints.max(1)).for_each(|_| self.hint(&turned, by_reference, delay_seconds));
                None
            }
            Act::Hint { nth, by_reference: true } => {
                let told = self.bank.told(nth)?;
                self.hint(&told, true, 0);
                None
            }
            Act::Hint { nth, by_reference: false } => {
                let (payout, _) = self.payout(nth)?;
                self.errand(&Errand::Look { payout: payout.parse().ok()? }, 0);
                None
            }
            Act::Visit { .. }
            | Act::SignUp { .. }
            | Act::Tell { .. }
            | Act::Destination { .. }
            | Act::Request { .. }
            | Act::Cancel { .. }
            | Act::Approve { .. }
            | Act::Reject { .. }
            | Act::Rate { .. }
            | Act::Programme { .. }
            | Act::Review { .. }
            | Act::Poison { .. } => None,
        }
    }

    pub(crate) fn finance(&self, instance: usize, call: Call) -> Option<Work> {
        let apps = Arc::clone(&self.apps);
        Some(http(async move { finance::handle(apps.finance.get(instance).unwrap_or(&apps.finance[0]), call).await }))
    }

    /// What a webhook of a rail becomes.
    fn hint(&self, turned: &Turned, by_reference: bool, delay_seconds: u16) {
        let Turned { rail, payout, reference } = turned.clone();
        let errand = if by_reference { Errand::Hint { rail, reference } } else { Errand::Look { payout } };
        self.errand(&errand, delay_seconds);
    }

    fn errand(&self, errand: &Errand, delay_seconds: u16) {
        let body = serde_json::to_string(errand).unwrap_or_default();
        self.control.tell(|| format!("a webhook becomes {body}"));
        self.errands.put(&body, delay_seconds);
    }
}
