//! Facts that can't be posted and are no fault of the queue's: in another currency, or told otherwise under the same id. They
//! are kept whole for finance, and counted where an alarm hears it.

use crate::{
    App,
    batch::{Failure, Failures, outage},
    work::{Item, Work},
};
use chrono::{DateTime, Utc};
use edge::telemetry::metrics::FACTS_QUARANTINED;
use ledger::Currency;
use programme::{
    fact::{Fact, FactBody},
    plan::{Subject, Views},
};
use store::{Quarantined, records::quarantine::FACTS};

/// Why a fact is not posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    ForeignCurrency,
    Contradiction,
}

impl Cause {
    /// What the alarm's figure is told apart by.
    const fn as_str(self) -> &'static str {
        match self {
            Self::ForeignCurrency => "foreign_currency",
            Self::Contradiction => "contradiction",
        }
    }
}

/// Takes the facts out of the work that can't be posted, and keeps them in the quarantine.
pub(crate) async fn keep(app: &App, work: &mut Work, views: &Views, now: DateTime<Utc>, failures: &mut Failures) {
    let mut failed = Vec::new();
    // Of a purchase every fact is merged, also one in another currency.
    for (subject, item) in work.0.iter_mut().filter(|(subject, _)| !matches!(subject, Subject::Purchase(_))) {
        if let Err(failure) = sort(app, subject, item, views, now).await {
            failures.add(&item.messages, failure);
            failed.push(subject.clone());
        }
    }
    failed.iter().for_each(|subject| drop(work.0.remove(subject)));
}

async fn sort(app: &App, subject: &Subject, item: &mut Item, views: &Views, now: DateTime<Utc>) -> Result<(), Failure> {
    let foreign = |fact: &Fact| money(fact).is_some_and(|(currency, at)| *currency != views.programme.at(at).1.currency);
    let (abroad, told): (Vec<Fact>, Vec<Fact>) = std::mem::take(&mut item.facts).into_iter().partition(foreign);
    item.facts = told;
    for fact in &abroad {
        let currency = money(fact).map(|(currency, _)| currency.to_string()).unwrap_or_default();
        quarantine(app, fact, Cause::ForeignCurrency, format!("it is in {currency}, not in the programme's currency"), now).await?;
    }
    // What the first of two becomes is known when its line is written, or another's is found in its place.
    let Some(standing) = item.posted().and(item.standing()).cloned() else { return Ok(()) };
    for fact in std::mem::take(&mut item.facts) {
        if fact.body == standing.body {
            item.facts.push(fact);
        } else {
            quarantine(app, &fact, Cause::Contradiction, format!("it contradicts what is posted as {subject}"), now).await?;
        }
    }
    Ok(())
}

/// In which currency a fact that moves money by itself is, and of which time.
const fn money(fact: &Fact) -> Option<(&Currency, DateTime<Utc>)> {
    match &fact.body {
        FactBody::Spent { currency, at, .. } | FactBody::Rental { currency, at, .. } => Some((currency, *at)),
        FactBody::Purchase { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
    }
}

async fn quarantine(app: &App, fact: &Fact, cause: Cause, reason: String, now: DateTime<Utc>) -> Result<(), Failure> {
    let body = serde_json::to_vec(fact).map_err(|_| Failure::Poison)?;
    let event = Quarantined::new(FACTS, reason, body, now);
    app.store.quarantine(&event).await.map_err(|error| outage(&error))?;
    tracing::error!(id = event.id, reason = event.reason, cause = cause.as_str(), "a fact goes to the quarantine");
    FACTS_QUARANTINED.count(1, cause.as_str(), Some(&event.id));
    Ok(())
}
