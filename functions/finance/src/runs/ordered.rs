//! Which payouts wait in a run already. It spares people a second order; that a payout is sent once is the worker's matter, which
//! finds the second errand done.

use crate::App;
use edge::problem::Problem;
use futures::future::try_join_all;
use programme::payout::{PayoutId, RunId};
use std::collections::BTreeMap;

/// How many open runs are looked through, the newest first: a run is open for minutes, but while payouts are switched off.
const RUNS_MAX: u32 = 100;

/// The payouts of open runs.
pub(crate) struct Ordered(BTreeMap<PayoutId, RunId>);

impl Ordered {
    /// As the list of open runs has them, some moments behind.
    pub(crate) async fn load(app: &App) -> Result<Self, Problem> {
        let open = app.store.runs(true, None, RUNS_MAX).await?;
        let runs = try_join_all(open.entries.iter().map(|listed| app.store.run(&listed.entry.id))).await?;
        let payouts = |run: store::records::run::Run| {
            let id = run.head.id;
            run.payouts.into_iter().map(move |entry| (entry.payout, id.clone()))
        };
        Ok(Self(runs.into_iter().flatten().flat_map(payouts).collect()))
    }

    /// The run that a payout waits in.
    pub(crate) fn run_of(&self, payout: &PayoutId) -> Option<&RunId> {
        self.0.get(payout)
    }
}
