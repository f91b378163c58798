//! A worker over tables in memory and three rails in memory, with payouts to send.

use chrono::{DateTime, Duration, Utc};
use edge::{
    events::{Batch, Record},
    ids::SequenceIds,
    testing::MemoryQueue,
};
use ledger::{AccountId, KeyRing, Money, Rail};
use payout_worker::{App, handle};
use programme::{
    account::Account,
    payout::{
        self, Approve, Approved, Destination, Errand, IdempotencyKey, Issuer, Payout, PayoutAccount, PayoutId, PayoutStatus, Request, RunId,
    },
    settings::Settings,
};
use rails::{Rails, testing::FakeRail};
use std::sync::Arc;
use store::{
    Store,
    backend::{Item, Value, Write, faulty::Faulty, memory::Memory},
    keys,
    records::{
        book::BookEdit,
        destination::StoredDestination,
        run::{Run, RunEntry, RunHead},
        switch::Turned,
    },
};

pub(crate) const ISSUER: &str = r#"{"name":"Example Ltd","address":["1 Main Street","Dublin"],"country":"IE","tax_id":"IE1234567A","reverse_charge_note":"Reverse charge."}"#;

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) faulty: Arc<Faulty>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) stripe: Arc<FakeRail>,
    pub(crate) paypal: Arc<FakeRail>,
    pub(crate) wise: Arc<FakeRail>,
    pub(crate) now: DateTime<Utc>,
}

pub(crate) fn id(name: &str) -> AccountId {
    AccountId::try_new(name).unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let faulty = Arc::new(Faulty::new(Arc::new(Memory::new())));
        let store = Store::new(faulty.clone(), KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap());
        let queue = Arc::new(MemoryQueue::default());
        let [stripe, paypal, wise] = Rail::ALL.map(|rail| Arc::new(FakeRail::new(rail)));
        let app = App {
            store: store.clone(),
            rails: Rails::of(vec![stripe.clone(), paypal.clone(), wise.clone()]),
            queue: queue.clone(),
            issuer: Issuer::parse(ISSUER).unwrap(),
            ids: Arc::new(SequenceIds::new(1)),
            lease: Duration::seconds(120),
            back_off_ms_max: 0,
        };
        Self { app, store, faulty, queue, stripe, paypal, wise, now: "2026-03-10T12:00:00Z".parse().unwrap() }
    }

    pub(crate) fn rail(&self, rail: Rail) -> &FakeRail {
        match rail {
            Rail::StripeConnect => &self.stripe,
            Rail::Paypal => &self.paypal,
            Rail::Wise => &self.wise,
        }
    }

    pub(crate) async fn figures(&self, account: &str, totals: &[(&str, &str)]) {
        let item: Item = totals.iter().map(|(name, amount)| ((*name).to_owned(), Value::N(amount.parse().unwrap()))).collect();
        self.store.backend().write(&[Write::put(keys::figures(&id(account)), item)]).await.unwrap();
    }

    pub(crate) async fn account(&self, name: &str) -> Account {
        self.store.account(&id(name)).await.unwrap().unwrap()
    }

    async fn destination(&self, account: &AccountId, rail: Rail) -> PayoutAccount {
        if let Some(known) = self.store.payout_account(account, rail).await.unwrap() {
            return known.account;
        }
        let destination = match rail {
            Rail::StripeConnect => Destination::stripe("acct_1032D82eZvKYlo2C"),
            Rail::Paypal => Destination::paypal_email("someone@example.com"),
            Rail::Wise => Destination::wise("40000001", "USD".parse().unwrap()),
        }
        .unwrap();
        let made = PayoutAccount {
            rail,
            digest: "k1.00".into(),
            masked: destination.masked(),
            version: 1,
            changed_at: self.now - Duration::days(10),
            changed_by: account.clone(),
        };
        self.store.backend().write(&[StoredDestination { account: made.clone(), destination }.write(account)]).await.unwrap();
        made
    }

    /// A payout out of half referral, half rental money where both are there; approved by as many as it needs.
    pub(crate) async fn approved(&self, account: &str, rail: Rail, amount: &str) -> Payout {
        let account = id(account);
        if self.store.account(&account).await.unwrap().is_none() {
            self.figures(account.as_str(), &[("R", "1000000")]).await;
        }
        let figures = self.store.account(&account).await.unwrap().unwrap();
        let book = self.store.payout_book(&account).await.unwrap();
        let destination = self.destination(&account, rail).await;
        let key = IdempotencyKey::try_new(&format!("k{}", book.version)).unwrap();
        let limit = money("1000000");
        let settings = Settings { payout_maximum: limit, account_daily_limit: limit, global_daily_limit: limit, ..Settings::default() };
        let asked = payout::request(&Request {
            id: &PayoutId::of_request(&account, &key),
            account: &account,
            amount: money(amount),
            now: self.now,
            settings: (0, &settings),
            figures: &figures,
            destination: Some(&destination),
            requested_today: book.requested_on(self.now.date_naive()),
        })
        .unwrap();
        let mut payout = asked.payout.clone();
        self.store.commit_payouts(&[asked], BookEdit::on(account.clone(), &book, self.now.date_naive()), &[]).await.unwrap();
        for by in ["fin1", "fin2"] {
            if payout.status == PayoutStatus::Requested {
                let (by, version, current) = (id(by), payout.version, Some(&destination));
                let asked = Approve {
                    payout: &payout,
                    by: &by,
                    version,
                    now: self.now,
                    settings: (0, &settings),
                    current,
                    approved_today: Money::ZERO,
                };
                let Approved::Now(change) = payout::approve(&asked).unwrap() else { panic!("approved twice") };
                payout = change.payout.clone();
                self.store.commit_payouts(&[*change], BookEdit::new(account.clone()), &[]).await.unwrap();
            }
        }
        assert_eq!(payout.status, PayoutStatus::Approved);
        payout
    }

    /// Orders payouts, as finance does.
    pub(crate) async fn order(&self, payouts: &[Payout]) -> RunId {
        let by = id("fin2");
        let count = self.store.runs(true, None, 100).await.unwrap().entries.len();
        let run = RunId::of_request(&by, &IdempotencyKey::try_new(&format!("run{count}")).unwrap());
        let entry = |payout: &Payout| RunEntry {
            payout: payout.id.clone(),
            account: payout.account.clone(),
            amount: payout.amount,
            rail: payout.destination.rail,
            destination: payout.destination.masked.clone(),
            version: payout.version,
        };
        let head = RunHead {
            id: run.clone(),
            by,
            at: self.now,
            request: "digest".into(),
            count: u32::try_from(payouts.len()).unwrap(),
            amount: payouts.iter().map(|payout| payout.amount).sum(),
            currency: "USD".parse().unwrap(),
            closed_at: None,
        };
        self.store.create_run(&Run { head, payouts: payouts.iter().map(entry).collect(), left_out: vec![] }, &[]).await.unwrap();
        run
    }

    /// Hands errands to the worker; whether each was done.
    pub(crate) async fn hand(&self, errands: &[Errand]) -> Vec<bool> {
        self.hand_over(errands, 1).await
    }

    pub(crate) async fn hand_over(&self, errands: &[Errand], receive_count: u32) -> Vec<bool> {
        let record = |(place, errand): (usize, &Errand)| Record {
            message_id: place.to_string(),
            body: serde_json::to_string(errand).unwrap(),
            receive_count,
            sent_at: None,
        };
        let records = errands.iter().enumerate().map(record).collect();
        let failed = handle(&self.app, Batch { now: self.now, records }).await;
        (0..errands.len()).map(|place| !failed.contains(&place.to_string())).collect()
    }

    /// Hands over what the worker itself has sent, until nothing more comes: as many seconds later as it asked for.
    pub(crate) async fn settle(&mut self) {
        for _ in 0..50 {
            let sent = self.queue.taken();
            if sent.is_empty() {
                return;
            }
            for message in sent {
                self.now += Duration::seconds(i64::from(message.delay_seconds));
                let errand: Errand = serde_json::from_str(&message.body).unwrap();
                if !self.hand(std::slice::from_ref(&errand)).await[0] {
                    // Handed out again after its visibility timeout.
                    self.now += Duration::seconds(360);
                    self.hand(&[errand]).await;
                }
            }
        }
    }

    /// Approved, ordered, handed to the worker once.
    pub(crate) async fn sent(&self, account: &str, rail: Rail, amount: &str) -> Payout {
        let payout = self.approved(account, rail, amount).await;
        let run = self.order(std::slice::from_ref(&payout)).await;
        self.hand(&[Errand::Pay { run, payout: payout.id.clone() }]).await;
        self.head(&payout).await
    }

    pub(crate) async fn look(&self, payout: &Payout) -> Payout {
        self.hand(&[Errand::Look { payout: payout.id.clone() }]).await;
        self.head(payout).await
    }

    pub(crate) async fn head(&self, payout: &Payout) -> Payout {
        self.store.payout(&payout.id).await.unwrap().unwrap()
    }

    /// The names of its steps, in their order.
    pub(crate) async fn steps(&self, payout: &Payout) -> Vec<&'static str> {
        self.store.payout_steps(&payout.id).await.unwrap().iter().map(|step| step.event.step.name()).collect()
    }

    pub(crate) async fn turn(&self, on: bool) {
        let switch = self.store.switch().await.unwrap();
        let turned = Turned { by: id("fin1"), at: self.now, reason: "a test".into() };
        self.store.turn_switch(&switch.after(on, turned), &[]).await.unwrap();
    }
}
