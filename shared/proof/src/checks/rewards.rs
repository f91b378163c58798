//! What is posted for each purchase is what the rules say of its merged state, both ways: nothing
//! that should not earn earns, and what should earn does.

use crate::Books;
use ledger::{AccountId, Money};
use programme::{
    plan::{Body, BuyerView, Views},
    reward::Referrer,
};

/// The newest line of every purchase, with what it posts.
pub(super) fn views(books: &Books) -> Views {
    let buyers = books.accounts.iter().map(|(id, account)| (id.clone(), BuyerView { attribution: account.attribution.clone() })).collect();
    let referrer = |id: &AccountId| Referrer {
        rates: books.rates.get(id).cloned().unwrap_or_default(),
        closed_at: books.accounts.get(id).and_then(|account| account.closed_at),
    };
    let referrers = books.accounts.keys().map(|id| (id.clone(), referrer(id))).collect();
    Views { buyers, referrers, programme: books.programme() }
}

pub(super) fn run(books: &mut Books) {
    for name in
        ["reward_follows_the_rule", "earns_when_it_should_and_only_then", "reward_within_bounds", "purchased_credits_follow_the_rule"]
    {
        books.report.figure(name);
    }
    let views = views(books);
    for (subject, lines) in &books.lines {
        let Some(Body::Purchase { state, posting, .. }) = lines.values().last().map(|line| &line.body) else { continue };
        let target = views.target(state);
        let (posted, due) = (posting.reward_amount(), target.reward_amount());
        let report = &mut books.report;
        report.look("reward_follows_the_rule", subject, (posted != due).then(|| format!("the reward is {posted}, the rule says {due}")));
        let wrong = posting.outcome != target.outcome
            || posting.reward.as_ref().map(|r| (&r.referrer, r.in_review)) != target.reward.as_ref().map(|r| (&r.referrer, r.in_review));
        report.look(
            "earns_when_it_should_and_only_then",
            subject,
            wrong.then(|| format!("posted as {}, the rule says {}", posting.outcome.as_str(), target.outcome.as_str())),
        );
        let most = posting.reward.as_ref().map_or(Money::ZERO, |reward| state.base().share(reward.rate));
        let outside = posted.is_negative() || posted > most;
        report.look("reward_within_bounds", subject, outside.then(|| format!("the reward is {posted}, at most {most} is possible")));
        let differs = posting.purchased != target.purchased || posting.buyer != target.buyer;
        report.look(
            "purchased_credits_follow_the_rule",
            subject,
            differs.then(|| format!("credited {}, the rule says {}", posting.purchased, target.purchased)),
        );
    }
}
