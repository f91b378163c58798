//! The ledger line proper: a debit account, a credit account and an amount above zero.

use crate::{Currency, LedgerAccount, Money};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Credits bought.
    Purchase,
    /// Credits bought, taken back by a refund or a dispute.
    PurchaseReversal,
    /// A referrer's reward.
    Reward,
    /// A reward, or part of it, taken back.
    Clawback,
    /// A reward leaving review, cleared.
    ReviewCleared,
    /// A reward going into review.
    ReviewOpened,
    /// Credits spent on the platform.
    Usage,
    /// A host's earning from a rented machine.
    Rental,
    /// Cash reserved by a payout.
    Reserve,
    /// A reserve given back: rejected, canceled or failed.
    Release,
    /// A payout paid.
    Payout,
    /// A payout that came back.
    Return,
}

impl TransferKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Purchase,
        Self::PurchaseReversal,
        Self::Reward,
        Self::Clawback,
        Self::ReviewCleared,
        Self::ReviewOpened,
        Self::Usage,
        Self::Rental,
        Self::Reserve,
        Self::Release,
        Self::Payout,
        Self::Return,
    ];

    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::PurchaseReversal => "purchase_reversal",
            Self::Reward => "reward",
            Self::Clawback => "clawback",
            Self::ReviewCleared => "review_cleared",
            Self::ReviewOpened => "review_opened",
            Self::Usage => "usage",
            Self::Rental => "rental",
            Self::Reserve => "reserve",
            Self::Release => "release",
            Self::Payout => "payout",
            Self::Return => "return",
        }
    }
}

impl fmt::Display for TransferKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TransferKind {
    type Err = TransferError;
    fn from_str(text: &str) -> Result<Self, TransferError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(TransferError::UnknownKind)
    }
}

/// Why something is no transfer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The amount is zero or negative.
    #[error("a transfer's amount is above zero")]
    NotPositive,
    /// Both sides are one account.
    #[error("a transfer has two accounts")]
    SameAccount,
    /// No such kind.
    #[error("unknown kind of transfer")]
    UnknownKind,
}

/// One immutable ledger line. Its id, cause and time are those of the record that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount: Money,
    currency: Currency,
    kind: TransferKind,
}

impl Transfer {
    /// A transfer of `amount` from `debit` to `credit`.
    ///
    /// # Errors
    /// [`TransferError::NotPositive`], [`TransferError::SameAccount`].
    pub fn try_new(
        kind: TransferKind,
        debit: LedgerAccount,
        credit: LedgerAccount,
        amount: Money,
        currency: Currency,
    ) -> Result<Self, TransferError> {
        if !amount.is_positive() {
            return Err(TransferError::NotPositive);
        }
        if debit == credit {
            return Err(TransferError::SameAccount);
        }
        Ok(Self { debit, credit, amount, currency, kind })
    }

    /// The account that gives.
    #[must_use]
    pub const fn debit(&self) -> &LedgerAccount {
        &self.debit
    }

    /// The account that takes.
    #[must_use]
    pub const fn credit(&self) -> &LedgerAccount {
        &self.credit
    }

    /// How much, above zero.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// In which currency.
    #[must_use]
    pub const fn currency(&self) -> &Currency {
        &self.currency
    }

    /// What for.
    #[must_use]
    pub const fn kind(&self) -> TransferKind {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_transfer_balances_by_construction() {
        let usd = Currency::try_new("USD").unwrap();
        let account = || LedgerAccount::Revenue;
        let other = || LedgerAccount::RewardExpense;
        let one: Money = "1".parse().unwrap();
        let make = |debit, credit, amount| Transfer::try_new(TransferKind::Reward, debit, credit, amount, usd.clone());
        assert_eq!(make(account(), other(), Money::ZERO), Err(TransferError::NotPositive));
        assert_eq!(make(account(), other(), -one), Err(TransferError::NotPositive));
        assert_eq!(make(account(), account(), one), Err(TransferError::SameAccount));
        let transfer = make(account(), other(), one).unwrap();
        assert_eq!((transfer.debit(), transfer.credit(), transfer.amount()), (&account(), &other(), one));
        assert_eq!((transfer.kind(), transfer.currency()), (TransferKind::Reward, &usd));
    }

    #[test]
    fn kinds_read_back() {
        for kind in TransferKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("gift".parse::<TransferKind>(), Err(TransferError::UnknownKind));
    }
}
