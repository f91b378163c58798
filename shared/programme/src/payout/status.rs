//! Where a payout can stand, and where it may go from there.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where a payout stands: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Reserved, and waiting for finance.
    Requested,
    /// Finance agreed; no money has moved yet.
    Approved,
    /// Finance refused; the reserve was released.
    Rejected,
    /// Called off before a rail had it; the reserve was released.
    Canceled,
    /// The intent is written, a rail is being called.
    Submitting,
    /// A rail has it.
    Submitted,
    /// A rail says that it was paid.
    Paid,
    /// A rail refused it for good; the reserve was released.
    Failed,
    /// A rail's answer was lost: the reserve stays until it is known.
    Unknown,
    /// It came back.
    Returned,
}

impl PayoutStatus {
    /// Every status.
    pub const ALL: [Self; 10] = [
        Self::Requested,
        Self::Approved,
        Self::Rejected,
        Self::Canceled,
        Self::Submitting,
        Self::Submitted,
        Self::Paid,
        Self::Failed,
        Self::Unknown,
        Self::Returned,
    ];

    /// Its name in tables, URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
            Self::Submitting => "submitting",
            Self::Submitted => "submitted",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Returned => "returned",
        }
    }

    /// Where it may go from here.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Requested => &[Self::Approved, Self::Rejected, Self::Canceled],
            Self::Approved => &[Self::Submitting, Self::Canceled],
            Self::Submitting => &[Self::Submitted, Self::Paid, Self::Failed, Self::Unknown],
            Self::Unknown => &[Self::Submitted, Self::Paid, Self::Failed, Self::Returned],
            Self::Submitted => &[Self::Paid, Self::Failed, Self::Returned],
            Self::Paid => &[Self::Returned],
            Self::Rejected | Self::Canceled | Self::Failed | Self::Returned => &[],
        }
    }

    /// Whether that step is legal.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Whether its amount is still reserved.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        match self {
            Self::Requested | Self::Approved | Self::Submitting | Self::Submitted | Self::Unknown => true,
            Self::Rejected | Self::Canceled | Self::Paid | Self::Failed | Self::Returned => false,
        }
    }

    /// Whether no rail has been asked yet, so that it can be called off.
    #[must_use]
    pub fn can_be_canceled(self) -> bool {
        self.may_become(Self::Canceled)
    }
}

impl fmt::Display for PayoutStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No such status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a payout's status")]
pub struct UnknownStatus;

impl FromStr for PayoutStatus {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row a status, one column each in the order of the list: the whole table, by hand.
    const LEGAL: [(PayoutStatus, [u8; 10]); 10] = [
        (PayoutStatus::Requested, [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
        (PayoutStatus::Approved, [0, 0, 0, 1, 1, 0, 0, 0, 0, 0]),
        (PayoutStatus::Rejected, [0; 10]),
        (PayoutStatus::Canceled, [0; 10]),
        (PayoutStatus::Submitting, [0, 0, 0, 0, 0, 1, 1, 1, 1, 0]),
        (PayoutStatus::Submitted, [0, 0, 0, 0, 0, 0, 1, 1, 0, 1]),
        (PayoutStatus::Paid, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        (PayoutStatus::Failed, [0; 10]),
        (PayoutStatus::Unknown, [0, 0, 0, 0, 0, 1, 1, 1, 0, 1]),
        (PayoutStatus::Returned, [0; 10]),
    ];

    #[test]
    fn every_pair_is_legal_or_not() {
        for ((from, row), listed) in LEGAL.into_iter().zip(PayoutStatus::ALL) {
            assert_eq!(from, listed, "the rows are in the order of the list");
            for (to, legal) in PayoutStatus::ALL.into_iter().zip(row) {
                assert_eq!(from.may_become(to), legal == 1, "{from} to {to}");
            }
        }
    }

    #[test]
    fn what_is_reserved_and_what_can_be_called_off() {
        let reserved: Vec<_> = PayoutStatus::ALL.into_iter().filter(|status| status.is_reserved()).map(PayoutStatus::as_str).collect();
        assert_eq!(reserved, ["requested", "approved", "submitting", "submitted", "unknown"]);
        let open: Vec<_> = PayoutStatus::ALL.into_iter().filter(|status| status.can_be_canceled()).map(PayoutStatus::as_str).collect();
        assert_eq!(open, ["requested", "approved"]);
    }

    #[test]
    fn names_read_back() {
        for status in PayoutStatus::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        assert_eq!("done".parse::<PayoutStatus>(), Err(UnknownStatus));
    }
}
