//! `POST /finance/flags/{id}/decide`: somebody has looked at a flagged purchase. Its money stays as the rules made it.

use crate::App;
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::{fact::PurchaseId, payout::Reason, plan::Plan};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Attempt,
    records::{
        act::{Act, ActKind},
        flag::{DecidedFlag, FlagDecision, Flagged},
        time,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    decision: FlagDecision,
    reason: String,
    /// The line that the flag was seen with: what was raised since is not decided.
    line: Option<u32>,
}

#[derive(Serialize)]
struct Answer {
    purchase: String,
    line: u32,
    decision: FlagDecision,
    reason: String,
    by: AccountId,
    at: String,
}

impl Answer {
    fn of(flagged: &Flagged, decided: &DecidedFlag) -> Self {
        let (purchase, reason) = (flagged.purchase.to_string(), decided.reason.clone());
        Self { purchase, line: flagged.line, decision: decided.decision, reason, by: decided.by.clone(), at: time(decided.at) }
    }
}

/// Closes the flag; it leaves the list until its purchase's facts contradict each other anew. Decided already, it is answered as it was
/// decided first.
pub(crate) async fn decide(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let purchase: PurchaseId = call.param("id")?.parse().map_err(|_| missing())?;
    let form: Form = call.json()?;
    let reason = Reason::try_new(&form.reason).map_err(|error| Problem::malformed(format!("This does not fit: {error}.")))?;
    let asked = Asked { app, by, purchase: &purchase, form: &form, reason: reason.as_str(), now: call.now };
    let answer = store::decide(&*app.ids, async || asked.attempt().await).await?;
    Reply::json(StatusCode::OK, &answer)
}

fn missing() -> Problem {
    Problem::not_found("flag")
}

struct Asked<'a> {
    app: &'a App,
    by: &'a AccountId,
    purchase: &'a PurchaseId,
    form: &'a Form,
    reason: &'a str,
    now: DateTime<Utc>,
}

impl Asked<'_> {
    async fn attempt(&self) -> Result<Attempt<Answer>, Problem> {
        let store = &self.app.store;
        let flagged = store.flag(self.purchase).await?.ok_or_else(missing)?;
        self.may_decide().await?;
        if self.form.line.is_some_and(|seen| seen != flagged.line) {
            return Err(Problem::conflict("The flag was raised anew since it was looked at.").with("line", flagged.line));
        }
        if let Some(decided) = &flagged.decided {
            return Ok(Attempt::Done(Answer::of(&flagged, decided)));
        }
        let decided = DecidedFlag { decision: self.form.decision, by: self.by.clone(), at: self.now, reason: self.reason.to_owned() };
        let answer = Answer::of(&flagged, &decided);
        let written = store.commit_with(&Plan::default(), &[flagged.decide(decided), self.act(&flagged).write()]).await;
        Attempt::of(written, answer)
    }

    /// Nobody decides about a purchase of their own, nor about one that they earn by.
    async fn may_decide(&self) -> Result<(), Problem> {
        let own = self.app.store.posted(self.purchase).await?.is_some_and(|posted| {
            let buys = posted.state.buyers.iter().any(|buyer| buyer.account == *self.by);
            buys || posted.posting.listed_for.as_ref() == Some(self.by)
        });
        if own { Err(Problem::forbidden("Nobody decides about a purchase of their own.")) } else { Ok(()) }
    }

    fn act(&self, flagged: &Flagged) -> Act {
        let kind = match self.form.decision {
            FlagDecision::Accept => ActKind::FlagAccepted,
        };
        Act {
            at: self.now,
            by: self.by.clone(),
            kind,
            subject: self.purchase.to_string(),
            version: flagged.line,
            reason: Some(self.reason.to_owned()),
            details: json!({ "flags": flagged.flags }),
        }
    }
}
