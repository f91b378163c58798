//! A batch of messages: read, handed on by what they tell, answered by message.

use crate::{
    App, closing, post, settle,
    work::{Work, subject},
};
use chrono::{DateTime, Utc};
use edge::{
    events::{Batch, Record},
    queue::Outgoing,
};
use programme::fact::{Fact, FactBody};
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;

/// From this delivery on, a message that failed for an outage is sent anew instead of given back:
/// its deliveries would otherwise be used up while nothing is wrong with it.
const LAST_PATIENT_DELIVERY: u32 = 4;
/// Seconds until a message that was sent anew is seen.
const SENT_ANEW_DELAY_SECONDS: u16 = 60;

/// Why a piece of work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// The store or the queue is busy or away: the same again, later.
    Outage,
    /// It can't be done as it is: delivered again, it ends among the dead letters with its reason.
    Poison,
}

/// What a store's error means for the work.
pub(crate) fn outage(error: &StoreError) -> Failure {
    match error {
        StoreError::Unavailable(_) => Failure::Outage,
        StoreError::Corrupt { .. } | StoreError::Rejected(_) => Failure::Poison,
    }
}

/// What failed, by the place of the message in the batch. The graver reason stays.
#[derive(Debug, Default)]
pub(crate) struct Failures(BTreeMap<usize, Failure>);

impl Failures {
    pub(crate) fn add(&mut self, messages: &BTreeSet<usize>, failure: Failure) {
        for message in messages {
            let entry = self.0.entry(*message).or_insert(failure);
            *entry = (*entry).max(failure);
        }
    }
}

/// Handles a batch; answers the ids of the messages to be delivered again.
pub async fn handle(app: &App, batch: Batch) -> Vec<String> {
    let (mut work, mut failures) = (Work::default(), Failures::default());
    let mut others: Vec<(usize, Fact)> = Vec::new();
    for (place, record) in batch.records.iter().enumerate() {
        match serde_json::from_str::<Fact>(&record.body) {
            Ok(fact) => match subject(&fact) {
                Some(subject) => work.add(subject, Some(fact), place),
                None => others.push((place, fact)),
            },
            Err(error) => {
                tracing::error!(message_id = record.message_id, line = error.line(), column = error.column(), "a message is no fact");
                failures.add(&[place].into(), Failure::Poison);
            }
        }
    }
    let mut settling = Vec::new();
    for (place, fact) in &others {
        let done = match &fact.body {
            FactBody::Settle { account } => {
                settle::gather(app, account, *place, batch.now, &mut work).await.map(|()| settling.push((*place, fact.clone())))
            }
            FactBody::Closed { account, at } => closing::close(app, account, *at).await,
            FactBody::Spent { .. } | FactBody::Rental { .. } | FactBody::Purchase { .. } => Ok(()),
        };
        if let Err(failure) = done {
            failures.add(&[*place].into(), failure);
        }
    }
    post::post(app, work, batch.now, &mut failures).await;
    for (place, fact) in settling {
        if let Err(failure) = settle::check(app, &fact).await {
            failures.add(&[place].into(), failure);
        }
    }
    answer(app, &batch.records, batch.now, failures).await
}

/// Tells which messages come again; sends anew what an outage would otherwise push among the dead letters.
async fn answer(app: &App, records: &[Record], now: DateTime<Utc>, failures: Failures) -> Vec<String> {
    let mut failed = Vec::new();
    for (place, failure) in failures.0 {
        let Some(record) = records.get(place) else { continue };
        let anew = failure == Failure::Outage && record.receive_count >= LAST_PATIENT_DELIVERY;
        let sent =
            anew && app.queue.send(vec![Outgoing { body: record.body.clone(), delay_seconds: SENT_ANEW_DELAY_SECONDS }]).await.is_ok();
        tracing::warn!(message_id = record.message_id, receive_count = record.receive_count, ?failure, sent_anew = sent, now = %now, "not done");
        if !sent {
            failed.push(record.message_id.clone());
        }
    }
    failed
}
