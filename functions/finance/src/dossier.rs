//! `GET /finance/payouts/{id}`: everything that a decision about a payout looks at.

use crate::{
    App, accounts,
    payee::{Payee, PayeeView},
    payouts,
    runs::Ordered,
    signals::{self, Signal},
    timeline::StepView,
    view::PayoutView,
};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Money};
use programme::{
    account::Total,
    cashable::cashable,
    payout::{Payout, PayoutStatus, RunId},
    settings::Settings,
};
use serde::Serialize;
use serde_json::Value;
use store::records::{destination::StoredDestination, time};

#[derive(Serialize)]
struct Dossier {
    #[serde(flatten)]
    payout: PayoutView,
    timeline: Vec<StepView>,
    payee: WholePayee,
    /// As it stands now; null where there is none any more.
    payout_account: Option<PayoutAccountView>,
    signals: Vec<Signal>,
    /// What the caller may do with it now.
    can: Vec<&'static str>,
}

#[derive(Serialize)]
struct WholePayee {
    #[serde(flatten)]
    payee: PayeeView,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
    cashable: Money,
    in_payout: Money,
    rewards_in_review: Money,
    attribution: Option<Value>,
}

#[derive(Serialize)]
struct PayoutAccountView {
    rail: &'static str,
    destination: String,
    version: u32,
    changed_at: String,
    changed_by: AccountId,
    usable_from: String,
    /// Whether it is still the one that was asked for.
    unchanged: bool,
}

/// 404 where there is no such payout.
pub(crate) async fn show(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let id = payouts::id(call)?;
    let payout = app.store.payout(&id).await?.ok_or_else(|| Problem::not_found("payout"))?;
    let read = async { Ok::<_, Problem>(tokio::try_join!(app.store.payout_steps(&id), app.store.programme(call.now))?) };
    let ((steps, programme), payee, run) = tokio::try_join!(read, Payee::load(app, &payout, call.now), waits_in(app, &payout))?;
    let settings = programme.at(call.now).1;
    let dossier = Dossier {
        timeline: steps.iter().map(StepView::of).collect(),
        payee: whole(&payee, &payout, settings, call),
        payout_account: payee.current.as_ref().map(|stored| payout_account(stored, &payout, settings)),
        signals: payee.signals(&payout, settings, call.now),
        can: can(&payout, by, run.as_ref()),
        payout: PayoutView::of(&payout, settings).waiting_in(run.as_ref()),
    };
    Reply::json(StatusCode::OK, &dossier)
}

/// The open run that an approved payout waits in.
async fn waits_in(app: &App, payout: &Payout) -> Result<Option<RunId>, Problem> {
    match payout.status {
        PayoutStatus::Approved => Ok(Ordered::load(app).await?.run_of(&payout.id).cloned()),
        PayoutStatus::Requested
        | PayoutStatus::Rejected
        | PayoutStatus::Canceled
        | PayoutStatus::Submitting
        | PayoutStatus::Submitted
        | PayoutStatus::Paid
        | PayoutStatus::Failed
        | PayoutStatus::Unknown
        | PayoutStatus::Returned => Ok(None),
    }
}

fn whole(payee: &Payee, payout: &Payout, settings: &Settings, call: &Call) -> WholePayee {
    let account = &payee.account;
    WholePayee {
        payee: payee.view(&payout.account),
        closed_at: account.closed_at.map(time),
        cashable: cashable(account, settings.cashable_share, call.now.date_naive()).total,
        in_payout: account.in_payout(),
        rewards_in_review: account.total(Total::InReview),
        attribution: account.attribution.as_ref().map(accounts::attribution),
    }
}

fn payout_account(stored: &StoredDestination, payout: &Payout, settings: &Settings) -> PayoutAccountView {
    let account = &stored.account;
    PayoutAccountView {
        rail: account.rail.as_str(),
        destination: account.masked.clone(),
        version: account.version,
        changed_at: time(account.changed_at),
        changed_by: account.changed_by.clone(),
        usable_from: time(account.opens_at(settings)),
        unchanged: signals::unchanged(payout, Some(account)),
    }
}

/// What that person may do with it. The acts decide for themselves; this spares people doors that are shut to them.
fn can(payout: &Payout, by: &AccountId, run: Option<&RunId>) -> Vec<&'static str> {
    if payout.account == *by {
        return Vec::new();
    }
    match payout.status {
        PayoutStatus::Requested => {
            let agreed = payout.approvals_that_hold().any(|approval| approval.by == *by);
            if agreed || payout.destination.changed_by == *by { vec!["reject"] } else { vec!["approve", "reject"] }
        }
        PayoutStatus::Approved if run.is_none() => vec!["pay"],
        PayoutStatus::Approved
        | PayoutStatus::Rejected
        | PayoutStatus::Canceled
        | PayoutStatus::Submitting
        | PayoutStatus::Submitted
        | PayoutStatus::Paid
        | PayoutStatus::Failed
        | PayoutStatus::Unknown
        | PayoutStatus::Returned => Vec::new(),
    }
}
