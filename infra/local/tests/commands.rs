//! The commands that speak to a running stack, as a shell meets them: the real binary, its output and its exit code.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{http, options};
use local::{
    run_file::DIR,
    signing,
    stack::{Data, Stack, StackOptions},
};
use serde_json::Value;
use std::{path::Path, time::Duration};
use tokio::process::Command;

/// A stack in memory whose run file is where a command looks that is given in `dir`.
async fn start(dir: &Path) -> Stack {
    Stack::start(StackOptions { run_files: Some(dir.join(DIR)), ..options(Data::Memory) }).await.unwrap()
}

/// Standard output of a command that ends well, else standard error.
async fn local(dir: &Path, arguments: &[&str]) -> Result<String, String> {
    let binary = env!("CARGO_BIN_EXE_local");
    let output = Command::new(binary).args(arguments).current_dir(dir).output().await.unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if output.status.success() { Ok(out) } else { Err(err) }
}

#[tokio::test]
async fn a_token_is_all_that_is_printed_and_the_published_keys_verify_it() {
    let dir = tempfile::tempdir().unwrap();
    let stack = start(dir.path()).await;
    let printed = local(dir.path(), &["token", "fin1"]).await.unwrap();
    let token = printed.strip_suffix('\n').unwrap();

    let keys = http().get(format!("{}/_local/oidc/jwks", stack.url())).send().await.unwrap();
    let keys: jsonwebtoken::jwk::JwkSet = keys.json().await.unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_issuer(&[format!("{}/_local/oidc", stack.url())]);
    rules.validate_aud = false;
    let claims = jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap().claims;
    assert_eq!(claims["sub"], "acct_fin1");
    assert_eq!(claims["groups"], serde_json::json!(["finance"]));

    let refused = local(dir.path(), &["token", "Not A Name"]).await.unwrap_err();
    assert!(refused.starts_with("error: a name has 1 to 40"), "{refused}");
    stack.stop().await;
}

#[tokio::test]
async fn a_file_is_signed_with_the_printed_secrets_at_the_moved_time() {
    let dir = tempfile::tempdir().unwrap();
    let stack = start(dir.path()).await;
    let body = b"{\"id\": \"evt_1\"}\r\n\xff";
    std::fs::write(dir.path().join("event.json"), body).unwrap();
    let secrets: Value = serde_json::from_str(&local(dir.path(), &["secrets", "--json"]).await.unwrap()).unwrap();
    assert_eq!(secrets["accounts"]["alice"], "acct_alice");

    let before = stack.clock().advance(Duration::from_secs(90 * 86_400)).await.unwrap() / 1000;
    let line = local(dir.path(), &["sign", "stripe", "event.json"]).await.unwrap();
    let after = stack.clock().now_ms() / 1000;
    let signature = line.split_whitespace().find_map(|part| part.strip_prefix("Stripe-Signature:")).unwrap();
    let at: i64 = signature.strip_prefix("t=").unwrap().split(',').next().unwrap().parse().unwrap();
    assert!((before..=after).contains(&at), "{at}");
    assert_eq!(signature, signing::stripe_signature(secrets["stripe"].as_str().unwrap(), at, body));

    let line = local(dir.path(), &["sign", "platform", "event.json"]).await.unwrap();
    let header = |name: &str| line.split_whitespace().find_map(|part| part.strip_prefix(name)?.strip_prefix(':')).unwrap();
    let at = header("webhook-timestamp").parse().unwrap();
    let expected = signing::standard_signature(secrets["platform"].as_str().unwrap(), header("webhook-id"), at, body);
    assert_eq!(header("webhook-signature"), expected.unwrap());

    let line = local(dir.path(), &["sign", "paypal", "event.json"]).await.unwrap();
    let header = |name: &str| line.split_whitespace().find_map(|part| part.strip_prefix(name)?.strip_prefix(':')).unwrap();
    let at = chrono::DateTime::parse_from_rfc3339(header("PAYPAL-TRANSMISSION-TIME")).unwrap().timestamp();
    let key = serde_json::from_value(secrets["paypal"].clone()).unwrap();
    assert_eq!(line.trim_end(), signing::curl_arguments(&signing::paypal_headers(&key, body, at).unwrap()));
    let published = http().get(format!("{}/_local/paypal/cert.pem", stack.url())).send().await.unwrap();
    assert_eq!(published.text().await.unwrap(), stack.paypal().certificate());

    let line = local(dir.path(), &["sign", "wise", "event.json"]).await.unwrap();
    let headers = signing::wise_headers(secrets["wise"].as_str().unwrap(), body).unwrap();
    assert_eq!(line.trim_end(), signing::curl_arguments(&headers));
    let refused = local(dir.path(), &["sign", "stripe", "none.json"]).await.unwrap_err();
    assert!(refused.contains("none.json cannot be read"), "{refused}");
    stack.stop().await;
}

#[tokio::test]
async fn without_a_stack_every_command_says_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("event.json"), "{}").unwrap();
    for arguments in [&["token", "alice"][..], &["sign", "stripe", "event.json"], &["secrets", "--json"], &["secrets"]] {
        let refused = local(dir.path(), arguments).await.unwrap_err();
        assert_eq!(refused, "error: no stack runs here: start one with `cargo run`, in the same directory\n", "{arguments:?}");
    }
    let refused = local(dir.path(), &["token", "alice", "--port", "1"]).await.unwrap_err();
    assert_eq!(refused, "error: no stack of this directory runs on port 1\n");
}
