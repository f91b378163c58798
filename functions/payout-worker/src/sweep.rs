//! The regular look at what is open: runs whose errands were lost, payouts that a crash left behind, payouts that
//! a rail has for long. It only sends errands, so that there is one way in which a payout is worked on.

use crate::{App, batch::Failure, runs};
use chrono::{DateTime, Duration, Timelike, Utc};
use edge::problem::Problem;
use programme::payout::{Errand, Payout, PayoutStatus};
use store::StoreError;

/// A run or a payout that moved on so recently is left to whoever works on it.
const QUIET: Duration = Duration::minutes(4);
/// Payouts of one status that one sweep looks at.
const LOOKED_AT_MAX: usize = 1_000;
/// Entries of a page.
const PAGE: u32 = 100;
/// A sweep is so many minutes after the one before.
const EVERY_MINUTES: u32 = 5;

/// One sweep.
///
/// # Errors
/// 503 while the store or the queue is away: the next one does what is left.
pub async fn sweep(app: &App, now: DateTime<Utc>) -> Result<(), Problem> {
    let sent = open_runs(app, now).await?;
    let mut looked = 0;
    for status in [PayoutStatus::Submitting, PayoutStatus::Unknown, PayoutStatus::Submitted] {
        looked += open_payouts(app, status, now).await?;
    }
    tracing::info!(sent, looked, "swept");
    Ok(())
}

/// Sends the errands of open runs again whose payouts still wait, and closes those of which none does.
async fn open_runs(app: &App, now: DateTime<Utc>) -> Result<usize, Problem> {
    let (mut place, mut sent) = (None::<String>, 0);
    loop {
        let page = app.store.runs(true, place.as_deref(), PAGE).await?;
        for listed in page.entries.iter().filter(|listed| listed.entry.at + QUIET <= now) {
            let Some(run) = app.store.run(&listed.entry.id).await? else { continue };
            let waiting = runs::waiting(app, &run).await.map_err(problem)?;
            if waiting.is_empty() {
                app.store.close_run(&run.head, now).await?;
            } else {
                runs::send(app, &run.head.id, &waiting).await.map_err(problem)?;
                sent += waiting.len();
            }
        }
        match page.next_place() {
            Some(next) => place = Some(next.to_owned()),
            None => return Ok(sent),
        }
    }
}

/// Sends an errand for each payout of a status whose turn it is.
async fn open_payouts(app: &App, status: PayoutStatus, now: DateTime<Utc>) -> Result<usize, Problem> {
    let (mut place, mut errands, mut seen) = (None::<String>, Vec::new(), 0);
    while seen < LOOKED_AT_MAX {
        let page = app.store.payouts_in(status, place.as_deref(), PAGE).await?;
        seen += page.entries.len();
        let due = page.entries.iter().filter(|listed| is_due(&listed.entry, now));
        errands.extend(due.map(|listed| Errand::Look { payout: listed.entry.id.clone() }));
        match page.next_place() {
            Some(next) => place = Some(next.to_owned()),
            None => break,
        }
    }
    app.send(&errands, 0).await?;
    Ok(errands.len())
}

/// Whether sweeps come to payouts of a status by themselves, in an open run or at a rail.
pub(crate) const fn comes_to(status: PayoutStatus) -> bool {
    match status {
        PayoutStatus::Approved | PayoutStatus::Submitting | PayoutStatus::Unknown | PayoutStatus::Submitted => true,
        PayoutStatus::Requested
        | PayoutStatus::Rejected
        | PayoutStatus::Canceled
        | PayoutStatus::Paid
        | PayoutStatus::Failed
        | PayoutStatus::Returned => false,
    }
}

/// Whether a payout is looked at by this sweep: while it is being sent by every one; else in its first hour by every one,
/// in its first two days by one an hour, then by one a day, so that what waits for weeks does not wear the rail out.
fn is_due(payout: &Payout, now: DateTime<Utc>) -> bool {
    let Some(since) = payout.submitting_since else { return true };
    let age = now - since;
    // A payout's own time within the hour and the day.
    let turn = |of: DateTime<Utc>| of.minute() / EVERY_MINUTES;
    if age < QUIET {
        false
    } else if age <= Duration::hours(1) || payout.status == PayoutStatus::Submitting {
        true
    } else if age <= Duration::days(2) {
        turn(now) == turn(since)
    } else {
        turn(now) == turn(since) && now.hour() == since.hour()
    }
}

fn problem(failure: Failure) -> Problem {
    match failure {
        Failure::Outage => Problem::unavailable("the store or the queue is away"),
        Failure::Poison => Problem::internal(StoreError::Rejected("a run that can't be read".into())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ledger::{Money, Rail};
    use programme::{
        cashable::Split,
        payout::{PayoutAccount, PayoutId},
    };

    fn payout(since: DateTime<Utc>) -> Payout {
        let account: ledger::AccountId = "alice".parse().unwrap();
        let destination = PayoutAccount {
            rail: Rail::Wise,
            digest: "k1.00".into(),
            masked: "…0001".into(),
            version: 1,
            changed_at: since,
            changed_by: account.clone(),
        };
        let one: Money = "1".parse().unwrap();
        Payout {
            id: PayoutId::try_new("pay_4YGQGXK5VRGSQN7XQD252HFMW1").unwrap(),
            account,
            amount: one,
            currency: "USD".parse().unwrap(),
            split: Split { referral: one, rental: Money::ZERO },
            destination,
            status: PayoutStatus::Submitted,
            requested_at: since,
            version: 3,
            approvals: Vec::new(),
            reason: None,
            run: None,
            submitting_since: Some(since),
            to: None,
            reference: None,
            note: None,
            paid_at: None,
            invoice: None,
            returned: Money::ZERO,
            credit_notes: Vec::new(),
        }
    }

    /// The older it is the rarer it is looked at, and never not at all.
    #[test]
    fn what_waits_for_long_is_looked_at_rarely() {
        let since: DateTime<Utc> = "2026-03-10T12:07:00Z".parse().unwrap();
        let looks = |from: Duration, to: Duration| {
            let sweeps = std::iter::successors(Some(since + from), |at| Some(*at + Duration::minutes(i64::from(EVERY_MINUTES))));
            sweeps.take_while(|at| *at < since + to).filter(|at| is_due(&payout(since), *at)).count()
        };
        assert_eq!(looks(Duration::zero(), Duration::minutes(4)), 0, "somebody is at work");
        assert_eq!(looks(Duration::minutes(5), Duration::hours(1)), 11);
        assert_eq!(looks(Duration::hours(2), Duration::hours(26)), 24);
        assert_eq!(looks(Duration::days(3), Duration::days(33)), 30);
    }

    #[test]
    fn what_is_being_sent_is_looked_at_by_every_sweep() {
        let since: DateTime<Utc> = "2026-03-10T12:07:00Z".parse().unwrap();
        let sending = Payout { status: PayoutStatus::Submitting, ..payout(since) };
        for (after, due) in
            [(Duration::minutes(3), false), (Duration::minutes(5), true), (Duration::minutes(777), true), (Duration::days(9), true)]
        {
            assert_eq!(is_due(&sending, since + after), due, "{after}");
        }
    }
}
