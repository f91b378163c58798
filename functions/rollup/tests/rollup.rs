//! The rollup from outside: each click counts once, whatever happens to a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::{DateTime, Duration, Utc};
use edge::{events::Schedule, ids::SequenceIds, problem::Problem};
use futures::future::{BoxFuture, join_all};
use ledger::{AccountId, KeyRing, TemplateId};
use programme::visit::VisitClass;
use rollup::{App, FIRST_RUN_MINUTES, MINUTES_MAX, handle};
use std::sync::{Arc, Mutex};
use store::{
    Store, StoreError,
    backend::{Backend, Item, Key, Operation, Page, Query, Reason, Scan, Table, Write, WriteError, memory::Memory},
    keys,
    records::{month::Series, referral::Click},
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Before,
    After,
    Conflict,
}

/// Tables whose writes of figures fail as told.
struct Tables {
    memory: Arc<Memory>,
    faults: Mutex<Vec<Option<Fault>>>,
}

impl Backend for Tables {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        self.memory.get(key, consistent)
    }
    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        self.memory.get_many(keys, consistent)
    }
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        self.memory.query(query)
    }
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        assert!(writes.len() <= 91, "{} operations", writes.len());
        let figures = writes.len() > 1 || matches!(writes[0].operation, Operation::Update(_));
        let fault = if figures { self.faults.lock().unwrap().pop().flatten() } else { None };
        Box::pin(async move {
            match fault {
                None => self.memory.write(writes).await,
                Some(Fault::Before) => Err(WriteError::Unavailable("made to fail".into())),
                Some(Fault::After) => self.memory.write(writes).await.and(Err(WriteError::Unavailable("made to fail".into()))),
                Some(Fault::Conflict) => Err(WriteError::Canceled(writes.iter().map(|_| Reason::Conflict).collect())),
            }
        })
    }
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        self.memory.scan(scan)
    }
}

struct World {
    app: App,
    store: Store,
    tables: Arc<Tables>,
    clicks: Mutex<u64>,
}

fn world() -> World {
    let tables = Arc::new(Tables { memory: Arc::new(Memory::new()), faults: Mutex::default() });
    let store = Store::new(Arc::<Tables>::clone(&tables), KeyRing::none());
    let app = App::new(store.clone(), Arc::new(SequenceIds::new(1)), std::time::Duration::from_secs(60));
    World { app, store, tables, clicks: Mutex::new(0) }
}

fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:30Z".parse().unwrap()
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - Duration::seconds(seconds)
}

impl World {
    async fn click(&self, account: &str, template: Option<&str>, class: VisitClass, at: DateTime<Utc>) {
        let number = {
            let mut clicks = self.clicks.lock().unwrap();
            *clicks += 1;
            *clicks
        };
        let last = char::from(b'A' + u8::try_from(number % 26).unwrap());
        let click = Click {
            id: format!("clk_{number:020}{last}"),
            at,
            code: "AAAAAAAA".into(),
            account: account.parse().unwrap(),
            template: template.map(|id| TemplateId::try_new(id).unwrap()),
            class: class.as_str().into(),
            agent: None,
            network: None,
            device: None,
            referer_host: None,
        };
        self.store.add_click(&click).await.unwrap();
    }

    async fn person(&self, account: &str, at: DateTime<Utc>) {
        self.click(account, None, VisitClass::Person, at).await;
    }

    async fn run(&self, at: DateTime<Utc>) -> Result<(), Problem> {
        handle(&self.app, Schedule { now: at, job_id: "job".into() }).await
    }

    /// The day figures of an account: template, day, clicks.
    async fn figures(&self, account: &str) -> Vec<(String, String, String)> {
        let id: AccountId = account.parse().unwrap();
        let (_, buckets) = self.store.account_with_months(&id, "2026-01", "2027-12").await.unwrap();
        assert!(buckets.iter().all(|bucket| bucket.series == Series::Clicks));
        let told = |template: Option<TemplateId>| template.map_or_else(|| "-".to_owned(), |id| id.to_string());
        buckets.into_iter().map(|bucket| (told(bucket.template), bucket.day.to_string(), bucket.figure.to_string())).collect()
    }

    /// All clicks of all days.
    async fn total(&self, account: &str) -> String {
        let figures = self.figures(account).await;
        figures.iter().map(|(_, _, figure)| figure.parse::<ledger::Money>().unwrap()).sum::<ledger::Money>().to_string()
    }
}

fn figure(template: &str, day: &str, clicks: &str) -> (String, String, String) {
    (template.to_owned(), day.to_owned(), clicks.to_owned())
}

#[tokio::test]
async fn persons_count_by_account_day_and_template() {
    let world = world();
    let midnight: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
    for at in [midnight - Duration::seconds(1), midnight, midnight + Duration::seconds(59)] {
        world.person("alice", at).await;
    }
    world.click("alice", Some("tpl_1"), VisitClass::Person, midnight).await;
    world.person("carol", midnight).await;
    for class in [VisitClass::Bot, VisitClass::Duplicate, VisitClass::Probe] {
        world.click("alice", None, class, midnight).await;
    }
    world.run(midnight + Duration::minutes(5)).await.unwrap();
    let expected = [figure("-", "2026-11-30", "1.00"), figure("-", "2026-12-01", "2.00"), figure("tpl_1", "2026-12-01", "1.00")];
    assert_eq!(world.figures("alice").await, expected);
    assert_eq!(world.total("carol").await, "1.00");
}

/// A minute is left alone until it is over for two more.
#[tokio::test]
async fn only_closed_minutes_count() {
    let world = world();
    for seconds in [0, 90, 150, 151, 209] {
        world.person("alice", ago(seconds)).await;
    }
    world.run(now()).await.unwrap();
    // 10:00:30 less three minutes is 09:57: 151 and 209 s ago lie in it.
    assert_eq!(world.total("alice").await, "2.00");
    world.run(now() + Duration::minutes(1)).await.unwrap();
    assert_eq!(world.total("alice").await, "3.00");
    world.run(now() + Duration::minutes(3)).await.unwrap();
    assert_eq!(world.total("alice").await, "5.00");
}

#[tokio::test]
async fn the_first_run_looks_back_a_little_and_an_outage_is_made_up_for() {
    let world = world();
    let floor = ago(30);
    world.person("alice", floor - Duration::minutes(FIRST_RUN_MINUTES)).await;
    world.person("alice", floor - Duration::minutes(FIRST_RUN_MINUTES) - Duration::seconds(1)).await;
    world.run(now()).await.unwrap();
    assert_eq!(world.total("alice").await, "1.00");
    let most = i64::try_from(MINUTES_MAX).unwrap();
    for minutes in 0..=most {
        world.person("alice", now() + Duration::minutes(2 * minutes)).await;
    }
    let later = now() + Duration::minutes(2 * most + 10);
    let mut totals = Vec::new();
    for _ in 0..3 {
        world.run(later).await.unwrap();
        totals.push(world.total("alice").await);
    }
    assert_eq!(totals, ["601.00", "602.00", "602.00"], "as many minutes a run as it may take");
    let cursor = world.store.rollup_cursor().await.unwrap();
    world.run(now()).await.unwrap();
    assert_eq!(world.store.rollup_cursor().await.unwrap(), cursor, "a clock that was moved back undoes nothing");
}

/// A year without a click, but for two minutes in its midst, takes one run.
#[tokio::test]
async fn a_long_silence_is_passed_over_at_once() {
    let world = world();
    world.run(now()).await.unwrap();
    let (midst, later) = (now() + Duration::days(300), now() + Duration::days(390));
    world.person("alice", midst).await;
    world.person("alice", midst + Duration::minutes(1)).await;
    world.run(later).await.unwrap();
    assert_eq!(world.total("alice").await, "2.00");
    let cursor = world.store.rollup_cursor().await.unwrap().unwrap();
    assert!(later - cursor < Duration::minutes(5), "{cursor}");
}

#[tokio::test]
async fn runs_at_once_count_once() {
    let world = world();
    for seconds in 200..500 {
        world.person("alice", ago(seconds)).await;
    }
    for ended in join_all((0..8).map(|_| world.run(now()))).await {
        ended.unwrap();
    }
    world.run(now()).await.unwrap();
    assert_eq!(world.total("alice").await, "300.00");
}

/// More figures in a minute than fit into one transaction, and a fault at every write.
#[tokio::test]
async fn a_fault_anywhere_doubles_nothing_and_loses_nothing() {
    for fault in [Fault::Before, Fault::After, Fault::Conflict] {
        for place in 0..6 {
            let world = world();
            for number in 0..200 {
                world.person(&format!("account{number:03}"), ago(300)).await;
            }
            world.person("account000", ago(240)).await;
            // The last comes first: `place` good writes, then a store that is away for longer than a run waits.
            *world.tables.faults.lock().unwrap() = [vec![Some(fault); 6], vec![None; place]].concat();
            for run in 0.. {
                assert!(run < 20, "{fault:?} {place}: it never ends well");
                if world.run(now()).await.is_ok() {
                    break;
                }
            }
            assert!(world.tables.faults.lock().unwrap().len() < 6, "{fault:?} {place}: no write failed");
            world.tables.faults.lock().unwrap().clear();
            world.run(now()).await.unwrap();
            assert_eq!(world.total("account000").await, "2.00", "{fault:?} {place}");
            for number in 1..200 {
                assert_eq!(world.total(&format!("account{number:03}")).await, "1.00", "{fault:?} {place}");
            }
        }
    }
}

#[tokio::test]
async fn a_click_that_does_not_read_stops_the_cursor() {
    let world = world();
    world.person("alice", ago(300)).await;
    let key = {
        let dump = world.tables.memory.dump();
        let (_, item) = dump.iter().find(|(table, _)| *table == Table::Referrals).unwrap();
        let text = |name: &str| item[name].as_text().unwrap().to_owned();
        Key { table: Table::Referrals, pk: text("pk"), sk: text("sk") }
    };
    world.tables.memory.tamper(&key, |item| drop(item.as_mut().unwrap().remove("acct")));
    assert_eq!(world.run(now()).await.unwrap_err().status(), 500);
    world.tables.memory.tamper(&key, |item| drop(item.as_mut().unwrap().insert("acct".into(), "alice".into())));
    world.run(now()).await.unwrap();
    assert_eq!(world.total("alice").await, "1.00");
}

#[tokio::test]
async fn claims_expire_after_the_clicks_that_they_guard() {
    let world = world();
    world.person("alice", ago(300)).await;
    world.run(now()).await.unwrap();
    let dump = world.tables.memory.dump();
    let expiry = |prefix: &str| {
        let found = dump.iter().find(|(_, item)| item["pk"].as_text().unwrap().starts_with(prefix)).unwrap();
        found.1["ttl"].as_number().unwrap()
    };
    assert!(expiry("rolled#") > expiry("clicks#"));
    assert!(dump.iter().all(|(table, item)| *table == Table::Referrals || !item.contains_key("ttl")));
    assert!(dump.iter().any(|(_, item)| item["pk"].as_text() == Some(keys::rollup_cursor().pk.as_str())));
}
