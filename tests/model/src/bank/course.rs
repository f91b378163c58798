//! What becomes of payments, as it may at the real rails: on their way, unclaimed, refused, paid, taken back by the
//! rail for a while, come back in part, wholly, and twice.

use super::Bank;
use ledger::Money;
use programme::payout::{PayoutId, Sighting};
use rails::testing::{Fate, Payment};

/// The turn that a payment takes, where it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It arrives.
    Arrives,
    /// It is on its way, with another word for where.
    Waits,
    /// It is refused after all.
    Refused,
    /// So many thousandths of what has not come back do.
    ComesBack(u16),
    /// What was paid is on its way again.
    RolledBack,
}

/// A payment whose turn it was.
#[derive(Debug, Clone)]
pub struct Turned {
    /// By which rail.
    pub rail: ledger::Rail,
    /// For which payout.
    pub payout: PayoutId,
    /// The rail's id of it.
    pub reference: String,
}

impl Bank {
    /// Gives a payment a turn, the newest first; none where it can't take that one.
    #[must_use]
    pub fn turn(&self, nth: usize, course: Course) -> Option<Turned> {
        let (rail, payment) = self.nth(nth)?;
        let was_paid = self.seen().paid.contains(&payment.payout);
        let fate = next(&payment, rail, was_paid, course)?;
        self.fake(rail).advance(&payment.payout, &fate);
        self.took(rail, &payment.payout);
        self.control.tell(|| format!("{rail}: the payment for {} is {fate:?}", payment.payout));
        Some(Turned { rail, payout: payment.payout, reference: payment.reference })
    }

    /// A payment, the newest first.
    #[must_use]
    pub fn told(&self, nth: usize) -> Option<Turned> {
        let (rail, payment) = self.nth(nth)?;
        Some(Turned { rail, payout: payment.payout, reference: payment.reference })
    }

    fn nth(&self, nth: usize) -> Option<(ledger::Rail, Payment)> {
        let payout = {
            let seen = self.seen();
            let place = nth.checked_rem(seen.made.len())?;
            seen.made.iter().rev().nth(place).cloned()?
        };
        ledger::Rail::ALL.into_iter().find_map(|rail| Some((rail, self.payment(rail, &payout)?)))
    }
}

/// What the rail makes of it; none where no rail would.
fn next(payment: &Payment, rail: ledger::Rail, was_paid: bool, course: Course) -> Option<Fate> {
    match (course, &payment.state) {
        (Course::Arrives, Sighting::Underway { .. }) => Some(Fate::Paid),
        (Course::Waits, Sighting::Underway { note, .. }) if !was_paid => {
            let word = if note.as_deref() == Some("UNCLAIMED") { "ONHOLD" } else { "UNCLAIMED" };
            Some(Fate::Underway(word.to_owned()))
        }
        // What was paid once comes back; it is not refused.
        (Course::Refused, Sighting::Underway { .. }) if !was_paid => Some(Fate::Failed("recipient_unreachable".to_owned())),
        (Course::ComesBack(_), Sighting::Underway { .. }) => Some(Fate::Returned(payment.amount)),
        (Course::ComesBack(part), Sighting::Paid { returned, .. }) => {
            Some(Fate::Returned((*returned + cents(payment.amount - *returned, part)).min(payment.amount)))
        }
        (Course::RolledBack, Sighting::Paid { returned, .. }) if returned.is_zero() && rail != ledger::Rail::StripeConnect => {
            Some(Fate::Underway("bounced_back".to_owned()))
        }
        (Course::Arrives, Sighting::Paid { .. })
        | (Course::Waits, Sighting::Underway { .. } | Sighting::Paid { .. })
        | (Course::Refused, Sighting::Underway { .. } | Sighting::Paid { .. })
        | (Course::RolledBack, Sighting::Underway { .. } | Sighting::Paid { .. })
        | (_, Sighting::Absent | Sighting::Returned { .. } | Sighting::Failed { .. }) => None,
    }
}

/// A part in thousandths, in whole cents, at least one.
fn cents(left: Money, per_mille: u16) -> Money {
    let part = Money::from_minor(i64::from(per_mille), 3).unwrap_or_default();
    let exact = Money::try_new((left.decimal() * part.decimal()).trunc_with_scale(2)).unwrap_or_default();
    exact.max(Money::from_minor(1, 2).unwrap_or_default())
}
