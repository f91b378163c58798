//! A dry run: what would be sent, and what of it would be canceled instead, by the very check that the payout worker makes before it
//! calls a rail. Nothing is written.

use super::{
    pick::{Picked, entry, pick},
    request::{self, Wanted},
    view::{ListView, Sum},
};
use crate::App;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Rail};
use programme::{
    account::{Account, Total},
    payout::{self, IdempotencyKey, Payout, RunId, Submit, SubmitRefusal, Submitted},
    settings::Programme,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::records::{destination::StoredDestination, run::RunEntry};

#[derive(Serialize)]
struct Bill {
    dry_run: bool,
    /// Whether payouts go out at all; where they do not, no run can be ordered.
    payouts_enabled: bool,
    /// What of the list would be canceled instead.
    expected_canceled: Sum,
    #[serde(flatten)]
    list: ListView,
}

/// The bill.
pub(super) async fn show(app: &App, call: &Call, by: &AccountId, wanted: &Wanted) -> Result<Reply, Problem> {
    let programme = app.store.programme(call.now).await?;
    let settings = programme.at(call.now).1;
    let Picked { payouts, left_out } = pick(app, by, wanted).await?;
    let payouts_enabled = request::enabled(app, settings).await?;
    let entries: Vec<RunEntry> = payouts.iter().map(entry).collect();
    let mut list = ListView::of(&entries, &left_out, &settings.currency, &BTreeMap::new());
    let mut canceled = Vec::new();
    for ((view, payout), expected) in list.payouts.iter_mut().zip(&payouts).zip(expected(app, call, by, &payouts, &programme).await?) {
        view.expected = expected;
        canceled.extend(expected.map(|_| &payout.amount));
    }
    let expected_canceled = Sum::of(canceled.into_iter());
    Reply::json(StatusCode::OK, &Bill { dry_run: true, payouts_enabled, expected_canceled, list })
}

/// Why each payout would be canceled, in their order; none where it would be sent.
async fn expected(
    app: &App,
    call: &Call,
    by: &AccountId,
    payouts: &[Payout],
    programme: &Programme,
) -> Result<Vec<Option<&'static str>>, Problem> {
    let places: Vec<(AccountId, Rail)> = payouts.iter().map(|payout| (payout.account.clone(), payout.destination.rail)).collect();
    let owners: BTreeSet<&AccountId> = payouts.iter().map(|payout| &payout.account).collect();
    let owners: Vec<AccountId> = owners.into_iter().cloned().collect();
    let (mut figures, current) = tokio::try_join!(app.store.accounts(&owners), app.store.payout_accounts_at(&places))?;
    // Nothing is kept under it.
    let run = RunId::of_request(by, &IdempotencyKey::try_new("bill").map_err(Problem::internal)?);
    let mut judge = |payout: &Payout, place: &(AccountId, Rail)| {
        let account = figures.entry(payout.account.clone()).or_default();
        let reason = verdict(&Submit {
            payout,
            run: &run,
            ordered_by: by,
            now: call.now,
            programme,
            switched_on: true,
            current: current.get(place).map(|StoredDestination { account, destination }| (account, destination)),
            figures: account,
        });
        if reason.is_some() {
            release(account, payout);
        }
        reason
    };
    Ok(payouts.iter().zip(&places).map(|(payout, place)| judge(payout, place)).collect())
}

fn verdict(asked: &Submit<'_>) -> Option<&'static str> {
    match payout::submit(asked) {
        Ok(Submitted::Intended(_)) => None,
        Ok(Submitted::ClawedBack(_)) => Some("clawed_back"),
        Err(SubmitRefusal::DestinationChanged) => Some("destination_changed"),
        // What is switched off waits, and what is told beside says so; the rest has been looked at.
        Err(SubmitRefusal::Disabled | SubmitRefusal::NotApproved { .. } | SubmitRefusal::ApprovalsMissing) => None,
    }
}

/// A canceled payout gives its reserve back: it may cover another one of the account.
fn release(account: &mut Account, payout: &Payout) {
    for (total, part) in [(Total::ReferralCash, payout.split.referral), (Total::RentalCash, payout.split.rental)] {
        let left = account.total(total) - part;
        account.totals.insert(total, left);
    }
}
