//! A small programme: people who sign up, buy and earn, and calls in their names.

use chrono::{DateTime, NaiveDate, Utc};
use earnings::{App, Site, handle};
use edge::{
    http::{Call, CallBuilder, Method},
    ids::SequenceIds,
    testing::TestIssuer,
};
use ledger::{AccountId, KeyRing, TemplateId};
use programme::{
    attribution::{AttributionStatus, Receipt, Signals, decide},
    fact::{Buyer, DisputeStatus, Fact, FactBody, Naming, PurchaseFact, PurchaseId, RefundStatus, Source},
    plan::{BuyerView, Plan, Views, purchase_line, rental_line, spending_line},
    settings::{History, Programme, RewardBasis, Settings, Version},
};
use serde_json::Value;
use std::{cell::RefCell, sync::Arc};
use store::{
    Store,
    backend::{Change, Write, memory::Memory},
    keys,
    records::{
        account::attribution_changes,
        month::{Series, month_of},
        referral::{Code, Profile, Template},
    },
};

pub(crate) const PUBLIC_URL: &str = "https://share.example.com";
const KEYS: &str = "k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
pub(crate) fn now() -> DateTime<Utc> {
    at("2026-12-10T12:00:00Z")
}
pub(crate) fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
pub(crate) fn template_id(text: &str) -> TemplateId {
    text.parse().unwrap()
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) memory: Arc<Memory>,
    pub(crate) issuer: TestIssuer,
    views: RefCell<Views>,
}

pub(crate) fn app_over(store: Store, issuer: &TestIssuer) -> App {
    let site = Site { public_url: PUBLIC_URL.into(), allowed_hosts: vec!["example.com".into(), "127.0.0.1".into()] };
    let verifier = issuer.verifier().with_sessions(vec![PUBLIC_URL.into()], TestIssuer::session_keys());
    App::new(store, verifier, KeyRing::parse(KEYS).unwrap(), site, Arc::new(SequenceIds::new(7)))
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, memory) = Store::in_memory(KeyRing::parse(KEYS).unwrap());
        let issuer = TestIssuer::new("https://id.example.com", "referral");
        Self { app: app_over(store.clone(), &issuer), store, memory, issuer, views: RefCell::default() }
    }

    async fn write(&self, writes: &[Write]) {
        self.store.backend().write(writes).await.unwrap();
    }

    /// An account with its default code.
    pub(crate) async fn sign_up(&self, name: &str, code: &str) {
        let profile = Profile { code: code.into(), alias: None, created_at: at("2026-10-01T00:00:00Z") };
        let own = Code { code: code.into(), account: id(name), alias: false };
        self.write(&[Write::create(keys::profile(&id(name)), profile.write()), Write::create(keys::code(code), own.write())]).await;
    }

    /// A template that stands ready, as another call made it.
    pub(crate) async fn template(&self, owner: &str, tpl: &str, name: &str, public: bool) {
        let template = Template {
            id: template_id(tpl),
            account: id(owner),
            name: name.into(),
            url: "https://example.com/t".into(),
            public,
            created_at: at("2026-10-02T00:00:00Z"),
        };
        let links = self.store.own_links(&id(owner)).await.unwrap().unwrap();
        self.store.add_template(&links, &template).await.unwrap();
    }

    /// Figures that only rise in the chart's buckets: clicks and signups.
    pub(crate) async fn count(&self, referrer: &str, series: Series, tpl: Option<&str>, day: &str, count: i64) {
        let day: NaiveDate = day.parse().unwrap();
        let key = keys::month(&id(referrer), &month_of(day), tpl.map(template_id).as_ref());
        self.write(&[Write::update(key, vec![], vec![Change::Add(series.name(day), count.into())])]).await;
    }

    /// `referee` signs up on the day by a link of `referrer`.
    pub(crate) async fn refer(&self, referee: &str, referrer: &str, tpl: Option<&str>, day: &str, status: AttributionStatus) {
        let time = at(&format!("{day}T00:00:00Z"));
        let receipt = Receipt { click: "clk_1".into(), code: "AAAA".into(), template: tpl.map(template_id), at: time };
        let mut attribution =
            decide(&id(referee), Some((&receipt, &id(referrer))), &Signals::default(), time, self.views.borrow().programme.at(time));
        attribution.status = status;
        let figures = Write::update(keys::figures(&id(referee)), vec![], attribution_changes(&attribution));
        let counted = Write::update(keys::figures(&id(referrer)), vec![], vec![Change::Add("cnt".into(), 1.into())]);
        self.write(&[figures, counted]).await;
        self.count(referrer, Series::Signups, tpl, day, 1).await;
        self.views.borrow_mut().buyers.insert(id(referee), BuyerView { attribution: Some(attribution) });
    }

    /// Facts of a purchase come in at a time.
    pub(crate) async fn told(&self, time: &str, purchase: &str, facts: &[PurchaseFact]) {
        let purchase: PurchaseId = purchase.parse().unwrap();
        let fact = |fact: &PurchaseFact| Fact {
            source: Source::Stripe,
            event: "evt_hidden".into(),
            body: FactBody::Purchase { purchase: purchase.clone(), fact: fact.clone() },
        };
        let facts: Vec<Fact> = facts.iter().map(fact).collect();
        let posted = self.store.posted(&purchase).await.unwrap();
        let plan = purchase_line(&purchase, posted.as_ref(), &facts, &self.views.borrow(), at(time)).unwrap();
        self.commit(plan, time).await;
    }

    /// A usage or a rental earning comes in at a time.
    pub(crate) async fn single(&self, time: &str, body: FactBody) {
        let fact = Fact { source: Source::Platform, event: "evt_hidden".into(), body };
        let spent = spending_line(&fact, None, &self.views.borrow(), at(time));
        self.commit(spent.or_else(|| rental_line(&fact, at(time))).unwrap(), time).await;
    }

    async fn commit(&self, mut plan: Plan, time: &str) {
        let referees: Vec<AccountId> = plan.counted.keys().cloned().collect();
        plan.reward_usage(&self.views.borrow(), at(time));
        self.store.commit(&plan).await.unwrap();
        for referee in referees {
            let posted = self.store.posted_usage(&referee).await.unwrap();
            self.views.borrow_mut().usage.extend(posted.map(|posted| (referee, posted)));
        }
    }

    /// The programme rewards by usage, as version 3 of its settings.
    pub(crate) fn by_usage(&self) {
        let settings = Settings { reward_basis: RewardBasis::Usage, ..Settings::default() };
        let version = Version { number: 3, from: at("2026-10-01T00:00:00Z"), value: settings };
        self.views.borrow_mut().programme = Programme::new(History::from_versions(vec![version]));
    }

    pub(crate) fn token(&self, name: &str) -> String {
        self.issuer.token(name, &[], None, now())
    }

    /// A call of somebody.
    pub(crate) fn call(&self, method: Method, route: &str, name: &str) -> CallBuilder {
        Call::builder(method, route, now()).bearer(&self.token(name))
    }

    /// Status and body of a call.
    pub(crate) async fn answer(&self, call: Call) -> (u16, Value) {
        let reply = handle(&self.app, call).await.unwrap_or_else(|problem| problem.render("request"));
        (reply.status.as_u16(), reply.body_json().unwrap_or(Value::Null))
    }

    /// The body of a good `GET`.
    pub(crate) async fn get(&self, name: &str, route: &str, query: &str) -> Value {
        let (status, body) = self.answer(self.call(Method::GET, route, name).raw_query(query).build()).await;
        assert_eq!(status, 200, "{route}?{query}: {body}");
        body
    }
}

pub(crate) fn captured(buyer: &str, amount: &str, time: &str) -> PurchaseFact {
    let buyer = Some(Buyer { by: Naming::Payment, account: id(buyer) });
    PurchaseFact::Captured { amount: amount.parse().unwrap(), currency: "USD".parse().unwrap(), at: at(time), credits: None, buyer }
}
pub(crate) fn refunded(refund: &str, amount: &str) -> PurchaseFact {
    PurchaseFact::Refund {
        id: refund.into(),
        amount: amount.parse().unwrap(),
        currency: "USD".parse().unwrap(),
        status: RefundStatus::Succeeded,
    }
}
pub(crate) fn disputed(amount: &str, time: &str) -> PurchaseFact {
    PurchaseFact::Dispute {
        id: "dp_hidden".into(),
        amount: amount.parse().unwrap(),
        currency: "USD".parse().unwrap(),
        status: DisputeStatus::Open,
        at: at(time),
    }
}
pub(crate) fn rented(earning: &str, host: &str, machine: &str, amount: &str, time: &str) -> FactBody {
    FactBody::Rental {
        earning: earning.into(),
        account: id(host),
        machine: machine.into(),
        amount: amount.parse().unwrap(),
        currency: "USD".parse().unwrap(),
        at: at(time),
    }
}
pub(crate) fn spent(usage: &str, account: &str, amount: &str, time: &str) -> FactBody {
    FactBody::Spent {
        usage: usage.into(),
        account: id(account),
        amount: amount.parse().unwrap(),
        currency: "USD".parse().unwrap(),
        at: at(time),
    }
}

/// Alice, with a bit of everything: a refund, a dispute, a review, a hold, two templates, rent, and purchased credits left.
pub(crate) async fn rich() -> World {
    use AttributionStatus::{Attributed, InReview};
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    world.sign_up("zoe", "ZZZZZZZZ").await;
    world.template("alice", "tpl_rig", "My rig \u{202e}", true).await;
    world.template("zoe", "tpl_theirs", "Zoe's", true).await;
    for (referee, tpl, day, status) in [
        ("bob", Some("tpl_rig"), "2026-10-31", Attributed),
        ("carol", None, "2026-11-02", Attributed),
        ("dave", None, "2026-11-03", InReview),
        ("erin", Some("tpl_theirs"), "2026-12-01", Attributed),
    ] {
        world.refer(referee, "alice", tpl, day, status).await;
    }
    world.count("alice", Series::Clicks, Some("tpl_rig"), "2026-10-31", 5).await;
    world.count("alice", Series::Clicks, Some("tpl_rig"), "2026-11-30", 2).await;
    world.count("alice", Series::Clicks, None, "2026-11-02", 3).await;
    world.told("2026-11-01T10:00:01Z", "stripe:pi_hidden_bob", &[captured("bob", "1000", "2026-11-01T10:00:00Z")]).await;
    world.told("2026-11-05T10:00:00Z", "stripe:pi_hidden_bob", &[refunded("re_hidden", "400")]).await;
    let carols = [captured("carol", "200", "2026-11-20T10:00:00Z")];
    world.told("2026-11-20T10:00:01Z", "stripe:pi_hidden_carol", &carols).await;
    world.told("2026-11-28T10:00:00Z", "stripe:pi_hidden_carol", &[disputed("100", "2026-11-28T09:00:00Z")]).await;
    world.told("2026-11-25T10:00:01Z", "stripe:pi_hidden_dave", &[captured("dave", "100", "2026-11-25T10:00:00Z")]).await;
    world.told("2026-12-08T10:00:01Z", "stripe:pi_hidden_erin", &[captured("erin", "50", "2026-12-08T10:00:00Z")]).await;
    world.single("2026-12-01T10:00:01Z", rented("ren_1", "alice", "=1+2", "7", "2026-12-01T10:00:00Z")).await;
    world.told("2026-12-02T10:00:01Z", "stripe:pi_hidden_own", &[captured("alice", "10", "2026-12-02T10:00:00Z")]).await;
    world.single("2026-12-03T10:00:01Z", spent("use_1", "alice", "4", "2026-12-03T10:00:00Z")).await;
    world
}
