//! A reward by usage in words: what came to what counts, and what stands after it.

use crate::reward::{Counted, Reward, UsagePosting};
use ledger::{Money, TransferKind};

/// Why the line is there. `moved` is what it changed for the referrer, and by which kinds of transfers.
pub(super) fn cause(counted: &[Counted], posting: &UsagePosting, (amount, kinds): (Money, &[TransferKind])) -> String {
    let stands = match &posting.reward {
        Some(reward) => reward_words(reward, posting),
        None => "earns nothing: the referral was refused".to_owned(),
    };
    let taken = if amount.is_negative() { "taken back: " } else { "" };
    let mut news = news(counted, kinds);
    if amount.is_zero() && !counted.is_empty() {
        news.push(idle_words(posting).to_owned());
    }
    format!("{taken}{}; now {stands}", news.join("; "))
}

/// `3 % of 40.00 spent by a referred account, settings version 2`: the lesser of what was spent and bought, and which that is.
fn reward_words(reward: &Reward, posting: &UsagePosting) -> String {
    let (bought, spent) = (posting.bought, posting.spent);
    let of = if spent <= bought {
        format!("{spent} spent by a referred account, of {bought} bought")
    } else {
        format!("{bought} bought by a referred account, which spent {spent}")
    };
    let own = reward.rate_version.map(|version| format!(", own rate version {version}")).unwrap_or_default();
    let review = if reward.in_review { ", in review" } else { "" };
    format!("{} of {of}, settings version {} as at the signup{own}{review}", reward.rate.percent(), reward.settings_version)
}

/// What came to what counts.
fn news(counted: &[Counted], kinds: &[TransferKind]) -> Vec<String> {
    let mut news = Vec::new();
    let spent: Money = counted.iter().map(|step| step.spent).sum();
    let bought: Money = counted.iter().map(|step| step.bought).sum();
    let days = {
        let (first, last) = (counted.iter().map(|step| step.day).min(), counted.iter().map(|step| step.day).max());
        match (first, last) {
            (Some(first), Some(last)) if first == last => format!(" on {first}"),
            (Some(first), Some(last)) => format!(" from {first} to {last}"),
            (None, _) | (_, None) => String::new(),
        }
    };
    if spent.is_positive() {
        news.push(format!("{spent} of credits spent{days}"));
    } else if spent.is_negative() {
        news.push(format!("{} of credits spent{days} no longer count", -spent));
    }
    if bought.is_positive() {
        news.push(format!("{bought} more of credits bought"));
    } else if bought.is_negative() {
        news.push(format!("{} less of credits bought", -bought));
    }
    if kinds.contains(&TransferKind::ReviewOpened) {
        news.push("the referral went into review".into());
    }
    if kinds.contains(&TransferKind::ReviewCleared) {
        news.push("the referral's review was cleared".into());
    }
    if news.is_empty() {
        news.push("something about the referral changed".into());
    }
    news
}

/// Why the reward is what it was.
fn idle_words(posting: &UsagePosting) -> &'static str {
    if posting.reward.is_none() {
        "it earns nothing"
    } else if posting.spent > posting.bought {
        "the reward stays, since no more than what was bought earns"
    } else {
        "the reward stays, since only what is spent earns"
    }
}

#[cfg(test)]
#[path = "by_usage_tests.rs"]
mod tests;
