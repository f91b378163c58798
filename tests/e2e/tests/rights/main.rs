//! What `template.yaml` gives each function, against what the real binary asks for: its rights, and its variables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod asked;
mod cash;
mod facts;
mod guard;
mod links;
mod orders;
mod people;
mod policy;
mod proof;
mod variables;

use e2e::functions_dir;
use guard::Guard;
use local::stack::{Stack, StackOptions, TemplateSource};
use people::People;
use policy::{Right, Rights};
use std::{collections::BTreeSet, sync::Arc};

const STAGE: &str = "rights";

/// A stack of stores alone: the one under test comes to them through the guard.
const STORES: &str = "{ Transform: AWS::Serverless-2016-10-31, Resources: { Api: { Type: AWS::Serverless::HttpApi } } }";

/// What Lambda itself does with a function's rights, before the function runs.
fn of_the_event_source(right: &Right) -> bool {
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"].contains(&right.action.as_str())
}

/// A story that comes by every call of every function: what it is refused is missing in the template, what it leaves over is too much.
#[tokio::test(flavor = "multi_thread")]
async fn every_function_may_do_what_it_does_and_nothing_else() {
    if e2e::foreign_dynamodb().is_some() {
        println!("skipped: the calls are the same, whoever answers them");
        return;
    }
    let text = StackOptions { template: TemplateSource::Text(STORES.into()), ..StackOptions::new(functions_dir()) };
    let stores = Stack::start(text).await.unwrap();
    let rights = Arc::new(Rights::of(TemplateSource::Project.text(), STAGE));
    let guard = Guard::start(Arc::clone(&rights), stores.dynamodb_url(), stores.sqs_url()).await;
    let options = StackOptions {
        stage: STAGE.into(),
        dynamodb_endpoint: Some(guard.dynamodb.clone()),
        sqs_endpoint: Some(guard.sqs.clone()),
        ..StackOptions::new(functions_dir())
    };
    let stack = Stack::start(options).await.unwrap();
    let people = People::new(&stack, &stores);
    links::tell(&people).await;
    let told = local::demo::tell(&stack, |_| {}).await;
    assert!(told.ok, "{told:?} {:?}", guard.denied());
    facts::tell(&people).await;
    cash::tell(&people).await;
    orders::tell(&people).await;
    proof::tell(&people, &stores).await;
    stack.stop().await;
    stores.stop().await;

    assert_eq!(guard.denied(), BTreeSet::new(), "a function asks for what the template does not give it");
    let idle: Vec<Right> = rights.all().difference(&guard.used()).filter(|right| !of_the_event_source(right)).cloned().collect();
    assert_eq!(idle, [], "the template gives what no function asks for");
}
