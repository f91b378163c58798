//! What the people of a history hold in their hands: receipts, keys, ids of payouts; and what they
//! were answered, which must not change.

use crate::{
    apps::{Apps, keys},
    bank::Bank,
    calls,
    clock::Time,
    control::Control,
    history::{Act, History, Traits},
    queue::{ERRANDS_VISIBILITY_MS, FACTS_VISIBILITY_MS, ModelQueue},
    tables::Tables,
    telling::{Person, Way, name},
};
use edge::{
    http::{Call, Reply},
    problem::Problem,
};
use futures::future::LocalBoxFuture;
use ledger::{AccountId, Money, Rate};
use programme::{
    attribution::{AttributionStatus, Receipt},
    cashable::cashable,
    settings::{History as Versions, Programme, Settings, Version},
};
use serde_json::Value as Json;
use std::{collections::BTreeMap, sync::Arc};
use store::{
    backend::{Item, Key, memory::Memory},
    keys as places,
    records::{account, referral::Profile, settings::read_programme},
};

/// How many receipts a browser carries.
const RECEIPTS_MAX: usize = 4;

/// How a handler ended.
#[derive(Debug)]
pub enum Done {
    /// An answer: status, body, cookies.
    Reply(u16, Json, Vec<String>),
    /// The failed messages of a batch.
    Batch(Vec<String>),
}

/// A handler at work.
pub type Work = LocalBoxFuture<'static, Done>;

/// A signup as it was called.
#[derive(Debug, Clone)]
pub struct SignupCall {
    /// Who.
    pub who: Person,
    /// When, by the function's clock.
    pub now: Time,
    /// What the browser sent.
    pub receipts: Vec<Receipt>,
}

/// Everything around the handlers.
pub struct World {
    /// Faults, counts, story.
    pub control: Arc<Control>,
    /// The tables themselves.
    pub memory: Arc<Memory>,
    /// The tables as handlers see them.
    pub tables: Arc<Tables>,
    /// The queue of facts.
    pub queue: Arc<ModelQueue>,
    /// The payout worker's queue.
    pub errands: Arc<ModelQueue>,
    /// The rails.
    pub bank: Arc<Bank>,
    /// The functions.
    pub apps: Arc<Apps>,
    /// The customers.
    pub people: Vec<Traits>,
    /// Every signup that was called.
    pub signups: Vec<SignupCall>,
    receipts: BTreeMap<Person, Vec<(Receipt, String)>>,
    amounts: BTreeMap<u32, Money>,
    payouts: Vec<(String, Person)>,
    /// Whether a payout was ever ordered.
    pub ordered: bool,
    told: BTreeMap<String, Json>,
    clicks: u32,
}

pub(crate) fn http(work: impl Future<Output = Result<Reply, Problem>> + 'static) -> Work {
    Box::pin(async move {
        let reply = work.await.unwrap_or_else(|problem| problem.render("request"));
        let body = reply.body_json().unwrap_or(Json::Null);
        Done::Reply(reply.status.as_u16(), body, reply.cookies)
    })
}

impl World {
    /// The world of a history, before its first step; none where the model's own secrets do not read.
    #[must_use]
    pub fn new(history: &History, control: Arc<Control>) -> Option<Self> {
        let memory = Arc::new(Memory::new());
        let tables = Arc::new(Tables::new(Arc::clone(&control), Arc::clone(&memory)));
        let queue = Arc::new(ModelQueue::new(Arc::clone(&control), FACTS_VISIBILITY_MS));
        let errands = Arc::new(ModelQueue::new(Arc::clone(&control), ERRANDS_VISIBILITY_MS));
        let bank = Arc::new(Bank::new(Arc::clone(&control), Arc::clone(&memory)));
        let apps = Arc::new(Apps::new(&tables, [&queue, &errands], &bank.rails(), history.seed).ok()?);
        Some(Self {
            control,
            memory,
            tables,
            queue,
            errands,
            bank,
            apps,
            people: history.people.clone(),
            signups: Vec::new(),
            receipts: BTreeMap::new(),
            amounts: BTreeMap::new(),
            payouts: Vec::new(),
            ordered: false,
            told: BTreeMap::new(),
            clicks: 0,
        })
    }

    /// An item as it stands, read past all faults.
    pub(crate) fn peek(&self, key: &Key) -> Option<Item> {
        self.memory.peek(key, |item| item.cloned())
    }

    fn code_of(&self, person: Person) -> Option<String> {
        let account: AccountId = name(person).parse().ok()?;
        Some(Profile::read(&self.peek(&places::profile(&account))?).ok()?.code)
    }

    pub(crate) fn programme(&self) -> Programme {
        let versions = (1..).map_while(|number| self.peek(&places::programme_version(number)));
        let versions: Vec<Version<Settings>> = versions.filter_map(|item| read_programme(&item).ok()).collect();
        Programme::new(Versions::from_versions(versions))
    }

    /// Begins an act. None where it needs no handler, or can't be done: a link of somebody who has none.
    pub fn begin(&mut self, act: &Act, now: Time) -> Option<Work> {
        let apps = Arc::clone(&self.apps);
        let instance = usize::from(now.timestamp_subsec_millis() % 2 == 1);
        match act {
            Act::Visit { visitor, link_of, template, handled } => self.visit(*visitor, *link_of, (*template, *handled), now),
            Act::SignUp { who } => {
                let carried = self.receipts.get(who).cloned().unwrap_or_default();
                let (receipts, texts): (Vec<Receipt>, Vec<String>) = carried.into_iter().unzip();
                let call = calls::sign_up(*who, self.people.get(*who)?, &texts, now);
                self.signups.push(SignupCall { who: *who, now, receipts });
                Some(http(async move { signup::handle(&apps.signup, call).await }))
            }
            Act::Tell { telling, way: Way::Queue } => {
                self.queue.put(&serde_json::to_string(&telling.fact()?).ok()?, 0);
                None
            }
            Act::Tell { telling, way } => {
                let call = calls::webhook(telling, *way, now)?;
                Some(http(async move { webhook::handle(&apps.webhook, call).await }))
            }
            Act::Poison { number } => {
                self.queue.put(&format!("{{\"about\":\"nothing\",\"number\":{number}}}"), 0);
                None
            }
            Act::Destination { who, rail, value, default } => self.pay(calls::destination(*who, *rail, *value, *default, now)),
            Act::Request { who, key, per_mille } => {
                let amount = self.amount(*who, *key, *per_mille, now)?;
                self.pay(calls::request(*who, *key, amount, now))
            }
            Act::Cancel { nth } => {
                let (payout, payee) = self.payout(*nth)?;
                self.pay(calls::cancel(payee, &payout, now))
            }
            Act::Approve { by, nth } | Act::Reject { by, nth } => {
                let (payout, _) = self.payout(*nth)?;
                let version = self.version(&payout);
                let call = calls::judge(*by, &self.people, &payout, version, matches!(act, Act::Approve { .. }), now);
                Some(http(async move { finance::handle(apps.finance.get(instance).unwrap_or(&apps.finance[0]), call).await }))
            }
            Act::OrderRun { .. }
            | Act::PayNow { .. }
            | Act::Switch { .. }
            | Act::Billing { .. }
            | Act::Sweep
            | Act::Course { .. }
            | Act::Hint { .. } => self.cash(act, instance, now),
            Act::Rate { .. } | Act::Programme { .. } | Act::Review { .. } => {
                let programme = self.programme();
                let last = programme.history.versions().last().map(|version| version.value.clone()).unwrap_or_default();
                let call = calls::change(&self.resolved(act)?, &self.people, &last, now)?;
                Some(http(async move { finance::handle(apps.finance.get(instance).unwrap_or(&apps.finance[0]), call).await }))
            }
        }
    }

    /// A review is of whoever is in one, where somebody is: finance sees the list.
    fn resolved(&self, act: &Act) -> Option<Act> {
        let Act::Review { by, who, clear } = *act else { return Some(act.clone()) };
        let in_review = |person: &Person| {
            let figures = name(*person).parse().ok().and_then(|id: AccountId| self.peek(&places::figures(&id)));
            let attribution = figures.and_then(|item| account::read(&item).ok()?.attribution);
            attribution.is_some_and(|attribution| attribution.status == AttributionStatus::InReview)
        };
        let count = self.people.len();
        let mut around = (0..count).map(|step| (who + step) % count);
        // Where nobody is, one asks all the same, now and then.
        let who = around.find(in_review).or_else(|| (who == 0).then_some(who))?;
        Some(Act::Review { by, who, clear })
    }

    pub(crate) fn pay(&self, call: Call) -> Option<Work> {
        let apps = Arc::clone(&self.apps);
        Some(http(async move { payouts::handle(&apps.payouts, call).await }))
    }

    fn visit(&mut self, visitor: Person, link_of: Person, (template, handled): (bool, bool), now: Time) -> Option<Work> {
        let code = self.code_of(link_of)?;
        let traits = self.people.get(visitor)?;
        let texts: Vec<String> = self.receipts.get(&visitor).into_iter().flatten().map(|(_, text)| text.clone()).collect();
        if handled && !template {
            let (call, apps) = (calls::visit(&code, traits, &texts, now), Arc::clone(&self.apps));
            return Some(http(async move { click::handle(&apps.click, call).await }));
        }
        self.clicks += 1;
        let template = template.then(|| "tpl_A".parse().ok()).flatten();
        let receipt = Receipt { click: format!("clk_{}", self.clicks), code, template, at: now };
        self.carry(visitor, receipt);
        None
    }

    fn carry(&mut self, visitor: Person, receipt: Receipt) {
        let text = receipt.to_text(&keys());
        let carried = self.receipts.entry(visitor).or_default();
        if !carried.iter().any(|(known, _)| *known == receipt) {
            carried.push((receipt, text));
            // A browser has few, and a signup listens to eight.
            if carried.len() > RECEIPTS_MAX {
                carried.remove(0);
            }
        }
    }

    /// How much is asked for: the same each time under one key. None where there is nothing, which
    /// most people see before they ask.
    fn amount(&mut self, who: Person, key: u32, per_mille: i64, now: Time) -> Option<Money> {
        if let Some(amount) = self.amounts.get(&key) {
            return Some(*amount);
        }
        let figures = name(who)
            .parse()
            .ok()
            .and_then(|id| self.peek(&places::figures(&id)))
            .and_then(|item| account::read(&item).ok())
            .unwrap_or_default();
        let programme = self.programme();
        let share: Rate = programme.at(now).1.cashable_share;
        let open = cashable(&figures, share, now.date_naive()).total;
        let part = Money::from_minor(per_mille, 3).unwrap_or_default();
        let wanted = Money::try_new((open.decimal() * part.decimal()).trunc_with_scale(2)).unwrap_or_default();
        let amount = if wanted.is_positive() { wanted } else { Money::from_minor(2_000, 2).ok().filter(|_| key.is_multiple_of(8))? };
        self.amounts.insert(key, amount);
        Some(amount)
    }

    pub(crate) fn payout(&self, nth: usize) -> Option<(String, Person)> {
        let place = nth.checked_rem(self.payouts.len())?;
        // The newest first.
        self.payouts.iter().rev().nth(place).cloned()
    }

    /// The version that somebody of finance sees who looks right now.
    pub(crate) fn version(&self, payout: &str) -> u32 {
        let head = self.peek(&places::payout_head(payout)).and_then(|item| store::records::payout::read(&item).ok());
        head.map_or(1, |head| head.version)
    }

    /// Takes an answer in; tells what is wrong with it.
    pub fn answered(&mut self, act: &Act, status: u16, body: &Json, cookies: &[String], met: u32) -> Option<String> {
        if status == 500 || (status > 500 && met == 0) {
            return Some(format!("{act} was answered {status}, and met {met} faults: {body}"));
        }
        match act {
            Act::Visit { visitor, .. } => {
                let text = cookies.iter().find_map(|cookie| cookie.strip_prefix("__Host-ref=")?.split(';').next());
                if let Some(receipt) = text.and_then(|text| Receipt::from_text(text, &keys())) {
                    self.carry(*visitor, receipt);
                }
                None
            }
            Act::SignUp { who } if status < 300 => {
                let first = (status == 201).then(|| self.told.insert(format!("first signup of {who}"), Json::Bool(true))).flatten();
                if first.is_some() {
                    return Some(format!("{} signed up for the first time twice", name(*who)));
                }
                self.same(format!("signup of {who}"), serde_json::json!([body["account_id"], body["code"], body["link"]]))
            }
            Act::Request { who, key, .. } if status == 201 => {
                if let Some(id) = body["payout_id"].as_str().filter(|id| !self.payouts.iter().any(|(known, _)| known == id)) {
                    self.payouts.push((id.to_owned(), *who));
                }
                self.same(format!("request {key} of {who}"), body.clone())
            }
            Act::Tell { .. } if body["status"] != "accepted" && status == 200 => Some(format!("{act} was answered {body}")),
            Act::SignUp { .. }
            | Act::Tell { .. }
            | Act::Destination { .. }
            | Act::Request { .. }
            | Act::Cancel { .. }
            | Act::Approve { .. }
            | Act::Reject { .. }
            | Act::Rate { .. }
            | Act::Programme { .. }
            | Act::Review { .. }
            | Act::Poison { .. }
            | Act::OrderRun { .. }
            | Act::PayNow { .. }
            | Act::Switch { .. }
            | Act::Billing { .. }
            | Act::Sweep
            | Act::Course { .. }
            | Act::Hint { .. } => None,
        }
    }

    fn same(&mut self, what: String, answer: Json) -> Option<String> {
        match self.told.get(&what) {
            Some(before) if *before != answer => Some(format!("{what} was answered {before}, and then {answer}")),
            Some(_) => None,
            None => {
                self.told.insert(what, answer);
                None
            }
        }
    }
}
