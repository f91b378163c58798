//! `GET /finance/flags`: purchases whose facts contradict each other, or tell of something to look at, and which nobody has decided
//! about since.

use crate::App;
use edge::{
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::purchase::Flag;
use serde::Serialize;
use store::records::{flag::Flagged, time};

#[derive(Serialize)]
struct List {
    flags: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct View {
    purchase: String,
    /// The line that last raised them.
    line: u32,
    at: String,
    flags: Vec<FlagView>,
}

#[derive(Serialize)]
struct FlagView {
    flag: Flag,
    sentence: &'static str,
}

impl View {
    fn of(flagged: &Flagged) -> Self {
        Self {
            purchase: flagged.purchase.to_string(),
            line: flagged.line,
            at: time(flagged.at),
            flags: flagged.flags.iter().map(|flag| FlagView { flag: *flag, sentence: sentence(*flag) }).collect(),
        }
    }
}

/// What was done about it by itself, and why somebody should look.
const fn sentence(flag: Flag) -> &'static str {
    match flag {
        Flag::CaptureContradicted => {
            "Two captures differ in amount, credits, or by more than 5 minutes: the lowest figures and the earliest time count."
        }
        Flag::BuyerContradicted => "Different buyers are named: the payment's own naming counts, and two equally sure ones credit nobody.",
        Flag::CurrencyContradicted => "Its facts tell of more than one currency: it earns nothing.",
        Flag::OverRefunded => "Refunds and disputes are more than what was captured: it counts as nothing left, never as less.",
        Flag::ForeignCurrency => "It is not in the programme's currency: it earns nothing.",
    }
}

/// Newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    const SCOPE: &str = "/finance/flags";
    let page = app.store.flagged(app.place(call, SCOPE)?.as_deref(), cursor::limit(call)?).await?;
    let flags = page.entries.iter().map(|listed| View::of(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { flags, next_cursor: app.next_cursor(&page, SCOPE) })
}
