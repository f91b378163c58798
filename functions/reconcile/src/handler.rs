//! One reconciliation: gather, compare, keep, tell.

use crate::{
    App,
    compare::{Compared, LAG, compare},
    gather,
};
use chrono::{DateTime, Utc};
use edge::{events::Schedule, problem::Problem, queue::Outgoing, telemetry::metrics::RECONCILIATION_FINDINGS};
use programme::{
    payout::{Errand, Payout, PayoutId, PayoutStatus},
    plan::Subject,
};
use rails::{Rail, RailPayment};
use std::collections::{BTreeMap, BTreeSet};
use store::records::reconciliation::{Finding, FindingKind, Reconciliation};

/// Reconciles. A rail whose list can't be read fails the run, after the other rails' findings were kept.
///
/// # Errors
/// 503 while the store, the queue or a rail is away: the next run does it again.
pub async fn handle(app: &App, job: Schedule) -> Result<(), Problem> {
    let now = job.now;
    let mut unread = None;
    let mut theirs: BTreeMap<ledger::Rail, Vec<RailPayment>> = BTreeMap::new();
    for name in app.rails.offered() {
        let Some(rail) = app.rails.get(name) else { continue };
        match gather::theirs(rail, now).await {
            Ok(payments) => drop(theirs.insert(name, payments)),
            Err(error) => {
                tracing::error!(rail = name.as_str(), %error, private = error.private_half(), "a rail's list can't be read");
                unread = Some(error);
            }
        }
    }
    // After the lists: what is paid meanwhile is then known to us at least, and too young to be missed.
    let ours = gather::ours(app, now).await?;
    let counts = (count(ours.len()), count(theirs.values().map(Vec::len).sum()));
    let (findings, looks) = judge(app, &ours, &theirs, now).await?;
    look(app, &looks).await?;
    for kind in FindingKind::ALL {
        let number = findings.iter().filter(|finding| finding.kind == kind).count();
        RECONCILIATION_FINDINGS.count(count(number), kind.as_str(), None);
    }
    tracing::info!(ours = counts.0, theirs = counts.1, findings = findings.len(), looks = looks.len(), "reconciled");
    app.store.put_reconciliation(&Reconciliation::new(now.date_naive(), now, counts, findings)).await?;
    unread.map_or(Ok(()), |error| Err(Problem::unavailable(error)))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Every difference, and the payouts to be looked up.
async fn judge(
    app: &App,
    ours: &[Payout],
    theirs: &BTreeMap<ledger::Rail, Vec<RailPayment>>,
    now: DateTime<Utc>,
) -> Result<(Vec<Finding>, BTreeSet<PayoutId>), Problem> {
    let (mut findings, mut looks) = (Vec::new(), BTreeSet::new());
    let mut take = |payout: &Payout, compared: Compared| {
        findings.extend(compared.findings);
        if compared.look {
            looks.insert(payout.id.clone());
        }
    };
    let mut strangers = Vec::new();
    for (name, payments) in theirs {
        let Some(rail) = app.rails.get(*name) else { continue };
        let mut by_mark: BTreeMap<&str, Vec<&RailPayment>> = BTreeMap::new();
        payments.iter().for_each(|payment| by_mark.entry(payment.payout.as_deref().unwrap_or("")).or_default().push(payment));
        for payout in ours.iter().filter(|payout| payout.destination.rail == *name) {
            let listed = by_mark.remove(rail.mark(&payout.id).as_str()).unwrap_or_default();
            // An old payout's payment is no longer in the list.
            let told = payout.submitting_since.is_some_and(|since| since > now - gather::WINDOW) || !listed.is_empty();
            if !told {
                continue;
            }
            if listed.is_empty() && moved_lately(app, payout, now).await? {
                take(payout, Compared { findings: Vec::new(), look: true });
            } else {
                take(payout, compare(payout, &listed.into_iter().cloned().collect::<Vec<_>>(), now));
            }
        }
        strangers.extend(by_mark.into_values().flatten().filter(|payment| payment.at + LAG < now).map(|payment| (rail, payment)));
    }
    let mut known: BTreeMap<PayoutId, (Payout, Vec<RailPayment>)> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (rail, payment) in strangers {
        match whose(app, rail, payment).await? {
            Some(payout) => known.entry(payout.id.clone()).or_insert_with(|| (payout, Vec::new())).1.push(payment.clone()),
            None => unknown.push(Finding {
                kind: FindingKind::UnknownToUs,
                rail: rail.rail(),
                payout_id: None,
                reference: Some(payment.reference.clone()),
                detail: format!("the rail paid {} {}, and no payout of ours is that", payment.amount, payment.currency),
            }),
        }
    }
    for (payout, listed) in known.values() {
        take(payout, compare(payout, listed, now));
    }
    findings.extend(unknown);
    Ok((findings, looks))
}

/// Whether a payout was handed to its rail, or paid by it, so lately that the list may not show it yet: long after the
/// intent, where the first attempts were lost.
async fn moved_lately(app: &App, payout: &Payout, now: DateTime<Utc>) -> Result<bool, Problem> {
    if !matches!(payout.status, PayoutStatus::Submitted | PayoutStatus::Paid | PayoutStatus::Returned) {
        return Ok(false);
    }
    let newest = app.store.line(&Subject::Payout(payout.id.to_string()), payout.version.saturating_sub(1)).await?;
    Ok(newest.is_some_and(|line| line.at + LAG >= now))
}

/// The payout that a payment is of, though it is none that the rail should have now: by its mark, by the rail's id.
async fn whose(app: &App, rail: &dyn Rail, payment: &RailPayment) -> Result<Option<Payout>, Problem> {
    let marked = payment.payout.as_deref().and_then(|mark| PayoutId::try_new(mark).ok());
    let id = match marked {
        Some(id) => Some(id),
        None => app.store.payout_by_reference(rail.rail(), &payment.reference).await?,
    };
    match id {
        Some(id) => Ok(app.store.payout(&id).await?.filter(|payout| payout.destination.rail == rail.rail())),
        None => Ok(None),
    }
}

/// Has the payout worker look these up.
async fn look(app: &App, payouts: &BTreeSet<PayoutId>) -> Result<(), Problem> {
    // Ids and our own enums always serialise.
    let message = |payout: &PayoutId| Outgoing::new(serde_json::to_string(&Errand::Look { payout: payout.clone() }).unwrap_or_default());
    if payouts.is_empty() { Ok(()) } else { Ok(app.queue.send(payouts.iter().map(message).collect()).await?) }
}
