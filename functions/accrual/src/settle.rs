//! Computing again what an account bought and spent: after its signup, a review, or its referrer's closing.

use crate::{
    App,
    batch::{Failure, outage},
    work::Work,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use edge::queue::Outgoing;
use ledger::{AccountId, Money};
use programme::{
    account::{Account, Total},
    attribution::{Attribution, AttributionStatus},
    fact::{Fact, FactBody},
    plan::{Body, Line, Subject},
};
use std::collections::BTreeSet;

/// Seconds until an unfinished settling is tried again: the index that lists purchases is some moments behind.
const AGAIN_DELAY_SECONDS: u16 = 3;
/// Rounds after which an unfinished settling is given to the dead letters, where it raises an alarm.
const ROUNDS_MAX: u32 = 40;
const PAGE: u32 = 500;

/// Adds what the account bought and spent to the work, and what it earned by since it closed.
pub(crate) async fn gather(app: &App, account: &AccountId, message: usize, now: DateTime<Utc>, work: &mut Work) -> Result<(), Failure> {
    let bought = app.store.purchases_of(account).await.map_err(|error| outage(&error))?;
    bought.into_iter().for_each(|purchase| work.add(Subject::Purchase(purchase), None, message));
    let Some(figures) = app.store.account(account).await.map_err(|error| outage(&error))? else { return Ok(()) };
    if figures.waiting > 0 {
        let waiting = app.store.usages_waiting_of(account).await.map_err(|error| outage(&error))?;
        waiting.into_iter().for_each(|usage| work.add(Subject::Usage(usage), None, message));
    }
    if figures.attribution.as_ref().is_some_and(Attribution::is_by_usage) {
        work.add(Subject::UsageReward(account.clone()), None, message);
    }
    if let Some(closed) = figures.closed_at {
        let earned = earned_since(app, account, closed, now).await?;
        earned.into_iter().for_each(|subject| work.add(subject, None, message));
    }
    Ok(())
}

/// What a closed account earned by since: purchases of its referees, and what those who earn it by usage spent.
async fn earned_since(app: &App, account: &AccountId, closed: DateTime<Utc>, now: DateTime<Utc>) -> Result<BTreeSet<Subject>, Failure> {
    // A clock that is a little ahead may tell a time of the day after the one on which a line is written.
    let from = closed.date_naive().checked_sub_days(Days::new(1)).unwrap_or(closed.date_naive());
    let (mut earned, mut referees) = (BTreeSet::new(), BTreeSet::new());
    let days = (from, now.date_naive());
    let by_referrer = |line: Line| match line.subject {
        Subject::Purchase(_) => drop(earned.insert(line.subject)),
        Subject::UsageReward(referee) => drop(referees.insert(referee)),
        Subject::Usage(_) | Subject::Rental(_) | Subject::Payout(_) => {}
    };
    each_line(app, account, days, by_referrer).await?;
    for referee in referees {
        let by_referee = |line: Line| {
            if let Body::Spent { fact: Fact { body: FactBody::Spent { at, .. }, .. }, .. } = line.body
                && at > closed
            {
                earned.insert(line.subject);
            }
        };
        each_line(app, &referee, days, by_referee).await?;
    }
    Ok(earned)
}

/// Goes through the lines of an account that were written on some days.
async fn each_line(app: &App, account: &AccountId, (from, to): (NaiveDate, NaiveDate), mut take: impl FnMut(Line)) -> Result<(), Failure> {
    let mut before: Option<String> = None;
    loop {
        let page = app.store.lines_of(account, from, to, before.as_deref(), PAGE).await.map_err(|error| outage(&error))?;
        before = page.next_place().map(ToOwned::to_owned);
        page.entries.into_iter().for_each(|listed| take(listed.entry));
        if before.is_none() {
            return Ok(());
        }
    }
}

/// Whether the account's own figures say that all that it bought and spent follows its attribution.
fn finished(account: &Account) -> bool {
    let Some(attribution) = &account.attribution else { return true };
    let (generated, in_review) = (account.total(Total::Generated), account.total(Total::GeneratedInReview));
    let follows = match attribution.status {
        AttributionStatus::InReview => in_review == generated,
        AttributionStatus::Attributed => in_review.is_zero(),
        AttributionStatus::Refused | AttributionStatus::None => generated == Money::ZERO,
    };
    account.waiting == 0 && follows
}

/// Sends an unfinished settling again: the figures tell, where the index may not yet.
pub(crate) async fn check(app: &App, fact: &Fact) -> Result<(), Failure> {
    let FactBody::Settle { account } = &fact.body else { return Ok(()) };
    let figures = app.store.account(account).await.map_err(|error| outage(&error))?;
    if figures.as_ref().is_none_or(finished) {
        return Ok(());
    }
    let round = fact.event.rsplit_once('#').and_then(|(_, round)| round.parse::<u32>().ok()).unwrap_or(0) + 1;
    if round > ROUNDS_MAX {
        tracing::error!(%account, "settling does not end");
        return Err(Failure::Poison);
    }
    let name = fact.event.split('#').next().unwrap_or_default();
    let again = Fact { event: format!("{name}#{round}"), ..fact.clone() };
    let body = serde_json::to_string(&again).map_err(|_| Failure::Poison)?;
    app.queue.send(vec![Outgoing { body, delay_seconds: AGAIN_DELAY_SECONDS }]).await.map_err(|_| Failure::Outage)
}
