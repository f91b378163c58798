//! The audit of a local stack: the checker over its tables, and what its queues hold.

use crate::{
    clock::Clock,
    dynamo,
    secrets::Secrets,
    stack::{self, Depth},
    template::REGION,
};
use chrono::{DateTime, Utc};
use edge::config::Env;
use proof::{Limits, Patience, Report};
use std::{collections::BTreeMap, path::Path, time::Duration};
use store::Store;
use tokio::{net::TcpListener, sync::watch};

/// Why there is no audit.
pub type AuditError = Box<dyn std::error::Error + Send + Sync>;

/// The store behind an endpoint, with the names and the seal key that the functions are given.
///
/// # Errors
/// Where the key does not read.
pub fn store(dynamodb_url: &str, tables: &[String], secrets: &Secrets) -> Result<Store, AuditError> {
    let named = |kind: &str| tables.iter().find(|table| table.ends_with(kind)).cloned().unwrap_or_default();
    let env = Env::from_pairs([
        ("ACCOUNTS_TABLE", named("accounts").as_str()),
        ("REFERRALS_TABLE", named("referrals").as_str()),
        ("LEDGER_TABLE", named("ledger").as_str()),
        ("DIGEST_KEYS", secrets.get("digest_keys").unwrap_or_default()),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", crate::ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", crate::ACCESS_KEY),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url),
    ]);
    Ok(Store::from_env(&env)?)
}

/// What of a stack that runs is checked beside its tables.
#[derive(Debug, Clone, Copy)]
pub enum Around<'a> {
    /// Others write: what is in a queue is under way.
    Busy,
    /// Its queues were to run empty; whether they did, and what is left in them.
    Drained(bool, &'a BTreeMap<String, Depth>),
}

/// How long what is under way is given to come to its end, before what did not agree is looked at again.
const PAUSE: Duration = Duration::from_millis(300);

/// Checks the tables of a stack that runs, also while others write; and, where its queues were to run empty, that nothing
/// is left in one: every fact that was answered with 2xx is then in a line or in the quarantine.
///
/// # Errors
/// Where the tables can't be read.
pub async fn check(store: &Store, around: Around<'_>, now: DateTime<Utc>) -> Result<Report, AuditError> {
    let patience = match around {
        Around::Drained(true, _) => Patience::DRAINED,
        Around::Drained(false, _) | Around::Busy => Patience::BRIEF,
    };
    let mut report = proof::run(store, now, Limits::LARGE, patience, async || tokio::time::sleep(PAUSE).await).await?;
    let Around::Drained(_, depths) = around else { return Ok(report) };
    for name in ["webhooks_accounted_for", "dead_letters"] {
        report.not_checked.remove(name);
        report.figure(name);
    }
    for (queue, depth) in depths {
        // An errand about a payout may wait for its time.
        let later = if queue.ends_with("-payouts") { 0 } else { depth.delayed };
        let left = depth.visible + depth.in_flight + later;
        let name = if queue.ends_with("-dead") { "dead_letters" } else { "webhooks_accounted_for" };
        report.look(name, queue, (left > 0).then(|| format!("{left} messages are left in it")));
    }
    Ok(report)
}

/// Checks the tables of a data directory whose stack does not run.
///
/// # Errors
/// Where the directory holds no stack's data, or the tables can't be read.
pub async fn check_directory(dir: &Path, now: DateTime<Utc>) -> Result<Report, AuditError> {
    if !dir.join(dynamo::FILE).exists() {
        return Err(format!("{} holds no tables: start the stack on it once", dir.display()).into());
    }
    // Not while a stack runs on it: the database would be written underneath.
    let _lock = stack::lock(dir)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let stop = watch::Sender::new(false);
    let embedded = dynamo::serve(listener, Some(dir), Clock::open(Some(dir))?, stop.subscribe())?;
    let tables = stack::table_names()?;
    let store = store(&url, &tables, &Secrets::open(Some(dir))?)?;
    let report = proof::run(&store, now, Limits::LARGE, Patience::AT_REST, async || {}).await;
    stop.send_replace(true);
    // Both tasks end with the signal; how they end changes nothing that was read.
    drop((embedded.server.await, embedded.sweeper.await));
    Ok(report?)
}
