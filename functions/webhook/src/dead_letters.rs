//! `POST /finance/dead-letters/replay`: what the queues gave up is sent again, as much as one transaction marks.

use crate::{App, Desk, desk::Asker, messages::Messages, replay};
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::plan::Plan;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use store::{
    Attempt, Kept, Quarantined,
    backend::Write,
    records::{
        act::{Act, ActKind},
        quarantine::{FACTS, PAYOUTS, Replay},
    },
};

/// Letters in one call: a transaction has 100 operations, and one of them is the act.
const LETTERS_MAX: usize = 99;
/// Bytes of their bodies: a transaction has 4 MB.
const BYTES_MAX: usize = 3_000_000;
/// Events of the open quarantine looked through, the newest first: pages, and events of a page.
const PAGES_MAX: usize = 100;
const PAGE: u32 = 100;

/// The letters of one call, and what there is beside them.
#[derive(Default)]
struct Found {
    ids: Vec<String>,
    bytes: usize,
    /// Those that another call would replay.
    left: usize,
    /// Those that would only die again.
    unreadable: usize,
}

#[derive(Serialize)]
struct Answer {
    replayed: usize,
    left: usize,
    unreadable: usize,
}

/// Sends them, then marks them all with one act. Called again until `left` is 0, it has replayed every one that can be read.
pub(crate) async fn all(app: &App, desk: &Desk, call: &Call, asker: &Asker) -> Result<Reply, Problem> {
    let found = find(app, call.now).await?;
    // Chosen once: a try whose answer was lost finds its own marks, and does not take the next letters.
    let replayed = store::decide(&*desk.ids, async || attempt(app, &found.ids, asker, call.now).await).await?;
    tracing::info!(replayed, left = found.left, unreadable = found.unreadable, "dead letters are replayed");
    Reply::json(StatusCode::OK, &Answer { replayed, left: found.left, unreadable: found.unreadable })
}

async fn find(app: &App, now: DateTime<Utc>) -> Result<Found, Problem> {
    let (mut found, mut before) = (Found::default(), None);
    for _ in 0..PAGES_MAX {
        let page = app.store.quarantined(before.as_deref(), PAGE).await?;
        let letter = |event: &&Quarantined| [FACTS, PAYOUTS].contains(&event.source.as_str());
        page.entries.iter().map(|listed| &listed.entry.event).filter(letter).for_each(|event| {
            found.take(event, replay::messages(app, event, now).is_ok());
        });
        match page.next_place() {
            Some(place) => before = Some(place.to_owned()),
            None => break,
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, event: &Quarantined, readable: bool) {
        let bytes = self.bytes.saturating_add(event.body.len());
        if !readable {
            self.unreadable += 1;
        } else if self.ids.len() < LETTERS_MAX && bytes <= BYTES_MAX {
            self.bytes = bytes;
            self.ids.push(event.id.clone());
        } else {
            self.left += 1;
        }
    }
}

/// Answers how many of the letters this call has replayed. The list is some moments behind, so each is read again.
async fn attempt(app: &App, ids: &[String], asker: &Asker, now: DateTime<Utc>) -> Result<Attempt<usize>, Problem> {
    let kept = app.store.kept_many(ids).await?;
    let (open, closed): (Vec<&Kept>, Vec<&Kept>) = kept.iter().partition(|letter| letter.replayed.is_none());
    let by_this_call = |letter: &&&Kept| letter.replayed.as_ref().is_some_and(|replay| replay.by == asker.by && replay.at == now);
    let done = closed.iter().filter(by_this_call).count();
    if open.is_empty() {
        return Ok(Attempt::Done(done));
    }
    let mut messages = Messages::default();
    let mut writes: Vec<Write> = Vec::new();
    for letter in &open {
        messages.extend(replay::messages(app, &letter.event, now)?);
        let replay: Replay = replay::replay(&asker.by, now, 1)?;
        writes.push(letter.after(replay).replace(letter));
    }
    writes.push(act(&open, asker, now)?.write());
    // Never marked without being sent; sent twice, they count once.
    messages.send(app).await?;
    let written = app.store.commit_with(&Plan::default(), &writes).await;
    Attempt::of(written, done + open.len())
}

fn act(open: &[&Kept], asker: &Asker, now: DateTime<Utc>) -> Result<Act, Problem> {
    let ids: Vec<&str> = open.iter().map(|letter| letter.event.id.as_str()).collect();
    let queues: BTreeSet<&str> = open.iter().map(|letter| letter.event.source.as_str()).collect();
    Ok(Act {
        at: now,
        by: asker.by.clone(),
        kind: ActKind::DeadLettersReplayed,
        subject: queues.into_iter().collect::<Vec<_>>().join(" "),
        version: u32::try_from(ids.len()).map_err(Problem::internal)?,
        reason: asker.reason.clone(),
        details: json!({ "ids": ids }),
    })
}
