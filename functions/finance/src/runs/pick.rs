//! Which payouts a run gets, and which it leaves out, and why.

use super::{ordered::Ordered, request::Wanted};
use crate::{App, payouts};
use edge::problem::Problem;
use ledger::AccountId;
use programme::payout::{Payout, PayoutId, PayoutStatus};
use store::records::run::{LeftOut, RUN_MAX, RunEntry};

/// Payouts read at once.
const PAGE: u32 = 500;

/// Why a payout that is approved is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// It is of whoever orders: nobody has their own payout sent.
    OwnPayout,
    /// It waits in another run.
    AlreadyOrdered,
    /// There are as many in the run as there may be: the next one takes it.
    OverMaximum,
}

impl Reason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::OwnPayout => "own_payout",
            Self::AlreadyOrdered => "already_ordered",
            Self::OverMaximum => "over_maximum",
        }
    }
}

/// What was picked.
pub(super) struct Picked {
    pub(super) payouts: Vec<Payout>,
    pub(super) left_out: Vec<LeftOut>,
}

/// As it is in a run.
pub(super) fn entry(payout: &Payout) -> RunEntry {
    RunEntry {
        payout: payout.id.clone(),
        account: payout.account.clone(),
        amount: payout.amount,
        rail: payout.destination.rail,
        destination: payout.destination.masked.clone(),
        version: payout.version,
    }
}

/// Of a list each must fit, or the first that does not is named; of all approved ones those that do not fit are left out.
pub(super) async fn pick(app: &App, by: &AccountId, wanted: &Wanted) -> Result<Picked, Problem> {
    match wanted {
        Wanted::Listed(ids) => listed(app, by, ids).await,
        Wanted::Approved => approved(app, by).await,
    }
}

async fn listed(app: &App, by: &AccountId, ids: &[PayoutId]) -> Result<Picked, Problem> {
    let ordered = Ordered::load(app).await?;
    let mut heads = app.store.payout_heads(ids).await?;
    let mut payouts = Vec::with_capacity(ids.len());
    for id in ids {
        let payout = heads.remove(id).ok_or_else(|| Problem::not_found("payout").with("payout_id", id.as_str()))?;
        if payout.account == *by {
            return Err(own().with("payout_id", id.as_str()));
        }
        if payout.status != PayoutStatus::Approved {
            return Err(payouts::wrong_status("A payout of the list is not approved.", &payout).with("payout_id", id.as_str()));
        }
        if let Some(run) = ordered.run_of(id) {
            let told = Problem::conflict("A payout of the list waits in another run.");
            return Err(told.with("payout_id", id.as_str()).with("run_id", run.as_str()));
        }
        payouts.push(payout);
    }
    Ok(Picked { payouts, left_out: Vec::new() })
}

/// Nobody has their own payout sent.
pub(super) fn own() -> Problem {
    Problem::forbidden("Nobody orders their own payout.")
}

/// The oldest first; of more than a run can have the rest is named, as far as it can name them.
async fn approved(app: &App, by: &AccountId) -> Result<Picked, Problem> {
    let ordered = Ordered::load(app).await?;
    let mut picked = Picked { payouts: Vec::new(), left_out: Vec::new() };
    for payout in waiting(app).await? {
        let reason = if payout.account == *by {
            Some(Reason::OwnPayout)
        } else if ordered.run_of(&payout.id).is_some() {
            Some(Reason::AlreadyOrdered)
        } else if picked.payouts.len() >= RUN_MAX {
            Some(Reason::OverMaximum)
        } else {
            None
        };
        match reason {
            None => picked.payouts.push(payout),
            Some(reason) if picked.left_out.len() < RUN_MAX => {
                picked.left_out.push(LeftOut { payout: payout.id, reason: reason.as_str().to_owned() });
            }
            Some(_) => {}
        }
    }
    Ok(picked)
}

/// The approved payouts, the oldest first. The index runs some moments behind: each is read again where it stands.
async fn waiting(app: &App) -> Result<Vec<Payout>, Problem> {
    let (mut ids, mut place) = (Vec::new(), None::<String>);
    while ids.len() < RUN_MAX * 2 {
        let page = app.store.payouts_in(PayoutStatus::Approved, place.as_deref(), PAGE).await?;
        ids.extend(page.entries.iter().map(|listed| listed.entry.id.clone()));
        match page.next_place() {
            Some(next) => place = Some(next.to_owned()),
            None => break,
        }
    }
    let mut heads = app.store.payout_heads(&ids).await?;
    let still = |id: &PayoutId| heads.remove(id).filter(|payout| payout.status == PayoutStatus::Approved);
    Ok(ids.iter().rev().filter_map(still).collect())
}
