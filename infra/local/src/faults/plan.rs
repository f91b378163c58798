//! Which calls fail, and how.

use ledger::Rail;
use serde::{Deserialize, Serialize};

/// The faults to come. The same plan over the same calls makes the same faults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What chances are drawn from.
    #[serde(default)]
    pub seed: u64,
    /// The rules; the first that strikes a call decides.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Whose calls.
    pub service: Service,
    /// Only this operation, for example `TransactWriteItems`, or `create` at a rail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only the calls of this function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Which of them.
    pub when: When,
    /// What happens.
    pub fault: Fault,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The tables.
    Dynamodb,
    /// The queues.
    Sqs,
    /// What stands in for Stripe. Operations of the rails are those of [`crate::rails::Operation`].
    Stripe,
    /// What stands in for PayPal.
    Paypal,
    /// What stands in for Wise.
    Wise,
}

impl Service {
    /// The rail that it is, where it is one.
    #[must_use]
    pub const fn rail(self) -> Option<Rail> {
        match self {
            Self::Stripe => Some(Rail::StripeConnect),
            Self::Paypal => Some(Rail::Paypal),
            Self::Wise => Some(Rail::Wise),
            Self::Dynamodb | Self::Sqs => None,
        }
    }
}

/// Which of the calls that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// These, counted from 1.
    Calls(Vec<u64>),
    /// Each with this chance, in a thousand.
    PerMille(u64),
    /// All.
    Always,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// An internal error; the store never hears of the call.
    FailBefore,
    /// The store does it, and the answer is an internal error.
    FailAfter,
    /// The store does it, and the connection breaks instead of an answer.
    LoseAnswer,
    /// Too many requests.
    Throttle,
    /// Another transaction holds an item.
    Conflict,
    /// The call waits for so many milliseconds.
    DelayMs(u64),
    /// The caller's process is killed before the store hears of the call.
    KillBefore,
    /// The caller's process is killed once the store has done it.
    KillAfter,
}

/// A call as rules see it.
pub(super) struct Call<'c> {
    pub(super) service: Service,
    pub(super) operation: &'c str,
    pub(super) function: &'c str,
    pub(super) copy: u64,
}

impl Rule {
    pub(super) fn is_about(&self, call: &Call<'_>) -> bool {
        self.service == call.service
            && self.operation.as_deref().is_none_or(|own| own == call.operation)
            && self.function.as_deref().is_none_or(|own| own == call.function)
    }
}

impl When {
    pub(super) fn strikes(&self, call: u64, draw: u64) -> bool {
        match self {
            Self::Calls(calls) => calls.contains(&call),
            Self::PerMille(chance) => draw % 1000 < *chance,
            Self::Always => true,
        }
    }
}

/// A number for the n-th call of a rule: SplitMix64, so that neither time nor order of other rules' calls plays a part.
pub(super) fn draw(seed: u64, rule: usize, call: u64) -> u64 {
    let rule = u64::try_from(rule).unwrap_or(u64::MAX);
    let mut z = seed.wrapping_add(rule.wrapping_mul(0xD134_2543_DE82_EF95)).wrapping_add(call.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
