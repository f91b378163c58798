//! What a link means: its code's account, its template's page, the settings in force. All at once,
//! and never for longer than a visitor can be kept waiting.

use crate::{App, cache::Cache};
use chrono::{DateTime, Utc};
use ledger::{AccountId, TemplateId};
use programme::{
    link::PageHost,
    settings::{Programme, Settings},
};
use std::time::Duration;
use store::{Store, StoreError};

/// How long answers are waited for. What is left of the whole budget is the write's.
const WAIT: Duration = Duration::from_millis(180);

/// Whose a code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// This account's.
    Known(AccountId),
    /// Nobody's.
    Nobody,
    /// The store did not say in time.
    Unanswered,
}

/// A template, as far as its link needs it.
#[derive(Debug, Clone)]
struct Shared {
    account: AccountId,
    url: String,
    public: bool,
}

/// What the instance remembers of codes and templates.
#[derive(Default)]
pub(crate) struct Lookups {
    codes: Cache<String, Option<AccountId>>,
    templates: Cache<TemplateId, Option<Shared>>,
}

/// What a link means.
pub(crate) struct Meaning {
    pub(crate) owner: Owner,
    /// The template with its page, where the link may lead there.
    pub(crate) page: Option<(TemplateId, String)>,
    pub(crate) settings: Settings,
}

/// Looks up what the code and the template of a link mean.
pub(crate) async fn meaning(app: &App, code: Option<&str>, template: Option<&TemplateId>, now: DateTime<Utc>) -> Meaning {
    let (store, lookups) = (&app.parts.store, &app.lookups);
    let (owner, shared, programme) = tokio::join!(
        in_time("code", lookups.code(store, code, now)),
        in_time("template", lookups.template(store, template, now)),
        in_time("settings", store.programme(now)),
    );
    let owner = match owner {
        Some(Some(account)) => Owner::Known(account),
        Some(None) => Owner::Nobody,
        None => Owner::Unanswered,
    };
    let page = shared.flatten().filter(|shared| shared.may_be_shown(&owner, &app.parts.allowed_hosts));
    // Without the settings the defaults are good enough to send somebody on; the signup reads them again.
    let settings = programme.map_or_else(|| Programme::default().at(now).1.clone(), |programme| programme.at(now).1.clone());
    Meaning { owner, page: template.cloned().zip(page.map(|shared| shared.url)), settings }
}

/// The answer, or none where it fails or takes too long: the visitor goes on either way.
async fn in_time<T>(what: &'static str, answer: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    match tokio::time::timeout(WAIT, answer).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(what, %error, "lookup failed");
            None
        }
        Err(_) => {
            tracing::warn!(what, "lookup took too long");
            None
        }
    }
}

impl Shared {
    /// Anybody may share a public template, its owner a private one; neither leads off the allow list.
    fn may_be_shown(&self, owner: &Owner, allowed_hosts: &[String]) -> bool {
        let shared = self.public || matches!(owner, Owner::Known(account) if *account == self.account);
        shared && PageHost::of(&self.url).is_some_and(|host| host.is_on(allowed_hosts))
    }
}

impl Lookups {
    async fn code(&self, store: &Store, code: Option<&str>, now: DateTime<Utc>) -> Result<Option<AccountId>, StoreError> {
        let Some(code) = code.map(str::to_owned) else { return Ok(None) };
        if let Some(kept) = self.codes.get(&code, now) {
            return Ok(kept);
        }
        let found = store.code(&code).await?.map(|code| code.account);
        self.codes.put(&code, now, found.clone());
        Ok(found)
    }

    async fn template(&self, store: &Store, id: Option<&TemplateId>, now: DateTime<Utc>) -> Result<Option<Shared>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(kept) = self.templates.get(id, now) {
            return Ok(kept);
        }
        let found = store.template(id).await?.map(|found| Shared { account: found.account, url: found.url, public: found.public });
        self.templates.put(id, now, found.clone());
        Ok(found)
    }
}
