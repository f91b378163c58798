//! How runs go: `GET /finance/payout-runs`, `GET /finance/payout-runs/{id}` and its table.

use super::view::{HeadView, RunView};
use crate::App;
use edge::{
    csv::Table,
    cursor,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{Currency, Money};
use programme::payout::{Payout, PayoutId, RunId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::records::{run::Run, time};

#[derive(Serialize)]
struct List {
    state: &'static str,
    runs: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    head: HeadView,
    count: u32,
    amount: Money,
    currency: Currency,
}

/// `?state=open|closed&cursor&limit`: those that are open, where no state is asked for; the newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Result<Reply, Problem> {
    let (state, open) = match call.query("state")? {
        None | Some("open") => ("open", true),
        Some("closed") => ("closed", false),
        Some(_) => return Err(Problem::malformed("The parameter state must be open or closed.")),
    };
    let scope = format!("/finance/payout-runs {state}");
    let page = app.store.runs(open, app.place(call, &scope)?.as_deref(), cursor::limit(call)?).await?;
    let row = |head: &store::records::run::RunHead| Row {
        head: HeadView::of(head),
        count: head.count,
        amount: head.amount,
        currency: head.currency.clone(),
    };
    let runs = page.entries.iter().map(|listed| row(&listed.entry)).collect();
    Reply::json(StatusCode::OK, &List { state, runs, next_cursor: app.next_cursor(&page, &scope) })
}

/// The frozen list, and where each of it stands.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let (run, payouts) = load(app, call).await?;
    Reply::json(StatusCode::OK, &RunView::now(&run, &payouts))
}

/// 404 where there is no such run.
async fn load(app: &App, call: &Call) -> Result<(Run, BTreeMap<PayoutId, Payout>), Problem> {
    let missing = || Problem::not_found("run");
    let id: RunId = call.param("id")?.parse().map_err(|_| missing())?;
    let run = app.store.run(&id).await?.ok_or_else(missing)?;
    let ids: Vec<PayoutId> = run.payouts.iter().map(|entry| entry.payout.clone()).collect();
    let payouts = app.store.payout_heads(&ids).await?;
    Ok((run, payouts))
}

const HEADER: [&str; 16] = [
    "run_id",
    "ordered_at",
    "ordered_by",
    "payout_id",
    "account_id",
    "amount",
    "currency",
    "rail",
    "destination",
    "status",
    "sent_at",
    "paid_at",
    "reference",
    "invoice",
    "returned",
    "reason",
];

/// `GET /finance/payout-runs/{id}/export.csv`: the same as a table; what was left out stands at its end, with the reason.
pub(crate) async fn export(app: &App, call: &Call) -> Result<Reply, Problem> {
    let (run, payouts) = load(app, call).await?;
    let head = &run.head;
    let mut table = Table::new(&HEADER);
    let begin = || [head.id.to_string(), time(head.at), head.by.to_string()];
    for entry in &run.payouts {
        let frozen = [
            entry.payout.to_string(),
            entry.account.to_string(),
            entry.amount.to_string(),
            head.currency.to_string(),
            entry.rail.as_str().to_owned(),
            entry.destination.clone(),
        ];
        let now = payouts.get(&entry.payout).map_or_else(Default::default, now);
        table.add(&begin().into_iter().chain(frozen).chain(now).collect::<Vec<_>>())?;
    }
    for left in &run.left_out {
        let mut cells: Vec<String> = begin().into_iter().chain([left.payout.to_string()]).collect();
        cells.resize(HEADER.len(), String::new());
        if let [.., status, _, _, _, _, _, reason] = cells.as_mut_slice() {
            (*status, *reason) = ("left_out".to_owned(), left.reason.clone());
        }
        table.add(&cells)?;
    }
    table.into_reply(&format!("{}.csv", head.id))
}

fn now(payout: &Payout) -> [String; 7] {
    [
        payout.status.as_str().to_owned(),
        payout.submitting_since.map(time).unwrap_or_default(),
        payout.paid_at.map(time).unwrap_or_default(),
        payout.reference.clone().unwrap_or_default(),
        payout.invoice.map(|number| number.to_string()).unwrap_or_default(),
        payout.returned.to_string(),
        payout.reason.clone().unwrap_or_default(),
    ]
}
