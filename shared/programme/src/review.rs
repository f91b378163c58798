//! Reviews: the only thing that changes an attribution after its signup, and only its status.

use crate::attribution::{Attribution, AttributionReason, AttributionStatus};
use serde::{Deserialize, Serialize};

/// What finance decides about a suspicion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was none: the rewards become cashable.
    Clear,
    /// It was right: the rewards are taken back, later purchases earn nothing.
    Confirm,
}

impl Verdict {
    /// Its name in URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Confirm => "confirm",
        }
    }
}

/// Puts an attribution into review; none where it is not one that earns freely.
#[must_use]
pub fn open(attribution: &Attribution, reason: AttributionReason) -> Option<Attribution> {
    let changed = || Attribution {
        version: attribution.version + 1,
        status: AttributionStatus::InReview,
        reason: Some(reason),
        ..attribution.clone()
    };
    #[cfg(feature = "bugs")]
    if crate::bug::active(crate::bug::Bug::SuspicionIgnored) {
        return None;
    }
    (attribution.status == AttributionStatus::Attributed).then(changed)
}

/// Ends a review; none where the attribution is not in one.
#[must_use]
pub fn close(attribution: &Attribution, verdict: Verdict) -> Option<Attribution> {
    let (status, reason) = match verdict {
        Verdict::Clear => (AttributionStatus::Attributed, None),
        Verdict::Confirm => (AttributionStatus::Refused, Some(AttributionReason::Confirmed)),
    };
    let changed = || Attribution { version: attribution.version + 1, status, reason, ..attribution.clone() };
    (attribution.status == AttributionStatus::InReview).then(changed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The names in URLs and answers are those in stored records.
    #[test]
    fn a_verdict_has_one_name() {
        for verdict in [Verdict::Clear, Verdict::Confirm] {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
        }
    }

    #[test]
    fn a_review_opens_on_what_earns_and_closes_on_what_is_in_one() {
        use AttributionStatus::{Attributed, InReview, None as NoCredit, Refused};
        let of =
            |status| Attribution { version: 4, status, reason: None, signed_up_at: "2026-03-01T00:00:00Z".parse().unwrap(), credit: None };
        for status in [NoCredit, Attributed, InReview, Refused] {
            let opened = open(&of(status), AttributionReason::SameDestination).map(|made| (made.version, made.status, made.reason));
            assert_eq!(
                opened,
                (status == Attributed).then_some((5, InReview, Some(AttributionReason::SameDestination))),
                "open {status:?}"
            );
            let cleared = close(&of(status), Verdict::Clear).map(|made| (made.version, made.status, made.reason));
            assert_eq!(cleared, (status == InReview).then_some((5, Attributed, None)), "clear {status:?}");
            let confirmed = close(&of(status), Verdict::Confirm).map(|made| (made.version, made.status, made.reason));
            assert_eq!(confirmed, (status == InReview).then_some((5, Refused, Some(AttributionReason::Confirmed))), "confirm {status:?}");
        }
    }
}
