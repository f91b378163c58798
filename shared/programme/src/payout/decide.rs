//! What becomes of a payout by what its rail says: the one place where that is decided, for answers,
//! look-ups and listings alike.

use super::{Actor, Change, CreditNoteNumber, InvoiceNumber, Numbers, Payout, PayoutStatus, RailDoubt, Sighting, Step, transfers};
use crate::plan::Moves;
use chrono::{DateTime, Datelike, Utc};
use ledger::Money;

/// What a rail says can't be, by what is known of the payout. Nothing is changed by it: people look at it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// It can't be told that of a payout that stands there.
    #[error("the rail says {told} of a payout that is {status}")]
    Status {
        /// Where it stands.
        status: PayoutStatus,
        /// What the rail says, in a word.
        told: &'static str,
    },
    /// The rail names another payment than before, or one that can't be named.
    #[error("the rail's id of it is {told:?}, and was {known:?}")]
    Reference {
        /// The id that is known.
        known: Option<String>,
        /// The one that was told.
        told: String,
    },
    /// More came back than was paid, less than had come back before, or less than nothing.
    #[error("{told} came back in all, says the rail; {known} had, of {amount}")]
    Amount {
        /// How much is known to have come back.
        known: Money,
        /// How much the rail says.
        told: Money,
        /// The payout's amount.
        amount: Money,
    },
}

/// Decides by what a rail says: the next step, or none where it is no news.
///
/// A sighting can be worth two steps (a payout that was paid and partly came back before anybody looked), so a
/// caller writes the step and decides again by the same sighting, until there is none. `numbers` are
/// the next ones of the year of `now`; a step takes at most one of each.
///
/// # Errors
/// [`Contradiction`].
pub fn decide(payout: &Payout, sighting: &Sighting, now: DateTime<Utc>, numbers: &Numbers) -> Result<Option<Change>, Contradiction> {
    use PayoutStatus::{Approved, Canceled, Failed, Paid, Rejected, Requested, Returned, Submitted, Submitting, Unknown};
    let impossible = || Contradiction::Status { status: payout.status, told: sighting.name() };
    same_reference(payout, sighting)?;
    let seen = Seen { payout, now, numbers };
    let step = match (payout.status, sighting) {
        // What was never sent no rail knows, and what was refused for good or is about to be sent may be unknown to it.
        (Requested | Approved | Rejected | Canceled | Submitting | Unknown | Failed, Sighting::Absent)
        | (Failed, Sighting::Failed { .. }) => None,
        (Submitting | Unknown, Sighting::Underway { reference, note }) => Some(seen.submitted(reference, note.as_ref())),
        (Submitted, Sighting::Underway { note, .. }) => (payout.note != *note).then(|| seen.noted(note.as_ref())),
        // A rail may take a step back for a while: it ends where it was, or the payout comes back.
        (Paid, Sighting::Underway { .. }) => None,
        (Returned, Sighting::Underway { .. }) if payout.returned < payout.amount => None,
        (Submitting | Unknown | Submitted | Paid | Returned, Sighting::Paid { reference, returned }) => {
            seen.in_range(*returned, Money::ZERO)?;
            seen.paid_and_back(reference, *returned, None)?
        }
        (Submitting | Unknown | Submitted | Paid | Returned, Sighting::Returned { reference, returned, note }) => {
            seen.came_back(reference, *returned, note.as_ref())?
        }
        (Submitting | Unknown | Submitted, Sighting::Failed { reference, reason }) => Some(seen.failed(reference.as_ref(), reason)),
        (
            Requested | Approved | Rejected | Canceled | Failed,
            Sighting::Underway { .. } | Sighting::Paid { .. } | Sighting::Returned { .. },
        )
        | (Requested | Approved | Rejected | Canceled | Paid | Returned, Sighting::Failed { .. })
        | (Submitted | Paid | Returned, Sighting::Absent)
        | (Returned, Sighting::Underway { .. }) => return Err(impossible()),
    };
    let Some(Next { head, status, step, moves }) = step else { return Ok(None) };
    Change::next(&head, status, now, Actor::System, step, moves).map(Some).map_err(|_| impossible())
}

/// Decides where a call to a rail gave nothing to conclude from: what was being sent is unknown, and keeps its reserve.
#[must_use]
pub fn doubt(payout: &Payout, doubt: RailDoubt, now: DateTime<Utc>) -> Option<Change> {
    if payout.status != PayoutStatus::Submitting {
        return None;
    }
    Change::next(payout, PayoutStatus::Unknown, now, Actor::System, Step::Unknown { doubt }, Moves::default()).ok()
}

/// Once a rail has named a payment it is that one and no other.
fn same_reference(payout: &Payout, sighting: &Sighting) -> Result<(), Contradiction> {
    let Some(told) = sighting.reference() else { return Ok(()) };
    let known = payout.reference.as_deref();
    let holds = crate::fact::opaque(told) && known.is_none_or(|known| known == told);
    if holds { Ok(()) } else { Err(Contradiction::Reference { known: payout.reference.clone(), told: told.to_owned() }) }
}

/// A step that was chosen.
struct Next {
    /// The head as it will be, but for the status.
    head: Payout,
    status: PayoutStatus,
    step: Step,
    moves: Moves,
}

struct Seen<'a> {
    payout: &'a Payout,
    now: DateTime<Utc>,
    numbers: &'a Numbers,
}

impl Seen<'_> {
    /// The head with what the rail says of it.
    fn head(&self, reference: Option<&str>, note: Option<&String>) -> Payout {
        let reference = reference.map(str::to_owned).or_else(|| self.payout.reference.clone());
        Payout { reference, note: note.cloned(), ..self.payout.clone() }
    }

    fn submitted(&self, reference: &str, note: Option<&String>) -> Next {
        Next {
            head: self.head(Some(reference), note),
            status: PayoutStatus::Submitted,
            step: Step::Submitted { reference: reference.to_owned(), note: note.cloned() },
            moves: Moves::default(),
        }
    }

    fn noted(&self, note: Option<&String>) -> Next {
        let step = Step::Noted { note: note.cloned() };
        Next { head: self.head(None, note), status: PayoutStatus::Submitted, step, moves: Moves::default() }
    }

    fn failed(&self, reference: Option<&String>, reason: &str) -> Next {
        let moves = transfers::release(self.payout);
        #[cfg(feature = "bugs")]
        let moves = if crate::bug::active(crate::bug::Bug::ReserveLostOnFailure) { Moves::default() } else { moves };
        Next {
            head: Payout { reason: Some(reason.to_owned()), ..self.head(reference.map(String::as_str), None) },
            status: PayoutStatus::Failed,
            step: Step::Failed { reference: reference.cloned(), reason: reason.to_owned() },
            moves,
        }
    }

    /// What the rail tells as paid: the payment first, then what of it came back.
    fn paid_and_back(&self, reference: &str, total: Money, note: Option<&String>) -> Result<Option<Next>, Contradiction> {
        if !matches!(self.payout.status, PayoutStatus::Paid | PayoutStatus::Returned) {
            return Ok(Some(self.paid(reference)));
        }
        #[cfg(feature = "bugs")]
        if crate::bug::is_paid_again(self.payout, self.now) {
            return Ok(Some(self.paid(reference)));
        }
        #[cfg(feature = "bugs")]
        let total = crate::bug::returned(self.payout, total);
        if total < self.payout.returned {
            return Err(self.amount(total));
        }
        Ok((total > self.payout.returned).then(|| self.returned(reference, total, note)))
    }

    /// What the rail tells as come back. In part: then the rest was paid. Whole: then it may never have arrived.
    fn came_back(&self, reference: &str, total: Money, note: Option<&String>) -> Result<Option<Next>, Contradiction> {
        self.in_range(total, Money::from_minor(1, 6).unwrap_or_default())?;
        let whole = total == self.payout.amount;
        if whole && self.payout.status == PayoutStatus::Submitting {
            // The table of steps knows no way from there: the rail had it, and then it came back.
            return Ok(Some(self.submitted(reference, note)));
        }
        if whole && matches!(self.payout.status, PayoutStatus::Submitted | PayoutStatus::Unknown) {
            return Ok(Some(self.never_arrived(reference, note)));
        }
        self.paid_and_back(reference, total, note)
    }

    fn paid(&self, reference: &str) -> Next {
        let invoice = InvoiceNumber { year: self.year(), ..self.numbers.invoice };
        Next {
            head: Payout { paid_at: Some(self.now), invoice: Some(invoice), ..self.head(Some(reference), None) },
            status: PayoutStatus::Paid,
            step: Step::Paid { reference: reference.to_owned(), invoice },
            moves: transfers::pay(self.payout),
        }
    }

    /// What was paid came back, up to `total` in all.
    fn returned(&self, reference: &str, total: Money, note: Option<&String>) -> Next {
        let credit_note = self.payout.invoice.map(|_| CreditNoteNumber { year: self.year(), ..self.numbers.credit_note });
        self.back(reference, total, note, credit_note, transfers::undo(self.payout, total))
    }

    /// It came back without ever having been paid: nothing was invoiced.
    fn never_arrived(&self, reference: &str, note: Option<&String>) -> Next {
        self.back(reference, self.payout.amount, note, None, transfers::give_back(self.payout))
    }

    fn back(&self, reference: &str, total: Money, note: Option<&String>, credit_note: Option<CreditNoteNumber>, moves: Moves) -> Next {
        let mut head = Payout { returned: total, ..self.head(Some(reference), None) };
        head.credit_notes.extend(credit_note);
        if let Some(note) = note {
            head.reason = Some(note.clone());
        }
        let amount = total - self.payout.returned;
        let step = Step::Returned { reference: reference.to_owned(), amount, total, reason: note.cloned(), credit_note };
        Next { head, status: PayoutStatus::Returned, step, moves }
    }

    fn in_range(&self, told: Money, least: Money) -> Result<(), Contradiction> {
        if (least..=self.payout.amount).contains(&told) { Ok(()) } else { Err(self.amount(told)) }
    }

    const fn amount(&self, told: Money) -> Contradiction {
        Contradiction::Amount { known: self.payout.returned, told, amount: self.payout.amount }
    }

    /// The year of the record that is being decided.
    fn year(&self) -> u16 {
        u16::try_from(self.now.year()).unwrap_or_default()
    }
}
