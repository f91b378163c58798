//! Finance's desk in this function: what was kept is read again here, where the translations are.

use crate::{App, dead_letters, handler, replay};
use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    http::{Call, Reply},
    ids::{IdSource, SystemIds},
    problem::Problem,
};
use ledger::AccountId;
use programme::payout::Reason;
use serde::Deserialize;
use std::{fmt, sync::Arc};

/// Proves who calls, and gives the jitter of tries.
pub struct Desk {
    verifier: Verifier,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// Puts the parts together; `ids` make jitter.
    #[must_use]
    pub fn new(verifier: Verifier, ids: Arc<dyn IdSource>) -> Self {
        Self { verifier, ids }
    }

    /// Wires it to the issuer.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable and never tells its value.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Verifier::from_env(env)?, Arc::new(SystemIds)))
    }
}

/// Who asks for a replay, and why.
pub(crate) struct Asker {
    pub(crate) by: AccountId,
    pub(crate) reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    reason: Option<String>,
}

/// Answers every door of the function: the webhooks, and for finance the replays.
///
/// # Errors
/// As [`handler::handle`]; for a replay 401 where nobody is proved, 403 for everybody but finance, 404 for an event
/// that is not there, 422 for one that still can't be read, 503 where the queue or the store is away.
pub async fn answer(app: &App, desk: &Desk, call: Call) -> Result<Reply, Problem> {
    match (call.method.as_str(), call.route.as_str()) {
        ("POST", "/webhooks/{source}") => handler::handle(app, call).await,
        ("POST", "/finance/quarantine/{id}/replay") => {
            let asker = asker(desk, &call).await?;
            replay::one(app, desk, &call, &asker).await
        }
        ("POST", "/finance/dead-letters/replay") => {
            let asker = asker(desk, &call).await?;
            dead_letters::all(app, desk, &call, &asker).await
        }
        _ => Err(Problem::not_found("page")),
    }
}

async fn asker(desk: &Desk, call: &Call) -> Result<Asker, Problem> {
    let caller = desk.verifier.principal(call).await?;
    caller.require_group("finance")?;
    let form: Form = call.json_or_default()?;
    let reason = form.reason.as_deref().map(Reason::try_new).transpose();
    let reason = reason.map_err(|error| Problem::malformed(format!("This does not fit: {error}.")))?;
    Ok(Asker { by: caller.account, reason: reason.map(|reason| reason.as_str().to_owned()) })
}
