//! Rewards by usage as lines: what counts since the last one, in the transaction of what made it count.

use super::{Body, Line, Plan, Subject, Views};
use crate::{
    attribution::Attribution,
    reward::{Counted, UsagePosting, usage_difference, usage_target},
};
use chrono::{DateTime, Utc};
use ledger::AccountId;

impl Plan {
    /// Has a referee's reward by usage looked at again, although nothing more counts for it.
    #[must_use]
    pub fn looking_at_usage(referee: &AccountId) -> Self {
        Self { counted: [(referee.clone(), Vec::new())].into(), ..Self::default() }
    }

    /// Makes lines of what counts, one for each referee. Claimed by its number like any other, such a line holds only on the one
    /// before it; and the attribution that it was decided on must still stand.
    ///
    /// To be called once everything that one transaction writes is in the plan.
    pub fn reward_usage(&mut self, views: &Views, now: DateTime<Utc>) {
        for (referee, counted) in std::mem::take(&mut self.counted) {
            if !counted.is_empty() {
                // Also of one whose attribution was not read, or is gone from the views: the guard finds that out.
                self.guards.insert(referee.clone(), views.guard(&referee));
            }
            if let Some((line, moves)) = views.attribution(Some(&referee)).and_then(|made| reward_line(&referee, counted, made, views, now))
            {
                self.lines.push(line);
                self.moves.merge(moves);
                self.guards.insert(referee.clone(), views.guard(&referee));
            }
        }
    }
}

fn reward_line(
    referee: &AccountId,
    counted: Vec<Counted>,
    attribution: &Attribution,
    views: &Views,
    now: DateTime<Utc>,
) -> Option<(Line, super::Moves)> {
    let known = views.usage.get(referee);
    let old = known.map(|known| &known.posting);
    let today = now.date_naive();
    let posting = usage_target(old, &counted, attribution, &views.referrer(Some(attribution)), &views.programme, today);
    if counted.is_empty() && stands(old, &posting) {
        return None;
    }
    let currency = &views.programme.at(now).1.currency;
    let mut moves = usage_difference(referee, old, &posting, currency, today);
    let reward = posting.reward.as_ref().or_else(|| old?.reward.as_ref());
    let line = Line {
        subject: Subject::UsageReward(referee.clone()),
        number: known.map_or(0, |known| known.number + 1),
        at: now,
        transfers: std::mem::take(&mut moves.transfers),
        listed_for: reward.map(|reward| reward.referrer.clone()).or_else(|| Some(attribution.counting()?.referrer.clone())),
        body: Body::UsageReward { counted, posting: Box::new(posting) },
    };
    Some((line, moves))
}

/// Whether what should be posted is: for one that nothing ever counted for, there is nothing to say.
fn stands(old: Option<&UsagePosting>, new: &UsagePosting) -> bool {
    let told = |posting: &UsagePosting| posting.reward.as_ref().map(|reward| (reward.amount, reward.in_review));
    match old {
        Some(old) => told(old) == told(new),
        None => new.reward_amount().is_zero(),
    }
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
