//! `GET /links`, `PUT /links/alias`: the links that an account shares.

use crate::{
    App, fault,
    templates::{self, View},
};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::link;
use serde::{Deserialize, Serialize};
use store::{CommitError, OwnLinks};

/// How many aliases an account may take in all. None is ever given back, so without an end one
/// account could take every good word.
const ALIASES_MAX: u64 = 10;
/// How often a write that met another one is decided again.
const ATTEMPTS: u32 = 5;

/// Words that a link must not carry in an account's name: they would read as the programme itself.
const RESERVED: [&str; 24] = [
    "about", "account", "admin", "api", "billing", "earnings", "finance", "help", "home", "invite", "legal", "login", "logout", "official",
    "payouts", "privacy", "referral", "root", "security", "signup", "staff", "support", "system", "www",
];

#[derive(Serialize)]
struct Links {
    code: String,
    link: String,
    /// The chosen code; the ones before it keep working.
    alias: Option<Alias>,
    templates: Vec<View>,
}

#[derive(Serialize)]
struct Alias {
    alias: String,
    link: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    alias: String,
}

pub(crate) async fn show(app: &App, account: &AccountId) -> Result<Reply, Problem> {
    let OwnLinks { profile, .. } = templates::own_links(app, account).await?;
    let templates = templates::views(app, account, &profile.code).await?;
    let alias = profile.alias.map(|alias| Alias { link: app.site.link(&alias), alias });
    Reply::json(StatusCode::OK, &Links { link: app.site.link(&profile.code), code: profile.code, alias, templates })
}

/// One alias at a time. Choosing the one that is chosen already changes nothing.
pub(crate) async fn choose(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let form: Form = call.json()?;
    let alias = link::alias(&form.alias).map_err(|error| Problem::refused("alias", format!("{error}.")))?;
    if RESERVED.contains(&alias.as_str()) {
        return Err(Problem::refused("alias_reserved", "This word is kept for the programme itself."));
    }
    for _ in 0..ATTEMPTS {
        let links = templates::own_links(app, account).await?;
        if links.profile.alias.as_deref() == Some(alias.as_str()) || claim(app, &links, &alias).await? {
            return show(app, account).await;
        }
    }
    Err(Problem::unavailable("changes of one account's links kept meeting each other"))
}

/// False where the account's links, or the alias, changed between reading and writing: look again.
async fn claim(app: &App, links: &OwnLinks, alias: &str) -> Result<bool, Problem> {
    let known = app.store.code(alias).await.map_err(fault::of_store)?;
    if known.as_ref().is_some_and(|code| code.account != links.account || !code.alias) {
        return Err(Problem::conflict("This alias is taken."));
    }
    if known.is_none() && links.aliases_taken >= ALIASES_MAX {
        return Err(Problem::refused(
            "too_many_aliases",
            format!("An account takes at most {ALIASES_MAX} aliases in all; its older ones can be chosen again."),
        ));
    }
    match app.store.choose_alias(links, alias, known.as_ref()).await {
        Ok(()) => Ok(true),
        Err(CommitError::Lost(_)) => Ok(false),
        Err(error @ (CommitError::Busy(_) | CommitError::Rejected(_))) => Err(fault::of_commit(error)),
    }
}
