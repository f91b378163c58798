//! The same card on both sides of a referral: a hard signal that shows after the signup, so the
//! referral goes to review.

use crate::{
    App,
    batch::{Failure, outage},
};
use chrono::{DateTime, Utc};
use edge::queue::Outgoing;
use ledger::AccountId;
use programme::{
    attribution::{Attribution, AttributionReason},
    fact::{Fact, FactBody, Source},
    plan::Plan,
    review,
    signal::SignalKind,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    CommitError, attribution_changed,
    backend::Write,
    keys,
    records::{referral::Signal, review::review_marker},
};

const ATTEMPTS: u32 = 10;
/// How long the safety net waits: until the review is surely written, or surely not. Longer than the function may run.
const NET_DELAY_SECONDS: u16 = 30;

/// Who paid with what in a batch, and the messages that told it.
#[derive(Debug, Default)]
pub(crate) struct Paid(pub(crate) BTreeMap<AccountId, (BTreeSet<String>, BTreeSet<usize>)>);

impl Paid {
    /// Notes a buyer's instruments.
    pub(crate) fn note(&mut self, buyer: &AccountId, digests: &BTreeSet<String>, messages: &BTreeSet<usize>) {
        if !digests.is_empty() {
            let entry = self.0.entry(buyer.clone()).or_default();
            entry.0.extend(digests.iter().cloned());
            entry.1.extend(messages);
        }
    }
}

/// Keeps who paid with an instrument, and opens a review where another who did and this buyer are
/// referrer and referee. The same again changes nothing.
pub(crate) async fn look(app: &App, buyer: &AccountId, digests: &BTreeSet<String>, now: DateTime<Utc>) -> Result<(), Failure> {
    let kind = SignalKind::Instrument.as_str();
    for digest in digests {
        let sharers = || async { app.store.signal_sharers(kind, digest).await.map_err(|error| outage(&error)) };
        let mut known = sharers().await?;
        if !known.contains(buyer) {
            keep(app, buyer, digest, now).await?;
            // Read again after the own mark is written: of two who come at once, one sees the other.
            known = sharers().await?;
        }
        for other in known.iter().filter(|other| *other != buyer) {
            suspect(app, buyer, other, now).await?;
        }
    }
    Ok(())
}

async fn keep(app: &App, buyer: &AccountId, digest: &str, now: DateTime<Utc>) -> Result<(), Failure> {
    let signal = Signal { account: buyer.clone(), at: now };
    let write = Write::put(keys::soft_signal(SignalKind::Instrument.as_str(), digest, buyer), signal.write(None));
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            app.back_off(attempt).await;
        }
        match app.store.commit_with(&Plan::default(), std::slice::from_ref(&write)).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Lost(_) | CommitError::Busy(_)) => {}
            Err(CommitError::Rejected(reason)) => {
                tracing::error!(reason, "refused by the store");
                return Err(Failure::Poison);
            }
        }
    }
    Err(Failure::Outage)
}

async fn suspect(app: &App, buyer: &AccountId, other: &AccountId, now: DateTime<Utc>) -> Result<(), Failure> {
    for (referee, referrer) in [(buyer, other), (other, buyer)] {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                app.back_off(attempt).await;
            }
            let attribution = app.store.account(referee).await.map_err(|error| outage(&error))?.and_then(|account| account.attribution);
            let referred = attribution.filter(|attribution| attribution.credit.as_ref().is_some_and(|credit| credit.referrer == *referrer));
            let Some(opened) = referred.and_then(|attribution| review::open(&attribution, AttributionReason::SameInstrument)) else {
                break;
            };
            // What finance has decided once is not asked again.
            let decided = app.store.review(referee).await.map_err(|error| outage(&error))?.is_some_and(|review| review.decided.is_some());
            if decided {
                break;
            }
            if open(app, referee, &opened, now).await? {
                break;
            }
        }
    }
    Ok(())
}

/// Opens the review and has the referee's purchases computed again; false where somebody came in between.
async fn open(app: &App, referee: &AccountId, opened: &Attribution, now: DateTime<Utc>) -> Result<bool, Failure> {
    let event = format!("review:{referee}:{}", opened.version);
    let fact = Fact { source: Source::Platform, event, body: FactBody::Settle { account: referee.clone() } };
    let body = serde_json::to_string(&fact).map_err(|_| Failure::Poison)?;
    let send =
        async |delay_seconds| app.queue.send(vec![Outgoing { body: body.clone(), delay_seconds }]).await.map_err(|_| Failure::Outage);
    // Once for later and before the write, so that a crash after it loses nothing; and once after it.
    send(NET_DELAY_SECONDS).await?;
    let writes = [attribution_changed(referee, opened), review_marker(referee, opened, now)];
    match app.store.commit_with(&Plan::default(), &writes).await {
        Ok(()) => {
            tracing::warn!(%referee, "the same instrument on both sides of a referral: in review");
            send(0).await.map(|()| true)
        }
        Err(CommitError::Lost(_) | CommitError::Busy(_)) => Ok(false),
        Err(CommitError::Rejected(reason)) => {
            tracing::error!(reason, "refused by the store");
            Err(Failure::Poison)
        }
    }
}
