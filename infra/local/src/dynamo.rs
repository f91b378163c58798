//! The tables: an embedded DynamoDB, or any other behind an endpoint.

use crate::{
    clock::Clock,
    template::{AttributeType, KeySpec, REGION, TableSpec},
};
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region},
    error::DisplayErrorContext,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
        TableStatus, TimeToLiveSpecification,
    },
};
use dynoxide::Database;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// The file of the embedded database in the data directory.
pub(crate) const FILE: &str = "tables.sqlite";

/// How often expired items are swept. AWS promises days; a demonstration wants to see it.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How often a new table is asked whether it is ready, and how many times.
const READY_POLL: Duration = Duration::from_millis(100);
const READY_POLLS_MAX: u32 = 300;

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum DynamoError {
    /// The embedded database does not open.
    #[error("the embedded DynamoDB does not open {path}: {problem}")]
    Open {
        /// Its file, or `memory`.
        path: String,
        /// What it said.
        problem: String,
    },
    /// A table could not be made.
    #[error("table {table}: {problem}")]
    Table {
        /// The table's name.
        table: String,
        /// What the store said.
        problem: String,
    },
}

/// The embedded database behind a listener of its own.
pub(crate) struct Embedded {
    pub(crate) server: JoinHandle<()>,
    pub(crate) sweeper: JoinHandle<()>,
}

/// Serves the embedded database on `listener` until `stopping` says so.
///
/// It commits to SQLite with a write-ahead log that is synced before each answer, so that no answered write is lost with the process.
pub(crate) fn serve(
    listener: TcpListener,
    data: Option<&Path>,
    clock: Arc<Clock>,
    stopping: watch::Receiver<bool>,
) -> Result<Embedded, DynamoError> {
    let path = data.map(|dir| dir.join(FILE).to_string_lossy().into_owned());
    let database = match &path {
        Some(path) => Database::new(path),
        None => Database::memory(),
    }
    .map_err(|error| DynamoError::Open { path: path.clone().unwrap_or_else(|| "memory".into()), problem: error.to_string() })?;
    let sweeper = tokio::spawn(sweep(database.clone(), clock, stopping.clone()));
    let server = tokio::spawn(async move {
        let stop = crate::stopped(stopping);
        if let Err(problem) = dynoxide::server::serve_with_shutdown(listener, database, stop).await {
            tracing::error!(problem, "the embedded DynamoDB ended");
        }
    });
    Ok(Embedded { server, sweeper })
}

/// Expiry goes by the machine's time: while the stack's clock is behind it, what is written would be gone before it is read.
async fn sweep(database: Database, clock: Arc<Clock>, stopping: watch::Receiver<bool>) {
    let stop = crate::stopped(stopping);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
        if clock.is_behind() {
            continue;
        }
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        match swept {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "expired items were not swept"),
            Err(error) => tracing::warn!(%error, "the sweep of expired items ended"),
        }
    }
}

/// A client for an endpoint on this machine. Its credentials are names, not secrets: nothing checks them.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version_latest()
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(crate::ACCESS_KEY, crate::ACCESS_KEY, None, None, "local"))
        .build();
    Client::from_conf(config)
}

/// Makes every table that is missing.
pub(crate) async fn ensure(client: &Client, tables: &[TableSpec]) -> Result<(), DynamoError> {
    for table in tables {
        ensure_table(client, table).await.map_err(|problem| DynamoError::Table { table: table.name.clone(), problem })?;
    }
    Ok(())
}

async fn ensure_table(client: &Client, table: &TableSpec) -> Result<(), String> {
    let created = create(client, table)?.send().await;
    if let Err(error) = created {
        let exists = error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception());
        if !exists {
            return Err(DisplayErrorContext(error).to_string());
        }
    }
    wait_until_active(client, &table.name).await?;
    match &table.ttl {
        Some(attribute) => enable_ttl(client, &table.name, attribute).await,
        None => Ok(()),
    }
}

fn create(
    client: &Client,
    table: &TableSpec,
) -> Result<aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder, String> {
    let mut request = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema(&table.key)?));
    for (name, kind) in &table.attributes {
        let kind = match kind {
            AttributeType::Text => ScalarAttributeType::S,
            AttributeType::Number => ScalarAttributeType::N,
            AttributeType::Binary => ScalarAttributeType::B,
        };
        let definition =
            AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().map_err(|error| error.to_string())?;
        request = request.attribute_definitions(definition);
    }
    for index in &table.indexes {
        let index = GlobalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(key_schema(&index.key)?))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()
            .map_err(|error| error.to_string())?;
        request = request.global_secondary_indexes(index);
    }
    Ok(request)
}

fn key_schema(key: &KeySpec) -> Result<Vec<KeySchemaElement>, String> {
    [(Some(&key.hash), KeyType::Hash), (key.range.as_ref(), KeyType::Range)]
        .into_iter()
        .filter_map(|(name, kind)| Some((name?, kind)))
        .map(|(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(|error| error.to_string()))
        .collect()
}

async fn wait_until_active(client: &Client, name: &str) -> Result<(), String> {
    for _ in 0..READY_POLLS_MAX {
        let description = client.describe_table().table_name(name).send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
        let status = description.table.and_then(|table| table.table_status);
        if status == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(READY_POLL).await;
    }
    Err("does not become active".into())
}

/// Asks first: setting it to what it is already is an error.
async fn enable_ttl(client: &Client, name: &str, attribute: &str) -> Result<(), String> {
    let described = client.describe_time_to_live().table_name(name).send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
    let current = described.time_to_live_description.and_then(|description| description.attribute_name);
    if current.as_deref() == Some(attribute) {
        return Ok(());
    }
    let specification =
        TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build().map_err(|error| error.to_string())?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(specification)
        .send()
        .await
        .map(drop)
        .map_err(|error| DisplayErrorContext(error).to_string())
}
