//! A function over tables in memory that can be counted, made to fail and made to hang.

use chrono::{DateTime, Utc};
use click::{App, Parts, handle};
use edge::{
    http::{Call, CallBuilder, Method, Reply},
    ids::SequenceIds,
    problem::Problem,
};
use futures::future::{BoxFuture, pending};
use ledger::{AccountId, KeyRing, TemplateId};
use programme::{
    attribution::Receipt,
    settings::{AttributionModel, Settings, Version},
    visit::RECEIPT_COOKIE,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use store::{
    Store, StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Table, Write, WriteError, memory::Memory},
    keys,
    records::referral::{Click, Code, Template},
};

pub(crate) const LANDING: &str = "https://example.com/join";
pub(crate) const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36";
pub(crate) const CODE: &str = "K7QMX2P8";
pub(crate) const KEYS: &str = "k1:000102030405060708090a0b0c0d0e0f";

/// What the tables do when they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Failing,
    /// No answer, ever.
    Hanging,
}

/// Tables that are counted and have moods: one for reads, one for writes.
pub(crate) struct Tables {
    pub(crate) memory: Arc<Memory>,
    pub(crate) reads: AtomicUsize,
    pub(crate) writes: AtomicUsize,
    moods: Mutex<(Mood, Mood)>,
}

impl Tables {
    pub(crate) fn moods(&self, reads: Mood, writes: Mood) {
        *self.moods.lock().unwrap() = (reads, writes);
    }

    async fn read(&self) -> Result<(), StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mood = self.moods.lock().unwrap().0;
        match mood {
            Mood::Well => Ok(()),
            Mood::Failing => Err(StoreError::Unavailable("made to fail".into())),
            Mood::Hanging => pending().await,
        }
    }
}

impl Backend for Tables {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async move {
            self.read().await?;
            self.memory.get(key, consistent).await
        })
    }
    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async move {
            self.read().await?;
            self.memory.get_many(keys, consistent).await
        })
    }
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            self.read().await?;
            self.memory.query(query).await
        })
    }
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async move {
            self.writes.fetch_add(writes.len(), Ordering::Relaxed);
            let mood = self.moods.lock().unwrap().1;
            match mood {
                Mood::Well => self.memory.write(writes).await,
                Mood::Failing => Err(WriteError::Unavailable("made to fail".into())),
                Mood::Hanging => pending().await,
            }
        })
    }
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        self.memory.scan(scan)
    }
}

/// The function and its tables, with alice's code, alias and templates in them.
pub(crate) struct Door {
    pub(crate) app: App,
    pub(crate) tables: Arc<Tables>,
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

pub(crate) fn keys_of(text: &str) -> KeyRing {
    KeyRing::parse(text).unwrap()
}

pub(crate) fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}

pub(crate) fn tpl(name: &str) -> TemplateId {
    TemplateId::try_new(name).unwrap()
}

pub(crate) async fn door() -> Door {
    door_with(Settings::default()).await
}

pub(crate) async fn door_by_first() -> Door {
    door_with(Settings { attribution_model: AttributionModel::First, ..Settings::default() }).await
}

async fn door_with(settings: Settings) -> Door {
    let tables = Arc::new(Tables {
        memory: Arc::new(Memory::new()),
        reads: AtomicUsize::new(0),
        writes: AtomicUsize::new(0),
        moods: Mutex::new((Mood::Well, Mood::Well)),
    });
    let store = Store::new(Arc::<Tables>::clone(&tables), keys_of(KEYS));
    let code = |code: &str, account: &str| (code.to_owned(), Code { code: code.to_owned(), account: id(account), alias: false }.write());
    for (code, item) in [code(CODE, "alice"), code("alices-gpus", "alice"), code("CAR0KC0D", "carol")] {
        store.backend().write(&[Write::put(keys::code(&code), item)]).await.unwrap();
    }
    for (name, url, public) in [
        ("tpl_public", "https://pages.example.com/t/public?x=1#go", true),
        ("tpl_private", "https://pages.example.com/t/private", false),
        ("tpl_off", "https://evil.test/", true),
        ("tpl_trick", "https://pages.example.com@evil.test/", true),
    ] {
        let template =
            Template { id: tpl(name), account: id("alice"), name: "A template".into(), url: url.into(), public, created_at: now() };
        store.backend().write(&[Write::put(keys::template(&tpl(name)), template.write())]).await.unwrap();
    }
    let version = Version { number: 1, from: "2026-01-01T00:00:00Z".parse().unwrap(), value: settings };
    store.add_programme_version(&version, &[]).await.unwrap();
    tables.writes.store(0, Ordering::Relaxed);
    let app = App::new(Parts {
        store,
        receipt_keys: keys_of(KEYS),
        signal_keys: keys_of("s1:ff0102030405060708090a0b0c0d0e0f"),
        landing_url: LANDING.into(),
        allowed_hosts: vec!["pages.example.com".into()],
        ids: Arc::new(SequenceIds::new(1)),
    });
    Door { app, tables }
}

/// A browser follows a link.
pub(crate) fn visit(code: &str, template: Option<&str>) -> CallBuilder {
    visit_at(Method::GET, code, template, now())
}

pub(crate) fn visit_at(method: Method, code: &str, template: Option<&str>, at: DateTime<Utc>) -> CallBuilder {
    let call = Call::builder(method, if template.is_some() { "/r/{code}/t/{template}" } else { "/r/{code}" }, at);
    let call = call.param("code", code).user_agent(CHROME).source_ip("203.0.113.9".parse().unwrap());
    template.into_iter().fold(call, |call, template| call.param("template", template))
}

impl Door {
    pub(crate) async fn try_answer(&self, call: CallBuilder) -> Result<Reply, Problem> {
        handle(&self.app, call.build()).await
    }

    pub(crate) async fn answer(&self, call: CallBuilder) -> Answer {
        let reply = self.try_answer(call).await.unwrap();
        assert_eq!(reply.status, 302);
        Answer(reply)
    }

    /// Every click that is kept.
    pub(crate) fn clicks(&self) -> Vec<Click> {
        let is_click = |item: &Item| item["pk"].as_text().unwrap().starts_with("clicks#");
        self.tables
            .memory
            .dump()
            .iter()
            .filter(|(table, item)| *table == Table::Referrals && is_click(item))
            .map(|(_, item)| Click::read(item).unwrap())
            .collect()
    }

    pub(crate) fn classes(&self) -> Vec<String> {
        self.clicks().into_iter().map(|click| click.class).collect()
    }
}

/// A redirect.
pub(crate) struct Answer(pub(crate) Reply);

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.0.headers["location"].to_str().unwrap()
    }

    /// Where it goes, without the receipt.
    pub(crate) fn page(&self) -> String {
        self.location().split(['?', '&']).filter(|part| !part.starts_with("receipt=")).collect::<Vec<_>>().join("&")
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.0.cookies.iter().find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')?.split(';').next())
    }

    /// The receipt, which must be the same in the cookie and in the address.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        let in_address = self.location().split(['?', '&', '#']).find_map(|part| part.strip_prefix("receipt="));
        assert_eq!(in_address, self.cookie(RECEIPT_COOKIE));
        in_address.map(|text| Receipt::from_text(text, &keys_of(KEYS)).unwrap())
    }
}
