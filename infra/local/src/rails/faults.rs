//! Faults that are asked for: what the next calls, or the next webhooks, meet.

use super::{operation::Operation, wise};
use ledger::{Money, Rail};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The call is done, and the connection breaks instead of an answer; after [`Fault::wait_ms`], where it is given.
    TimeoutAfterCommit,
    /// The call is done and answered 500; Stripe repeats the 500 for the key.
    #[serde(rename = "error_500_replayed")]
    Error500Replayed,
    /// 500, and nothing is done.
    FailBefore,
    /// 429, and nothing is done.
    #[serde(rename = "busy_429")]
    Busy429,
    /// 409, another request has the key or the thing; nothing is done.
    KeyInUse,
    /// 401, and nothing is done.
    Unauthorized,
    /// PayPal: the batch is made, and answered as a duplicate; with [`Fault::amount`], the one that it is a duplicate of has that amount.
    DuplicateBatch,
    /// The platform has too little money there.
    InsufficientFunds,
    /// The call is done and answered 200 with something that is no answer.
    GarbageAnswer,
    /// The call is done and answered, [`Fault::wait_ms`] later.
    SlowAnswer,
    /// The call is done, its webhook is delivered, and only then it is answered.
    WebhookBeforeAnswer,
    /// A webhook waits until it is released.
    HoldWebhooks,
    /// A webhook comes twice.
    DuplicateWebhooks,
    /// A webhook comes after the next one of its payment, at the latest after ten minutes.
    ReorderWebhooks,
    /// A webhook never comes.
    LoseWebhooks,
}

impl FaultKind {
    /// Whether it strikes webhooks rather than calls.
    const fn is_about_events(self) -> bool {
        matches!(self, Self::HoldWebhooks | Self::DuplicateWebhooks | Self::ReorderWebhooks | Self::LoseWebhooks)
    }
}

/// Which calls or webhooks a fault strikes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Only those of this payment, by any name that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<String>,
}

/// A fault to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
    /// To which.
    #[serde(default, rename = "match")]
    pub about: About,
    /// To which call; without it to the one that makes the payment, and at Wise to the funding where it is about money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Operation>,
    /// Milliseconds of waiting, on the machine's own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
    /// Another amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that strikes the next call that makes a payment.
    #[must_use]
    pub const fn new(kind: FaultKind) -> Self {
        Self { kind, times: 1, about: About { payout: None }, at: None, wait_ms: None, amount: None }
    }

    /// The same, at another call.
    #[must_use]
    pub const fn at(mut self, operation: Operation) -> Self {
        self.at = Some(operation);
        self
    }

    /// The same, several times.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The same, for one payment alone.
    #[must_use]
    pub fn of(mut self, payout: &str) -> Self {
        self.about.payout = Some(payout.to_owned());
        self
    }

    fn strikes_at(&self, rail: Rail) -> Operation {
        // Wise makes a transfer without money.
        let later = rail == Rail::Wise && self.kind == FaultKind::InsufficientFunds;
        self.at.unwrap_or(if later { Operation::Fund } else { Operation::Create })
    }

    fn concerns(&self, rail: Rail, names: &[String]) -> bool {
        let named = |wanted: &String| names.contains(wanted) || (rail == Rail::Wise && names.contains(&wise::mark(wanted)));
        self.about.payout.as_ref().is_none_or(named)
    }
}

/// The faults that are armed, in the order in which they were asked for. They go with the process: they are a test's, not the books'.
#[derive(Debug, Default)]
pub(super) struct Armed(Mutex<Vec<(Rail, Fault)>>);

impl Armed {
    /// Arms one.
    ///
    /// # Errors
    /// In words, where the rail can't meet such a fault.
    pub(super) fn arm(&self, rail: Rail, fault: Fault) -> Result<(), String> {
        if fault.kind == FaultKind::DuplicateBatch && rail != Rail::Paypal {
            return Err(format!("{rail} has no such fault"));
        }
        self.change(|armed| armed.push((rail, fault)));
        Ok(())
    }

    pub(super) fn clear(&self, rail: Rail) {
        self.change(|armed| armed.retain(|(other, _)| *other != rail));
    }

    pub(super) fn all(&self, rail: Rail) -> Vec<Fault> {
        self.change(|armed| armed.iter().filter(|(other, _)| *other == rail).map(|(_, fault)| fault.clone()).collect())
    }

    /// The fault that strikes a call, where there is one: it is used up by one.
    pub(super) fn strike_call(&self, rail: Rail, operation: Operation, names: &[String]) -> Option<Fault> {
        self.strike(rail, |fault| !fault.kind.is_about_events() && fault.strikes_at(rail) == operation && fault.concerns(rail, names))
    }

    /// The fault that strikes a webhook.
    pub(super) fn strike_event(&self, rail: Rail, names: &[String]) -> Option<FaultKind> {
        self.strike(rail, |fault| fault.kind.is_about_events() && fault.concerns(rail, names)).map(|fault| fault.kind)
    }

    fn strike(&self, rail: Rail, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        self.change(|armed| {
            let (_, fault) = armed.iter_mut().find(|(other, fault)| *other == rail && fault.times > 0 && fits(fault))?;
            fault.times -= 1;
            let struck = fault.clone();
            armed.retain(|(_, fault)| fault.times > 0);
            Some(struck)
        })
    }

    fn change<T>(&self, work: impl FnOnce(&mut Vec<(Rail, Fault)>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_fault_strikes_what_it_is_about_as_often_as_it_says() {
        let armed = Armed::default();
        armed.arm(Rail::Wise, Fault::new(FaultKind::FailBefore).times(2).of("pay_1")).unwrap();
        let named = ["ref".to_owned(), "pay_1".to_owned()];
        let strike = |rail, operation, names: &[String]| armed.strike_call(rail, operation, names).map(|fault| fault.kind);
        assert_eq!(strike(Rail::Paypal, Operation::Create, &named), None);
        assert_eq!(strike(Rail::Wise, Operation::Fund, &named), None);
        assert_eq!(strike(Rail::Wise, Operation::Create, &["pay_2".to_owned()]), None);
        assert_eq!(armed.strike_event(Rail::Wise, &named), None);
        for _ in 0..2 {
            assert_eq!(strike(Rail::Wise, Operation::Create, &named), Some(FaultKind::FailBefore));
        }
        assert_eq!(strike(Rail::Wise, Operation::Create, &named), None);
    }

    #[test]
    fn faults_are_written_as_they_are_asked_for() {
        let fault: Fault = serde_json::from_str(r#"{"kind":"error_500_replayed","match":{"payout":"p"},"at":"fund"}"#).unwrap();
        assert_eq!(fault, Fault::new(FaultKind::Error500Replayed).of("p").at(Operation::Fund));
        for text in [r#"{"kind":"none"}"#, r#"{"kind":"busy_429","time":2}"#, r#"{"kind":"busy_429","match":{"payuot":"x"}}"#] {
            assert!(serde_json::from_str::<Fault>(text).is_err(), "{text}");
        }
        assert_eq!(serde_json::from_str::<Fault>(r#"{"kind":"busy_429"}"#).unwrap(), Fault::new(FaultKind::Busy429));
    }

    #[test]
    fn no_money_strikes_where_money_moves_and_only_paypal_has_batches() {
        let armed = Armed::default();
        for (rail, at) in [(Rail::Wise, Operation::Fund), (Rail::Paypal, Operation::Create), (Rail::StripeConnect, Operation::Create)] {
            armed.arm(rail, Fault::new(FaultKind::InsufficientFunds)).unwrap();
            assert!(armed.strike_call(rail, at, &[]).is_some());
            assert_eq!(armed.arm(rail, Fault::new(FaultKind::DuplicateBatch)).is_ok(), rail == Rail::Paypal);
        }
        armed.clear(Rail::Paypal);
        assert!(armed.all(Rail::Paypal).is_empty());
    }
}
