//! Deliberate bugs in the rules, one at a time and for one thread: the model shows with them that
//! its checks find each. Only the feature `bugs` compiles this, and no function asks for it.

use crate::{
    attribution::{Attribution, AttributionStatus, Signals},
    fact::{DisputeStatus, PurchaseFact, RefundStatus},
    payout::{Payout, PayoutStatus, Step},
    purchase::{DisputeSeen, PurchaseState, RefundSeen},
    reward::{Posting, Referrer, target},
    settings::{Programme, RewardDuration, Settings},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use ledger::{Money, Rate};
use std::cell::Cell;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Rewards are rounded half up.
    HalfUp,
    /// A refund counts once for each event that tells of it.
    RefundsPerEvent,
    /// The rate is that of the time of processing.
    RateOfProcessing,
    /// The dispute's state that came in last counts.
    DisputeByArrival,
    /// A dispute that was won still takes.
    WonDisputeCounts,
    /// A refund that failed still takes.
    FailedRefundCounts,
    /// Rewards are cashable at once.
    HoldIgnored,
    /// Rewards of referees in review are cashable.
    ReviewCashable,
    /// A fact that comes again is posted again.
    RedeliveryCounts,
    /// Purchases before the credited click earn.
    BeforeClickEarns,
    /// Closed accounts go on earning.
    ClosedEarns,
    /// Purchases after the duration earn.
    DurationIgnored,
    /// Of contradicting captures the highest amount counts.
    HighestCapture,
    /// Another currency counts as the programme's.
    ForeignCurrencyCounts,
    /// A refused attribution earns.
    RefusedEarns,
    /// The credits bought are not looked at: rewards are of the amount with tax.
    CreditsIgnored,
    /// An account with somebody else's mailbox is attributed.
    SameEmailIgnored,
    /// A suspicion that shows after the signup opens no review.
    SuspicionIgnored,
    /// The whole of the rewards can be cashed.
    ShareIgnored,
    /// Rewards can be cashed while purchased credits are left.
    GateIgnored,
    /// The payee may approve.
    OwnApproval,
    /// One approval is enough for any amount.
    FourEyesIgnored,
    /// A payout account can be paid to as soon as it is changed.
    CooldownIgnored,
    /// By usage, all that is spent earns, whether it was bought or not.
    SpendingUncapped,
    /// By usage, the rate is that of the day and not of the signup.
    SpendingRateOfToday,
    /// A payout that is told paid again is paid again.
    PaidTwice,
    /// A payout that failed keeps its reserve.
    ReserveLostOnFailure,
    /// What came back is added each time that a rail tells the sum of it.
    ReturnPerSighting,
    /// A payout is sent whether or not its money is still there.
    SubmitWithoutMoneyCheck,
    /// Each attempt to pay has a key of its own.
    SecondKey,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::HalfUp,
        Self::RefundsPerEvent,
        Self::RateOfProcessing,
        Self::DisputeByArrival,
        Self::WonDisputeCounts,
        Self::FailedRefundCounts,
        Self::HoldIgnored,
        Self::ReviewCashable,
        Self::RedeliveryCounts,
        Self::BeforeClickEarns,
        Self::ClosedEarns,
        Self::DurationIgnored,
        Self::HighestCapture,
        Self::ForeignCurrencyCounts,
        Self::RefusedEarns,
        Self::CreditsIgnored,
        Self::SameEmailIgnored,
        Self::SuspicionIgnored,
        Self::ShareIgnored,
        Self::GateIgnored,
        Self::OwnApproval,
        Self::FourEyesIgnored,
        Self::CooldownIgnored,
        Self::SpendingUncapped,
        Self::SpendingRateOfToday,
        Self::PaidTwice,
        Self::ReserveLostOnFailure,
        Self::ReturnPerSighting,
        Self::SubmitWithoutMoneyCheck,
        Self::SecondKey,
    ];

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::HalfUp => "rewards are rounded half up",
            Self::RefundsPerEvent => "refunds are added per event",
            Self::RateOfProcessing => "the rate is that of the time of processing",
            Self::DisputeByArrival => "a dispute follows the order of arrival",
            Self::WonDisputeCounts => "a dispute that was won still takes",
            Self::FailedRefundCounts => "a refund that failed still takes",
            Self::HoldIgnored => "the hold is ignored",
            Self::ReviewCashable => "rewards in review are cashable",
            Self::RedeliveryCounts => "a redelivered fact counts again",
            Self::BeforeClickEarns => "purchases before the click earn",
            Self::ClosedEarns => "closed accounts go on earning",
            Self::DurationIgnored => "purchases after the duration earn",
            Self::HighestCapture => "the highest of contradicting captures counts",
            Self::ForeignCurrencyCounts => "another currency counts as the programme's",
            Self::RefusedEarns => "a refused attribution earns",
            Self::CreditsIgnored => "rewards are of the amount with tax",
            Self::SameEmailIgnored => "the same mailbox does not refuse an attribution",
            Self::SuspicionIgnored => "a suspicion that shows later opens no review",
            Self::ShareIgnored => "the whole of the rewards can be cashed",
            Self::GateIgnored => "purchased credits do not hold back cash",
            Self::OwnApproval => "the payee may approve",
            Self::FourEyesIgnored => "one approval is enough for any amount",
            Self::CooldownIgnored => "a payout account has no cool-down",
            Self::SpendingUncapped => "by usage, what was never bought earns",
            Self::SpendingRateOfToday => "by usage, the rate is that of the day",
            Self::PaidTwice => "a payout that is told paid again is paid again",
            Self::ReserveLostOnFailure => "a payout that failed keeps its reserve",
            Self::ReturnPerSighting => "what came back is added per sighting",
            Self::SubmitWithoutMoneyCheck => "a payout is sent whether or not its money is there",
            Self::SecondKey => "each attempt to pay has a key of its own",
        }
    }
}

thread_local! {
    static ACTIVE: Cell<Option<Bug>> = const { Cell::new(None) };
    static SERIAL: Cell<u64> = const { Cell::new(0) };
}

/// Another number at each call.
pub(crate) fn serial() -> u64 {
    SERIAL.replace(SERIAL.get().wrapping_add(1))
}

/// Does a piece of work with a bug in the rules.
pub fn with<T>(bug: Option<Bug>, work: impl FnOnce() -> T) -> T {
    let before = ACTIVE.replace(bug);
    let done = work();
    ACTIVE.set(before);
    done
}

/// Whether this bug is in the rules now.
#[must_use]
pub fn active(bug: Bug) -> bool {
    ACTIVE.get() == Some(bug)
}

/// What is known of a new account, as the bug has it.
pub(crate) fn signals(known: &Signals) -> Signals {
    Signals { same_email: known.same_email && !active(Bug::SameEmailIgnored), ..known.clone() }
}

/// What a purchase should have posted, as the bug has it; none where the bug is another one.
pub(crate) fn posting(
    state: &PurchaseState,
    attribution: Option<&Attribution>,
    referrer: &Referrer,
    programme: &Programme,
    now: DateTime<Utc>,
) -> Option<Posting> {
    let bug = ACTIVE.get()?;
    let (mut state, mut attribution, mut referrer) = (state.clone(), attribution.cloned(), referrer.clone());
    match bug {
        Bug::WonDisputeCounts => {
            state.disputes.values_mut().filter(|seen| seen.status == DisputeStatus::Won).for_each(|seen| seen.status = DisputeStatus::Lost)
        }
        Bug::FailedRefundCounts => {
            state.refunds.values_mut().filter(|seen| !seen.status.counts()).for_each(|seen| seen.status = RefundStatus::Succeeded)
        }
        Bug::BeforeClickEarns => {
            attribution.iter_mut().filter_map(|made| made.credit.as_mut()).for_each(|credit| credit.clicked_at = DateTime::UNIX_EPOCH)
        }
        Bug::DurationIgnored => {
            attribution.iter_mut().filter_map(|made| made.credit.as_mut()).for_each(|credit| credit.duration = RewardDuration::Lifetime)
        }
        Bug::RefusedEarns => attribution
            .iter_mut()
            .filter(|made| made.status == AttributionStatus::Refused)
            .for_each(|made| made.status = AttributionStatus::Attributed),
        Bug::ClosedEarns => referrer.closed_at = None,
        Bug::HighestCapture => state.capture.iter_mut().for_each(|capture| capture.amount = capture.amount_highest),
        Bug::ForeignCurrencyCounts => state.currencies.clear(),
        Bug::CreditsIgnored => state.credits = None,
        Bug::HalfUp | Bug::RateOfProcessing | Bug::HoldIgnored | Bug::ReviewCashable => {}
        Bug::RefundsPerEvent
        | Bug::DisputeByArrival
        | Bug::RedeliveryCounts
        | Bug::SameEmailIgnored
        | Bug::SuspicionIgnored
        | Bug::ShareIgnored
        | Bug::GateIgnored
        | Bug::OwnApproval
        | Bug::FourEyesIgnored
        | Bug::CooldownIgnored
        | Bug::SpendingUncapped
        | Bug::SpendingRateOfToday
        | Bug::PaidTwice
        | Bug::ReserveLostOnFailure
        | Bug::ReturnPerSighting
        | Bug::SubmitWithoutMoneyCheck
        | Bug::SecondKey => return None,
    }
    let mut posting = target(&state, attribution.as_ref(), &referrer, programme);
    if let (Some(reward), Some(capture)) = (&mut posting.reward, &state.capture) {
        if bug == Bug::HoldIgnored {
            reward.matures_on = None;
        } else if bug == Bug::ReviewCashable {
            reward.in_review = false;
        } else if bug == Bug::RateOfProcessing {
            reward.rate = referrer.rates.in_force(now).map_or(programme.at(now).1.reward_rate, |version| version.value);
            reward.amount = state.base().pro_rata(reward.rate, state.net_received(), capture.amount);
        } else if bug == Bug::HalfUp {
            reward.amount = half_up(&state, reward.rate, capture.amount);
        }
    }
    Some(posting)
}

/// The time whose rate a reward by usage has, as the bug has it.
pub(crate) fn frozen_at(attribution: &Attribution, today: NaiveDate) -> DateTime<Utc> {
    if active(Bug::SpendingRateOfToday) { today.and_time(NaiveTime::MIN).and_utc() } else { attribution.signed_up_at }
}

/// Whether a payout that was paid is paid once more, as the bug has it.
pub(crate) fn is_paid_again(payout: &Payout, now: DateTime<Utc>) -> bool {
    active(Bug::PaidTwice) && payout.status == PayoutStatus::Paid && payout.paid_at < Some(now)
}

/// What came back of a payout in all, as the bug has it.
pub(crate) fn returned(payout: &Payout, total: Money) -> Money {
    if active(Bug::ReturnPerSighting) && payout.credit_notes.len() == 1 { payout.returned + total } else { total }
}

/// Whether a step can leave the status as it is, as the bug has it.
pub(crate) fn may_stay(step: &Step, may: bool) -> bool {
    may || (matches!(step, Step::Paid { .. }) && active(Bug::PaidTwice))
}

/// The settings as the bug has them.
pub(crate) fn lenient(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    if active(Bug::FourEyesIgnored) {
        settings.four_eyes_above = settings.payout_maximum;
    }
    if active(Bug::CooldownIgnored) {
        settings.destination_cooldown_hours = 0;
    }
    settings
}

fn half_up(state: &PurchaseState, rate: Rate, captured: Money) -> Money {
    let (base, net) = (state.base(), state.net_received());
    let down = base.pro_rata(rate, net, captured);
    // Twice the exact product is odd where its half is at least half above.
    let twice = (base + base).pro_rata(rate, net, captured);
    if twice > down + down { down + Money::from_minor(1, 6).unwrap_or_default() } else { down }
}

/// Merges a fact as the bug has it; false where the bug is another one.
pub(crate) fn merge(state: &mut PurchaseState, fact: &PurchaseFact) -> bool {
    if let PurchaseFact::Refund { id, amount, status, .. } = fact
        && active(Bug::RefundsPerEvent)
    {
        let seen = state.refunds.entry(id.clone()).or_insert(RefundSeen { status: *status, amount: Money::ZERO });
        seen.status = seen.status.max(*status);
        seen.amount += *amount;
        return true;
    }
    if let PurchaseFact::Dispute { id, amount, status, at, .. } = fact
        && active(Bug::DisputeByArrival)
    {
        state.disputes.insert(id.clone(), DisputeSeen { at: *at, status: *status, amount: *amount });
        return true;
    }
    false
}
