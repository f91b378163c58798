//! A small stack around the echo function, for the tests of this folder.
#![allow(dead_code, clippy::unwrap_used, reason = "each test binary uses a part")]

use local::{
    binaries,
    stack::{Data, Stack, StackOptions, TemplateSource},
};
use std::{future::Future, path::Path, time::Duration};

/// Generous: a debug build on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) const TEMPLATE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String }
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., MemorySize: 128, Timeout: 20 }
Resources:
  Api: { Type: AWS::Serverless::HttpApi }
  Echo:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: echo } }
    Properties:
      EventInvokeConfig: { MaximumRetryAttempts: 0 }
      Environment:
        Variables: { TABLE: !Ref Table, QUEUE: !Ref Queue, KEY: "{{resolve:secretsmanager:s:SecretString:cursor_keys}}" }
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/{one}" } }
        Fixed: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /items/fixed } }
        Item: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: "/items/{id}" } }
        NewItem: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: "/items/{id}" } }
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 50
            MaximumBatchingWindowInSeconds: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
        Tick: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub t-${Stage}
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  Queue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: q, VisibilityTimeout: 121, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 } }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { QueueName: dead }
"#;

pub(crate) fn options(data: Data) -> StackOptions {
    StackOptions {
        data,
        template: TemplateSource::Text(TEMPLATE.into()),
        ..StackOptions::new(binaries::directory().unwrap().join("examples"))
    }
}

pub(crate) fn in_dir(dir: &Path) -> StackOptions {
    options(Data::Dir(dir.to_owned()))
}

pub(crate) async fn start() -> Stack {
    Stack::start(options(Data::Memory)).await.unwrap()
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Waits for something to become true.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let end = tokio::time::Instant::now() + LONG;
    while !check().await {
        assert!(tokio::time::Instant::now() < end, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for a line of the function's log.
pub(crate) async fn logged(stack: &Stack, line: &str) {
    eventually(line, || async { count(stack, line) > 0 }).await;
}

pub(crate) fn count(stack: &Stack, line: &str) -> usize {
    stack.functions().logs().latest("echo").iter().filter(|logged| logged.contains(line)).count()
}
