//! A small world: the accrual, tables in memory, accounts that signed up.

use accrual::App;
use chrono::{DateTime, Duration, Utc};
use edge::{
    events::{Batch, Record},
    ids::SequenceIds,
    testing::MemoryQueue,
};
use ledger::{AccountId, KeyRing, Money};
use programme::{
    account::{Account, Total},
    attribution::{Attribution, AttributionStatus, Receipt, Signals, decide},
    fact::{Buyer, DisputeStatus, Fact, FactBody, Naming, PurchaseFact, RefundStatus, Source},
    review::Verdict,
    settings::{RewardBasis, Settings, Version},
};
use std::sync::Arc;
use store::{
    Store,
    backend::{Backend, Change, Write, memory::Memory},
    keys,
    records::{
        self,
        review::{Decided, Review, review_marker},
    },
};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
pub(crate) fn now() -> DateTime<Utc> {
    at("2026-02-01T13:00:00Z")
}
pub(crate) fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) memory: Arc<Memory>,
    pub(crate) queue: Arc<MemoryQueue>,
}

pub(crate) fn world() -> World {
    world_with(|memory| memory)
}

pub(crate) fn world_with<B: Backend + 'static>(wrap: impl FnOnce(Arc<Memory>) -> Arc<B>) -> World {
    let keys = KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap();
    let memory = Arc::new(Memory::new());
    let store = Store::new(wrap(memory.clone()), keys);
    let queue = Arc::new(MemoryQueue::default());
    World { app: App { store, queue: queue.clone(), ids: Arc::new(SequenceIds::new(7)), back_off_ms_max: 0 }, memory, queue }
}

impl World {
    /// Signs `referee` up, by a link of `referrer` clicked at the start of the year.
    pub(crate) async fn sign_up(&self, referee: &str, referrer: Option<&str>) -> Attribution {
        let receipt = Receipt { click: "clk_a".into(), code: "AAAA".into(), template: None, at: at("2026-01-01T00:00:00Z") };
        let referrer = referrer.map(id);
        let chosen = referrer.as_ref().map(|referrer| (&receipt, referrer));
        let (programme, signed_up_at) = (self.plain().programme_fresh().await.unwrap(), at("2026-01-02T00:00:00Z"));
        let attribution = decide(&id(referee), chosen, &Signals::default(), signed_up_at, programme.at(signed_up_at));
        self.attribute(referee, &attribution).await;
        let one = || Change::Add("cnt".into(), 1.into());
        if let Some(referrer) = &referrer {
            let day = "2026-01-02".parse().unwrap();
            let bucket = keys::month(referrer, "2026-01", None);
            let signups = Change::Add(records::month::Series::Signups.name(day), 1.into());
            let writes = [Write::update(keys::figures(referrer), vec![], vec![one()]), Write::update(bucket, vec![], vec![signups])];
            self.memory.write(&writes).await.unwrap();
        }
        attribution
    }

    /// Has the programme reward by usage, since before anything else.
    pub(crate) async fn by_usage(&self) {
        let settings = Settings { reward_basis: RewardBasis::Usage, ..Settings::default() };
        self.set(1, "2025-12-01T00:00:00Z", settings).await;
    }

    /// Sets a version of the settings.
    pub(crate) async fn set(&self, number: u32, from: &str, settings: Settings) {
        let version = Version { number, from: at(from), value: settings };
        self.plain().add_programme_version(&version, &[]).await.unwrap();
    }

    /// Sets an account's attribution, as a signup or a review does.
    pub(crate) async fn attribute(&self, referee: &str, attribution: &Attribution) {
        let mut writes = vec![Write::update(keys::figures(&id(referee)), vec![], records::account::attribution_changes(attribution))];
        writes.extend(self.review(&id(referee), attribution).await);
        self.memory.write(&writes).await.unwrap();
    }

    /// The marker that finance sees of a review, as it stands with this attribution.
    async fn review(&self, referee: &AccountId, attribution: &Attribution) -> Option<Write> {
        let verdict = match attribution.status {
            AttributionStatus::InReview => return Some(review_marker(referee, attribution, now())),
            AttributionStatus::Attributed => Verdict::Clear,
            AttributionStatus::Refused => Verdict::Confirm,
            AttributionStatus::None => return None,
        };
        let open = self.plain().review(referee).await.unwrap()?;
        let decided = Some(Decided { verdict, by: id("fin"), at: now() });
        Some(Review { decided, ..open }.write())
    }

    pub(crate) async fn deliver(&self, facts: &[Fact]) -> Vec<String> {
        accrual::handle(&self.app, batch(facts, now(), 1)).await
    }

    /// Delivers what the accrual itself put on the queue, until it puts nothing more.
    pub(crate) async fn drain(&self) {
        for _ in 0..50 {
            let sent = self.queue.taken();
            if sent.is_empty() {
                return;
            }
            let facts: Vec<Fact> = sent.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
            assert!(self.deliver(&facts).await.is_empty());
        }
        panic!("the queue does not run dry");
    }

    pub(crate) async fn account(&self, name: &str) -> Account {
        self.plain().account(&id(name)).await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn total(&self, name: &str, total: Total) -> String {
        self.account(name).await.total(total).to_string()
    }

    /// The tables without the faults that the accrual sees.
    pub(crate) fn plain(&self) -> Store {
        Store::new(self.memory.clone(), self.app.store.seal_keys().clone())
    }

    /// The checker's word on the tables.
    pub(crate) async fn audit(&self) {
        let report = proof::audit(&self.plain(), now()).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

pub(crate) fn batch(facts: &[Fact], now: DateTime<Utc>, receive_count: u32) -> Batch {
    let record = |(place, fact): (usize, &Fact)| Record {
        message_id: format!("m{place}"),
        body: serde_json::to_string(fact).unwrap(),
        receive_count,
        sent_at: None,
    };
    Batch { now, records: facts.iter().enumerate().map(record).collect() }
}

pub(crate) fn fact(purchase: &str, fact: PurchaseFact) -> Fact {
    Fact {
        source: Source::Stripe,
        event: "evt".into(),
        body: FactBody::Purchase { purchase: format!("stripe:{purchase}").parse().unwrap(), fact },
    }
}
pub(crate) fn captured(purchase: &str, buyer: &str, amount: &str) -> Fact {
    captured_at(purchase, buyer, amount, at("2026-02-01T12:00:00Z"))
}
pub(crate) fn captured_at(purchase: &str, buyer: &str, amount: &str, at: DateTime<Utc>) -> Fact {
    let buyer = Some(Buyer { by: Naming::Payment, account: id(buyer) });
    fact(purchase, PurchaseFact::Captured { amount: money(amount), currency: "USD".parse().unwrap(), at, credits: None, buyer })
}
pub(crate) fn refund(purchase: &str, refund: &str, amount: &str, status: RefundStatus) -> Fact {
    fact(purchase, PurchaseFact::Refund { id: refund.into(), amount: money(amount), currency: "USD".parse().unwrap(), status })
}
pub(crate) fn dispute(purchase: &str, amount: &str, status: DisputeStatus, minute: i64) -> Fact {
    let at = at("2026-02-01T12:10:00Z") + Duration::minutes(minute);
    fact(purchase, PurchaseFact::Dispute { id: "dp".into(), amount: money(amount), currency: "USD".parse().unwrap(), status, at })
}
pub(crate) fn plain(body: FactBody) -> Fact {
    Fact { source: Source::Platform, event: "evt".into(), body }
}
