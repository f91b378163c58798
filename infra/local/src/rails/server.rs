//! The stand-ins as the stack holds them: open, serve, look inside, close.

use super::{
    books::{Books, Ledger, RailsLocation, WebhookRow},
    error::RailsError,
    faults::Fault,
    paypal, stripe, wise,
};
use crate::{clock::Clock, secrets::Secrets, signing::PayPalKey};
use axum::Router;
use ledger::Rail;
use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, OnceLock, atomic::AtomicU64},
};
use tokio::sync::{Mutex, Notify};

/// The platform's profile at Wise on this machine.
pub(crate) const WISE_PROFILE: i64 = 30_000_000;

/// What the stand-ins are told.
pub struct RailsSetting {
    /// Where the books are.
    pub location: RailsLocation,
    /// The stack's clock.
    pub clock: Arc<Clock>,
    /// What callers prove themselves with, and what webhooks are signed with.
    pub secrets: Secrets,
    /// What PayPal's webhooks are signed with.
    pub paypal: PayPalKey,
    /// The front door, without a slash at the end: webhooks go to `/webhooks/…` there.
    pub front: String,
}

/// The stand-ins of the three rails.
pub struct Rails {
    pub(super) books: Arc<Books>,
    pub(super) setting: RailsSetting,
    pub(super) client: reqwest::Client,
    /// Held by who delivers webhooks.
    pub(super) delivering: Mutex<()>,
    pub(super) stirred: Notify,
    /// Tries to deliver a webhook, in all.
    pub(super) posted: AtomicU64,
    address: OnceLock<SocketAddr>,
}

impl fmt::Debug for Rails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rails").field("location", &self.setting.location).finish_non_exhaustive()
    }
}

impl Rails {
    /// Opens the books.
    ///
    /// # Errors
    /// [`RailsError::InUse`], [`RailsError::Version`], [`RailsError::Database`], [`RailsError::Client`].
    pub fn open(setting: RailsSetting) -> Result<Arc<Self>, RailsError> {
        let books = Books::open(&setting.location, setting.clock.as_function())?;
        // The machine's own proxy settings are not for this.
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let (delivering, stirred, posted, address) = (Mutex::default(), Notify::new(), AtomicU64::new(0), OnceLock::new());
        Ok(Arc::new(Self { books, setting, client, delivering, stirred, posted, address }))
    }

    /// The HTTP side: `/stripe`, `/paypal` and `/wise`, with the providers' own paths below. `address` is where it is served, which
    /// the links in its answers name.
    pub fn router(self: &Arc<Self>, address: SocketAddr) -> Router {
        // A second time would be another listener for the same books; links then name the first.
        let _ = self.address.set(address);
        Router::new().nest("/stripe", stripe::router(self)).nest("/paypal", paypal::router(self)).nest("/wise", wise::router(self))
    }

    /// The base of a rail's addresses.
    pub(super) fn base(&self, name: &str) -> String {
        self.address.get().map_or_else(|| format!("/{name}"), |address| format!("http://{address}/{name}"))
    }

    /// The books of a rail; with a name (our id of a payment, the rail's, a key), of those payments alone.
    ///
    /// # Errors
    /// Where the books do not answer.
    pub async fn books(&self, rail: Rail, name: Option<&str>) -> Result<Ledger, RailsError> {
        let name = name.map(str::to_owned);
        let read = self.books.within(move |desk| {
            while !super::timeline::advance(desk)?.1 {}
            desk.ledger(rail, name.as_deref())
        });
        let (ledger, _) = read.await?;
        self.stir();
        Ok(ledger)
    }

    /// The webhooks of a rail, oldest first.
    ///
    /// # Errors
    /// Where the books do not answer.
    pub async fn webhooks(&self, rail: Rail) -> Result<Vec<WebhookRow>, RailsError> {
        Ok(self.books.within(move |desk| desk.webhooks(rail)).await?.0)
    }

    /// Lets go the webhooks that are held, the newest first, and says how many.
    ///
    /// # Errors
    /// Where the books do not answer.
    pub async fn release(&self, rail: Rail) -> Result<usize, RailsError> {
        let (released, _) = self.books.within(move |desk| desk.release(rail)).await?;
        self.stir();
        Ok(released)
    }

    /// Asks for a fault.
    ///
    /// # Errors
    /// [`RailsError::Refused`] where the rail can't meet it.
    pub fn arm(&self, rail: Rail, fault: Fault) -> Result<(), RailsError> {
        self.books.armed().arm(rail, fault).map_err(RailsError::Refused)
    }

    /// The faults that are still to come.
    #[must_use]
    pub fn armed(&self, rail: Rail) -> Vec<Fault> {
        self.books.armed().all(rail)
    }

    /// Takes back the faults that are still to come.
    pub fn disarm(&self, rail: Rail) {
        self.books.armed().clear(rail);
    }

    /// Gives the books' file free. Later calls are answered 503.
    pub fn close(&self) {
        self.books.close();
    }
}
