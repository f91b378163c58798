//! `GET /finance/quarantine`: signed events that could not be read, and wait for a decision.

use crate::App;
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use serde::Serialize;
use store::{Quarantined, records::time};

#[derive(Serialize)]
struct List {
    quarantine: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Without the body: it is a processor's, with all that a processor knows of a person.
#[derive(Serialize)]
struct View {
    id: String,
    source: String,
    reason: String,
    received_at: String,
    bytes: usize,
}

impl View {
    fn of(event: &Quarantined) -> Self {
        Self {
            id: event.id.clone(),
            source: event.source.clone(),
            reason: event.reason.clone(),
            received_at: time(event.received_at),
            bytes: event.body.len(),
        }
    }
}

/// Newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    const SCOPE: &str = "/finance/quarantine";
    let page = app.store.quarantined(app.place(call, SCOPE)?.as_deref(), cursor::limit(call)?).await?;
    let quarantine = page.entries.iter().map(|listed| View::of(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { quarantine, next_cursor: app.next_cursor(&page, SCOPE) })
}
