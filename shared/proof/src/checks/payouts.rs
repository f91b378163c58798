//! Payouts: legal steps, heads that follow their lines, reserves that are held exactly while they
//! should be, approvals by whom they may come from.

use crate::Books;
use chrono::{DateTime, Duration, Utc};
use ledger::{AccountId, Money};
use programme::{
    payout::{Actor, Payout, PayoutEvent, PayoutStatus, Step},
    plan::{Body, Line, Subject},
    settings::Programme,
};
use std::collections::{BTreeMap, BTreeSet};
use store::records::payout;

pub(super) fn run(books: &mut Books) {
    for name in ["payout_steps_are_legal", "payout_heads_equal_lines", "in_payout_equals_open_payouts", "approvals_are_lawful"] {
        books.report.figure(name);
    }
    let programme = books.programme();
    let mut reserved: BTreeMap<AccountId, Money> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (subject, lines) in &books.lines {
        let Subject::Payout(id) = subject else { continue };
        let key = subject.to_string();
        seen.insert(key.clone());
        let Some(events) = events(lines) else {
            books.report.look("payout_steps_are_legal", &key, Some("an event does not read".to_owned()));
            continue;
        };
        books.report.look("payout_steps_are_legal", &key, steps(&events));
        books.report.look("approvals_are_lawful", &key, approvals(&events, &programme));
        let head = books.heads.get(&key).map(payout::read);
        let fault = match head {
            None => Some("it has lines but no head".to_owned()),
            Some(Err(error)) => Some(error.to_string()),
            Some(Ok(head)) => {
                if head.status.is_reserved() {
                    *reserved.entry(head.account.clone()).or_default() += head.amount;
                }
                follows(&head, &events, id)
            }
        };
        books.report.look("payout_heads_equal_lines", &key, fault);
    }
    let orphans: Vec<String> = books.heads.keys().filter(|key| !seen.contains(*key)).cloned().collect();
    for key in orphans {
        books.report.look("payout_heads_equal_lines", &key, Some("it has a head but no lines".to_owned()));
    }
    let accounts: Vec<(AccountId, Money)> = books.accounts.iter().map(|(id, account)| (id.clone(), account.in_payout())).collect();
    for (id, kept) in accounts {
        let open = reserved.remove(&id).unwrap_or_default();
        books.differ("in_payout_equals_open_payouts", &format!("account#{id}/n"), "in payout", kept, open);
    }
    for (id, open) in reserved {
        books.differ("in_payout_equals_open_payouts", &format!("account#{id}/n"), "in payout", Money::ZERO, open);
    }
}

type Dated = (DateTime<Utc>, PayoutEvent);

fn events(lines: &BTreeMap<u32, Line>) -> Option<Vec<Dated>> {
    lines
        .values()
        .map(|line| match &line.body {
            Body::Payout { event } => serde_json::from_str(event).ok().map(|event| (line.at, event)),
            Body::Purchase { .. } | Body::Single { .. } => None,
        })
        .collect()
}

/// The first event is the request; every other one goes along, or is an approval that is not the last.
fn steps(events: &[Dated]) -> Option<String> {
    let first = events.first().map(|(_, event)| (event.status, matches!(event.step, Step::Requested { .. })));
    if first != Some((PayoutStatus::Requested, true)) {
        return Some("it does not begin with a request".to_owned());
    }
    events.iter().zip(events.iter().skip(1)).find_map(|((_, before), (_, after))| {
        let waits = matches!(after.step, Step::ApprovalGiven { .. }) && before.status == after.status;
        (!waits && !before.status.may_become(after.status)).then(|| format!("from {} to {}", before.status, after.status))
    })
}

fn follows(head: &Payout, events: &[Dated], id: &str) -> Option<String> {
    let last = events.last().map(|(_, event)| event.status)?;
    let Some((_, PayoutEvent { step: Step::Requested { amount, split, destination, .. }, .. })) = events.first() else { return None };
    let faults = [
        (head.id.as_str() != id, "another id"),
        (head.status != last, "another status"),
        (head.amount != *amount || head.split != *split, "another amount"),
        (head.destination != *destination, "another destination"),
        (usize::try_from(head.version) != Ok(events.len()), "another number of steps"),
    ];
    faults.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| format!("its head says {what} than its lines"))
}

/// Who approved, and whether they could: never the payee, never who changed the destination, as many
/// different people as are needed, for this amount and destination, after the cool-down.
fn approvals(events: &[Dated], programme: &Programme) -> Option<String> {
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
