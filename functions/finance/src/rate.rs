//! `PUT /finance/accounts/{id}/rate`: a rate of an account's own, from a time on.

use crate::{App, versions};
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Rate};
use programme::settings::Version;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Attempt, decide,
    records::{
        act::{Act, ActKind},
        time,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    rate: Rate,
    from: DateTime<Utc>,
    #[serde(default)]
    reason: Option<String>,
}

/// A version of a rate.
#[derive(Serialize)]
pub(crate) struct RateView {
    version: u32,
    rate: Rate,
    from: String,
}

impl RateView {
    pub(crate) fn of(version: &Version<Rate>) -> Self {
        Self { version: version.number, rate: version.value, from: time(version.from) }
    }
}

/// Sets it; the same again is answered the same.
pub(crate) async fn set(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let account = account(call)?;
    if account == *by {
        return Err(Problem::forbidden("Nobody sets their own rate."));
    }
    let form: Form = call.json()?;
    let reason = crate::acts::reason(form.reason.as_deref())?;
    let from = versions::kept(form.from);
    let view = decide(&*app.ids, async || {
        let (figures, rates) = tokio::try_join!(app.store.account(&account), app.store.rates(&account))?;
        if figures.is_none() {
            return Err(Problem::not_found("account"));
        }
        if let Some(last) = rates.versions().last().filter(|last| last.from == from && last.value == form.rate) {
            return Ok(Attempt::Done(RateView::of(last)));
        }
        let version = rates.plan(call.now, from, form.rate).map_err(|error| versions::refused(&error))?;
        let act = Act {
            at: call.now,
            by: by.clone(),
            kind: ActKind::RateSet,
            subject: account.to_string(),
            version: version.number,
            reason: reason.clone(),
            details: json!({ "rate": version.value, "from": time(version.from) }),
        };
        let view = RateView::of(&version);
        Attempt::of(app.store.add_rate(&account, &rates, version, &[act.write()]).await, view)
    })
    .await?;
    Reply::json(StatusCode::OK, &json!({ "account_id": account, "rate": view }))
}

/// The account that the path names.
pub(crate) fn account(call: &Call) -> Result<AccountId, Problem> {
    AccountId::try_new(call.param("id")?).map_err(|_| Problem::not_found("account"))
}
