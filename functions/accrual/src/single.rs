//! Facts that move money by themselves, each once by its id: usage, rental earnings; and closings.

use crate::{App, batch::Failure};
use chrono::{DateTime, Utc};
use edge::queue::Outgoing;
use ledger::AccountId;
use programme::{
    fact::{Fact, FactBody, Source},
    plan::{Body, Subject, single_line},
};
use store::{CommitError, Quarantined, StoreError};

const ATTEMPTS: u32 = 10;
/// Seconds after which a closing is looked at once more: longer than any accrual that did not know of it.
const SECOND_LOOK_DELAY_SECONDS: u16 = 120;

pub(crate) fn outage(error: &StoreError) -> Failure {
    match error {
        StoreError::Unavailable(_) => Failure::Outage,
        StoreError::Corrupt { .. } | StoreError::Rejected(_) => Failure::Poison,
    }
}

/// Posts a usage or a rental earning. One in another currency, or one that contradicts what is
/// posted under its id, goes to the quarantine: finance decides.
pub(crate) async fn post(app: &App, fact: &Fact, now: DateTime<Utc>) -> Result<(), Failure> {
    let programme = app.store.programme(now).await.map_err(|error| outage(&error))?;
    let Some((plan, at, currency)) = single_line(fact, now) else { return Err(Failure::Poison) };
    if *currency != programme.at(at).1.currency {
        return keep(app, fact, format!("it is in {currency}, not in the programme's currency"), now).await;
    }
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            app.back_off(attempt).await;
        }
        match app.store.commit(&plan).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Busy(reason)) => tracing::info!(reason, "busy"),
            Err(CommitError::Rejected(reason)) => {
                tracing::error!(reason, "refused by the store");
                return Err(Failure::Poison);
            }
            Err(CommitError::Lost(_)) => {
                let Some(subject) = plan.lines.first().map(|line| &line.subject) else { return Err(Failure::Poison) };
                return compare(app, fact, subject, now).await;
            }
        }
    }
    Err(Failure::Outage)
}

/// What is posted under this id already: the same told again, or another figure.
async fn compare(app: &App, fact: &Fact, subject: &Subject, now: DateTime<Utc>) -> Result<(), Failure> {
    let line = app.store.line(subject, 0).await.map_err(|error| outage(&error))?;
    match line.map(|line| line.body) {
        Some(Body::Single { fact: posted }) if posted.body == fact.body => Ok(()),
        Some(Body::Single { .. } | Body::Purchase { .. } | Body::Payout { .. }) => {
            keep(app, fact, format!("it contradicts what is posted as {subject}"), now).await
        }
        None => Err(Failure::Outage),
    }
}

async fn keep(app: &App, fact: &Fact, reason: String, now: DateTime<Utc>) -> Result<(), Failure> {
    let body = serde_json::to_vec(fact).map_err(|_| Failure::Poison)?;
    let digest = app.store.seal_keys().sign("quarantined-fact", &body).mac;
    let id = digest.iter().take(13).fold("qua_".to_owned(), |id, byte| format!("{id}{byte:02x}"));
    tracing::error!(quarantine_id = id, reason, "a fact goes to the quarantine");
    app.store.quarantine(&Quarantined { id, source: "facts".into(), reason, body, received_at: now }).await.map_err(|error| outage(&error))
}

/// Marks an account closed and has what it earned since looked at again: at once, and once more when
/// every accrual that could not know of it yet has ended.
pub(crate) async fn close(app: &App, account: &AccountId, at: DateTime<Utc>) -> Result<(), Failure> {
    app.store.close_account(account, at).await.map_err(|error| outage(&error))?;
    let settle = Fact { source: Source::Platform, event: "closed".into(), body: FactBody::Settle { account: account.clone() } };
    let body = serde_json::to_string(&settle).map_err(|_| Failure::Poison)?;
    let again = |delay_seconds| Outgoing { body: body.clone(), delay_seconds };
    app.queue.send(vec![again(0), again(SECOND_LOOK_DELAY_SECONDS)]).await.map_err(|_| Failure::Outage)
}
