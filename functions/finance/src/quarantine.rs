//! `GET /finance/quarantine`: events that could not be read or posted, and wait for a decision. They are replayed where their
//! translations are, in the webhook function.

use crate::App;
use base64::{Engine, engine::general_purpose::STANDARD};
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use serde::Serialize;
use store::{Kept, records::time};

/// How much of a body is shown, in bytes; whole events of processors are mostly smaller.
const BODY_BYTES_SHOWN: usize = 4 * 1024;

#[derive(Serialize)]
struct List {
    quarantine: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct View {
    id: String,
    source: String,
    reason: String,
    received_at: String,
    /// How often it was replayed, and failed again.
    replays: u32,
    /// The size of the body as it is kept.
    bytes: usize,
    body: String,
    encoding: &'static str,
    /// Whether the body goes on.
    cut: bool,
}

impl View {
    fn of(kept: &Kept) -> Self {
        let event = &kept.event;
        let (body, encoding) = shown(&event.body);
        Self {
            id: event.id.clone(),
            source: event.source.clone(),
            reason: event.reason.clone(),
            received_at: time(event.received_at),
            replays: kept.replays,
            bytes: event.body.len(),
            body,
            encoding,
            cut: event.body.len() > BODY_BYTES_SHOWN,
        }
    }
}

/// The beginning of a body, and how it is written: what is no text can't stand in JSON as it is.
fn shown(body: &[u8]) -> (String, &'static str) {
    match std::str::from_utf8(body) {
        Ok(text) => (text.get(..text.floor_char_boundary(BODY_BYTES_SHOWN)).unwrap_or(text).to_owned(), "text"),
        Err(_) => (STANDARD.encode(body.get(..BODY_BYTES_SHOWN).unwrap_or(body)), "base64"),
    }
}

/// Newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    const SCOPE: &str = "/finance/quarantine";
    let page = app.store.quarantined(app.place(call, SCOPE)?.as_deref(), cursor::limit(call)?).await?;
    let quarantine = page.entries.iter().map(|listed| View::of(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { quarantine, next_cursor: app.next_cursor(&page, SCOPE) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_as_far_as_it_fits() {
        assert_eq!(shown(b"{}"), ("{}".to_owned(), "text"));
        assert_eq!(shown(&[0xff, 0x00]), ("/wA=".to_owned(), "base64"));
        // Never half a character.
        let long = format!("x{}", "é".repeat(BODY_BYTES_SHOWN));
        let (text, _) = shown(long.as_bytes());
        assert!(text.len() == BODY_BYTES_SHOWN - 1 && long.starts_with(&text));
        assert_eq!(shown(&vec![0xff; BODY_BYTES_SHOWN + 9]).0.len(), BODY_BYTES_SHOWN.div_ceil(3) * 4);
    }
}
