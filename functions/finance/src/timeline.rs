//! The steps of a payout as finance sees them: with who took each.

use ledger::{AccountId, Money};
use programme::payout::{Actor, RunId, Step};
use serde::Serialize;
use store::{PayoutStep, records::time};

#[derive(Serialize)]
struct By {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<AccountId>,
}

impl By {
    fn of(actor: &Actor) -> Self {
        let id = match actor {
            Actor::Account(id) | Actor::Finance(id) => Some(id.clone()),
            Actor::System => None,
        };
        Self { role: actor.role(), id }
    }
}

/// One step.
#[derive(Serialize)]
pub(crate) struct StepView {
    at: String,
    step: &'static str,
    status: &'static str,
    by: By,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The rail's own word for where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The rail's own id of it, with the step that told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// How much came back with this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// The run that it was sent in.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<RunId>,
}

impl StepView {
    pub(crate) fn of(taken: &PayoutStep) -> Self {
        let event = &taken.event;
        let mut view = Self {
            at: time(taken.at),
            step: event.step.name(),
            status: event.status.as_str(),
            by: By::of(&event.by),
            reason: event.step.reason(),
            note: None,
            reference: None,
            amount: None,
            run_id: None,
        };
        match &event.step {
            Step::Submitting { run, .. } => view.run_id = Some(run.clone()),
            Step::Submitted { reference, note } => (view.reference, view.note) = (Some(reference.clone()), note.clone()),
            Step::Paid { reference, .. } => view.reference = Some(reference.clone()),
            Step::Returned { reference, amount, .. } => (view.reference, view.amount) = (Some(reference.clone()), Some(*amount)),
            Step::Failed { reference, .. } => view.reference.clone_from(reference),
            Step::Noted { note } => view.note.clone_from(note),
            Step::Requested { .. } | Step::ApprovalGiven { .. } | Step::Rejected { .. } | Step::Canceled { .. } | Step::Unknown { .. } => {}
        }
        view
    }
}
