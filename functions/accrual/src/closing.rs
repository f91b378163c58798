//! Closings: an account earns nothing by what comes later.

use crate::{
    App,
    batch::{Failure, outage},
};
use chrono::{DateTime, Utc};
use edge::queue::Outgoing;
use ledger::AccountId;
use programme::fact::{Fact, FactBody, Source};

/// Seconds after which a closing is looked at once more: longer than any accrual that did not know of it.
const SECOND_LOOK_DELAY_SECONDS: u16 = 120;

/// Marks an account closed and has what it earned since looked at again: at once, and once more when
/// every accrual that could not know of it yet has ended.
pub(crate) async fn close(app: &App, account: &AccountId, at: DateTime<Utc>) -> Result<(), Failure> {
    app.store.close_account(account, at).await.map_err(|error| outage(&error))?;
    let settle = Fact { source: Source::Platform, event: "closed".into(), body: FactBody::Settle { account: account.clone() } };
    let body = serde_json::to_string(&settle).map_err(|_| Failure::Poison)?;
    let again = |delay_seconds| Outgoing { body: body.clone(), delay_seconds };
    app.queue.send(vec![again(0), again(SECOND_LOOK_DELAY_SECONDS)]).await.map_err(|_| Failure::Outage)
}
