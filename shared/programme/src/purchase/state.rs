//! The merged state of a purchase and what follows from it.

use crate::fact::{Buyer, DisputeStatus, RefundStatus};
use chrono::{DateTime, Duration, Utc};
use ledger::{AccountId, Currency, Money};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Captures whose times are further apart than this contradict each other; nearer ones are two
/// clocks telling of one moment.
const SAME_CAPTURE: Duration = Duration::minutes(5);

/// What the captures of a purchase say. The lowest amount and the earliest time count; the others
/// are kept to tell a contradiction, whatever came first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureSeen {
    /// The lowest amount received: the one that counts.
    pub amount: Money,
    /// The highest.
    pub amount_highest: Money,
    /// The earliest time: the one that counts.
    pub at: DateTime<Utc>,
    /// The latest.
    pub at_latest: DateTime<Utc>,
}

/// A refund as seen: the highest state and the highest amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundSeen {
    /// The highest state.
    pub status: RefundStatus,
    /// The highest amount.
    pub amount: Money,
}

/// A dispute as seen: the greatest of (time, state, amount).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DisputeSeen {
    /// Since when, by the processor.
    pub at: DateTime<Utc>,
    /// The state.
    pub status: DisputeStatus,
    /// How much.
    pub amount: Money,
}

/// Something about a purchase that finance should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Two captures differ in amount, time or credits.
    CaptureContradicted,
    /// Two namings of the buyer differ.
    BuyerContradicted,
    /// Its facts tell of more than one currency.
    CurrencyContradicted,
    /// Refunds and disputes are more than what was captured.
    OverRefunded,
    /// Captured in a currency that is not the programme's.
    ForeignCurrency,
}

/// All that is known of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PurchaseState {
    /// What the captures say; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureSeen>,
    /// The lowest and the highest figure of credits bought, where one was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<(Money, Money)>,
    /// Every currency told of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub currencies: BTreeSet<Currency>,
    /// Every buyer named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub buyers: BTreeSet<Buyer>,
    /// Refunds by the processor's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds: BTreeMap<String, RefundSeen>,
    /// The highest cumulative figure of refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_total: Option<Money>,
    /// Disputes by the processor's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disputes: BTreeMap<String, DisputeSeen>,
    /// Digests of what was paid with.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub instruments: BTreeSet<String>,
}

impl PurchaseState {
    /// The buyer: the surest naming. Where two equally sure namings differ there is none, until
    /// finance decides: no account is credited for a guess.
    #[must_use]
    pub fn buyer(&self) -> Option<&AccountId> {
        let surest = self.buyers.first()?;
        let rivals = self.buyers.iter().filter(|buyer| buyer.by == surest.by).count();
        (rivals == 1).then_some(&surest.account)
    }

    /// What refunds took: the counting ones, or the processor's own sum less what did not go through.
    #[must_use]
    pub fn refunded(&self) -> Money {
        let sum = |counting: bool| {
            self.refunds.values().filter(|refund| refund.status.counts() == counting).map(|refund| refund.amount).sum::<Money>()
        };
        self.refunded_total.map_or(sum(true), |total| sum(true).max(total - sum(false)))
    }

    /// What disputes took.
    #[must_use]
    pub fn disputed(&self) -> Money {
        self.disputes.values().filter(|dispute| dispute.status.counts()).map(|dispute| dispute.amount).sum()
    }

    /// What is left of the amount received, never below zero.
    #[must_use]
    pub fn net_received(&self) -> Money {
        self.capture.as_ref().map_or(Money::ZERO, |capture| (capture.amount - self.refunded() - self.disputed()).floor_zero())
    }

    /// The credits bought, without tax, before refunds: the processor's figure, else the amount received.
    #[must_use]
    pub fn base(&self) -> Money {
        self.capture.as_ref().map_or(Money::ZERO, |capture| self.credits.map_or(capture.amount, |(lowest, _)| lowest))
    }

    /// What finance should look at, given the programme's currency.
    #[must_use]
    pub fn flags(&self, currency: &Currency) -> BTreeSet<Flag> {
        let mut flags = BTreeSet::new();
        let mut raise = |flag, when: bool| {
            if when {
                flags.insert(flag);
            }
        };
        if let Some(capture) = &self.capture {
            let apart = capture.amount != capture.amount_highest || capture.at_latest - capture.at > SAME_CAPTURE;
            raise(Flag::CaptureContradicted, apart);
            raise(Flag::OverRefunded, self.refunded() + self.disputed() > capture.amount);
        }
        raise(Flag::CaptureContradicted, self.credits.is_some_and(|(lowest, highest)| lowest != highest));
        raise(Flag::BuyerContradicted, self.buyers.iter().map(|buyer| &buyer.account).collect::<BTreeSet<_>>().len() > 1);
        raise(Flag::CurrencyContradicted, self.currencies.len() > 1);
        raise(Flag::ForeignCurrency, self.currencies.iter().any(|told| told != currency));
        flags
    }

    /// Whether all its facts are in the programme's currency. One that is not is parked for review.
    #[must_use]
    pub fn in_currency(&self, currency: &Currency) -> bool {
        self.currencies.iter().all(|told| told == currency)
    }
}
