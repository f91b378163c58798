#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::{
    account::Total,
    attribution::{AttributionReason, AttributionStatus, Receipt, Signals, decide},
    fact::{Buyer, DisputeStatus, Fact, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source},
    plan::{BuyerView, Guard, PostedPurchase, PostedSpending, PostedUsage, purchase_line, spending_line},
    reward::{Outcome, Referrer},
    settings::{History, Programme, RewardBasis, Settings, Version},
};
use ledger::Money;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn fact(body: FactBody) -> Fact {
    Fact { source: Source::Platform, event: "e".into(), body }
}
fn spent(usage: &str, amount: Money, time: &str) -> Fact {
    let (usage, account, currency) = (usage.to_owned(), id("bob"), "USD".parse().unwrap());
    fact(FactBody::Spent { usage, account, amount, currency, at: at(time) })
}
fn of(purchase: &str, told: PurchaseFact) -> Fact {
    fact(FactBody::Purchase { purchase: format!("stripe:{purchase}").parse().unwrap(), fact: told })
}
fn captured(purchase: &str, amount: Money, buyer: &str) -> Fact {
    let buyer = Some(Buyer { by: Naming::Payment, account: id(buyer) });
    of(purchase, PurchaseFact::Captured { amount, currency: "USD".parse().unwrap(), at: at("2026-02-01T12:00:00Z"), credits: None, buyer })
}
fn refund(purchase: &str, amount: Money, status: RefundStatus) -> Fact {
    of(purchase, PurchaseFact::Refund { id: "re".into(), amount, currency: "USD".parse().unwrap(), status })
}
fn cents(cents: i64) -> Money {
    Money::from_minor(cents, 2).unwrap()
}

fn programme() -> Programme {
    let settings = Settings { reward_basis: RewardBasis::Usage, ..Settings::default() };
    Programme::new(History::from_versions(vec![Version { number: 1, from: at("2026-01-01T00:00:00Z"), value: settings }]))
}
fn attributed(status: AttributionStatus) -> Attribution {
    let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-01-05T00:00:00Z") };
    let (programme, signed_up) = (programme(), at("2026-01-06T00:00:00Z"));
    let made = decide(&id("bob"), Some((&receipt, &id("alice"))), &Signals::default(), signed_up, programme.at(signed_up));
    Attribution { status, reason: Some(AttributionReason::Confirmed), ..made }
}

/// Books that take every plan in, as the store would: a line once, a guard where it holds.
#[derive(Default)]
struct Books {
    views: Views,
    purchases: BTreeMap<PurchaseId, PostedPurchase>,
    usages: BTreeMap<String, PostedSpending>,
    moves: crate::plan::Moves,
    lines: Vec<Line>,
}

impl Books {
    fn new(status: Option<AttributionStatus>) -> Self {
        let mut books = Self { views: Views { programme: programme(), ..Views::default() }, ..Self::default() };
        books.attribute(status);
        books
    }

    fn attribute(&mut self, status: Option<AttributionStatus>) {
        self.views.buyers.insert(id("bob"), BuyerView { attribution: status.map(attributed) });
    }

    fn decide(&self, told: &Fact, now: DateTime<Utc>) -> Option<Plan> {
        match &told.body {
            FactBody::Purchase { purchase, .. } => {
                purchase_line(purchase, self.purchases.get(purchase), std::slice::from_ref(told), &self.views, now)
            }
            FactBody::Spent { usage, .. } => {
                let known = self.usages.get(usage);
                spending_line(known.map_or(told, |known| &known.fact), known, &self.views, now)
            }
            FactBody::Rental { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => None,
        }
    }

    /// Takes facts in, all in one transaction.
    fn take(&mut self, facts: &[Fact], now: &str) -> Plan {
        let mut plan = Plan::default();
        facts.iter().filter_map(|told| self.decide(told, at(now))).for_each(|one| plan.add(one));
        self.write(plan, at(now))
    }

    /// Computes everything again, as after a change of the attribution.
    fn settle(&mut self, now: &str) -> Plan {
        let mut plan = Plan::looking_at_usage(&id("bob"));
        for (purchase, known) in &self.purchases {
            purchase_line(purchase, Some(known), &[], &self.views, at(now)).into_iter().for_each(|one| plan.add(one));
        }
        for known in self.usages.values() {
            spending_line(&known.fact, Some(known), &self.views, at(now)).into_iter().for_each(|one| plan.add(one));
        }
        self.write(plan, at(now))
    }

    fn write(&mut self, mut plan: Plan, now: DateTime<Utc>) -> Plan {
        plan.reward_usage(&self.views, now);
        assert!(plan.counted.is_empty());
        for line in &plan.lines {
            match (&line.subject, &line.body) {
                (Subject::Purchase(purchase), Body::Purchase { state, posting, .. }) => {
                    let posted = PostedPurchase { number: line.number, state: (**state).clone(), posting: (**posting).clone() };
                    let before = self.purchases.insert(purchase.clone(), posted);
                    assert_eq!(before.map_or(0, |before| before.number + 1), line.number);
                }
                (Subject::Usage(usage), Body::Spent { fact, outcome }) => {
                    let posted = PostedSpending { number: line.number, fact: fact.clone(), outcome: *outcome };
                    let before = self.usages.insert(usage.clone(), posted);
                    assert_eq!(before.map_or(0, |before| before.number + 1), line.number);
                }
                (Subject::UsageReward(referee), Body::UsageReward { posting, .. }) => {
                    let before =
                        self.views.usage.insert(referee.clone(), PostedUsage { number: line.number, posting: (**posting).clone() });
                    assert_eq!(before.map_or(0, |before| before.number + 1), line.number);
                }
                (subject, body) => panic!("{subject} holds {body:?}"),
            }
        }
        self.lines.extend(plan.lines.clone());
        self.moves.merge(plan.moves.clone());
        plan
    }

    fn total(&self, account: &str, total: Total) -> String {
        self.moves.accounts.get(&id(account)).and_then(|moved| moved.totals.get(&total)).copied().unwrap_or_default().to_string()
    }

    fn chart(&self) -> BTreeMap<String, String> {
        self.moves.earned.iter().map(|(key, amount)| (key.day.to_string(), amount.to_string())).collect()
    }
}

#[test]
fn what_is_bought_and_spent_earns_in_the_same_plan() {
    let mut books = Books::new(Some(AttributionStatus::Attributed));
    let plan = books.take(&[captured("pi_1", cents(10_000), "bob")], "2026-02-01T12:00:05Z");
    assert_eq!(books.total("alice", Total::Rewards), "0.00");
    assert_eq!(
        plan.lines.iter().map(|line| format!("{}/{}", line.subject, line.number)).collect::<Vec<_>>(),
        ["purchase#stripe:pi_1/0", "usage_reward#bob/0"]
    );
    let plan = books.take(&[spent("u1", cents(4_000), "2026-02-03T00:00:00Z")], "2026-02-03T00:00:05Z");
    assert_eq!((books.total("alice", Total::Rewards), books.total("bob", Total::Generated)), ("1.20".into(), "1.20".into()));
    let reward = &plan.lines[1];
    assert_eq!((reward.number, reward.listed_for.clone(), reward.transfers.len()), (1, Some(id("alice")), 1));
    let Body::UsageReward { counted, .. } = &reward.body else { panic!("{reward:?}") };
    assert_eq!(counted[0].line, "usage#u1/0");
    assert_eq!(plan.guards, [(id("bob"), Guard::Attribution(Some(1)))].into());
    assert!(books.moves.accounts[&id("alice")].holds.is_empty(), "there is no hold");
    assert!(!plan.moves.accounts[&id("alice")].lowers_cash(), "a reward never voids a reserve");
    assert_eq!(books.chart(), [("2026-02-03".to_owned(), "1.20".to_owned())].into());
    // Spent beyond what was bought, refunded, given back.
    books.take(&[spent("u2", cents(9_000), "2026-02-04T00:00:00Z")], "2026-02-04T00:00:05Z");
    assert_eq!(books.total("alice", Total::Rewards), "3.00");
    let plan = books.take(&[refund("pi_1", cents(7_000), RefundStatus::Succeeded)], "2026-02-05T00:00:00Z");
    assert_eq!(books.total("alice", Total::Rewards), "0.90");
    assert!(plan.moves.accounts[&id("alice")].lowers_cash());
    books.take(&[refund("pi_1", cents(7_000), RefundStatus::Failed)], "2026-02-05T00:00:00Z");
    assert_eq!(books.total("alice", Total::Rewards), "3.00");
}

#[test]
fn the_same_again_is_nothing() {
    let mut books = Books::new(Some(AttributionStatus::Attributed));
    let facts = [captured("pi_1", cents(10_000), "bob"), spent("u1", cents(4_000), "2026-02-03T00:00:00Z")];
    books.take(&facts, "2026-02-03T00:00:05Z");
    assert!(books.take(&facts, "2026-02-03T00:00:05Z").lines.is_empty());
    assert!(books.settle("2026-02-03T00:00:05Z").lines.is_empty());
}

#[test]
fn what_came_before_the_signup_waits_for_it() {
    let mut books = Books::new(None);
    let facts = [captured("pi_1", cents(10_000), "bob"), spent("u1", cents(4_000), "2026-02-03T00:00:00Z")];
    let plan = books.take(&facts, "2026-02-03T00:00:05Z");
    assert_eq!((plan.lines.len(), books.moves.accounts[&id("bob")].waiting), (2, 2));
    assert_eq!(plan.guards, [(id("bob"), Guard::Attribution(None))].into());
    books.attribute(Some(AttributionStatus::Attributed));
    let plan = books.settle("2026-02-04T00:00:00Z");
    assert_eq!((plan.moves.accounts[&id("bob")].waiting, books.total("alice", Total::Rewards)), (-2, "1.20".into()));
    assert_eq!((books.total("bob", Total::Spent), books.usages["u1"].outcome), ("40.00".into(), Outcome::ByUsage));
    let second = plan.lines.iter().find(|line| line.subject == Subject::Usage("u1".into())).unwrap();
    assert_eq!((second.number, second.transfers.len(), second.listed_for.clone()), (1, 0, None));
}

#[test]
fn reviews_move_the_reward_and_a_confirmed_one_takes_it_back() {
    let mut books = Books::new(Some(AttributionStatus::InReview));
    books.take(&[captured("pi_1", cents(10_000), "bob"), spent("u1", cents(4_000), "2026-02-03T00:00:00Z")], "2026-02-03T00:00:05Z");
    let told = |books: &Books| {
        [
            books.total("alice", Total::Rewards),
            books.total("alice", Total::InReview),
            books.total("bob", Total::Generated),
            books.total("bob", Total::GeneratedInReview),
        ]
    };
    assert_eq!(told(&books), ["1.20", "1.20", "1.20", "1.20"]);
    for (status, expected) in [
        (AttributionStatus::Attributed, ["1.20", "0.00", "1.20", "0.00"]),
        (AttributionStatus::InReview, ["1.20", "1.20", "1.20", "1.20"]),
        (AttributionStatus::Refused, ["0.00", "0.00", "0.00", "0.00"]),
    ] {
        books.attribute(Some(status));
        books.settle("2026-02-06T00:00:00Z");
        assert_eq!(told(&books), expected, "{status:?}");
    }
    let on = |day: &str, amount: &str| (day.to_owned(), amount.to_owned());
    assert_eq!(books.chart(), [on("2026-02-01", "-1.20"), on("2026-02-03", "1.20")].into(), "each on the day of what changed it");
    books.take(&[spent("u2", cents(4_000), "2026-02-07T00:00:00Z")], "2026-02-07T00:00:05Z");
    assert_eq!(told(&books), ["0.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn a_closed_referrer_earns_nothing_by_what_is_spent_later() {
    let mut books = Books::new(Some(AttributionStatus::Attributed));
    let facts = [
        captured("pi_1", cents(10_000), "bob"),
        spent("u1", cents(4_000), "2026-02-03T00:00:00Z"),
        spent("u2", cents(1_000), "2026-02-05T00:00:00Z"),
    ];
    books.take(&facts, "2026-02-05T00:00:05Z");
    assert_eq!(books.total("alice", Total::Rewards), "1.50");
    books.views.referrers.insert(id("alice"), Referrer { closed_at: Some(at("2026-02-04T00:00:00Z")), ..Referrer::default() });
    books.settle("2026-02-06T00:00:00Z");
    assert_eq!((books.total("alice", Total::Rewards), books.usages["u2"].outcome), ("1.20".into(), Outcome::ReferrerClosed));
    books.take(&[spent("u3", cents(1_000), "2026-02-07T00:00:00Z")], "2026-02-07T00:00:05Z");
    assert_eq!(books.total("alice", Total::Rewards), "1.20");
}

#[test]
fn a_purchase_that_turns_out_another_s_counts_for_the_other() {
    let mut books = Books::new(Some(AttributionStatus::Attributed));
    books.views.buyers.insert(id("carol"), BuyerView { attribution: Some(attributed(AttributionStatus::Attributed)) });
    let checkout = Some(Buyer { by: Naming::Checkout, account: id("bob") });
    let named = of("pi_1", PurchaseFact::Named { buyer: checkout, credits: None });
    let nameless = of(
        "pi_1",
        PurchaseFact::Captured {
            amount: cents(10_000),
            currency: "USD".parse().unwrap(),
            at: at("2026-02-01T12:00:00Z"),
            credits: None,
            buyer: None,
        },
    );
    books.take(&[nameless], "2026-02-03T00:00:00Z");
    books.take(&[named], "2026-02-03T00:00:01Z");
    books.take(&[spent("u1", cents(4_000), "2026-02-03T00:00:00Z")], "2026-02-03T00:00:05Z");
    assert_eq!(books.total("bob", Total::Generated), "1.20");
    let plan = books.take(&[captured("pi_1", cents(10_000), "carol")], "2026-02-03T00:00:06Z");
    assert_eq!((books.total("bob", Total::Generated), books.total("carol", Total::Purchased)), ("0.00".into(), "100.00".into()));
    assert_eq!(plan.guards.len(), 2, "both attributions must still stand");
    assert_eq!(
        (books.views.usage[&id("bob")].posting.bought, books.views.usage[&id("carol")].posting.bought),
        (Money::ZERO, cents(10_000))
    );
}

#[test]
fn without_a_version_by_usage_nothing_is_looked_at_and_nothing_counts() {
    let mut books = Books::new(None);
    books.views.programme = Programme::default();
    let plan = books.take(&[spent("u1", cents(4_000), "2026-02-03T00:00:00Z")], "2026-02-03T00:00:05Z");
    assert!(plan.guards.is_empty() && plan.lines.len() == 1 && plan.moves.accounts[&id("bob")].waiting == 0);
    assert!(plan.moves.accounts[&id("bob")].lowers_cash(), "what is spent lowers what can be cashed");
    let none = spent("u2", Money::ZERO, "2026-02-03T00:00:00Z");
    assert_eq!(spending_line(&none, None, &books.views, at("2026-02-03T00:00:00Z")), None);
}

/// Of an older usage the spender's attribution was not read, so nothing of it can be checked as the line is written.
#[test]
fn a_usage_is_guarded_since_the_first_version_by_usage() {
    for (time, guarded) in [("2025-12-31T23:59:59Z", false), ("2026-01-01T00:00:00Z", true), ("2026-02-03T00:00:00Z", true)] {
        for (status, version) in [(None, None), (Some(AttributionStatus::Attributed), Some(1))] {
            let plan = Books::new(status).decide(&spent("u1", cents(4_000), time), at("2026-02-03T00:00:05Z")).unwrap();
            let guard = guarded.then(|| (id("bob"), Guard::Attribution(version)));
            assert_eq!(plan.guards, guard.into_iter().collect::<BTreeMap<_, _>>(), "{time} {status:?}");
        }
    }
}

#[test]
fn one_that_was_not_read_is_guarded_and_so_read_before_it_is_decided() {
    let books = Books::new(Some(AttributionStatus::Attributed));
    let mut plan = books.decide(&spent("u1", cents(4_000), "2026-02-03T00:00:00Z"), at("2026-02-03T00:00:00Z")).unwrap();
    plan.guards.clear();
    let nothing = Views { programme: programme(), ..Views::default() };
    plan.reward_usage(&nothing, at("2026-02-03T00:00:00Z"));
    assert_eq!(plan.guards, [(id("bob"), Guard::Attribution(None))].into());
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let status = prop_oneof![Just(RefundStatus::Pending), Just(RefundStatus::Succeeded), Just(RefundStatus::Failed)];
    let dispute = prop_oneof![Just(DisputeStatus::Open), Just(DisputeStatus::Won), Just(DisputeStatus::Lost)];
    (0_u8..4, 1_i64..20_000, status, dispute, 0_u32..4, 1_u8..6).prop_map(|(kind, amount, status, dispute, minute, number)| {
        let purchase = format!("pi_{}", number % 2);
        match kind {
            0 => captured(&purchase, cents(i64::from(number) * 3_333), "bob"),
            1 => refund(&purchase, cents(amount), status),
            2 => {
                let (currency, at) = ("USD".parse().unwrap(), at(&format!("2026-02-01T12:{minute:02}:00Z")));
                of(&purchase, PurchaseFact::Dispute { id: "dp".into(), amount: cents(amount), currency, status: dispute, at })
            }
            // The same usage is always told the same: of two figures, the first one stands.
            _ => spent(&format!("u{number}"), cents(i64::from(number) * 1_111), &format!("2026-02-0{number}T00:00:00Z")),
        }
    })
}

proptest! {
    /// In every order, in every grouping, told as often as you like, before or after the signup: the same books, and lines that
    /// add up to them.
    #[test]
    fn every_order_ends_in_the_same_books(
        facts in proptest::collection::vec(any_fact(), 1..14),
        order in proptest::collection::vec(0_usize..1_000, 14),
        sizes in proptest::collection::vec(1_usize..5, 14),
        signup in 0_usize..6,
    ) {
        let mut straight = Books::new(Some(AttributionStatus::Attributed));
        facts.iter().for_each(|told| drop(straight.take(std::slice::from_ref(told), "2026-02-10T00:00:00Z")));
        let mut shuffled: Vec<(usize, &Fact)> = facts.iter().enumerate().map(|(place, told)| (order[place], told)).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let told: Vec<Fact> = shuffled.into_iter().map(|(_, told)| told.clone()).collect();
        let mut other = Books::new(None);
        let mut rest = told.as_slice();
        for (round, size) in sizes.iter().enumerate() {
            if round == signup {
                other.attribute(Some(AttributionStatus::Attributed));
            }
            let (now, later) = rest.split_at((*size).min(rest.len()));
            // Of one purchase or usage, facts go one after the other, as the claims of their lines have it.
            now.iter().for_each(|told| drop(other.take(std::slice::from_ref(told), "2026-02-10T00:00:00Z")));
            rest = later;
        }
        other.attribute(Some(AttributionStatus::Attributed));
        rest.iter().for_each(|told| drop(other.take(std::slice::from_ref(told), "2026-02-10T00:00:00Z")));
        other.settle("2026-02-11T00:00:00Z");
        for total in Total::ALL {
            for account in ["alice", "bob"] {
                prop_assert_eq!(straight.total(account, total), other.total(account, total), "{:?} of {}", total, account);
            }
        }
        let posting = other.views.usage.get(&id("bob")).map(|posted| posted.posting.clone()).unwrap_or_default();
        let bought: Money = other.purchases.values().map(|posted| posted.posting.purchased).sum();
        let spent: Money = other.usages.values().map(|posted| match &posted.fact.body {
            FactBody::Spent { amount, .. } => *amount,
            FactBody::Purchase { .. } | FactBody::Rental { .. } | FactBody::Closed { .. } | FactBody::Settle { .. } => Money::ZERO,
        }).sum();
        prop_assert_eq!((posting.bought, posting.spent), (bought, spent));
        let rate = "0.03".parse().unwrap();
        prop_assert_eq!(posting.reward_amount(), bought.min(spent).share(rate));
        let by_lines: Money = other.lines.iter().flat_map(|line| &line.transfers).map(|t| match (t.credit(), t.debit()) {
            (ledger::LedgerAccount::Referral(_), _) => t.amount(),
            (_, ledger::LedgerAccount::Referral(_)) => -t.amount(),
            _ => Money::ZERO,
        }).sum();
        prop_assert_eq!(by_lines, posting.reward_amount());
        prop_assert_eq!(other.moves.earned.values().copied().sum::<Money>(), posting.reward_amount());
        prop_assert_eq!(other.moves.accounts.get(&id("bob")).map_or(0, |moved| moved.waiting), 0);
    }
}
