//! The door: who signs up, by which receipts, from which browser; and the answer, the same each time.

use crate::{
    App,
    enrol::{Enrolled, Newcomer, enrol},
};
use chrono::Duration;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::KeyRing;
use programme::{
    attribution::{Attribution, Receipt},
    visit::{DEVICE_COOKIE, DEVICE_DAYS, RECEIPT_COOKIE, device_id, is_device_id, set_cookie},
};
use serde::{Deserialize, Serialize};

/// Receipts read of one call: as many as the headers of a request can hold, since the newest may be the last.
const RECEIPTS_MAX: usize = 100;

/// How long the store may take in all, before the function's own end at 10 s would leave the caller without an answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(8);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default)]
    receipt: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    account_id: &'a str,
    code: &'a str,
    link: String,
    referral: Referral,
}

#[derive(Serialize)]
struct Referral {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl From<&Attribution> for Referral {
    fn from(attribution: &Attribution) -> Self {
        Self { status: attribution.status.as_str(), reason: attribution.reason.map(programme::attribution::AttributionReason::as_str) }
    }
}

/// Answers `POST /signups`: 201 the first time, 200 again, with the same account, code and referral.
///
/// # Errors
/// 401 and 403 without proof of who calls, 400, 413 and 415 for a body that is none of ours, 503 while the store or
/// the queue is away: nothing is written then, or all of it, and the same call may be made again.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let principal = app.0.verifier.principal(&call).await?;
    let request: Request = call.json_or_default()?;
    let known = call.cookie(DEVICE_COOKIE).into_iter().find(|id| is_device_id(id)).map(str::to_owned);
    let new_device = known.is_none().then(|| device_id(app.0.ids.bytes16()));
    // A page asks for the person in front of it, whose address and browser are the signals, not the page's own.
    let visitor = app.0.verifier.visitor(&call);
    let newcomer = Newcomer {
        account: principal.account,
        email: principal.email,
        receipts: receipts(&call, &request, &app.0.receipt_keys),
        device: known.or_else(|| new_device.clone()),
        address: visitor.address,
        agent: visitor.agent,
        now: call.now,
    };
    // Giving up is safe at any point: the same call finds what was written.
    let enrolled = tokio::time::timeout(PATIENCE, Box::pin(enrol(app, &newcomer))).await.map_err(Problem::unavailable)??;
    let reply = answer(app, &newcomer, &enrolled)?;
    match new_device {
        Some(id) => reply.cookie(&set_cookie(DEVICE_COOKIE, &id, Duration::days(DEVICE_DAYS))),
        None => Ok(reply),
    }
}

/// The receipts that verify, from the body and every cookie. Forged and foreign ones are as if they were not sent.
fn receipts(call: &Call, request: &Request, keys: &KeyRing) -> Vec<Receipt> {
    let sent = request.receipt.as_deref().into_iter().chain(call.cookie(RECEIPT_COOKIE)).take(RECEIPTS_MAX);
    let mut receipts: Vec<Receipt> = Vec::new();
    for receipt in sent.filter_map(|text| Receipt::from_text(text, keys)) {
        if !receipts.contains(&receipt) {
            receipts.push(receipt);
        }
    }
    receipts
}

fn answer(app: &App, newcomer: &Newcomer, enrolled: &Enrolled) -> Result<Reply, Problem> {
    let status = if enrolled.first { StatusCode::CREATED } else { StatusCode::OK };
    let answer = Answer {
        account_id: newcomer.account.as_str(),
        code: &enrolled.code,
        link: format!("{}/r/{}", app.0.public_url, enrolled.code),
        referral: Referral::from(&enrolled.attribution),
    };
    Reply::json(status, &answer)
}
