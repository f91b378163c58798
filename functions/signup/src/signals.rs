//! Signals of a signup: what another account is known by already, and what this one will be known by.

use crate::{App, enrol::Newcomer};
use ledger::AccountId;
use programme::signal::{SignalKind, network, normalise_email};
use store::{NewSignal, StoreError};

/// What was found, and what is to be written.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) same_email: bool,
    pub(crate) same_device: bool,
    pub(crate) same_network: bool,
    pub(crate) new_signals: Vec<NewSignal>,
}

/// Looks the signals up, those of the referrer too where there is one.
pub(crate) async fn look(app: &App, newcomer: &Newcomer, referrer: Option<&AccountId>) -> Result<Seen, StoreError> {
    let email = newcomer.email.as_deref().and_then(normalise_email);
    let network = network(newcomer.address, newcomer.agent.as_deref());
    let (owner, same_device, same_network) = futures::try_join!(
        email_owner(app, email.as_deref()),
        is_shared(app, newcomer, SignalKind::Device, newcomer.device.as_deref(), referrer),
        is_shared(app, newcomer, SignalKind::Network, network.as_deref(), referrer),
    )?;
    let digest = |kind: SignalKind, text: &str| NewSignal { kind, digest: kind.digest(&app.0.signal_keys, text) };
    let mut new_signals: Vec<NewSignal> = Vec::new();
    // A mailbox belongs to the first account that came with it.
    new_signals.extend(email.filter(|_| owner.is_none()).map(|email| digest(SignalKind::Email, &email)));
    new_signals.extend(newcomer.device.as_deref().map(|device| digest(SignalKind::Device, device)));
    new_signals.extend(network.map(|network| digest(SignalKind::Network, &network)));
    let same_email = owner.is_some_and(|owner| owner != newcomer.account);
    Ok(Seen { same_email, same_device, same_network, new_signals })
}

/// Whose the mailbox is, by the digest under any of the keys.
async fn email_owner(app: &App, email: Option<&str>) -> Result<Option<AccountId>, StoreError> {
    let digests = email.map(|email| SignalKind::Email.digests(&app.0.signal_keys, email)).unwrap_or_default();
    for digest in digests {
        if let Some(signal) = app.0.store.signal(SignalKind::Email.as_str(), &digest).await? {
            return Ok(Some(signal.account));
        }
    }
    Ok(None)
}

/// Whether the referrer has the same soft signal, not yet faded.
async fn is_shared(
    app: &App,
    newcomer: &Newcomer,
    kind: SignalKind,
    text: Option<&str>,
    referrer: Option<&AccountId>,
) -> Result<bool, StoreError> {
    let (Some(text), Some(referrer)) = (text, referrer) else { return Ok(false) };
    for digest in kind.digests(&app.0.signal_keys, text) {
        let found = app.0.store.soft_signal(kind, &digest, referrer).await?;
        if found.is_some_and(|signal| kind.lifetime().is_none_or(|lifetime| newcomer.now - signal.at < lifetime)) {
            return Ok(true);
        }
    }
    Ok(false)
}
