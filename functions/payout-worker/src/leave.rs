//! The last look before money moves: is it still allowed, and is it still this piece of work that does it.

use crate::App;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use rails::{GoAhead, Held};
use store::{StoreError, records::lease::Lease};

/// What a rail asks right before each call that can move money.
pub(crate) struct Leave<'a> {
    pub(crate) app: &'a App,
    pub(crate) lease: &'a Lease,
    pub(crate) now: DateTime<Utc>,
}

impl GoAhead for Leave<'_> {
    fn ask(&self) -> BoxFuture<'_, Result<(), Held>> {
        Box::pin(async {
            let Self { app, lease, now } = *self;
            let (switch, programme) = futures::try_join!(app.store.switch(), app.store.programme(now)).map_err(outage)?;
            if !switch.payouts_enabled || !programme.at(now).1.payouts_enabled {
                return Err(Held::SwitchedOff);
            }
            // Last, and by a write that stands only where nobody took it over: a machine that slept between a read and its
            // call would else go on with what is somebody else's by now. Wise takes the money as often as it is told.
            app.store.renew_lease(lease, lease.until).await.map_err(outage)?.map(drop).ok_or(Held::LeaseLost)
        })
    }
}

fn outage(error: StoreError) -> Held {
    tracing::warn!(%error, "the store");
    Held::Outage
}
