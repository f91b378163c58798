//! Facts posted: merged, decided, written; attempt after attempt until each subject is done or out of patience.

use crate::{
    App,
    batch::{Failure, Failures},
    commit::{Ended, Group, Ready, commit_groups},
    decide::{Decision, accounts, decide},
    instruments::{self, Paid},
    read, unpostable,
    views::Known,
    work::Work,
};
use chrono::{DateTime, Utc};
use programme::plan::Subject;
use store::{CommitError, Lost, StoreError};

/// Attempts at a subject within one invocation. The store's own clients retry below this.
const ATTEMPTS: u32 = 10;

/// Posts what the work should have posted. What stays undone is added to the failures.
pub(crate) async fn post(app: &App, mut work: Work, now: DateTime<Utc>, failures: &mut Failures) {
    let (mut known, mut paid) = (Known::default(), Paid::default());
    for attempt in 0..ATTEMPTS {
        if work.0.is_empty() {
            break;
        }
        if attempt > 0 {
            app.back_off(attempt).await;
        }
        if let Err(error) = attempt_once(app, &mut work, (&mut known, &mut paid), now, failures).await {
            match error {
                StoreError::Unavailable(reason) => tracing::warn!(attempt, reason, "the store is away"),
                StoreError::Corrupt { .. } | StoreError::Rejected(_) => {
                    tracing::error!(%error, "can't be read");
                    break;
                }
            }
        }
    }
    for (subject, item) in work.0 {
        tracing::warn!(%subject, "given back");
        failures.add(&item.messages, Failure::Outage);
    }
    for (buyer, (digests, messages)) in &paid.0 {
        if let Err(failure) = instruments::look(app, buyer, digests, now).await {
            failures.add(messages, failure);
        }
    }
}

async fn attempt_once(
    app: &App,
    work: &mut Work,
    (known, paid): (&mut Known, &mut Paid),
    now: DateTime<Utc>,
    failures: &mut Failures,
) -> Result<(), StoreError> {
    read::lines(app, work, failures).await?;
    known.set(app.store.programme(now).await?);
    unpostable::keep(app, work, known.views(), now, failures).await;
    known.load(app, &accounts(work, known.views(), paid)).await?;
    let (mut ready, mut done, mut poison) = (Vec::new(), Vec::new(), Vec::new());
    for (subject, item) in &work.0 {
        match decide(subject, item, known.views(), now) {
            Decision::Write(plan, flags) => {
                ready.push(Ready { subject: subject.clone(), plan, flags, alone: item.alone });
            }
            Decision::Done => done.push(subject.clone()),
            Decision::Poison => poison.push(subject.clone()),
        }
    }
    done.iter().for_each(|subject| drop(work.0.remove(subject)));
    poison.iter().for_each(|subject| refuse(work, subject, failures));
    for (group, ended) in commit_groups(app, ready, known, now).await {
        settle_group(work, known, failures, &group, ended);
    }
    Ok(())
}

/// Gives a subject up: its messages come again, and end among the dead letters.
fn refuse(work: &mut Work, subject: &Subject, failures: &mut Failures) {
    if let Some(item) = work.0.remove(subject) {
        failures.add(&item.messages, Failure::Poison);
    }
}

/// Takes in what became of one transaction: done, to be read again, or given up.
fn settle_group(work: &mut Work, known: &mut Known, failures: &mut Failures, group: &Group, ended: Ended) {
    // Written or not, what was known of these rewards may be old.
    group.rewarded().for_each(|referee| known.forget_usage(referee));
    match ended {
        Ok(()) => group.subjects.iter().for_each(|subject| work.done(subject)),
        Err(CommitError::Busy(reason)) => tracing::info!(reason, "busy"),
        Err(CommitError::Lost(lost)) => {
            for claim in lost {
                match claim {
                    Lost::Line(Subject::UsageReward(_)) | Lost::Beside(_) => {}
                    Lost::Line(subject @ (Subject::Purchase(_) | Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_))) => {
                        work.reread(&subject);
                    }
                    Lost::Account(account) => known.forget(&account),
                }
            }
        }
        Err(CommitError::Rejected(reason)) => match group.subjects.as_slice() {
            [only] => {
                tracing::error!(subject = %only, reason, "refused by the store");
                refuse(work, only, failures);
            }
            several => several.iter().for_each(|subject| {
                if let Some(item) = work.0.get_mut(subject) {
                    item.alone = true;
                }
            }),
        },
    }
}
