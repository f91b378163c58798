//! What a call to DynamoDB or SQS needs the right to.

use serde_json::Value;

/// An action on a table, an index or a queue, and the partition keys that it names.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) action: String,
    /// The table's or the queue's name.
    pub(crate) resource: String,
    /// `/index/…`, or nothing.
    pub(crate) part: String,
    pub(crate) keys: Vec<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn partition(attributes: &Value) -> Vec<String> {
    vec![text(&attributes["pk"]["S"])]
}

fn on_table(action: &str, request: &Value, keys: Vec<String>) -> Asked {
    Asked { action: format!("dynamodb:{action}"), resource: text(&request["TableName"]), part: String::new(), keys }
}

fn query(request: &Value) -> Asked {
    let values = &request["ExpressionAttributeValues"];
    let mut asked = on_table("Query", request, vec![text(&values[":pk"]["S"])]);
    if let Some(index) = request["IndexName"].as_str() {
        asked.part = format!("/index/{index}");
    }
    asked
}

/// A transaction needs the right to each of its operations.
fn transacted(item: &Value) -> Asked {
    let actions = [
        ("Put", "PutItem", "Item"),
        ("Update", "UpdateItem", "Key"),
        ("Delete", "DeleteItem", "Key"),
        ("ConditionCheck", "ConditionCheckItem", "Key"),
    ];
    let (name, action, keys) = actions.into_iter().find(|(name, ..)| item.get(name).is_some()).unwrap_or_else(|| panic!("{item}"));
    on_table(action, &item[name], partition(&item[name][keys]))
}

/// What the request asks for, by the name of its operation.
pub(crate) fn asked(operation: &str, request: &Value) -> Vec<Asked> {
    match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => vec![on_table(operation, request, partition(&request["Key"]))],
        "PutItem" => vec![on_table(operation, request, partition(&request["Item"]))],
        "Query" => vec![query(request)],
        "TransactWriteItems" => request["TransactItems"].as_array().expect("operations").iter().map(transacted).collect(),
        "BatchGetItem" => {
            let tables = request["RequestItems"].as_object().expect("tables").iter();
            let keys = |asked: &Value| asked["Keys"].as_array().expect("keys").iter().flat_map(partition).collect();
            tables.map(|(table, of)| on_table(operation, &serde_json::json!({ "TableName": table }), keys(of))).collect()
        }
        "SendMessage" | "SendMessageBatch" => {
            let queue = text(&request["QueueUrl"]).rsplit('/').next().unwrap_or_default().to_owned();
            vec![Asked { action: "sqs:SendMessage".into(), resource: queue, part: String::new(), keys: Vec::new() }]
        }
        other => vec![on_table(other, request, Vec::new())],
    }
}
