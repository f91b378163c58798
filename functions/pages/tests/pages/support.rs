//! A site, its API, its issuer, and somebody's browser.

use crate::{desk_sample, sample};
use chrono::{DateTime, Utc};
use edge::{
    auth::{SESSION_COOKIE, Session},
    http::{Call, CallBuilder, Method, Reply},
    ids::SequenceIds,
    testing::TestIssuer,
};
use futures::future::BoxFuture;
use pages::{
    App, Parts,
    api::{Answer, Api, Ask, Away},
    handle,
    oidc::{Client, Exchange, Tokens},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

pub(crate) const PUBLIC_URL: &str = "https://referral.example.com";
pub(crate) const ISSUER: &str = "https://id.example.com";

/// Sunday, 22 November 2026, 12:00 UTC.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

/// A status, a body, cookies.
type Known = (u16, Value, Vec<String>);

/// A door, which bodies are meant, and the answer to them.
type Special = (String, fn(&Value) -> bool, Known);

/// Answers by method and path, whatever the query.
#[derive(Default)]
pub(crate) struct FakeApi {
    answers: Mutex<BTreeMap<String, Known>>,
    /// Answers to some bodies alone, which come before the others.
    special: Mutex<Vec<Special>>,
    pub(crate) asked: Mutex<Vec<Ask>>,
    pub(crate) away: Mutex<bool>,
}

impl FakeApi {
    pub(crate) fn put(&self, door: &str, status: u16, body: Value) {
        self.answers.lock().unwrap().insert(door.to_owned(), (status, body, Vec::new()));
    }

    /// An answer to those questions whose body is meant.
    pub(crate) fn put_for(&self, door: &str, meant: fn(&Value) -> bool, status: u16, body: Value) {
        self.special.lock().unwrap().insert(0, (door.to_owned(), meant, (status, body, Vec::new())));
    }

    pub(crate) fn put_with_cookie(&self, door: &str, body: Value, cookie: &str) {
        self.answers.lock().unwrap().insert(door.to_owned(), (201, body, vec![cookie.to_owned()]));
    }

    /// Every answer that stands.
    pub(crate) fn known(&self) -> Vec<(String, Value)> {
        self.answers.lock().unwrap().iter().map(|(door, (_, body, _))| (door.clone(), body.clone())).collect()
    }

    /// The questions at a door, so far.
    pub(crate) fn asked_at(&self, door: &str) -> Vec<Ask> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|ask| key(ask) == door).cloned().collect()
    }

    /// What was asked for that changes something.
    pub(crate) fn changes(&self) -> Vec<Ask> {
        self.asked.lock().unwrap().iter().filter(|ask| ask.method != "GET").cloned().collect()
    }
}

fn key(ask: &Ask) -> String {
    format!("{} {}", ask.method, ask.path.split('?').next().unwrap())
}

impl Api for FakeApi {
    fn send<'a>(&'a self, ask: Ask) -> BoxFuture<'a, Result<Answer, Away>> {
        Box::pin(async move {
            if *self.away.lock().unwrap() {
                return Err(Away("nothing answers".into()));
            }
            let body = ask.body.clone().unwrap_or_default();
            let special =
                self.special.lock().unwrap().iter().find(|(door, meant, _)| *door == key(&ask) && meant(&body)).map(|row| row.2.clone());
            let found = special.or_else(|| self.answers.lock().unwrap().get(&key(&ask)).cloned());
            self.asked.lock().unwrap().push(ask);
            let (status, body, cookies) = found.unwrap_or((404, json!({ "message": "Not Found" }), Vec::new()));
            Ok(Answer { status, body: body.to_string().into_bytes(), cookies })
        })
    }
}

/// The issuer's token door.
#[derive(Default)]
pub(crate) struct FakeExchange {
    pub(crate) tokens: Mutex<Option<Tokens>>,
    pub(crate) forms: Mutex<Vec<String>>,
}

impl Exchange for FakeExchange {
    fn exchange<'a>(&'a self, _url: &'a str, form: String) -> BoxFuture<'a, Result<Option<Tokens>, Away>> {
        Box::pin(async move {
            self.forms.lock().unwrap().push(form);
            Ok(self.tokens.lock().unwrap().clone())
        })
    }
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) api: Arc<FakeApi>,
    pub(crate) exchange: Arc<FakeExchange>,
    pub(crate) issuer: TestIssuer,
}

/// Keys of discovery documents, with the doors that sign-in needs.
struct Documents;

impl edge::auth::KeyFetch for Documents {
    fn get<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, Result<String, edge::auth::FetchError>> {
        let document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "end_session_endpoint": format!("{ISSUER}/end"),
        });
        Box::pin(async move { Ok(document.to_string()) })
    }
}

impl World {
    /// With an API that has the sample answers.
    pub(crate) fn new() -> Self {
        let issuer = TestIssuer::new(ISSUER, "referral");
        let (api, exchange) = (Arc::new(FakeApi::default()), Arc::new(FakeExchange::default()));
        sample::fill(&api);
        desk_sample::fill(&api);
        let app = App::new(Parts {
            api: Arc::<FakeApi>::clone(&api),
            issuer: Client::new(ISSUER.into(), "web".into(), Arc::new(Documents), Arc::<FakeExchange>::clone(&exchange)),
            verifier: issuer.verifier(),
            keys: TestIssuer::session_keys(),
            ids: Arc::new(SequenceIds::new(7)),
            public_url: PUBLIC_URL.into(),
        });
        Self { app, api, exchange, issuer }
    }

    pub(crate) fn session(&self) -> Session {
        Session {
            token: "token".into(),
            account: "acct_alice".into(),
            name: Some("Alice".into()),
            groups: BTreeSet::new(),
            secret: "secret of alice".into(),
            expires_at: now().timestamp() + 3_600,
        }
    }

    pub(crate) fn with(&self, session: &Session, call: CallBuilder) -> CallBuilder {
        call.cookie(SESSION_COOKIE, &session.seal(&TestIssuer::session_keys(), &edge::ids::SystemIds).unwrap())
    }

    pub(crate) async fn send(&self, call: CallBuilder) -> Page {
        Page(handle(&self.app, call.build()).await.expect("every fault is a page"))
    }

    /// A page as Alice sees it.
    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(self.with(&self.session(), call(Method::GET, path))).await
    }

    /// A page as somebody sees it who is not signed in.
    pub(crate) async fn visit(&self, path: &str) -> Page {
        self.send(call(Method::GET, path)).await
    }

    /// Somebody of finance.
    pub(crate) fn fin(&self) -> Session {
        let (account, secret) = ("acct_fin1".into(), "secret of fin1".into());
        Session { account, secret, name: Some("Fin One".into()), groups: ["finance".to_owned()].into(), ..self.session() }
    }

    /// A page as finance sees it.
    pub(crate) async fn desk(&self, path: &str) -> Page {
        self.send(self.with(&self.fin(), call(Method::GET, path))).await
    }

    /// A form of a page that finance sees.
    pub(crate) async fn desk_submit(&self, page: &str, action: &str, entered: &[(&str, &str)]) -> Page {
        let proof = self.desk(page).await.proof(action);
        self.desk_post(action, &[&[("csrf", proof.as_str())], entered].concat()).await
    }

    pub(crate) async fn desk_post(&self, action: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.with(&self.fin(), post(action, fields)).header("origin", PUBLIC_URL)).await
    }

    /// A form of a page that Alice sees: as her browser sends it, with what she entered in place of what stood there.
    pub(crate) async fn submit(&self, page: &str, action: &str, entered: &[(&str, &str)]) -> Page {
        let proof = self.get(page).await.proof(action);
        self.post(action, &[&[("csrf", proof.as_str())], entered].concat()).await
    }

    pub(crate) async fn post(&self, action: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.with(&self.session(), post(action, fields)).header("origin", PUBLIC_URL)).await
    }
}

/// The routes with a value in them; the first that fits is meant.
const ROUTES: [&str; 10] = [
    "/my/payouts/new",
    "/my/account/stripe_connect/onboarding",
    "/my/payouts/{id}/cancel",
    "/my/payouts/{id}",
    "/my/templates/{id}",
    "/my/account/{rail}",
    "/desk/{page}/{id}/{act}",
    "/desk/{page}/{id}",
    "/desk/{page}",
    "/theme",
];

/// A call as the gateway makes it: with its route, and what the path has in place of names.
pub(crate) fn call(method: Method, path: &str) -> CallBuilder {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let given: Vec<&str> = path.split('/').collect();
    let fits = |route: &&&str| {
        let own: Vec<&str> = route.split('/').collect();
        own.len() == given.len() && own.iter().zip(&given).all(|(own, given)| own == given || (own.starts_with('{') && !given.is_empty()))
    };
    let route = ROUTES.iter().find(fits).copied().unwrap_or(path);
    let named = route.split('/').zip(&given).filter(|(own, _)| own.starts_with('{'));
    let builder = Call::builder(method, route, now()).path(path).raw_query(query);
    named.fold(builder, |builder, (name, value)| {
        let value = percent_encoding::percent_decode_str(value).decode_utf8().unwrap();
        builder.param(name.trim_matches(['{', '}']), value)
    })
}

pub(crate) fn post(action: &str, fields: &[(&str, &str)]) -> CallBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    call(Method::POST, action).header("content-type", "application/x-www-form-urlencoded").body(body)
}

/// A page as a browser gets it.
pub(crate) struct Page(pub(crate) Reply);

impl Page {
    pub(crate) fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    pub(crate) fn html(&self) -> &str {
        std::str::from_utf8(&self.0.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.0.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// Without tags, blanks folded.
    pub(crate) fn text(&self) -> String {
        let body = self.html().split("<main").nth(1).unwrap_or_default();
        let mut text = String::new();
        for part in body.split('<').skip(1) {
            let (tag, after) = part.split_once('>').unwrap_or(("", part));
            text.push_str(if tag.starts_with("script") || tag.starts_with("style") { "" } else { after });
            text.push(' ');
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The proof of the form that leads to `action`.
    pub(crate) fn proof(&self, action: &str) -> String {
        let form = self
            .html()
            .split(&format!("method=\"post\" action=\"{action}\""))
            .nth(1)
            .unwrap_or_else(|| panic!("no form leads to {action}"));
        let field = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
        field.split('"').next().unwrap().to_owned()
    }
}
