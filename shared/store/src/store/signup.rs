//! What a signup reads and writes: an account comes into being in one transaction, with its code,
//! its attribution, its signals and what its referrer counts.

use super::Store;
use crate::{
    CommitError, Lost, StoreError,
    backend::{Change, Condition, Write},
    keys,
    records::{
        account::attribution_changes,
        month::{Series, month_of},
        referral::{Code, Profile, Signal},
        review::review_marker,
    },
};
use ledger::AccountId;
use programme::{
    account::Account,
    attribution::{Attribution, AttributionStatus},
    plan::Plan,
    signal::SignalKind,
};
use rust_decimal::Decimal;

/// A signal to be written for the new account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignal {
    /// Its kind. Of a hard one the account becomes the only owner.
    pub kind: SignalKind,
    /// Its keyed digest.
    pub digest: String,
}

/// A decided signup.
#[derive(Debug, Clone, Copy)]
pub struct Signup<'a> {
    /// Who.
    pub account: &'a AccountId,
    /// What was known of the account when it was decided: it holds only on that.
    pub known: &'a Account,
    /// Its attribution.
    pub attribution: &'a Attribution,
    /// Its default code.
    pub code: &'a str,
    /// Its signals.
    pub signals: &'a [NewSignal],
}

/// What became of a signup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupOutcome {
    /// It is written.
    Written,
    /// The code is somebody else's: the same again with another one.
    CodeTaken,
    /// What it was decided on is no longer so: read again and decide anew.
    Changed,
}

/// Where the code's claim stands among the writes.
const CODE_PLACE: usize = 0;

impl Store {
    /// Whose code it is, every write before seen: an attribution is made once, so no code may be missed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn code_owner(&self, code: &str) -> Result<Option<AccountId>, StoreError> {
        let item = self.backend.get(&keys::code(code), true).await?;
        Ok(item.as_ref().map(Code::read).transpose()?.map(|code| code.account))
    }

    /// A soft signal of an account, if it has it. It may have outlived its time: expired items linger.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn soft_signal(&self, kind: SignalKind, digest: &str, account: &AccountId) -> Result<Option<Signal>, StoreError> {
        self.backend.get(&keys::soft_signal(kind.as_str(), digest, account), true).await?.as_ref().map(Signal::read).transpose()
    }

    /// Writes a signup, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError`]; of one that is unavailable, the signup may have been written all the same.
    pub async fn sign_up(&self, signup: &Signup<'_>) -> Result<SignupOutcome, StoreError> {
        match self.commit_with(&Plan::default(), &writes(signup)).await {
            Ok(()) => Ok(SignupOutcome::Written),
            Err(CommitError::Lost(lost)) if lost.contains(&Lost::Beside(CODE_PLACE)) => Ok(SignupOutcome::CodeTaken),
            Err(CommitError::Lost(_)) => Ok(SignupOutcome::Changed),
            Err(error @ (CommitError::Busy(_) | CommitError::Rejected(_))) => Err(error.into()),
        }
    }
}

fn writes(signup: &Signup<'_>) -> Vec<Write> {
    let at = signup.attribution.signed_up_at;
    let code = Code { code: signup.code.to_owned(), account: signup.account.clone(), alias: false };
    let profile = Profile { code: signup.code.to_owned(), alias: None, created_at: at };
    let mut writes = vec![
        Write::create(keys::code(signup.code), code.write()),
        Write::create(keys::profile(signup.account), profile.write()),
        Write::update(keys::figures(signup.account), conditions(signup.known), own_changes(signup.attribution)),
    ];
    writes.extend(signup.signals.iter().map(|signal| write_signal(signup.account, signal, at)));
    writes.extend(referrer_writes(signup.attribution));
    if signup.attribution.status == AttributionStatus::InReview {
        writes.push(review_marker(signup.account, signup.attribution, at));
    }
    writes
}

/// The account has not signed up, and no purchase or other fact of it came in since it was read: a
/// purchase that is merged meanwhile either sees the signup or is seen by it.
fn conditions(known: &Account) -> Vec<Condition> {
    let waiting = match known.waiting {
        0 => Condition::AbsentOrEquals("wt", 0_u64.into()),
        count => Condition::Equals("wt", count.into()),
    };
    // The first fact stays the first; only its coming in changes anything.
    let first_fact = known.first_fact.is_none().then_some(Condition::Absent("ft"));
    [Condition::Absent("av"), waiting].into_iter().chain(first_fact).collect()
}

fn own_changes(attribution: &Attribution) -> Vec<Change> {
    let mut changes = attribution_changes(attribution);
    changes.push(Change::Add("v".into(), Decimal::ONE));
    changes
}

fn write_signal(account: &AccountId, signal: &NewSignal, at: chrono::DateTime<chrono::Utc>) -> Write {
    let record = Signal { account: account.clone(), at };
    match signal.kind.lifetime() {
        None => Write::create(keys::signal(signal.kind.as_str(), &signal.digest), record.write(None)),
        Some(lifetime) => {
            Write::put(keys::soft_signal(signal.kind.as_str(), &signal.digest, account), record.write(Some((at + lifetime).timestamp())))
        }
    }
}

/// A referrer counts the accounts whose purchases earn, and the day's signups of its template.
fn referrer_writes(attribution: &Attribution) -> Vec<Write> {
    let Some(credit) = attribution.earning() else { return Vec::new() };
    let one = |name: &str| Change::Add(name.to_owned(), Decimal::ONE);
    let day = attribution.signed_up_at.date_naive();
    vec![
        Write::update(keys::figures(&credit.referrer), Vec::new(), vec![one("cnt"), one("v")]),
        Write::update(
            keys::month(&credit.referrer, &month_of(day), credit.template.as_ref()),
            Vec::new(),
            vec![one(&Series::Signups.name(day))],
        ),
    ]
}

#[cfg(test)]
#[path = "signup_tests.rs"]
mod tests;
