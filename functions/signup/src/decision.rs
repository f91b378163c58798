//! What a signup is decided on: the receipt to credit, whose link it was, and what the two accounts share.

use crate::{
    App,
    enrol::Newcomer,
    signals::{Seen, look},
};
use ledger::AccountId;
use programme::{
    account::Account,
    attribution::{self, Attribution, Receipt, Signals, choose},
    settings::Settings,
};
use store::{NewSignal, StoreError};

/// How far up a referrer's own referrers are looked at.
const CYCLE_STEPS: usize = 10;

/// A decided signup.
pub(crate) struct Decision {
    pub(crate) attribution: Attribution,
    /// The signals to write for the account.
    pub(crate) new_signals: Vec<NewSignal>,
}

/// Decides on what stands in the store now. A store that does not answer fails it: an attribution is made once, so a
/// receipt is never dropped only because its code could not be read.
pub(crate) async fn decide(app: &App, newcomer: &Newcomer, known: &Account) -> Result<Decision, StoreError> {
    let programme = app.0.store.programme(newcomer.now).await?;
    let (version, settings) = programme.at(newcomer.now);
    let chosen = chosen(app, newcomer, settings).await?;
    let referrer = chosen.as_ref().map(|(_, referrer)| referrer).filter(|referrer| **referrer != newcomer.account);
    let Seen { same_email, same_device, same_network, new_signals } = look(app, newcomer, referrer).await?;
    let cycle = match referrer {
        Some(referrer) => is_above(app, &newcomer.account, referrer).await?,
        None => false,
    };
    let signals = Signals { first_fact: known.first_fact, same_email, same_device, same_network, cycle };
    let chosen = chosen.as_ref().map(|(receipt, referrer)| (receipt, referrer));
    let attribution = attribution::decide(&newcomer.account, chosen, &signals, newcomer.now, (version, settings));
    Ok(Decision { attribution, new_signals })
}

/// The receipt to credit and its link's owner. One whose code is nobody's was no visit to a link, and does not stand
/// before those that were.
async fn chosen(app: &App, newcomer: &Newcomer, settings: &Settings) -> Result<Option<(Receipt, AccountId)>, StoreError> {
    let mut receipts = newcomer.receipts.clone();
    while let Some(receipt) = choose(&receipts, newcomer.now, settings).cloned() {
        if let Some(owner) = app.0.store.code_owner(&receipt.code).await? {
            return Ok(Some((receipt, owner)));
        }
        receipts.retain(|other| *other != receipt);
    }
    Ok(None)
}

/// Whether the account is among the referrer's own referrers.
async fn is_above(app: &App, account: &AccountId, referrer: &AccountId) -> Result<bool, StoreError> {
    let mut below = referrer.clone();
    for _ in 0..CYCLE_STEPS {
        let attribution = app.0.store.account(&below).await?.and_then(|found| found.attribution);
        match attribution.as_ref().and_then(Attribution::earning) {
            Some(credit) if credit.referrer == *account => return Ok(true),
            Some(credit) => below = credit.referrer.clone(),
            None => return Ok(false),
        }
    }
    Ok(false)
}
