//! The head of a payout, and the one way in which it moves on.

use super::{Actor, CreditNoteNumber, Destination, InvoiceNumber, PayoutEvent, PayoutId, PayoutStatus, RunId, Step};
use crate::{
    cashable::Split,
    plan::{Body, Line, Moves, Plan, Subject},
    settings::Settings,
};
use chrono::{DateTime, Duration, Utc};
use ledger::{AccountId, Currency, Money, Rail};
use serde::{Deserialize, Serialize};

/// A payout account as decisions see it: masked, with the digest that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutAccount {
    /// Which rail pays to it.
    pub rail: Rail,
    /// The keyed digest of the destination.
    pub digest: String,
    /// What may be shown of it.
    pub masked: String,
    /// Counts its changes, from 1.
    pub version: u32,
    /// When it was changed last.
    pub changed_at: DateTime<Utc>,
    /// Who changed it last.
    pub changed_by: AccountId,
}

impl PayoutAccount {
    /// When it can be paid to: a cool-down after its last change.
    #[must_use]
    pub fn opens_at(&self, settings: &Settings) -> DateTime<Utc> {
        self.changed_at + Duration::hours(i64::from(settings.destination_cooldown_hours))
    }
}

/// One person's approval of one amount to one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// For this amount.
    pub amount: Money,
    /// For this destination: its digest.
    pub destination: String,
    /// And its version.
    pub destination_version: u32,
}

/// Where a payout stands: what all its records together come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Its id.
    pub id: PayoutId,
    /// The payee.
    pub account: AccountId,
    /// How much.
    pub amount: Money,
    /// In which currency.
    pub currency: Currency,
    /// Out of which purses.
    pub split: Split,
    /// Where to, frozen at the request.
    pub destination: PayoutAccount,
    /// Where it stands.
    pub status: PayoutStatus,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// How many records it has: every step makes it one more.
    pub version: u32,
    /// The approvals given.
    pub approvals: Vec<Approval>,
    /// Why it was rejected or canceled, failed or came back.
    pub reason: Option<String>,
    /// The run that it was sent in.
    pub run: Option<RunId>,
    /// When the intent was written.
    pub submitting_since: Option<DateTime<Utc>>,
    /// What the rail pays to, whole and frozen with the intent. It is shown to nobody and in no record.
    pub to: Option<Destination>,
    /// The rail's own id of it, from when one is known: it never changes.
    pub reference: Option<String>,
    /// The rail's own word for where it is, while the rail has it.
    pub note: Option<String>,
    /// When it was told paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// The invoice for it, from when it is paid.
    pub invoice: Option<InvoiceNumber>,
    /// How much of it came back, in all.
    pub returned: Money,
    /// The credit notes for what came back after it was paid, oldest first.
    pub credit_notes: Vec<CreditNoteNumber>,
}

impl Payout {
    /// The approvals that are of this amount and this destination: another one's do not count.
    pub fn approvals_that_hold(&self) -> impl Iterator<Item = &Approval> {
        let bound = |approval: &&Approval| {
            approval.amount == self.amount
                && approval.destination == self.destination.digest
                && approval.destination_version == self.destination.version
        };
        self.approvals.iter().filter(bound)
    }

    /// The one key under which a rail is asked to pay it, however often: its id.
    #[must_use]
    pub fn key(&self) -> String {
        #[cfg(feature = "bugs")]
        if crate::bug::active(crate::bug::Bug::SecondKey) {
            return format!("{}-{}", self.id, crate::bug::serial());
        }
        self.id.to_string()
    }
}

/// A step that is not in the table of legal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a payout that is {from} can't become {to}")]
pub struct IllegalStep {
    /// Where it stands.
    pub from: PayoutStatus,
    /// Where it was to go.
    pub to: PayoutStatus,
}

/// One decided step: what is appended and moved, and the head after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stood before; none: this makes it.
    pub before: Option<PayoutStatus>,
    /// The head after.
    pub payout: Payout,
    /// What the record says.
    pub event: PayoutEvent,
    /// The record and what it moves.
    pub plan: Plan,
}

impl Change {
    /// The first step of a payout.
    pub(super) fn first(payout: Payout, settings_version: u32, moves: Moves) -> Self {
        let step = Step::Requested {
            amount: payout.amount,
            currency: payout.currency.clone(),
            split: payout.split,
            destination: payout.destination.clone(),
            settings_version,
        };
        let event = PayoutEvent { by: Actor::Account(payout.account.clone()), status: payout.status, step };
        let plan = plan(&payout, payout.requested_at, &event, moves);
        Self { before: None, payout, event, plan }
    }

    /// A further step. Those that [`Step::may_stay`] tells can leave the status as it is; no others.
    ///
    /// # Errors
    /// [`IllegalStep`] for one that is not in the table.
    pub(super) fn next(
        payout: &Payout,
        status: PayoutStatus,
        at: DateTime<Utc>,
        by: Actor,
        step: Step,
        moves: Moves,
    ) -> Result<Self, IllegalStep> {
        let stays = status == payout.status && step.may_stay(status);
        #[cfg(feature = "bugs")]
        let stays = crate::bug::may_stay(&step, stays);
        if !stays && !payout.status.may_become(status) {
            return Err(IllegalStep { from: payout.status, to: status });
        }
        let after = Payout { status, version: payout.version + 1, ..payout.clone() };
        let event = PayoutEvent { by, status, step };
        let plan = plan(&after, at, &event, moves);
        Ok(Self { before: Some(payout.status), payout: after, event, plan })
    }
}

fn plan(after: &Payout, at: DateTime<Utc>, event: &PayoutEvent, mut moves: Moves) -> Plan {
    let line = Line {
        subject: Subject::Payout(after.id.to_string()),
        number: after.version - 1,
        at,
        transfers: std::mem::take(&mut moves.transfers),
        listed_for: Some(after.account.clone()),
        // Texts, numbers and our own enums always serialise.
        body: Body::Payout { event: serde_json::to_string(event).unwrap_or_default() },
    };
    Plan { lines: vec![line], moves, ..Plan::default() }
}
