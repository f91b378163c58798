//! Computing an account's purchases again: after its signup, a review, or its referrer's closing.

use crate::{App, batch::Failure, purchases::Work, single::outage};
use chrono::{DateTime, Utc};
use edge::queue::Outgoing;
use ledger::{AccountId, Money};
use programme::{
    account::{Account, Total},
    attribution::AttributionStatus,
    fact::{Fact, FactBody},
    plan::Subject,
};
use std::collections::BTreeSet;

/// Seconds until an unfinished settling is tried again: the index that lists purchases is some moments behind.
const AGAIN_DELAY_SECONDS: u16 = 3;
/// Rounds after which an unfinished settling is given to the dead letters, where it raises an alarm.
const ROUNDS_MAX: u32 = 40;
const PAGE: u32 = 500;

/// Adds the account's purchases to the work: those it bought, and those it earned by since it closed.
pub(crate) async fn gather(app: &App, account: &AccountId, message: usize, now: DateTime<Utc>, work: &mut Work) -> Result<(), Failure> {
    let bought = app.store.purchases_of(account).await.map_err(|error| outage(&error))?;
    bought.into_iter().for_each(|purchase| work.add(purchase, None, message));
    let closed = app.store.account(account).await.map_err(|error| outage(&error))?.and_then(|account| account.closed_at);
    if let Some(closed) = closed {
        let mut before: Option<String> = None;
        let mut earned = BTreeSet::new();
        loop {
            let page = app
                .store
                .lines_of(account, closed.date_naive(), now.date_naive(), before.as_deref(), PAGE)
                .await
                .map_err(|error| outage(&error))?;
            for listed in &page.entries {
                if let Subject::Purchase(purchase) = &listed.entry.subject {
                    earned.insert(purchase.clone());
                }
            }
            match page.entries.last() {
                Some(last) if page.more => before = Some(last.place.clone()),
                Some(_) | None => break,
            }
        }
        earned.into_iter().for_each(|purchase| work.add(purchase, None, message));
    }
    Ok(())
}

/// Whether the account's own figures say that all of its purchases follow its attribution.
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
