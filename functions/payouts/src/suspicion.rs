//! The same destination on both sides of a referral: the referral goes to review.

use crate::App;
use chrono::{DateTime, Utc};
use edge::{problem::Problem, queue::Outgoing};
use ledger::AccountId;
use programme::{
    attribution::{Attribution, AttributionReason},
    fact::{Fact, FactBody, Source},
    review,
    signal::SignalKind,
};
use store::{
    attribution_changed,
    backend::Write,
    keys,
    records::{destination::StoredDestination, referral::Signal, review::review_marker},
};

/// How long the safety net waits: until the review is surely written, or surely not. Longer than the function may run.
const NET_DELAY_SECONDS: u16 = 30;

/// What a destination says about its account.
#[derive(Debug, Default)]
pub(crate) struct Suspicion {
    /// Nobody had it before: whose it is from now on.
    first: Option<(String, AccountId)>,
    /// The referee whose attribution goes to review, and the attribution after.
    review: Option<(AccountId, Attribution)>,
}

/// Looks up who had this destination first, and whether one of the two referred the other.
pub(crate) async fn look(app: &App, account: &AccountId, after: &StoredDestination) -> Result<Suspicion, Problem> {
    let mut owner = None;
    for digest in SignalKind::Destination.digests(&app.keys.signals, &after.destination.identity()) {
        owner = app.store.signal(SignalKind::Destination.as_str(), &digest).await?.map(|signal| signal.account);
        if owner.is_some() {
            break;
        }
    }
    let Some(owner) = owner else {
        return Ok(Suspicion { first: Some((after.account.digest.clone(), account.clone())), review: None });
    };
    if owner == *account {
        return Ok(Suspicion::default());
    }
    for (referee, referrer) in [(account, &owner), (&owner, account)] {
        let attribution = app.store.account(referee).await?.and_then(|figures| figures.attribution);
        let referred = attribution.filter(|attribution| attribution.credit.as_ref().is_some_and(|credit| credit.referrer == *referrer));
        if let Some(opened) = referred.and_then(|attribution| review::open(&attribution, AttributionReason::SameDestination)) {
            return Ok(Suspicion { first: None, review: Some((referee.clone(), opened)) });
        }
    }
    Ok(Suspicion::default())
}

impl Suspicion {
    /// Whether it writes that account's figures.
    pub(crate) fn touches(&self, account: &AccountId) -> bool {
        self.review.as_ref().is_some_and(|(referee, _)| referee == account)
    }

    /// What goes into the transaction of the change.
    pub(crate) fn writes(&self, now: DateTime<Utc>) -> Vec<Write> {
        let mut writes = Vec::new();
        if let Some((digest, owner)) = &self.first {
            let signal = Signal { account: owner.clone(), at: now };
            writes.push(Write::create(keys::signal(SignalKind::Destination.as_str(), digest), signal.write(None)));
        }
        if let Some((referee, attribution)) = &self.review {
            writes.push(attribution_changed(referee, attribution));
            writes.push(review_marker(referee, attribution, now));
        }
        writes
    }

    /// Before the write: a message for later, so that a crash after the write loses nothing.
    pub(crate) async fn announce(&self, app: &App) -> Result<(), Problem> {
        self.send(app, NET_DELAY_SECONDS).await
    }

    /// After the write: the referee's purchases are computed again.
    pub(crate) async fn settle(&self, app: &App) -> Result<(), Problem> {
        self.send(app, 0).await
    }

    async fn send(&self, app: &App, delay_seconds: u16) -> Result<(), Problem> {
        let Some((referee, attribution)) = &self.review else { return Ok(()) };
        let event = format!("review:{referee}:{}", attribution.version);
        let fact = Fact { source: Source::Platform, event, body: FactBody::Settle { account: referee.clone() } };
        let body = serde_json::to_string(&fact).map_err(Problem::internal)?;
        Ok(app.facts.send(vec![Outgoing { body, delay_seconds }]).await?)
    }
}
