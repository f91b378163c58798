//! `GET /finance/acts`: who did what, when and why.

use crate::App;
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
    range::DateRange,
};
use programme::payout::Reason;
use serde::Serialize;
use store::records::{act::Act, time};

#[derive(Serialize)]
struct List {
    acts: Vec<ActView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct ActView {
    at: String,
    by: String,
    act: &'static str,
    subject: String,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    details: serde_json::Value,
}

impl ActView {
    fn of(act: &Act) -> Self {
        Self {
            at: time(act.at),
            by: act.by.to_string(),
            act: act.kind.as_str(),
            subject: act.subject.clone(),
            version: act.version,
            reason: act.reason.clone(),
            details: act.details.clone(),
        }
    }
}

/// The acts of the days of the range, newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    const SCOPE: &str = "/finance/acts";
    let (range, limit) = (DateRange::of(call)?, cursor::limit(call)?);
    let page = app.store.acts(range.from, range.to, app.place(call, SCOPE)?.as_deref(), limit).await?;
    let acts = page.entries.iter().map(|listed| ActView::of(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { acts, next_cursor: app.next_cursor(&page, SCOPE) })
}

/// A person's reason for an act that may go without one.
pub(crate) fn reason(text: Option<&str>) -> Result<Option<String>, Problem> {
    let read = |text| Reason::try_new(text).map(|reason| reason.as_str().to_owned());
    text.map(read).transpose().map_err(|error| Problem::malformed(format!("This does not fit: {error}.")))
}
