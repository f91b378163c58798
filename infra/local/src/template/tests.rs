//! What the reader takes, and a row for each thing that it refuses.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use std::time::Duration;

const PROJECT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"));

const SMALL: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String }
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., MemorySize: 128, Timeout: 3 }
Resources:
  Api: { Type: AWS::Serverless::HttpApi }
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: worker } }
    Properties:
      EventInvokeConfig: { MaximumRetryAttempts: 0 }
      Environment: { Variables: { TABLE: !Ref Table, QUEUE: !Ref Queue, KEY: "{{resolve:secretsmanager:s:SecretString:key}}" } }
      Events:
        Get: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get, Path: "/a/{b}" } }
        Work: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 10 } }
        Tick: { Type: Schedule, Properties: { Schedule: rate(5 minutes) } }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub t-${Stage}
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  Queue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: q, VisibilityTimeout: 20, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 } }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { QueueName: dead }
"#;

fn read(text: &str) -> Result<StackTemplate, TemplateError> {
    let names = [
        ("Stage", "local"),
        ("PublicUrl", "http://127.0.0.1:1"),
        ("LandingUrl", "http://127.0.0.1:1/l"),
        ("AllowedHosts", "127.0.0.1"),
        ("OidcIssuer", "http://127.0.0.1:1/o"),
        ("SecretName", "local"),
    ];
    parse(text, &Setting { parameters: names.map(|(k, v)| (k.to_owned(), v.to_owned())).into(), secrets: &["key"] })
}

#[test]
fn reads_routes_queues_schedules_tables_and_environment() {
    let stack = read(SMALL).unwrap();
    let worker = &stack.functions[0];
    assert_eq!(stack.queues[0].message_bytes_max, None);
    assert_eq!(worker.name, "worker");
    assert_eq!(worker.timeout, Duration::from_secs(3));
    assert_eq!(worker.routes[0].key(), "GET /a/{b}");
    assert_eq!(worker.queues[0].queue, "Queue");
    assert!(!worker.queues[0].reports_failures);
    assert_eq!(worker.schedules, [Schedule { name: "tick".into(), every: Duration::from_secs(300) }]);
    assert_eq!(worker.environment["TABLE"].plain().unwrap(), "t-local");
    assert_eq!(worker.environment["QUEUE"], Text(vec![Part::QueueUrl("Queue".into())]));
    assert_eq!(worker.environment["KEY"], Text(vec![Part::Secret("key".into())]));
    assert_eq!(stack.tables[0].name, "t-local");
    // The dead-letter queue comes first: the other one names it.
    assert_eq!(stack.queues[0].name, "dead");
    assert_eq!(stack.queues[1].redrive, Some(Redrive { dead_letter_queue: "dead".into(), receives_max: 5 }));
}

#[test]
fn reads_the_project_s_own_template() {
    let secrets = crate::secrets::KEYS;
    let parameters = ["PublicUrl", "LandingUrl", "AllowedHosts", "OidcIssuer", "SecretName"]
        .map(|name| (name.to_owned(), "x".to_owned()))
        .into_iter()
        .chain([("Stage".to_owned(), "local".to_owned())])
        .collect();
    let stack = parse(PROJECT, &Setting { parameters, secrets }).unwrap();
    let ttl: Vec<_> = stack.tables.iter().map(|table| (table.name.as_str(), table.ttl.as_deref())).collect();
    assert_eq!(ttl, [("referral-local-accounts", None), ("referral-local-referrals", Some("ttl")), ("referral-local-ledger", None)]);
    // The quarantine keeps what dies among the facts in one item, which has 400 KB at most.
    let facts = stack.queues.iter().find(|queue| queue.id == "FactsQueue").unwrap();
    assert_eq!(facts.message_bytes_max, Some(256 * 1024));
    for queue in &stack.queues {
        match &queue.redrive {
            Some(redrive) => assert_eq!(redrive.receives_max, 5),
            None => assert_eq!(queue.retention, Duration::from_secs(14 * 86_400)),
        }
    }
    for function in &stack.functions {
        let consumes = function.queues.iter().all(|source| source.reports_failures);
        assert!(consumes, "{} must report failures", function.name);
        // Without a request context, it is all that tells the time.
        let needs_timeout = !(function.queues.is_empty() && function.schedules.is_empty());
        assert_eq!(function.environment.contains_key("FUNCTION_TIMEOUT_SECONDS"), needs_timeout, "{}", function.name);
    }
}

/// A replacement in the small template, and what the refusal has to say.
#[test]
fn refuses_what_it_cannot_honour() {
    let rows: &[(&str, &str, &str, &str)] = &[
        ("unknown method", "Method: get", "Method: FETCH", "Events.Get.Properties.Method: `FETCH` is no method"),
        ("greedy route", "/a/{b}", "/a/{b+}", "cannot match `{b+}`"),
        ("relative route", "/a/{b}", "a", "must begin with `/`"),
        ("default route", "/a/{b}", "$default", "must begin with `/`"),
        ("unknown event type", "Type: SQS", "Type: Kinesis", "Events.Work.Type: the local stack knows no event type `Kinesis`"),
        (
            "unknown event property",
            "BatchSize: 10",
            "BatchSize: 10, FilterCriteria: {}",
            "Events.Work.Properties.FilterCriteria: is not known",
        ),
        ("batch without window", "BatchSize: 10", "BatchSize: 11", "needs a batching window"),
        ("cron", "rate(5 minutes)", "cron(0 0 * * ? *)", "Events.Tick.Properties.Schedule: must be `rate"),
        ("wrong plural", "rate(5 minutes)", "rate(5 minute)", "must be `rate"),
        ("retried schedule", "MaximumRetryAttempts: 0", "MaximumRetryAttempts: 2", "must be between 0 and 0"),
        ("tiny messages", "QueueName: dead", "QueueName: dead, MaximumMessageSize: 1023", "must be between 1024 and 1048576"),
        (
            "unknown attribute type",
            "AttributeType: S }]",
            "AttributeType: SS }]",
            "Table.Properties.AttributeDefinitions[0].AttributeType: `SS` is none of S, N, B",
        ),
        (
            "undefined key",
            "{ AttributeName: pk, KeyType: HASH }",
            "{ AttributeName: id, KeyType: HASH }",
            "`id` has no attribute definition",
        ),
        (
            "unused attribute",
            "[{ AttributeName: pk, AttributeType: S }]",
            "[{ AttributeName: pk, AttributeType: S }, { AttributeName: x, AttributeType: S }]",
            "`x` is part of no key",
        ),
        ("billing mode", "PAY_PER_REQUEST", "PROVISIONED", "`PROVISIONED` is none of"),
        ("local index", "BillingMode:", "LocalSecondaryIndexes: []\n      BillingMode:", "LocalSecondaryIndexes: is not known"),
        ("stream", "BillingMode:", "StreamSpecification: {}\n      BillingMode:", "StreamSpecification: is not known"),
        ("unknown queue property", "QueueName: dead", "QueueName: dead, FifoQueue: true", "FifoQueue: is not known"),
        ("short visibility", "VisibilityTimeout: 20", "VisibilityTimeout: 17", "must be at least 18 s"),
        ("dangling dead letters", "!GetAtt Dead.Arn", "!GetAtt Nowhere.Arn", "`Nowhere` is not a resource"),
        ("dead letters elsewhere", "!GetAtt Dead.Arn", "arn:aws:sqs:us-east-1:1:x", "must be `!GetAtt <queue>.Arn`"),
        ("unresolved reference", "!Ref Table", "!Ref Tabel", "Variables.TABLE: `Tabel` is neither"),
        ("unknown attribute", "!Ref Table", "!GetAtt Table.StreamArn", "has no attribute `StreamArn`"),
        ("unknown function", "!Ref Table", "!ImportValue Table", "does not know `!ImportValue`"),
        ("long form", "TABLE: !Ref Table", "TABLE: { Ref: Table }", "short form"),
        ("unknown secret", "SecretString:key", "SecretString:other", "the local secret has no key `other`"),
        ("other resolver", "resolve:secretsmanager:s:SecretString:key", "resolve:ssm:s", "must be `{{resolve:secretsmanager"),
        ("reserved variable", "TABLE: !Ref", "AWS_REGION: !Ref", "Lambda keeps for itself"),
        ("lower-case variable", "TABLE: !Ref", "table: !Ref", "in capitals"),
        ("timeout disagrees", "KEY: ", "FUNCTION_TIMEOUT_SECONDS: \"4\", KEY: ", "is 3, but FUNCTION_TIMEOUT_SECONDS says otherwise"),
        (
            "unknown resource type",
            "Dead:\n    Type: AWS::SQS::Queue",
            "Dead:\n    Type: AWS::Kinesis::Stream",
            "has no attribute `Arn` here",
        ),
        (
            "unknown function property",
            "      EventInvokeConfig:",
            "      SnapStart: {}\n      EventInvokeConfig:",
            "Worker.Properties.SnapStart: is not known",
        ),
        ("unknown global", "Timeout: 3", "Timeout: 3, VpcConfig: {}", "Globals.Function.VpcConfig: is not known"),
        ("other runtime", "provided.al2023", "python3.13", "`python3.13` is none of"),
        ("unknown section", "Parameters:", "Conditions: {}\nParameters:", "Conditions: is not known"),
        ("conditional resource", "  Dead:", "  Dead:\n    Condition: Never", "Dead.Condition: is not known"),
        ("other transform", "AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "is none of"),
        (
            "parameter without value",
            "Stage: { Type: String }",
            "Stage: { Type: String }\n  Other: { Type: String }",
            "Parameters.Other: has no default",
        ),
        (
            "parameter of other values",
            "Stage: { Type: String }",
            "Stage: { Type: String, AllowedValues: [prod] }",
            "`local` is none of prod",
        ),
        (
            "api property",
            "Type: AWS::Serverless::HttpApi }",
            "Type: AWS::Serverless::HttpApi, Properties: { CorsConfiguration: true } }",
            "CorsConfiguration: is not known",
        ),
        ("other api", "ApiId: !Ref Api", "ApiId: !Ref Table", "must be `!Ref` to a resource"),
        (
            "same route twice",
            "        Work:",
            "        Again: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: \"/a/{c}\" } }\n        Work:",
            "`GET /a/{c}` is there twice",
        ),
        ("duplicate key", "  Dead:", "  Api: { Type: AWS::SNS::Topic }\n  Dead:", "duplicate"),
        ("binary's name", "Binary: worker", "Binary: ../worker", "cannot be the name of a binary"),
        ("other build method", "rust-cargolambda", "makefile", "is none of"),
    ];
    for (name, from, to, said) in rows {
        assert!(SMALL.contains(from), "{name}: the template has no `{from}`");
        match read(&SMALL.replacen(from, to, 1)) {
            Ok(_) => panic!("{name}: was accepted"),
            Err(error) => assert!(error.to_string().contains(said), "{name}: {error}"),
        }
    }
}

#[test]
fn dead_letters_may_have_a_consumer_of_their_own() {
    let text = SMALL.replacen(
        "        Tick:",
        "        Bury: { Type: SQS, Properties: { Queue: !GetAtt Dead.Arn, BatchSize: 10 } }\n        Tick:",
        1,
    );
    let consumed: Vec<String> = read(&text).unwrap().functions[0].queues.iter().map(|source| source.queue.clone()).collect();
    assert_eq!(consumed, ["Queue", "Dead"]);
    // Hidden for as long as any other queue's.
    let error = read(&text.replacen("QueueName: dead", "QueueName: dead, VisibilityTimeout: 17", 1)).unwrap_err();
    assert_eq!(error.place, "Resources.Dead.Properties.VisibilityTimeout");
}

#[test]
fn an_unknown_resource_type_is_named() {
    let text = SMALL.replacen("  Api:", "  Stream: { Type: AWS::Kinesis::Stream }\n  Api:", 1);
    let error = read(&text).unwrap_err();
    assert_eq!(error.place, "Resources.Stream");
    assert_eq!(error.problem, "the local stack knows no resource of type `AWS::Kinesis::Stream`");
}
