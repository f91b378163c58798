//! PayPal's access token: asked for once, kept until shortly before its end.

use super::RAIL;
use crate::{
    RailError,
    base::Base,
    http::{Auth, Body, Call, Http, Said, read},
};
use edge::config::Secret;
use serde::Deserialize;
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// How long before its end a token is no longer used: longer than a call may take.
const LEAD: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds.
    expires_in: u64,
}

struct Kept {
    token: Secret,
    until: Instant,
}

/// The token of this instance.
pub(super) struct Tokens {
    client_id: String,
    client_secret: Secret,
    /// Locked while one is asked for: those who come meanwhile wait for it instead of asking too.
    kept: Mutex<Option<Kept>>,
}

impl Tokens {
    pub(super) fn new(client_id: String, client_secret: Secret) -> Self {
        Self { client_id, client_secret, kept: Mutex::new(None) }
    }

    /// The token, asked for where there is none. Its age is measured by tokio's clock, not by the call's time: only how
    /// long it has been kept matters. An instance that was frozen meanwhile finds out by a 401.
    ///
    /// # Errors
    /// [`RailError::Misconfigured`] and [`RailError::Busy`] alone: whatever happens here, nothing was paid.
    pub(super) async fn get(&self, http: &Http, base: &Base) -> Result<Secret, RailError> {
        let mut kept = self.kept.lock().await;
        if let Some(current) = kept.as_ref().filter(|current| Instant::now() < current.until) {
            return Ok(current.token.clone());
        }
        *kept = None;
        let granted = self.ask(http, base).await.map_err(|error| match error {
            RailError::Unknown(_) | RailError::Busy | RailError::Closed | RailError::Conflict => RailError::Busy,
            RailError::Misconfigured(_) | RailError::Held(_) => error,
        })?;
        let token = Secret::new(granted.access_token);
        let lasting = Duration::from_secs(granted.expires_in).saturating_sub(LEAD);
        // One that lasts longer than any clock can say is asked for again each time.
        if let Some(until) = Instant::now().checked_add(lasting) {
            *kept = Some(Kept { token: token.clone(), until });
        }
        Ok(token)
    }

    /// Drops the token that PayPal did not take, unless somebody has a newer one already.
    pub(super) async fn forget(&self, refused: &Secret) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|current| current.token == *refused) {
            *kept = None;
        }
    }

    async fn ask(&self, http: &Http, base: &Base) -> Result<Granted, RailError> {
        let form = Body::Form(vec![("grant_type".to_owned(), "client_credentials".to_owned())]);
        let auth = Auth::Basic(&self.client_id, &self.client_secret);
        match http.send(&Call::post(RAIL, "token", base.path(&["v1", "oauth2", "token"]), auth, form)).await?.said()? {
            Said::Yes(body) => read(&body),
            Said::No(status, _) => Err(RailError::Misconfigured(format!("paypal: no token, status {}", status.as_u16()))),
        }
    }
}
