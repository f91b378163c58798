//! Enrolling: read, decide, write in one transaction, and begin again where something changed meanwhile.

use crate::{App, decision::decide};
use chrono::{DateTime, Utc};
use edge::{
    problem::Problem,
    queue::{Outgoing, QueueError},
};
use ledger::AccountId;
use programme::{
    attribution::{Attribution, Receipt},
    fact::{Fact, FactBody, Source},
    link::default_code,
};
use std::net::IpAddr;
use store::{Signup, SignupOutcome, StoreError};

/// How often a signup is decided anew before the caller is asked to try again.
const ATTEMPTS: u32 = 8;

/// The longest pause after the first attempt; it doubles with each, up to sixteen times that.
const PAUSE_MS: u64 = 20;

/// When the call to compute purchases again comes at the latest, should this function die after its write: long after
/// the write must have happened.
const SAFETY_DELAY_SECONDS: u16 = 30;

/// Who signs up, and everything known of the call that may matter.
pub(crate) struct Newcomer {
    pub(crate) account: AccountId,
    /// The token's e-mail address.
    pub(crate) email: Option<String>,
    /// Receipts whose signature fits.
    pub(crate) receipts: Vec<Receipt>,
    /// The browser's device id, which it has or is given now.
    pub(crate) device: Option<String>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) agent: Option<String>,
    pub(crate) now: DateTime<Utc>,
}

/// A signed-up account.
pub(crate) struct Enrolled {
    pub(crate) code: String,
    pub(crate) attribution: Attribution,
    /// Whether this very call signed it up.
    pub(crate) first: bool,
}

/// What became of one attempt.
enum Attempt {
    Done(Enrolled),
    /// Somebody was faster somewhere: decide anew.
    Again,
    /// The same with another code.
    AnotherCode,
}

/// Signs the account up, or finds that it is.
pub(crate) async fn enrol(app: &App, newcomer: &Newcomer) -> Result<Enrolled, Problem> {
    let mut code = default_code(app.0.ids.bytes16());
    let mut announced = false;
    let mut busy = None;
    for attempt in 0..ATTEMPTS {
        match attempt_once(app, newcomer, &code, &mut announced).await {
            Ok(Attempt::Done(enrolled)) => return Ok(enrolled),
            Ok(Attempt::Again) => {}
            Ok(Attempt::AnotherCode) => code = default_code(app.0.ids.bytes16()),
            Err(Trouble::Store(error @ StoreError::Unavailable(_))) => busy = Some(error),
            Err(trouble) => return Err(trouble.into()),
        }
        pause(app, attempt).await;
    }
    Err(Problem::unavailable(busy.unwrap_or_else(|| StoreError::Unavailable("others were faster each time".into()))))
}

async fn attempt_once(app: &App, newcomer: &Newcomer, code: &str, announced: &mut bool) -> Result<Attempt, Trouble> {
    let known = app.0.store.account(&newcomer.account).await?.unwrap_or_default();
    if let Some(attribution) = known.attribution {
        let profile = app.0.store.profile(&newcomer.account).await?;
        let profile = profile.ok_or_else(|| StoreError::Corrupt { key: newcomer.account.to_string(), reason: "no profile".into() })?;
        if known.waiting > 0 {
            settle(app, &newcomer.account).await;
        }
        // A write whose answer was lost is known again by its code, which nobody else could draw.
        let first = profile.code == code;
        return Ok(Attempt::Done(Enrolled { code: profile.code, attribution, first }));
    }
    if known.waiting > 0 && !*announced {
        announce(app, &newcomer.account).await?;
        *announced = true;
    }
    let decision = decide(app, newcomer, &known).await?;
    let signup =
        Signup { account: &newcomer.account, known: &known, attribution: &decision.attribution, code, signals: &decision.new_signals };
    match app.0.store.sign_up(&signup).await? {
        SignupOutcome::Written => {
            tracing::info!(account = %newcomer.account, status = decision.attribution.status.as_str(), "signed up");
            if known.waiting > 0 {
                settle(app, &newcomer.account).await;
            }
            Ok(Attempt::Done(Enrolled { code: code.to_owned(), attribution: decision.attribution, first: true }))
        }
        SignupOutcome::CodeTaken => Ok(Attempt::AnotherCode),
        SignupOutcome::Changed => Ok(Attempt::Again),
    }
}

/// Purchases that came before the signup are computed again once it is written. The call to do so is in the queue
/// before the write: whatever happens to this function then, they are not forgotten.
async fn announce(app: &App, account: &AccountId) -> Result<(), Trouble> {
    let mut message = settle_message(account)?;
    message.delay_seconds = SAFETY_DELAY_SECONDS;
    Ok(app.0.facts.send(vec![message]).await?)
}

/// The same call without the delay. Where it fails, the one that was sent before still comes.
async fn settle(app: &App, account: &AccountId) {
    let sent = match settle_message(account) {
        Ok(message) => app.0.facts.send(vec![message]).await.map_err(Trouble::from),
        Err(error) => Err(error),
    };
    if let Err(error) = sent {
        tracing::warn!(%account, %error, "waiting purchases are computed later");
    }
}

fn settle_message(account: &AccountId) -> Result<Outgoing, Trouble> {
    let fact = Fact { source: Source::Platform, event: "signup".into(), body: FactBody::Settle { account: account.clone() } };
    Ok(Outgoing::new(serde_json::to_string(&fact)?))
}

/// Full jitter: those who met once do not meet again.
async fn pause(app: &App, attempt: u32) {
    edge::ids::pause(&*app.0.ids, PAUSE_MS << attempt.min(4)).await;
}

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("a fact has no JSON form: {0}")]
    Form(#[from] serde_json::Error),
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Store(error @ StoreError::Unavailable(_)) => Self::unavailable(error),
            Trouble::Store(error @ (StoreError::Corrupt { .. } | StoreError::Rejected(_))) => Self::internal(error),
            Trouble::Queue(error) => error.into(),
            Trouble::Form(error) => Self::internal(error),
        }
    }
}
