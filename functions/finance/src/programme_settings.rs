//! `GET` and `PUT /finance/programme`: the settings, version by version.

use crate::{App, versions};
use chrono::{DateTime, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::settings::{Programme, Settings, Version};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Attempt, decide,
    records::{
        act::{Act, ActKind},
        time,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    from: DateTime<Utc>,
    settings: Settings,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Serialize)]
struct VersionView {
    version: u32,
    from: String,
    settings: Settings,
}

impl VersionView {
    fn of(version: &Version<Settings>) -> Self {
        Self { version: version.number, from: time(version.from), settings: version.value.clone() }
    }
}

/// What is in force, and every version there was or will be. Version 0 is what holds where nothing was ever set.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let programme = app.store.programme_fresh().await?;
    let (version, settings) = programme.at(call.now);
    let versions: Vec<_> = programme.history.versions().iter().rev().map(VersionView::of).collect();
    Reply::json(StatusCode::OK, &json!({ "version": version, "settings": settings, "versions": versions }))
}

/// Adds a version; the same again is answered the same.
pub(crate) async fn set(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let form: Form = call.json()?;
    let reason = crate::acts::reason(form.reason.as_deref())?;
    form.settings.check().map_err(|error| Problem::refused(error.setting, format!("This is refused: {error}.")))?;
    let from = versions::kept(form.from);
    let view = decide(&*app.ids, async || {
        let programme = app.store.programme_fresh().await?;
        let last = programme.history.versions().last();
        if let Some(last) = last.filter(|last| last.from == from && last.value == form.settings) {
            return Ok(Attempt::Done(VersionView::of(last)));
        }
        same_currency(&programme, call.now, &form.settings)?;
        let version = programme.history.plan(call.now, from, form.settings.clone()).map_err(|error| versions::refused(&error))?;
        let act = Act {
            at: call.now,
            by: by.clone(),
            kind: ActKind::ProgrammeSet,
            subject: "programme".to_owned(),
            version: version.number,
            reason: reason.clone(),
            details: json!({ "from": time(version.from), "settings": version.value }),
        };
        Attempt::of(app.store.add_programme_version(&version, &[act.write()]).await, VersionView::of(&version))
    })
    .await?;
    Reply::json(StatusCode::OK, &view)
}

/// Balances have no currency of their own: another one would turn what was earned into it, at par.
fn same_currency(programme: &Programme, now: DateTime<Utc>, settings: &Settings) -> Result<(), Problem> {
    let kept = &programme.at(now).1.currency;
    if settings.currency == *kept {
        Ok(())
    } else {
        Err(Problem::refused("currency", format!("Credits are in {kept}; that can't be changed.")))
    }
}
