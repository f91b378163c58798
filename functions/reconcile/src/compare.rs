//! One payout against the payments that its rail lists for it: pure.

use chrono::{DateTime, Duration, Utc};
use programme::payout::{self, Numbers, Payout, PayoutStatus, Sighting};
use rails::RailPayment;
use store::records::reconciliation::{Finding, FindingKind};

/// A rail's list may be so far behind; what is younger is not judged.
pub(crate) const LAG: Duration = Duration::hours(6);
/// An outcome that is not known for so long is a finding.
const UNKNOWN_MAX: Duration = Duration::hours(24);
/// PayPal gives back what nobody claims after 30 days; a transfer that is under way for longer is stuck.
const UNDERWAY_MAX: Duration = Duration::days(35);
/// A state that the rail shows for so long and we do not have was missed.
const MISSED: Duration = Duration::hours(24);

/// What a comparison comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) findings: Vec<Finding>,
    /// The rail says more than we know: look it up.
    pub(crate) look: bool,
}

impl Compared {
    fn add(&mut self, kind: FindingKind, payout: &Payout, reference: Option<&str>, detail: String) {
        self.findings.push(Finding {
            kind,
            rail: payout.destination.rail,
            payout_id: Some(payout.id.clone()),
            reference: reference.or(payout.reference.as_deref()).map(str::to_owned),
            detail,
        });
    }
}

/// Compares. `listed` are the payments that the rail lists for this payout, in any order.
pub(crate) fn compare(payout: &Payout, listed: &[RailPayment], now: DateTime<Utc>) -> Compared {
    let mut compared = Compared::default();
    let Some(since) = payout.submitting_since else {
        for payment in listed {
            let detail = format!("the rail has a payment for a payout that is {}", payout.status);
            compared.add(FindingKind::Contradiction, payout, Some(&payment.reference), detail);
        }
        return compared;
    };
    let age = now - since;
    let moved: Vec<&RailPayment> = listed.iter().filter(|payment| !matches!(payment.state, Sighting::Failed { .. })).collect();
    if let [first, second, ..] = moved.as_slice() {
        let detail = format!("the rail has {} payments, the first two are {} and {}", moved.len(), first.reference, second.reference);
        compared.add(FindingKind::Double, payout, Some(&second.reference), detail);
        return compared;
    }
    match moved.first().copied().or(listed.first()) {
        Some(payment) => against(payout, payment, age, now, &mut compared),
        None => alone(payout, age, now, &mut compared),
    }
    compared
}

/// The rail lists nothing for it.
fn alone(payout: &Payout, age: Duration, now: DateTime<Utc>, compared: &mut Compared) {
    match payout.status {
        PayoutStatus::Submitted | PayoutStatus::Paid | PayoutStatus::Returned if age > LAG => {
            compared.look = true;
            compared.add(FindingKind::Missing, payout, None, format!("it is {} here, and the rail lists no payment", payout.status));
        }
        PayoutStatus::Submitting | PayoutStatus::Unknown if age > UNKNOWN_MAX => {
            compared.look = true;
            let hours = (now - payout.submitting_since.unwrap_or(now)).num_hours();
            compared.add(FindingKind::Late, payout, None, format!("what became of it is not known for {hours} hours"));
        }
        PayoutStatus::Requested
        | PayoutStatus::Approved
        | PayoutStatus::Rejected
        | PayoutStatus::Canceled
        | PayoutStatus::Submitting
        | PayoutStatus::Unknown
        | PayoutStatus::Submitted
        | PayoutStatus::Paid
        | PayoutStatus::Returned
        | PayoutStatus::Failed => {}
    }
}

/// The one payment that the rail lists for it.
fn against(payout: &Payout, payment: &RailPayment, age: Duration, now: DateTime<Utc>, compared: &mut Compared) {
    let reference = Some(payment.reference.as_str());
    let comparable = payment.currency == payout.currency;
    if comparable && payment.amount != payout.amount {
        let detail = format!("{} {} was approved, the rail paid {} {}", payout.amount, payout.currency, payment.amount, payment.currency);
        return compared.add(FindingKind::WrongAmount, payout, reference, detail);
    }
    let approved = payout.to.as_ref().map(payout::Destination::identity);
    if payment.destination.is_some() && payment.destination != approved {
        return compared.add(FindingKind::Contradiction, payout, reference, "it went to another destination than the approved one".into());
    }
    // A list may name a payment by another id than a look-up does (PayPal): whose it is was found by the payout's mark.
    let state = renamed(&payment.state, payout.reference.as_deref().unwrap_or(&payment.reference));
    let in_other_money = !comparable && matches!(state, Sighting::Returned { .. });
    match payout::decide(payout, &state, now, &Numbers::after(0, 0, 0)) {
        _ if in_other_money => compared.look = true,
        Ok(None) => {
            if payout.status == PayoutStatus::Submitted && age > UNDERWAY_MAX {
                let detail = format!("it is under way for {} days", age.num_days());
                compared.add(FindingKind::Late, payout, reference, detail);
            }
        }
        Ok(Some(_)) => {
            compared.look = true;
            if age > MISSED && now - payment.at > MISSED {
                let detail = format!("it is {} here, the rail says {}", payout.status, state.name());
                compared.add(FindingKind::Late, payout, reference, detail);
            }
        }
        Err(contradiction) => compared.add(FindingKind::Contradiction, payout, reference, contradiction.to_string()),
    }
}

/// The same, under the id that the payout knows it by.
fn renamed(state: &Sighting, name: &str) -> Sighting {
    let mut state = state.clone();
    match &mut state {
        Sighting::Absent => {}
        Sighting::Underway { reference, .. } | Sighting::Paid { reference, .. } | Sighting::Returned { reference, .. } => {
            name.clone_into(reference);
        }
        Sighting::Failed { reference, .. } => *reference = Some(name.to_owned()),
    }
    state
}
