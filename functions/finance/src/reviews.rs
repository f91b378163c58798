//! Reviews: attributions that look like one person on both sides.

use crate::{App, acts, rate};
use chrono::{DateTime, Utc};
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
    queue::Outgoing,
};
use ledger::AccountId;
use programme::{
    attribution::{Attribution, AttributionReason},
    fact::{Fact, FactBody, Source},
    review::{self, Verdict},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Attempt, attribution_changed,
    records::{
        act::{Act, ActKind},
        review::{Decided, Review},
        time,
    },
};

/// How long the safety net waits: until the verdict is surely written, or surely not. Longer than the function may run.
const NET_DELAY_SECONDS: u16 = 30;

#[derive(Serialize)]
struct View {
    account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<AttributionReason>,
    opened_at: String,
}

impl View {
    fn of(review: &Review) -> Self {
        Self {
            account_id: review.account.clone(),
            referrer: review.referrer.clone(),
            reason: review.reason,
            opened_at: time(review.opened_at),
        }
    }
}

#[derive(Serialize)]
struct List {
    reviews: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// `GET /finance/reviews`: those that wait for a verdict, newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    const SCOPE: &str = "/finance/reviews";
    let page = app.store.reviews(app.place(call, SCOPE)?.as_deref(), cursor::limit(call)?).await?;
    let reviews = page.entries.iter().map(|listed| View::of(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { reviews, next_cursor: app.next_cursor(&page, SCOPE) })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    reason: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    account_id: AccountId,
    verdict: Verdict,
    status: &'static str,
    by: AccountId,
    at: String,
}

/// `POST /finance/reviews/{id}/clear|confirm`: changes the attribution's status and has the
/// referee's purchases computed again. The same verdict again is answered as the first was.
pub(crate) async fn decide(app: &App, call: &Call, by: &AccountId, verdict: Verdict) -> Result<Reply, Problem> {
    let referee = rate::account(call)?;
    let form: Form = call.json_or_default()?;
    let asked = Asked { app, by, referee: &referee, verdict, reason: acts::reason(form.reason.as_deref())?, now: call.now };
    let answer = store::decide(&*app.ids, async || asked.attempt().await).await?;
    // Also where the verdict stood already: the call before may have died just here.
    asked.settle(0).await?;
    Reply::json(StatusCode::OK, &answer)
}

struct Asked<'a> {
    app: &'a App,
    by: &'a AccountId,
    referee: &'a AccountId,
    verdict: Verdict,
    reason: Option<String>,
    now: DateTime<Utc>,
}

impl Asked<'_> {
    async fn attempt(&self) -> Result<Attempt<Answer>, Problem> {
        let store = &self.app.store;
        let (marker, figures) = tokio::try_join!(store.review(self.referee), store.account(self.referee))?;
        let attribution = figures.and_then(|figures| figures.attribution).ok_or_else(|| Problem::not_found("review"))?;
        self.may_decide(&attribution)?;
        let Some(after) = review::close(&attribution, self.verdict) else { return self.decided_before(marker, &attribution) };
        if self.verdict == Verdict::Clear && attribution.reason == Some(AttributionReason::Cycle) {
            return Err(Problem::refused("cycle", "A cycle of referrals earns no cash: it can't be cleared."));
        }
        let decided = Decided { verdict: self.verdict, by: self.by.clone(), at: self.now };
        let opened_at = marker.map_or(attribution.signed_up_at, |marker| marker.opened_at);
        let referrer = attribution.credit.as_ref().map(|credit| credit.referrer.clone());
        let closed =
            Review { account: self.referee.clone(), referrer, reason: attribution.reason, opened_at, decided: Some(decided.clone()) };
        let act = self.act(&attribution, &after);
        self.settle(NET_DELAY_SECONDS).await?;
        let written = store
            .commit_with(&programme::plan::Plan::default(), &[attribution_changed(self.referee, &after), closed.write(), act.write()])
            .await;
        Attempt::of(written, self.answer(&decided, &after))
    }

    /// Nobody decides about a referral that they gain or lose by.
    fn may_decide(&self, attribution: &Attribution) -> Result<(), Problem> {
        let referrer = attribution.credit.as_ref().map(|credit| &credit.referrer);
        if self.referee == self.by || referrer == Some(self.by) {
            Err(Problem::forbidden("Nobody decides about their own referral."))
        } else {
            Ok(())
        }
    }

    fn decided_before(&self, marker: Option<Review>, attribution: &Attribution) -> Result<Attempt<Answer>, Problem> {
        let decided = marker.and_then(|marker| marker.decided).ok_or_else(|| Problem::not_found("review"))?;
        if decided.verdict == self.verdict {
            Ok(Attempt::Done(self.answer(&decided, attribution)))
        } else {
            Err(Problem::conflict("The review was decided otherwise.").with("verdict", decided.verdict.as_str()))
        }
    }

    fn answer(&self, decided: &Decided, attribution: &Attribution) -> Answer {
        Answer {
            account_id: self.referee.clone(),
            verdict: decided.verdict,
            status: attribution.status.as_str(),
            by: decided.by.clone(),
            at: time(decided.at),
        }
    }

    fn act(&self, before: &Attribution, after: &Attribution) -> Act {
        let kind = match self.verdict {
            Verdict::Clear => ActKind::ReviewCleared,
            Verdict::Confirm => ActKind::ReviewConfirmed,
        };
        let referrer = before.credit.as_ref().map(|credit| &credit.referrer);
        Act {
            at: self.now,
            by: self.by.clone(),
            kind,
            subject: self.referee.to_string(),
            version: after.version,
            reason: self.reason.clone(),
            details: json!({ "referrer": referrer, "suspicion": before.reason }),
        }
    }

    /// Has the referee's purchases computed again.
    async fn settle(&self, delay_seconds: u16) -> Result<(), Problem> {
        let event = format!("review:{}:{}", self.referee, self.verdict.as_str());
        let fact = Fact { source: Source::Platform, event, body: FactBody::Settle { account: self.referee.clone() } };
        let body = serde_json::to_string(&fact).map_err(Problem::internal)?;
        Ok(self.app.facts.send(vec![Outgoing { body, delay_seconds }]).await?)
    }
}
