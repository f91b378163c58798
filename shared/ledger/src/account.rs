//! The chart of accounts: a closed list.

use crate::{AccountId, IdError, Rail};
use std::{fmt, str::FromStr};

/// A side of a transfer. Customers' accounts are liabilities of the platform: credited, they grow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// Credits that a customer bought, net of refunds and disputes: P.
    Purchased(AccountId),
    /// Credits that a customer spent: U, debited.
    Spent(AccountId),
    /// Rewards, net of clawbacks, not in review and not taken as cash.
    Referral(AccountId),
    /// Rewards from referees in review: W. Credits already, never cashable.
    Review(AccountId),
    /// What a host earned from rented machines, less what was taken as cash.
    Rental(AccountId),
    /// Reserved by a payout that has not ended.
    InPayout(AccountId),
    /// Cash that reached a customer by a rail.
    Paid(AccountId, Rail),
    /// The platform's cost of rewards.
    RewardExpense,
    /// The platform's cost of rented machines.
    RentalExpense,
    /// The platform's revenue from credits spent.
    Revenue,
    /// What customers paid, held by a processor (`stripe`, `paypal`, …).
    Processor(String),
}

impl LedgerAccount {
    /// The customer whose account it is; none for the platform's own.
    #[must_use]
    pub const fn owner(&self) -> Option<&AccountId> {
        match self {
            Self::Purchased(account)
            | Self::Spent(account)
            | Self::Referral(account)
            | Self::Review(account)
            | Self::Rental(account)
            | Self::InPayout(account)
            | Self::Paid(account, _) => Some(account),
            Self::RewardExpense | Self::RentalExpense | Self::Revenue | Self::Processor(_) => None,
        }
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purchased(account) => write!(f, "purchased:{account}"),
            Self::Spent(account) => write!(f, "spent:{account}"),
            Self::Referral(account) => write!(f, "referral:{account}"),
            Self::Review(account) => write!(f, "review:{account}"),
            Self::Rental(account) => write!(f, "rental:{account}"),
            Self::InPayout(account) => write!(f, "in_payout:{account}"),
            Self::Paid(account, rail) => write!(f, "paid:{rail}:{account}"),
            Self::RewardExpense => f.write_str("platform:reward_expense"),
            Self::RentalExpense => f.write_str("platform:rental_expense"),
            Self::Revenue => f.write_str("platform:revenue"),
            Self::Processor(name) => write!(f, "platform:processor:{name}"),
        }
    }
}

impl FromStr for LedgerAccount {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let unknown = IdError { kind: "ledger account", rule: "one of the chart of accounts" };
        let (kind, rest) = text.split_once(':').ok_or_else(|| unknown.clone())?;
        let owner = || AccountId::try_new(rest);
        match kind {
            "purchased" => owner().map(Self::Purchased),
            "spent" => owner().map(Self::Spent),
            "referral" => owner().map(Self::Referral),
            "review" => owner().map(Self::Review),
            "rental" => owner().map(Self::Rental),
            "in_payout" => owner().map(Self::InPayout),
            "paid" => {
                let (rail, account) = rest.split_once(':').ok_or(unknown)?;
                Ok(Self::Paid(AccountId::try_new(account)?, rail.parse()?))
            }
            "platform" => match rest.split_once(':') {
                None if rest == "reward_expense" => Ok(Self::RewardExpense),
                None if rest == "rental_expense" => Ok(Self::RentalExpense),
                None if rest == "revenue" => Ok(Self::Revenue),
                Some(("processor", name)) if !name.is_empty() => Ok(Self::Processor(name.to_owned())),
                _ => Err(unknown),
            },
            _ => Err(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_account_reads_back_as_itself() {
        let someone = AccountId::try_new("acct:with:colons").unwrap();
        let all = [
            LedgerAccount::Purchased(someone.clone()),
            LedgerAccount::Spent(someone.clone()),
            LedgerAccount::Referral(someone.clone()),
            LedgerAccount::Review(someone.clone()),
            LedgerAccount::Rental(someone.clone()),
            LedgerAccount::InPayout(someone.clone()),
            LedgerAccount::Paid(someone.clone(), Rail::Wise),
            LedgerAccount::RewardExpense,
            LedgerAccount::RentalExpense,
            LedgerAccount::Revenue,
            LedgerAccount::Processor("stripe".into()),
        ];
        for account in all {
            assert_eq!(account.to_string().parse(), Ok(account.clone()));
            assert_eq!(account.owner(), (!account.to_string().starts_with("platform")).then_some(&someone));
        }
        for text in ["", "purchased", "purchased:", "paid:alice", "paid:cash:alice", "platform:bank", "platform:processor:", "loan:alice"] {
            assert!(text.parse::<LedgerAccount>().is_err(), "{text}");
        }
    }
}
