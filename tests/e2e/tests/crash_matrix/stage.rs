//! One cell's own people on a stack that many cells share, and what they do.

use crate::act::{Act, Answer, send_messages};
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat};
use e2e::captured;
use local::{
    dynamo,
    signing::{self, Source, WebhookSecrets},
    stack::Stack,
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;

/// What a browser calls itself.
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) Test";

/// A stack, and a tag that every name of one cell has: no two cells touch the same account.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) http: &'a Client,
    pub(crate) tag: &'a str,
}

impl Stage<'_> {
    /// A name of this cell's own.
    pub(crate) fn name(&self, who: &str) -> String {
        format!("{who}-{}", self.tag)
    }

    /// The account of that name.
    pub(crate) fn account(&self, who: &str) -> String {
        format!("acct_{}", self.name(who))
    }

    /// Epoch seconds, by the stack's clock.
    pub(crate) fn now(&self) -> i64 {
        self.stack.clock().now_ms() / 1000
    }

    /// RFC 3339, so many seconds from now by the stack's clock.
    pub(crate) fn time(&self, later_seconds: i64) -> String {
        DateTime::from_timestamp(self.now() + later_seconds, 0).expect("a time").to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.stack.clock().advance(Duration::from_secs(seconds)).await.expect("the clock moves");
    }

    /// Does it, whatever comes of it.
    pub(crate) async fn perform(&self, act: &Act) -> Answer {
        match act {
            Act::Call { who, method, path, headers, body } => {
                let mut request = self.http.request(method.clone(), format!("{}{path}", self.stack.url())).header("user-agent", AGENT);
                if let Some(who) = who {
                    request = request.bearer_auth(self.stack.token_for(who).expect("a token"));
                }
                for (name, value) in headers {
                    request = request.header(*name, value);
                }
                Answer::read(body.iter().fold(request, |request, body| request.json(body))).await
            }
            Act::Event { source, event } => {
                let body = serde_json::to_vec(event).expect("JSON");
                let mut request = self.http.post(format!("{}/webhooks/{}", self.stack.url(), source.as_str()));
                for (name, value) in self.signature(*source, &body) {
                    request = request.header(name, value);
                }
                Answer::read(request.body(body)).await
            }
            Act::Messages { queue, bodies } => {
                send_messages(self.stack, queue, bodies).await;
                Answer::of(200)
            }
            Act::Schedule(name) => Answer::of(if self.stack.run_schedule(name).await.is_ok() { 200 } else { 500 }),
        }
    }

    fn signature(&self, source: Source, body: &[u8]) -> Vec<signing::Header> {
        let secrets = WebhookSecrets { stripe: self.stack.secrets().stripe(), platform: self.stack.secrets().platform() };
        let headers = match source {
            Source::PayPal => signing::paypal_headers(&self.stack.paypal().key(), body, self.now()),
            Source::Wise => signing::wise_headers(self.stack.secrets().wise_private_key(), body),
            Source::Stripe | Source::Platform => signing::headers(source, secrets, body, self.now()),
        };
        headers.expect("a signature")
    }

    /// Does it on the way to a scene: it must come out well.
    pub(crate) async fn must(&self, act: Act) -> Answer {
        let answer = self.perform(&act).await;
        assert!(answer.status < 400, "{act:?}: {} {}", answer.status, answer.body);
        answer
    }

    /// Signs up, by a receipt where there is one; answers the account's code and its browser's cookie.
    pub(crate) async fn sign_up(&self, who: &str, receipt: Option<&str>) -> (String, String) {
        let answer = self.must(self.signup(who, receipt)).await;
        let device = answer.cookies.iter().find_map(|cookie| cookie.split(';').next().filter(|pair| pair.starts_with("__Host-device=")));
        (answer.text("code"), device.unwrap_or_default().to_owned())
    }

    pub(crate) fn signup(&self, who: &str, receipt: Option<&str>) -> Act {
        let body = receipt.map_or_else(|| json!({}), |receipt| json!({ "receipt": receipt }));
        Act::call(&self.name(who), Method::POST, "/signups", body)
    }

    /// A visitor's receipt from a link.
    pub(crate) async fn receipt(&self, code: &str) -> String {
        let location = self.must(Act::visit(&format!("/r/{code}"))).await.location;
        let url = url::Url::parse(&location).expect("a URL");
        url.query_pairs().find(|(name, _)| name == "receipt").expect("a receipt").1.into_owned()
    }

    /// `referrer` refers `buyer`.
    pub(crate) async fn referral(&self, referrer: &str, buyer: &str) {
        let (code, _) = self.sign_up(referrer, None).await;
        let receipt = self.receipt(&code).await;
        self.sign_up(buyer, Some(&receipt)).await;
    }

    /// The signup of `buyer` by the link of `ref`, from the browser of `ref`: the referral goes to review.
    pub(crate) async fn suspicious_signup(&self) -> Act {
        let (code, device) = self.sign_up("ref", None).await;
        let receipt = self.receipt(&code).await;
        self.signup("buyer", Some(&receipt)).with("cookie", &device)
    }

    /// `buyer` buys credits, in cents.
    pub(crate) fn purchase(&self, cents: i64) -> Act {
        let event = captured(&format!("pi_{}", self.tag), &self.account("buyer"), cents, self.now());
        Act::Event { source: Source::Stripe, event }
    }

    /// Something that the platform tells.
    pub(crate) fn platform(&self, kind: &str, data: Value) -> Act {
        Act::Event { source: Source::Platform, event: json!({ "type": kind, "timestamp": self.time(0), "data": data }) }
    }

    /// `who` earned that much with a machine.
    pub(crate) async fn host(&self, who: &str, amount: &str) {
        let data = json!({ "earning_id": format!("rent_{}", self.tag), "account_id": self.account(who), "machine_id": "m1", "amount": amount,
            "currency": "USD", "at": self.time(0) });
        self.must(self.platform("rental.earned", data)).await;
    }

    /// Names a PayPal address of this cell's own.
    pub(crate) fn payout_account(&self, who: &str, variant: &str) -> Act {
        let email = format!("payee{variant}-{}@example.com", self.tag);
        Act::call(&self.name(who), Method::PUT, "/payout-accounts/paypal", json!({ "email": email, "default": true }))
    }

    /// The id of the account that was made there, which nobody is shown.
    pub(crate) async fn stripe_account(&self, who: &str) -> String {
        let table = self.stack.tables().iter().find(|table| table.name.ends_with("accounts")).expect("the accounts");
        let key = |name: &str| AttributeValue::S(name.to_owned());
        let read = dynamo::client(self.stack.dynamodb_url()).get_item().table_name(&table.name).consistent_read(true);
        let read = read.key("pk", key(&format!("account#{}", self.account(who)))).key("sk", key("connect"));
        let item = read.send().await.expect("an answer").item.expect("an account at Stripe");
        item["acct"].as_s().expect("a text").clone()
    }

    /// Has an account made at Stripe.
    pub(crate) fn onboarding(&self, who: &str) -> Act {
        Act::call(&self.name(who), Method::POST, "/payout-accounts/stripe_connect/onboarding", json!({}))
    }

    pub(crate) fn payout(&self, who: &str, amount: &str) -> Act {
        Act::call(&self.name(who), Method::POST, "/payouts", json!({ "amount": amount })).with("idempotency-key", &self.name("key"))
    }

    /// Everything that `who` needs to ask for a payout: cash, and a payout account that is old enough.
    pub(crate) async fn payee(&self, who: &str, amount: &str, variant: &str) {
        self.host(who, amount).await;
        self.must(self.payout_account(who, variant)).await;
        // The cool-down of a new payout account is 72 hours.
        self.advance(4 * 86_400).await;
        self.settle().await;
    }

    /// `ref` has asked for a payout; answers its id.
    pub(crate) async fn requested(&self, amount: &str) -> String {
        self.sign_up("ref", None).await;
        self.payee("ref", amount, "").await;
        self.must(self.payout("ref", amount)).await.text("payout_id")
    }

    /// Finance does something with a payout.
    pub(crate) fn finance(&self, by: &str, id: &str, act: &str, body: Value) -> Act {
        Act::call(by, Method::POST, &format!("/finance/payouts/{id}/{act}"), body)
    }

    /// Finance's verdict on the referral of `buyer`.
    pub(crate) fn verdict(&self, verdict: &str) -> Act {
        let path = format!("/finance/reviews/{}/{verdict}", self.account("buyer"));
        Act::call("fin1", Method::POST, &path, json!({ "reason": "looked at it" }))
    }
}
