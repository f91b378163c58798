//! Rewards by usage: what counts for one is what its lines say, and of that it is what the rule says.

use super::lines::Row;
use crate::{entries::Entry, known::Known, report::Report};
use ledger::{AccountId, Currency, Money};
use programme::{
    attribution::Attribution,
    fact::{Fact, FactBody},
    plan::{Body, Line, Subject},
    reward::{Counted, Outcome, Referrer, UsagePosting, spending_outcome, usage_difference, usage_target},
    settings::Programme,
};
use std::collections::BTreeSet;

/// The invariants of a newest line that hang on other items than its own.
pub(crate) const NAMES: [&str; 2] = ["usage_counts_when_it_should_and_only_then", "usage_reward_follows_the_rule"];

/// That a row of rewards goes from one to the next by what counts.
pub(crate) const ROW: &str = "usage_rewards_follow_what_counts";

/// What a line posts as a reward by usage.
pub(crate) const fn posting(line: &Line) -> Option<&UsagePosting> {
    match &line.body {
        Body::UsageReward { posting, .. } => Some(posting),
        Body::Purchase { .. } | Body::Single { .. } | Body::Spent { .. } | Body::Payout { .. } => None,
    }
}

fn amount(posting: Option<&UsagePosting>) -> Money {
    posting.map_or(Money::ZERO, UsagePosting::reward_amount)
}

/// Checks a row of rewards, each against the one before it.
pub(crate) fn run(row: &Row, report: &mut Report) {
    let mut before = row.before.as_ref().and_then(posting);
    for line in &row.lines {
        if let (Subject::UsageReward(_), Body::UsageReward { counted, posting }) = (&line.subject, &line.body) {
            report.looked(Entry::CountedBought.invariant());
            report.look(ROW, &line.subject, follows(before, counted, posting).map(|fault| format!("line {}: {fault}", line.number)));
            before = Some(posting);
        }
    }
}

fn follows(before: Option<&UsagePosting>, counted: &[Counted], posting: &UsagePosting) -> Option<String> {
    let (bought, spent) = before.map_or((Money::ZERO, Money::ZERO), |before| (before.bought, before.spent));
    let bought = bought + counted.iter().map(|step| step.bought).sum();
    let spent = spent + counted.iter().map(|step| step.spent).sum();
    if (bought, spent) != (posting.bought, posting.spent) {
        return Some(format!("{} bought and {} spent count, it says {} and {}", bought, spent, posting.bought, posting.spent));
    }
    if let Some(reward) = &posting.reward {
        let due = bought.min(spent).floor_zero().share(reward.rate);
        if reward.amount != due {
            return Some(format!("the reward is {}, its rate says {due}", reward.amount));
        }
    }
    let (days, grown) = (posting.days.values().copied().sum::<Money>(), posting.reward_amount() - amount(before));
    (days != grown).then(|| format!("the days of the chart get {days}, the reward grew by {grown}"))
}

/// The first line of a row of rewards whose transfers are not the difference of what is posted after and before it.
pub(crate) fn wrong_transfers(row: &Row, currency: &Currency, same: impl Fn(&Line, &[ledger::Transfer]) -> bool) -> Option<u32> {
    let mut before = row.before.as_ref().and_then(posting);
    for line in &row.lines {
        if let (Subject::UsageReward(referee), Some(posting)) = (&line.subject, posting(line)) {
            let expected = usage_difference(referee, before, posting, currency, line.at.date_naive()).transfers;
            if !same(line, &expected) {
                return Some(line.number);
            }
            before = Some(posting);
        }
    }
    None
}

/// That one fact moves money once: the first line moves its amount, a later one of the same fact nothing.
pub(crate) fn moved_once(row: &Row) -> Option<String> {
    let mut before = row.before.as_ref().and_then(fact);
    for line in &row.lines {
        let Some(told) = fact(line) else { continue };
        let moved: Vec<Money> = line.transfers.iter().map(ledger::Transfer::amount).collect();
        let expected: Vec<Money> = if line.number == 0 { money(told).into_iter().collect() } else { Vec::new() };
        if moved != expected {
            return Some(format!("line {} moves something else than its fact", line.number));
        }
        if before.is_some_and(|before| before != told) {
            return Some(format!("line {} is of another fact than the line before it", line.number));
        }
        before = Some(told);
    }
    None
}

const fn fact(line: &Line) -> Option<&Fact> {
    match &line.body {
        Body::Spent { fact, .. } | Body::Single { fact } => Some(fact),
        Body::Purchase { .. } | Body::UsageReward { .. } | Body::Payout { .. } => None,
    }
}

const fn money(fact: &Fact) -> Option<Money> {
    match &fact.body {
        FactBody::Spent { amount, .. } | FactBody::Rental { amount, .. } => Some(*amount),
        FactBody::Purchase { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
    }
}

/// The newest line of a usage, or of a reward by usage.
pub(crate) struct Newest<'a> {
    /// The line.
    pub(crate) line: &'a Line,
    /// Whose usage it is: the referee.
    pub(crate) account: &'a AccountId,
}

impl<'a> Newest<'a> {
    /// Of such a line. A usage from before the programme's first version by usage hangs on nothing else.
    pub(crate) fn of(line: &'a Line, programme: &Programme) -> Option<Self> {
        let account = match (&line.body, &line.subject) {
            (Body::Spent { fact: Fact { body: FactBody::Spent { account, at, .. }, .. }, outcome }, _) => {
                let looked = programme.by_usage_since().is_some_and(|since| *at >= since) || *outcome != Outcome::ByPurchase;
                looked.then_some(account)?
            }
            (Body::UsageReward { .. }, Subject::UsageReward(referee)) => referee,
            (Body::Spent { .. } | Body::UsageReward { .. } | Body::Purchase { .. } | Body::Single { .. } | Body::Payout { .. }, _) => {
                return None;
            }
        };
        Some(Self { line, account })
    }

    /// The referrer that the account's attribution credits.
    pub(crate) fn referrer<'k>(&self, known: &'k Known) -> Option<&'k AccountId> {
        known.attribution(self.account)?.credit.as_ref().map(|credit| &credit.referrer)
    }

    /// Whether it may be about to be posted anew, some moments after a signup, a change of the attribution, or the closing of the
    /// referrer's account.
    pub(crate) fn may_be_under_way(&self, known: &Known) -> bool {
        let waits = matches!(&self.line.body, Body::Spent { outcome: Outcome::Waiting, .. });
        let changed = known.attribution(self.account).is_some_and(|attribution| attribution.version > 1);
        let closed = self.referrer(known).and_then(|id| known.referrer(id)).is_some_and(|referrer| referrer.closed_at.is_some());
        waits || changed || closed
    }

    /// The violations, by invariant.
    pub(crate) fn faults(&self, known: &Known, programme: &Programme) -> Vec<(&'static str, String)> {
        let attribution = known.attribution(self.account);
        let nobody = Referrer::default();
        let credited = attribution.and_then(Attribution::counting).and_then(|credit| known.referrer(&credit.referrer));
        let referrer = credited.unwrap_or(&nobody);
        let [counts, follows] = NAMES;
        match &self.line.body {
            Body::Spent { fact: Fact { body: FactBody::Spent { at, .. }, .. }, outcome } => {
                let due = spending_outcome(*at, attribution, referrer, programme);
                let fault = || (counts, format!("posted as {}, the rule says {}", outcome.as_str(), due.as_str()));
                (*outcome != due).then(fault).into_iter().collect()
            }
            Body::UsageReward { posting, .. } => {
                let Some(attribution) = attribution else { return vec![(follows, "it is of nobody's referral".to_owned())] };
                let due = self.due(posting, attribution, referrer, programme);
                let told = |posting: &UsagePosting| {
                    posting.reward.as_ref().map(|r| {
                        (
                            r.referrer.clone(),
                            r.amount,
                            r.in_review,
                            r.rate,
                            r.settings_version,
                            r.rate_version,
                            r.template.clone(),
                            r.matures_on,
                        )
                    })
                };
                let fault = || (follows, format!("the reward is {}, the rule says {}", posting.reward_amount(), due.reward_amount()));
                (told(posting) != told(&due)).then(fault).into_iter().collect()
            }
            Body::Spent { .. } | Body::Purchase { .. } | Body::Single { .. } | Body::Payout { .. } => Vec::new(),
        }
    }

    /// What the rules say of all that counts, taken at once.
    fn due(&self, posting: &UsagePosting, attribution: &Attribution, referrer: &Referrer, programme: &Programme) -> UsagePosting {
        let day = self.line.at.date_naive();
        let all = Counted { line: String::new(), day, bought: posting.bought, spent: posting.spent };
        usage_target(None, &[all], attribution, referrer, programme, day)
    }
}

/// Counts a look at what hangs on other items.
pub(crate) fn looked(line: &Line, report: &mut Report) {
    let [counts, follows] = NAMES;
    match &line.subject {
        Subject::Usage(_) => report.looked(counts),
        Subject::UsageReward(_) => report.looked(follows),
        Subject::Purchase(_) | Subject::Rental(_) | Subject::Payout(_) => {}
    }
}

/// The accounts whose attributions these lines hang on.
pub(crate) fn accounts<'a>(newest: &[Newest<'a>]) -> BTreeSet<&'a AccountId> {
    newest.iter().map(|one| one.account).collect()
}
