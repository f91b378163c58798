//! Payouts: legal steps, transfers that follow them, heads that stand where they end, approvals by whom they may come from.

use chrono::{DateTime, Duration, Utc};
use ledger::{LedgerAccount, Money};
use programme::{
    payout::{Actor, Approval, CreditNoteNumber, Destination, Payout, PayoutEvent, PayoutStatus, RunId, Step},
    plan::{Body, Line},
    settings::Programme,
};
use std::collections::BTreeSet;
use store::records::time;

/// A step and when it was written.
pub(crate) type Dated = (DateTime<Utc>, PayoutEvent);

/// The steps of all lines of a payout; none where one does not read.
pub(crate) fn events(lines: &[Line]) -> Option<Vec<Dated>> {
    let event = |line: &Line| match &line.body {
        Body::Payout { event } => serde_json::from_str(event).ok().map(|event| (line.at, event)),
        Body::Purchase { .. } | Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } => None,
    };
    lines.iter().map(event).collect()
}

/// The first event is the request; every other one goes along, or is one that may leave it where it stands.
pub(crate) fn steps(events: &[Dated]) -> Option<String> {
    let first = events.first().map(|(_, event)| (event.status, matches!(event.step, Step::Requested { .. })));
    if first != Some((PayoutStatus::Requested, true)) {
        return Some("it does not begin with a request".to_owned());
    }
    events.iter().zip(events.iter().skip(1)).find_map(|((_, before), (_, after))| {
        let stays = before.status == after.status && after.step.may_stay(after.status);
        (!stays && !before.status.may_become(after.status)).then(|| format!("from {} to {}", before.status, after.status))
    })
}

/// What the transfers of all lines come to: in payout, paid, taken out of the purses.
fn moved(lines: &[Line]) -> [Money; 3] {
    let mut sums = [Money::ZERO; 3];
    let [in_payout, paid, taken] = &mut sums;
    for transfer in lines.iter().flat_map(|line| &line.transfers) {
        for (side, amount) in [(transfer.credit(), transfer.amount()), (transfer.debit(), -transfer.amount())] {
            match side {
                LedgerAccount::InPayout(_) => *in_payout += amount,
                LedgerAccount::Paid(..) => *paid += amount,
                LedgerAccount::Referral(_) | LedgerAccount::Rental(_) => *taken += -amount,
                LedgerAccount::Purchased(_)
                | LedgerAccount::Spent(_)
                | LedgerAccount::Review(_)
                | LedgerAccount::RewardExpense
                | LedgerAccount::RentalExpense
                | LedgerAccount::Revenue
                | LedgerAccount::Processor(_) => {}
            }
        }
    }
    sums
}

/// What a payout's lines move in all, against where it stands: kept aside while it is open, paid, or given back.
fn transfers(lines: &[Line], events: &[Dated]) -> Option<String> {
    let (_, PayoutEvent { step: Step::Requested { amount, .. }, .. }) = events.first()? else { return None };
    let (_, last) = events.last()?;
    let was_paid = events.iter().any(|(_, event)| matches!(event.step, Step::Paid { .. }));
    let left = *amount - returned(events);
    let expected = match last.status {
        PayoutStatus::Requested | PayoutStatus::Approved | PayoutStatus::Submitting | PayoutStatus::Submitted | PayoutStatus::Unknown => {
            [*amount, Money::ZERO, *amount]
        }
        PayoutStatus::Paid => [Money::ZERO, *amount, *amount],
        PayoutStatus::Returned if was_paid => [Money::ZERO, left, left],
        PayoutStatus::Returned | PayoutStatus::Rejected | PayoutStatus::Canceled | PayoutStatus::Failed => [Money::ZERO; 3],
    };
    let found = moved(lines);
    (found != expected).then(|| {
        let told = |[aside, paid, taken]: [Money; 3]| format!("{aside} kept aside, {paid} paid and {taken} taken");
        format!("its transfers come to {}, its steps to {}", told(found), told(expected))
    })
}

/// What does not agree between the lines of a payout and its head.
pub(crate) fn faults(lines: &[Line], events: &[Dated], head: Option<&Payout>, id: &str) -> Vec<(&'static str, String)> {
    let head = match head {
        Some(head) => follows(head, events, id),
        None => Some("it has lines but no head that reads".to_owned()),
    };
    let head = head.map(|fault| ("payout_heads_equal_lines", fault));
    head.into_iter().chain(transfers(lines, events).map(|fault| ("payout_transfers_follow_steps", fault))).collect()
}

/// The intent to pay: under the one key that a payout has, to where it was asked for and approved.
pub(crate) fn intent(events: &[Dated], id: &str) -> [(&'static str, Option<String>); 2] {
    let asked =
        events.iter().find_map(|(_, event)| if let Step::Requested { destination, .. } = &event.step { Some(destination) } else { None });
    let (mut key_fault, mut place_fault) = (None, None);
    for (_, event) in events {
        let Step::Submitting { key, destination, destination_version, .. } = &event.step else { continue };
        if key != id {
            key_fault = Some("its key is not the one that is made from it".to_owned());
        }
        if asked.is_none_or(|asked| (&asked.digest, asked.version) != (destination, *destination_version)) {
            place_fault = Some("it is sent to somewhere else than it was asked for".to_owned());
        }
    }
    [("one_key_per_payout", key_fault), ("intents_equal_approvals", place_fault)]
}

/// A payout's head against what its lines say.
fn follows(head: &Payout, events: &[Dated], id: &str) -> Option<String> {
    let (at, first) = events.first()?;
    let last = events.last().map(|(_, event)| event.status)?;
    let Step::Requested { amount, currency, split, destination, .. } = &first.step else { return None };
    let faults = [
        (head.id.as_str() != id, "another id"),
        (head.status != last, "another status"),
        (head.amount != *amount || head.split != *split || head.currency != *currency, "another amount"),
        (head.destination != *destination, "another destination"),
        (usize::try_from(head.version) != Ok(events.len()), "another number of steps"),
        (first.by != Actor::Account(head.account.clone()), "another payee"),
        (time(head.requested_at) != time(*at), "another time of the request"),
        (approvals_given(&head.approvals) != approvals_told(events), "other approvals"),
        (head.returned != returned(events), "another sum that came back"),
        (head.invoice.as_ref() != invoice(events), "another invoice"),
        (head.credit_notes != credit_notes(events), "other credit notes"),
        (head.reason != reason(events), "another reason"),
        (sent_as(head) != sent_told(events), "another intent"),
        (head.to.as_ref().map(Destination::masked) != head.run.as_ref().map(|_| destination.masked.clone()), "another place to pay to"),
        (head.paid_at.map(time) != paid_at(events).map(time), "another time of payment"),
        (head.reference.as_deref() != reference(events), "another id of the rail"),
        (head.note != note(events), "another word of the rail"),
    ];
    faults.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| format!("its head says {what} than its lines"))
}

type Given = (String, String, Money, String, u32);

fn approvals_given(approvals: &[Approval]) -> Vec<Given> {
    let given = |a: &Approval| (a.by.to_string(), time(a.at), a.amount, a.destination.clone(), a.destination_version);
    approvals.iter().map(given).collect()
}

fn approvals_told(events: &[Dated]) -> Vec<Given> {
    let told = |(at, event): &Dated| {
        let (Step::ApprovalGiven { amount, destination, destination_version, .. }, Actor::Finance(by)) = (&event.step, &event.by) else {
            return None;
        };
        Some((by.to_string(), time(*at), *amount, destination.clone(), *destination_version))
    };
    events.iter().filter_map(told).collect()
}

fn returned(events: &[Dated]) -> Money {
    let total = |(_, event): &Dated| if let Step::Returned { total, .. } = &event.step { Some(*total) } else { None };
    events.iter().rev().find_map(total).unwrap_or_default()
}

fn invoice(events: &[Dated]) -> Option<&programme::payout::InvoiceNumber> {
    events.iter().find_map(|(_, event)| if let Step::Paid { invoice, .. } = &event.step { Some(invoice) } else { None })
}

fn credit_notes(events: &[Dated]) -> Vec<CreditNoteNumber> {
    let note = |(_, event): &Dated| if let Step::Returned { credit_note, .. } = &event.step { *credit_note } else { None };
    events.iter().filter_map(note).collect()
}

/// Why it ended: the last word of whoever ended it.
fn reason(events: &[Dated]) -> Option<String> {
    let ends = |step: &Step| matches!(step, Step::Rejected { .. } | Step::Canceled { .. } | Step::Failed { .. } | Step::Returned { .. });
    events.iter().rev().filter(|(_, event)| ends(&event.step)).find_map(|(_, event)| event.step.reason())
}

/// The run and the time of the intent.
fn sent_as(head: &Payout) -> Option<(RunId, String)> {
    Some((head.run.clone()?, time(head.submitting_since?)))
}

fn sent_told(events: &[Dated]) -> Option<(RunId, String)> {
    events.iter().find_map(|(at, event)| if let Step::Submitting { run, .. } = &event.step { Some((run.clone(), time(*at))) } else { None })
}

fn paid_at(events: &[Dated]) -> Option<DateTime<Utc>> {
    events.iter().find_map(|(at, event)| matches!(event.step, Step::Paid { .. }).then_some(*at))
}

fn reference(events: &[Dated]) -> Option<&str> {
    events.iter().find_map(|(_, event)| match &event.step {
        Step::Submitted { reference, .. } | Step::Paid { reference, .. } | Step::Returned { reference, .. } => Some(reference.as_str()),
        Step::Failed { reference, .. } => reference.as_deref(),
        Step::Requested { .. }
        | Step::ApprovalGiven { .. }
        | Step::Rejected { .. }
        | Step::Canceled { .. }
        | Step::Submitting { .. }
        | Step::Unknown { .. }
        | Step::Noted { .. } => None,
    })
}

/// The rail's word for where it is, while the rail has it.
fn note(events: &[Dated]) -> Option<String> {
    match &events.last()?.1.step {
        Step::Submitted { note, .. } | Step::Noted { note } => note.clone(),
        Step::Requested { .. }
        | Step::ApprovalGiven { .. }
        | Step::Rejected { .. }
        | Step::Canceled { .. }
        | Step::Submitting { .. }
        | Step::Paid { .. }
        | Step::Failed { .. }
        | Step::Unknown { .. }
        | Step::Returned { .. } => None,
    }
}

/// Who approved, and whether they could: never the payee, never who changed the destination, as many
/// different people as are needed, for this amount and destination, after the cool-down.
pub(crate) fn approvals(events: &[Dated], programme: &Programme) -> Option<String> {
    let Some((_, PayoutEvent { by: payee, step: Step::Requested { amount, destination, .. }, .. })) = events.first() else { return None };
    let mut approvers = BTreeSet::new();
    for (at, event) in events {
        let Step::ApprovalGiven { amount: approved, destination: to, destination_version, needed, .. } = &event.step else { continue };
        let Actor::Finance(by) = &event.by else { return Some("approved by somebody who is not finance".to_owned()) };
        let settings = programme.at(*at).1;
        let opens_at = destination.changed_at + Duration::hours(i64::from(settings.destination_cooldown_hours));
        let due = if *amount > settings.four_eyes_above { 2 } else { 1 };
        approvers.insert(by.clone());
        let faults = [
            (matches!(payee, Actor::Account(account) if account == by), "approved by the payee"),
            (*by == destination.changed_by, "approved by who changed the destination"),
            (approved != amount || *to != destination.digest || *destination_version != destination.version, "approved for something else"),
            (*at < opens_at, "approved during the cool-down of its destination"),
            (*needed < due, "approved by too few"),
            (event.status == PayoutStatus::Approved && approvers.len() < *needed, "approved by too few"),
        ];
        if let Some((_, what)) = faults.into_iter().find(|(wrong, _)| *wrong) {
            return Some(what.to_owned());
        }
    }
    None
}
