//! Writes what the functions write, over any tables, by the rules and the store alone.

use chrono::{DateTime, Utc};
use ledger::{AccountId, KeyRing, Money, Rail};
use programme::{
    attribution::{Attribution, AttributionReason, Receipt, Signals, decide},
    fact::{Buyer, Fact, FactBody, Naming, PurchaseFact, RefundStatus, Source},
    payout::{self, Actor, Approve, Approved, CancelReason, Change, IdempotencyKey, Payout, PayoutAccount, PayoutId, Reason, Request},
    plan::{Body, BuyerView, Plan, Views, purchase_line, rental_line, spending_line},
    review::{self, Verdict},
    reward::Referrer,
    settings::{RewardBasis, Settings, Version},
    signal::SignalKind,
};
use store::{
    CommitError, NewSignal, Signup, SignupOutcome, Store, StoreError, attribution_changed,
    backend::Write,
    records::{
        act::{Act, ActKind},
        book::BookEdit,
        flag::{self, Flagged},
        review::{Decided, Review, review_marker},
    },
};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}

pub(crate) fn seal_keys() -> KeyRing {
    KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// A decision that was lost to another: it is made anew.
async fn again<T>(attempt: impl AsyncFn() -> Result<T, CommitError>) -> T {
    for _ in 0..1_000 {
        match attempt().await {
            Ok(done) => return done,
            Err(CommitError::Lost(_) | CommitError::Busy(_)) => tokio::task::yield_now().await,
            Err(CommitError::Rejected(reason)) => panic!("{reason}"),
        }
    }
    panic!("lost a thousand times")
}

/// Somebody who writes.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) now: DateTime<Utc>,
}

impl Desk {
    /// An account signs up, by a link or not.
    pub(crate) async fn sign_up(&self, name: &str, referrer: Option<&str>, suspicious: bool) {
        let (account, receipt) = (id(name), Receipt { click: format!("clk_{name}"), code: "C".into(), template: None, at: self.now });
        let referrer = referrer.map(id);
        let signals = Signals { same_device: suspicious, ..Signals::default() };
        let kinds = [SignalKind::Email, SignalKind::Device];
        let new_signals = kinds.map(|kind| NewSignal { kind, digest: format!("k1.{name}") });
        let programme = self.store.programme_fresh().await.unwrap();
        loop {
            let known = self.store.account(&account).await.unwrap().unwrap_or_default();
            let signals = Signals { first_fact: known.first_fact, ..signals.clone() };
            let attribution =
                decide(&account, referrer.as_ref().map(|referrer| (&receipt, referrer)), &signals, self.now, programme.at(self.now));
            let signup =
                Signup { account: &account, known: &known, attribution: &attribution, code: &format!("CODE{name}"), signals: &new_signals };
            if self.store.sign_up(&signup).await.unwrap() == SignupOutcome::Written {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn views(&self, accounts: impl IntoIterator<Item = &AccountId>) -> Views {
        let mut views = Views { programme: self.store.programme_fresh().await.unwrap(), ..Views::default() };
        for account in accounts {
            self.view(account, &mut views).await;
        }
        views
    }

    async fn view(&self, account: &AccountId, views: &mut Views) {
        let figures = self.store.account(account).await.unwrap();
        let attribution = figures.and_then(|figures| figures.attribution);
        if let Some(credit) = attribution.as_ref().and_then(|made| made.credit.as_ref()) {
            let closed_at = self.store.account(&credit.referrer).await.unwrap().and_then(|referrer| referrer.closed_at);
            let rates = self.store.rates(&credit.referrer).await.unwrap();
            views.referrers.insert(credit.referrer.clone(), Referrer { rates, closed_at });
        }
        views.buyers.insert(account.clone(), BuyerView { attribution });
        views.usage.extend(self.store.posted_usage(account).await.unwrap().map(|posted| (account.clone(), posted)));
    }

    /// The programme rewards by usage from now on.
    pub(crate) async fn by_usage(&self) {
        let settings = Settings { reward_basis: RewardBasis::Usage, ..Settings::default() };
        self.store.add_programme_version(&Version { number: 1, from: self.now, value: settings }, &[]).await.unwrap();
    }

    async fn purchase(&self, purchase: &str, buyer: &str, fact: PurchaseFact) {
        let (purchase, buyer) = (purchase.parse().unwrap(), id(buyer));
        let fact = Fact { source: Source::Stripe, event: "evt".into(), body: FactBody::Purchase { purchase, fact } };
        let FactBody::Purchase { purchase, .. } = &fact.body else { return };
        again(async || {
            let known = self.store.posted(purchase).await.unwrap();
            let named = known.iter().flat_map(|known| &known.state.buyers).map(|named| &named.account);
            let views = self.views(named.chain([&buyer])).await;
            let plan = purchase_line(purchase, known.as_ref(), std::slice::from_ref(&fact), &views, self.now);
            let Some(mut plan) = plan else { return Ok(()) };
            plan.reward_usage(&views, self.now);
            let markers = markers(&plan, &views);
            self.store.commit_with(&plan, &markers).await
        })
        .await;
    }

    pub(crate) async fn bought(&self, purchase: &str, buyer: &str, amount: &str) {
        let fact = PurchaseFact::Captured {
            amount: money(amount),
            currency: "USD".parse().unwrap(),
            at: self.now,
            credits: None,
            buyer: Some(Buyer { by: Naming::Payment, account: id(buyer) }),
        };
        self.purchase(purchase, buyer, fact).await;
    }

    /// The same purchase, now said to be another's.
    pub(crate) async fn named(&self, purchase: &str, buyer: &str) {
        let buyer_named = Buyer { by: Naming::Payment, account: id(buyer) };
        self.purchase(purchase, buyer, PurchaseFact::Named { buyer: Some(buyer_named), credits: None }).await;
    }

    pub(crate) async fn refunded(&self, purchase: &str, buyer: &str, amount: &str) {
        let refund = PurchaseFact::Refund {
            id: format!("re_{amount}"),
            amount: money(amount),
            currency: "USD".parse().unwrap(),
            status: RefundStatus::Succeeded,
        };
        self.purchase(purchase, buyer, refund).await;
    }

    /// Has a purchase computed again, as after a change of its buyer's attribution.
    pub(crate) async fn settle(&self, purchase: &str, buyer: &str) {
        self.purchase(purchase, buyer, PurchaseFact::Named { buyer: None, credits: None }).await;
    }

    pub(crate) async fn spent(&self, usage: &str, account: &str, amount: &str) {
        let (amount, currency) = (money(amount), "USD".parse().unwrap());
        let body = FactBody::Spent { usage: usage.into(), account: id(account), amount, currency, at: self.now };
        let fact = Fact { source: Source::Platform, event: "evt".into(), body };
        again(async || {
            let views = self.views([&id(account)]).await;
            let mut plan = spending_line(&fact, None, &views, self.now).unwrap();
            plan.reward_usage(&views, self.now);
            self.store.commit(&plan).await
        })
        .await;
    }

    pub(crate) async fn rented(&self, earning: &str, account: &str, amount: &str) {
        let (amount, currency) = (money(amount), "USD".parse().unwrap());
        let body = FactBody::Rental { earning: earning.into(), account: id(account), machine: "m".into(), amount, currency, at: self.now };
        let plan = rental_line(&Fact { source: Source::Platform, event: "evt".into(), body }, self.now).unwrap();
        again(async || self.store.commit(&plan).await).await;
    }

    /// A destination that has been there for long.
    fn destination(account: &AccountId) -> PayoutAccount {
        PayoutAccount {
            rail: Rail::Wise,
            digest: "k1.00".into(),
            masked: "…0001 USD".into(),
            version: 1,
            changed_at: at("2025-01-01T00:00:00Z"),
            changed_by: account.clone(),
        }
    }

    /// Asks for a payout; none where a rule refuses it.
    pub(crate) async fn asks(&self, account: &str, key: &str, amount: &str) -> Option<Payout> {
        let account = id(account);
        let destination = Self::destination(&account);
        let payout = PayoutId::of_request(&account, &IdempotencyKey::try_new(key).unwrap());
        again(async || {
            let figures = self.store.account(&account).await.unwrap().unwrap_or_default();
            let book = self.store.payout_book(&account).await.unwrap();
            let asked = payout::request(&Request {
                id: &payout,
                account: &account,
                amount: money(amount),
                now: self.now,
                settings: (0, &Settings::default()),
                figures: &figures,
                destination: Some(&destination),
                requested_today: book.requested_on(self.now.date_naive()),
            });
            let Ok(change) = asked else { return Ok(None) };
            let edit = BookEdit::on(account.clone(), &book, self.now.date_naive());
            self.store.commit_payouts(std::slice::from_ref(&change), edit, &[]).await.map(|()| Some(change.payout))
        })
        .await
    }

    async fn step(&self, change: &Change, beside: &[Write]) -> Result<(), CommitError> {
        self.store.commit_payouts(std::slice::from_ref(change), BookEdit::new(change.payout.account.clone()), beside).await
    }

    pub(crate) async fn approves(&self, payout: &Payout, by: &str) {
        again(async || {
            let payout = self.store.payout(&payout.id).await.unwrap().unwrap();
            let day = self.store.approved_on(self.now.date_naive()).await.unwrap();
            let current = Self::destination(&payout.account);
            let approved = payout::approve(&Approve {
                payout: &payout,
                by: &id(by),
                version: payout.version,
                now: self.now,
                settings: (0, &Settings::default()),
                current: Some(&current),
                approved_today: day.amount,
            });
            let Ok(Approved::Now(change)) = approved else { return Ok(()) };
            let act = Act {
                at: self.now,
                by: id(by),
                kind: ActKind::PayoutApproved,
                subject: payout.id.to_string(),
                version: change.payout.version,
                reason: None,
                details: serde_json::Value::Null,
            };
            self.step(&change, &[act.write(), day.plus(payout.amount)]).await
        })
        .await;
    }

    pub(crate) async fn rejects(&self, payout: &Payout) {
        again(async || {
            let payout = self.store.payout(&payout.id).await.unwrap().unwrap();
            let Ok(change) = payout::reject(&payout, &id("fin1"), &Reason::try_new("no").unwrap(), self.now) else { return Ok(()) };
            self.step(&change, &[]).await
        })
        .await;
    }

    pub(crate) async fn cancels(&self, payout: &Payout) {
        again(async || {
            let payout = self.store.payout(&payout.id).await.unwrap().unwrap();
            let by = Actor::Account(payout.account.clone());
            let Ok(change) = payout::cancel(&payout, by, CancelReason::ByAccount, self.now) else { return Ok(()) };
            self.step(&change, &[]).await
        })
        .await;
    }

    /// Puts an attribution into review.
    pub(crate) async fn suspects(&self, referee: &str) {
        self.review(referee, |attribution| {
            let opened = review::open(attribution, AttributionReason::SameDestination)?;
            Some((opened.clone(), review_marker(&id(referee), &opened, self.now)))
        })
        .await;
    }

    /// Ends a review.
    pub(crate) async fn decides(&self, referee: &str, verdict: Verdict) {
        let (account, now) = (id(referee), self.now);
        self.review(referee, |attribution| {
            let closed = review::close(attribution, verdict)?;
            let decided = Some(Decided { verdict, by: id("fin1"), at: now });
            let referrer = attribution.credit.as_ref().map(|credit| credit.referrer.clone());
            let marker = Review { account: account.clone(), referrer, reason: attribution.reason, opened_at: now, decided };
            Some((closed, marker.write()))
        })
        .await;
    }

    async fn review(&self, referee: &str, change: impl Fn(&Attribution) -> Option<(Attribution, Write)>) {
        again(async || {
            let figures = self.store.account(&id(referee)).await.unwrap().unwrap_or_default();
            let Some((after, marker)) = figures.attribution.as_ref().and_then(&change) else { return Ok(()) };
            self.store.commit_with(&Plan::default(), &[attribution_changed(&id(referee), &after), marker]).await
        })
        .await;
    }

    /// How many of the purchases are still to be posted anew after a change of their buyer's attribution.
    pub(crate) async fn settle_all(&self, buyer: &str) -> Result<(), StoreError> {
        for purchase in self.store.purchases_of(&id(buyer)).await? {
            self.settle(&purchase.to_string(), buyer).await;
        }
        Ok(())
    }
}

/// As the accrual marks contradictions.
fn markers(plan: &Plan, views: &Views) -> Vec<Write> {
    let marker = |line: &programme::plan::Line| match (&line.subject, &line.body) {
        (programme::plan::Subject::Purchase(purchase), Body::Purchase { state, .. }) => {
            let flags = state.flags(&views.programme.at(line.at).1.currency);
            let flagged = Flagged { purchase: purchase.clone(), flags, line: line.number, at: line.at, decided: None };
            (!flagged.flags.is_empty()).then(|| flag::write(&flagged))
        }
        _ => None,
    };
    plan.lines.iter().filter_map(marker).collect()
}
