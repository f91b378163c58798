//! What is posted for each purchase is what the rules say of its merged state, both ways: nothing
//! that should not earn earns, and what should earn does.

use crate::{known::Known, report::Report};
use ledger::Money;
use programme::{
    attribution::Attribution,
    plan::{Body, Line, Subject},
    purchase::PurchaseState,
    reward::{Outcome, Posting, Referrer, target},
    settings::Programme,
};

/// The newest line of a purchase.
pub(crate) struct Newest<'a> {
    /// The line.
    pub(crate) line: &'a Line,
    /// The merged state after it.
    pub(crate) state: &'a PurchaseState,
    /// What is posted after it.
    pub(crate) posting: &'a Posting,
}

/// The invariants of a newest line that hang on other items than its own.
pub(crate) const NAMES: [&str; 4] =
    ["reward_follows_the_rule", "earns_when_it_should_and_only_then", "reward_within_bounds", "purchased_credits_follow_the_rule"];

impl<'a> Newest<'a> {
    /// Of a purchase's line.
    pub(crate) fn of(line: &'a Line) -> Option<Self> {
        match &line.body {
            Body::Purchase { state, posting, .. } => Some(Self { line, state, posting }),
            Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } | Body::Payout { .. } => None,
        }
    }

    /// What the rules say of it, by what is known of its buyer and referrer.
    pub(crate) fn target(&self, known: &Known, programme: &Programme) -> Posting {
        let attribution = self.state.buyer().and_then(|buyer| known.attribution(buyer));
        let nobody = Referrer::default();
        let credited = attribution.and_then(Attribution::earning).map(|credit| &credit.referrer);
        let referrer = credited.and_then(|id| known.referrer(id)).unwrap_or(&nobody);
        target(self.state, attribution, referrer, programme)
    }

    /// Whether it may be about to be posted anew: after a signup, a change of the attribution or the closing of the
    /// referrer's account every purchase of the buyer is, one after the other, some moments later.
    pub(crate) fn may_be_under_way(&self, known: &Known) -> bool {
        let Some(attribution) = self.state.buyer().and_then(|buyer| known.attribution(buyer)) else { return false };
        let credited = attribution.credit.as_ref().map(|credit| &credit.referrer);
        let closed = credited.and_then(|id| known.referrer(id)).is_some_and(|referrer| referrer.closed_at.is_some());
        self.posting.outcome == Outcome::Waiting || attribution.version > 1 || closed
    }

    /// Whether it has contradicting facts.
    pub(crate) fn is_flagged(&self, programme: &Programme) -> bool {
        let at = self.state.capture.as_ref().map_or(self.line.at, |capture| capture.at);
        !self.state.flags(&programme.at(at).1.currency).is_empty()
    }

    /// The violations, by invariant.
    pub(crate) fn faults(&self, target: &Posting) -> Vec<(&'static str, String)> {
        let (posting, mut faults) = (self.posting, Vec::new());
        let (posted, due) = (posting.reward_amount(), target.reward_amount());
        if posted != due {
            faults.push(("reward_follows_the_rule", format!("the reward is {posted}, the rule says {due}")));
        }
        let whose = |posting: &Posting| posting.reward.as_ref().map(|reward| (reward.referrer.clone(), reward.in_review));
        if posting.outcome != target.outcome || whose(posting) != whose(target) {
            let fault = format!("posted as {}, the rule says {}", posting.outcome.as_str(), target.outcome.as_str());
            faults.push(("earns_when_it_should_and_only_then", fault));
        }
        let most = posting.reward.as_ref().map_or(Money::ZERO, |reward| self.state.base().share(reward.rate));
        if posted.is_negative() || posted > most {
            faults.push(("reward_within_bounds", format!("the reward is {posted}, at most {most} is possible")));
        }
        if posting.purchased != target.purchased || posting.buyer != target.buyer {
            faults
                .push(("purchased_credits_follow_the_rule", format!("credited {}, the rule says {}", posting.purchased, target.purchased)));
        }
        faults
    }
}

/// Counts a look at each of them.
pub(crate) fn looked(subject: &Subject, report: &mut Report) {
    if matches!(subject, Subject::Purchase(_)) {
        NAMES.into_iter().for_each(|name| report.looked(name));
        report.looked("contradictions_are_flagged");
    }
}
