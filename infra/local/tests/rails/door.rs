//! The stand-ins inside a stack: what functions are told, the stack's own door, and kills between a function and a rail.

use local::{
    binaries,
    faults::{Fault, Plan, Rule, Service, When},
    stack::{Stack, StackOptions, TemplateSource},
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

const TEMPLATE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String }
  StripeApiUrl: { Type: String, Default: "https://api.stripe.com" }
  PaypalApiUrl: { Type: String, Default: "https://api-m.paypal.com" }
  WiseApiUrl: { Type: String, Default: "https://api.wise.com" }
  WiseProfileId: { Type: String, Default: "" }
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., MemorySize: 128, Timeout: 20 }
Resources:
  Api: { Type: AWS::Serverless::HttpApi }
  Echo:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: echo } }
    Properties:
      Environment:
        Variables:
          STRIPE_API_URL: !Ref StripeApiUrl
          STRIPE_API_KEY: "{{resolve:secretsmanager:s:SecretString:stripe_api_key}}"
          PAYPAL_API_URL: !Ref PaypalApiUrl
          PAYPAL_CLIENT_ID: "{{resolve:secretsmanager:s:SecretString:paypal_client_id}}"
          PAYPAL_CLIENT_SECRET: "{{resolve:secretsmanager:s:SecretString:paypal_client_secret}}"
          WISE_API_URL: !Ref WiseApiUrl
          WISE_API_TOKEN: "{{resolve:secretsmanager:s:SecretString:wise_api_token}}"
          WISE_WEBHOOK_KEY: "{{resolve:secretsmanager:s:SecretString:wise_webhook_key}}"
          WISE_PROFILE_ID: !Ref WiseProfileId
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/{one}" } }
        Hook: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: "/webhooks/{source}" } }
"#;

struct Door {
    stack: Stack,
    http: Client,
}

impl Door {
    async fn open(faults: bool) -> Self {
        let options = StackOptions {
            faults,
            copies_max: 1,
            template: TemplateSource::Text(TEMPLATE.into()),
            ..StackOptions::new(binaries::directory().unwrap().join("examples"))
        };
        let http = Client::builder().no_proxy().build().unwrap();
        Self { stack: Stack::start(options).await.unwrap(), http }
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}/_local/rails/{path}", self.stack.url());
        let request = self.http.request(method.parse().unwrap(), url).header("x-local-token", self.stack.run_token());
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    async fn variables(&self) -> Value {
        self.http.get(format!("{}/x", self.stack.url())).send().await.unwrap().json::<Value>().await.unwrap()["variables"].clone()
    }

    /// A transfer, made by whoever is told this base and key.
    async fn transfer(&self, base: &str, key: &str) -> Result<Value, reqwest::Error> {
        let body = format!("amount=1000&currency=usd&destination=acct_1abc&transfer_group={key}");
        let request = self.http.post(format!("{base}/v1/transfers")).bearer_auth(self.stack.secrets().stripe_api_key());
        let request = request.header("idempotency-key", key).header("content-type", "application/x-www-form-urlencoded").body(body);
        request.send().await?.json().await
    }

    async fn books(&self, rail: &str) -> Vec<Value> {
        self.ask("GET", &format!("{rail}/books"), &Value::Null).await.1["payments"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn functions_are_told_the_stand_ins_and_their_keys() {
    let door = Door::open(false).await;
    let told = door.variables().await;
    let secrets = door.stack.secrets();
    let base = door.stack.rails_url();
    for (name, value) in [
        ("STRIPE_API_URL", format!("{base}/stripe")),
        ("PAYPAL_API_URL", format!("{base}/paypal")),
        ("WISE_API_URL", format!("{base}/wise")),
        ("WISE_PROFILE_ID", "30000000".to_owned()),
        ("STRIPE_API_KEY", secrets.stripe_api_key().to_owned()),
        ("WISE_WEBHOOK_KEY", secrets.get("wise_webhook_key").unwrap().to_owned()),
    ] {
        assert_eq!(told["rails"][name], value, "{name}");
    }
    let made = door.transfer(told["rails"]["STRIPE_API_URL"].as_str().unwrap(), "pay_1").await.unwrap();
    assert_eq!(door.books("stripe_connect").await[0]["reference"], made["id"]);
    // The ticker delivers by itself, here to a function that takes everything.
    for _ in 0..500 {
        let (_, all) = door.ask("GET", "stripe/webhooks", &Value::Null).await;
        if all[0]["state"] == "delivered" {
            door.stack.stop().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the webhook never came");
}

#[tokio::test]
async fn the_door_opens_with_the_token_alone() {
    let door = Door::open(false).await;
    for path in ["advance", "paypal/books", "paypal/faults", "wise/payments/x/delete"] {
        let plain = door.http.post(format!("{}/_local/rails/{path}", door.stack.url())).send().await.unwrap();
        assert_eq!(plain.status(), StatusCode::FORBIDDEN, "{path}");
    }
    for (method, path, body) in [
        ("GET", "bank/books", Value::Null),
        ("POST", "wise/faults", json!({ "kind": "none" })),
        ("POST", "wise/faults", json!({ "kind": "duplicate_batch" })),
        ("POST", "wise/accounts/acct_1", json!({})),
        ("POST", "stripe/accounts/acct_1", json!({ "transfers": "perhaps" })),
        ("POST", "paypal/balance", json!({ "amount": "1e3" })),
    ] {
        assert_eq!(door.ask(method, path, &body).await.0, StatusCode::BAD_REQUEST, "{path} {body}");
    }
    assert_eq!(door.ask("POST", "wise/payments/none/delete", &Value::Null).await.0, StatusCode::NOT_FOUND);
    door.stack.stop().await;
}

#[tokio::test]
async fn faults_balances_and_accounts_are_set_at_the_door() {
    let door = Door::open(false).await;
    let base = format!("{}/stripe", door.stack.rails_url());
    assert_eq!(
        door.ask("POST", "stripe/faults", &json!({ "kind": "busy_429", "match": { "payout": "pay_1" } })).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(door.ask("GET", "stripe/faults", &Value::Null).await.1[0]["kind"], "busy_429");
    assert_eq!(door.transfer(&base, "pay_1").await.unwrap()["error"]["code"], "rate_limit");
    door.ask("POST", "stripe/faults", &json!({ "kind": "fail_before", "times": 9 })).await;
    door.ask("DELETE", "stripe/faults", &Value::Null).await;
    door.ask("POST", "stripe/balance", &json!({ "amount": "9.99" })).await;
    assert_eq!(door.transfer(&base, "pay_2").await.unwrap()["error"]["code"], "balance_insufficient");
    door.ask("POST", "stripe/balance", &json!({ "amount": "10.00" })).await;
    let (_, account) = door.ask("POST", "stripe/accounts/acct_1abc", &json!({ "transfers": "inactive", "payouts_enabled": false })).await;
    assert_eq!((&account["capabilities"]["transfers"], &account["payouts_enabled"]), (&json!("inactive"), &json!(false)));
    assert_eq!(door.transfer(&base, "pay_3").await.unwrap()["error"]["code"], "insufficient_capabilities_for_transfer");
    door.ask("POST", "stripe/accounts/acct_1abc", &json!({ "transfers": "active" })).await;
    assert_eq!(door.transfer(&base, "pay_4").await.unwrap()["object"], "transfer");
    let (_, books) = door.ask("GET", "stripe/books?payout=pay_4", &Value::Null).await;
    assert_eq!((&books["balances"]["USD"], books["payments"].as_array().unwrap().len()), (&json!("0.00"), 1));
    assert!(door.ask("POST", "advance", &Value::Null).await.1["waiting"].is_number());
    door.stack.stop().await;
}

#[tokio::test]
async fn a_drain_waits_for_what_the_rails_have_to_tell() {
    let door = Door::open(false).await;
    let base = format!("{}/stripe", door.stack.rails_url());
    for number in 0..20 {
        door.transfer(&base, &format!("pay_{number}")).await.unwrap();
    }
    assert!(door.stack.drain().await.unwrap());
    let (_, all) = door.ask("GET", "stripe/webhooks", &Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 20);
    assert!(all.as_array().unwrap().iter().all(|one| one["state"] == "delivered"), "{all}");
    door.stack.stop().await;
}

#[tokio::test]
async fn a_test_makes_of_a_payment_what_it_likes() {
    let door = Door::open(false).await;
    let rails = ["stripe_connect", "paypal", "wise"];
    for rail in rails {
        let (_, made) = door.ask("POST", &format!("{rail}/payments"), &json!({ "amount": "10.00", "payout": "pay_1" })).await;
        let reference = made["reference"].as_str().unwrap().to_owned();
        let act = async |act: &str, body: Value| door.ask("POST", &format!("{rail}/payments/{reference}/{act}"), &body).await;
        // Differences that leave no trace.
        assert_eq!(act("amount", json!({ "amount": "12.34" })).await.1["amount"], "12.34", "{rail}");
        assert_eq!(act("destination", json!({ "destination": "41000000" })).await.1["destination"], "41000000", "{rail}");
        let (_, twin) = act("duplicate", Value::Null).await;
        assert_ne!(twin["reference"], reference, "{rail}");
        assert_eq!(twin["payout"], "pay_1", "{rail}");
        assert!(door.ask("GET", &format!("{rail}/webhooks"), &Value::Null).await.1.as_array().unwrap().is_empty(), "{rail}");
        // What the provider does, with its webhook.
        let (_, back) = act("return", Value::Null).await;
        assert_eq!(back["returned"], "12.34", "{rail}");
        assert!(!door.ask("GET", &format!("{rail}/webhooks"), &Value::Null).await.1.as_array().unwrap().is_empty(), "{rail}");
        for (kind, body) in [("return", json!({})), ("amount", json!({})), ("state", json!({ "state": "none" })), ("dance", json!({}))] {
            assert_eq!(act(kind, body).await.0, StatusCode::BAD_REQUEST, "{rail} {kind}");
        }
        assert_eq!(act("delete", Value::Null).await.0, StatusCode::OK, "{rail}");
        let left = door.books(rail).await;
        assert_eq!((left.len(), &left[0]["reference"]), (1, &twin["reference"]), "{rail}");
    }
    for (rail, acts) in [
        ("stripe_connect", [("complete", "paid_out"), ("fail", "payout_failed"), ("bounce", "payout_failed"), ("reverse", "reversed")]),
        ("paypal", [("complete", "SUCCESS"), ("fail", "FAILED"), ("bounce", "RETURNED"), ("reverse", "REVERSED")]),
        ("wise", [("complete", "outgoing_payment_sent"), ("fail", "cancelled"), ("bounce", "bounced_back"), ("reverse", "charged_back")]),
    ] {
        for (act, state) in acts {
            let (_, made) = door.ask("POST", &format!("{rail}/payments"), &json!({ "amount": "1.00" })).await;
            let path = format!("{rail}/payments/{}/{act}", made["reference"].as_str().unwrap());
            assert_eq!(door.ask("POST", &path, &Value::Null).await.1["state"], state, "{rail} {act}");
        }
    }
    let (_, part) = door.ask("POST", "stripe/payments", &json!({ "amount": "10.00" })).await;
    let path = format!("stripe/payments/{}/return", part["reference"].as_str().unwrap());
    assert_eq!(door.ask("POST", &path, &json!({ "amount": "4.00" })).await.1["returned"], "4.00");
    assert_eq!(door.ask("POST", &path, &json!({ "amount": "1.00" })).await.1["returned"], "5.00");
    assert_eq!(door.ask("POST", &path, &json!({ "amount": "5.01" })).await.0, StatusCode::BAD_REQUEST);
    door.stack.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_function_is_killed_before_or_after_the_call_that_a_test_names() {
    let door = Door::open(true).await;
    let faults = door.stack.faults().unwrap();
    for (key, fault, done) in [
        ("pay_before", Fault::KillBefore, 0),
        ("pay_after", Fault::KillAfter, 1),
        ("pay_lost", Fault::LoseAnswer, 1),
        ("pay_failed", Fault::FailAfter, 1),
        ("pay_busy", Fault::Throttle, 0),
        ("pay_locked", Fault::Conflict, 0),
        ("pay_down", Fault::FailBefore, 0),
    ] {
        faults.set(Plan::default());
        let base = door.variables().await["rails"]["STRIPE_API_URL"].as_str().unwrap().to_owned();
        assert!(base.contains("/echo/"), "{base}");
        let process = door.http.get(format!("{}/wait", door.stack.url())).send().await.unwrap().text().await.unwrap();
        let rule = Rule {
            service: Service::Stripe,
            operation: Some("create".into()),
            function: Some("echo".into()),
            when: When::Calls(vec![1]),
            fault,
        };
        faults.set(Plan { seed: 0, rules: vec![rule] });
        let answer = door.transfer(&base, key).await;
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer["error"]["type"].is_string()), "{key}");
        let killed = matches!(fault, Fault::KillBefore | Fault::KillAfter);
        assert_eq!(std::path::Path::new(&format!("/proc/{process}")).exists(), !killed, "{key}");
        let (_, books) = door.ask("GET", &format!("stripe/books?payout={key}"), &Value::Null).await;
        assert_eq!(books["payments"].as_array().unwrap().len(), done, "{key}");
        let seen = faults.calls();
        assert_eq!(
            seen.iter().map(|call| (call.service, call.operation.as_str())).collect::<Vec<_>>(),
            [(Service::Stripe, "create")],
            "{key}"
        );
    }
    // A query goes through, and each rail has its own proxy.
    faults.set(Plan::default());
    let base = door.variables().await["rails"]["STRIPE_API_URL"].as_str().unwrap().to_owned();
    let key = door.stack.secrets().stripe_api_key();
    let list = door.http.get(format!("{base}/v1/transfers?transfer_group=pay_lost")).bearer_auth(key).send().await.unwrap();
    assert_eq!(list.json::<Value>().await.unwrap()["data"].as_array().unwrap().len(), 1);
    let wise = door.variables().await["rails"]["WISE_API_URL"].as_str().unwrap().to_owned();
    door.http.get(format!("{wise}/v1/transfers/1")).send().await.unwrap();
    let words: Vec<_> = faults.calls().into_iter().map(|call| (call.service, call.operation)).collect();
    assert_eq!(words, [(Service::Stripe, "list".to_owned()), (Service::Wise, "look_up".to_owned())]);
    door.stack.stop().await;
}
