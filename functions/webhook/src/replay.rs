//! `POST /finance/quarantine/{id}/replay`: an event that was kept is read again, by today's code.

use crate::{App, Desk, desk::Asker, messages::Messages, sources::Signed, translation::Unreadable};
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::{fact::Fact, payout::Errand, plan::Plan};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use store::{
    Attempt, Kept, Quarantined,
    records::{
        act::{Act, ActKind},
        quarantine::{FACTS, PAYOUTS, Replay},
        time,
    },
};

/// How long the messages of a replay are kept back, in seconds: longer than this function may run. When they are seen, the event
/// is marked as replayed or never will be, so that one that fails again finds the mark, and is open again.
const DELAY_SECONDS: u16 = 20;

#[derive(Serialize)]
struct Answer {
    id: String,
    status: &'static str,
    /// How many facts, or errands for the worker of payouts, were sent.
    facts: u32,
    by: String,
    at: String,
}

impl Answer {
    fn of(event: &Quarantined, replay: &Replay) -> Self {
        let (by, at) = (replay.by.to_string(), time(replay.at));
        Self { id: event.id.clone(), status: "replayed", facts: replay.facts, by, at }
    }
}

/// Sends what the event tells, then marks it. One that is marked already is answered as it was then.
pub(crate) async fn one(app: &App, desk: &Desk, call: &Call, asker: &Asker) -> Result<Reply, Problem> {
    let id = call.param("id")?;
    let answer = store::decide(&*desk.ids, async || attempt(app, id, asker, call.now).await).await?;
    Reply::json(StatusCode::OK, &answer)
}

async fn attempt(app: &App, id: &str, asker: &Asker, now: DateTime<Utc>) -> Result<Attempt<Answer>, Problem> {
    let kept = app.store.kept(id).await?.ok_or_else(|| Problem::not_found("event in the quarantine"))?;
    if let Some(replay) = &kept.replayed {
        return Ok(Attempt::Done(Answer::of(&kept.event, replay)));
    }
    let messages = messages(app, &kept.event, now)?;
    let replay = replay(&asker.by, now, messages.count())?;
    let act = act(&kept, &replay, asker);
    // Never marked without being sent; sent twice, it counts once.
    messages.send(app).await?;
    let answer = Answer::of(&kept.event, &replay);
    let written = app.store.commit_with(&Plan::default(), &[kept.after(replay).replace(&kept), act.write()]).await;
    tracing::info!(id, facts = answer.facts, "an event of the quarantine is replayed");
    Attempt::of(written, answer)
}

/// A replay by somebody, now.
pub(crate) fn replay(by: &ledger::AccountId, now: DateTime<Utc>, facts: usize) -> Result<Replay, Problem> {
    Ok(Replay { by: by.clone(), at: now, facts: u32::try_from(facts).map_err(Problem::internal)? })
}

fn act(kept: &Kept, replay: &Replay, asker: &Asker) -> Act {
    Act {
        at: replay.at,
        by: asker.by.clone(),
        kind: ActKind::QuarantineReplayed,
        subject: kept.event.id.clone(),
        version: kept.replays.saturating_add(1),
        reason: asker.reason.clone(),
        details: json!({ "source": kept.event.source, "facts": replay.facts }),
    }
}

/// What the event tells today, as messages. Its signature was verified when it came in; a time that was still to come then
/// may have passed.
///
/// # Errors
/// 422 where it still can't be read.
pub(crate) fn messages(app: &App, event: &Quarantined, now: DateTime<Utc>) -> Result<Messages, Problem> {
    let refused = |reason: Unreadable| Problem::refused("unreadable", format!("It still can't be read: {reason}."));
    let messages = match event.source.as_str() {
        FACTS => Messages::fact(letter::<Fact>(event, "fact").map_err(refused)?),
        PAYOUTS => Messages::errand(letter::<Errand>(event, "errand").map_err(refused)?),
        source => {
            let sender = app.sources.named(source).ok_or_else(|| refused(Unreadable::because("its source is not taken here")))?;
            let told = sender.translate(&Signed::kept(&event.id, &event.body, now)).map_err(refused)?;
            Messages::of(sender.source(), told)?
        }
    };
    Ok(messages.delayed(DELAY_SECONDS))
}

/// A message goes back to its queue as it is. What is none of that queue's would only die again.
fn letter<T: DeserializeOwned>(event: &Quarantined, kind: &str) -> Result<String, Unreadable> {
    let text = std::str::from_utf8(&event.body).map_err(|_| Unreadable::because("it is no text"))?;
    serde_json::from_str::<T>(text).map_err(|_| Unreadable::because(format!("it is no {kind}")))?;
    Ok(text.to_owned())
}
