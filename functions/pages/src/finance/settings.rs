//! `/desk/settings`: the programme's settings, version by version, and a form for the next one.

mod form;
mod setting;

use self::{
    form::{Entered, LEAD_MINUTES},
    setting::SETTINGS,
};
use super::{
    decide::one_line,
    desk::{self, Place, View},
    shapes::{Programme, SettingsVersion},
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    form::Form,
    format::time_of,
    ui::{self, Tone},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

pub(super) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

/// Plans a version.
pub(super) async fn plan(cx: &Context<'_>, form: &Form) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "programme"], &[]);
    let programme: Programme = api.get(&at).await?;
    let entered = Entered::of(form);
    let (settings, from) = match (entered.settings(&programme.settings), entered.from()) {
        (Ok(settings), Some(from)) => (settings, from),
        (Err(setting), _) => {
            return page(cx, Some(Tried { entered, at: setting.to_owned(), wrong: setting::rule(setting).to_owned() })).await;
        }
        (Ok(_), None) => {
            return page(cx, Some(Tried { entered, at: "from".to_owned(), wrong: "This is no day and time.".to_owned() })).await;
        }
    };
    let mut body = json!({ "from": from, "settings": settings });
    let reason = one_line(form.text("reason"));
    if !reason.is_empty() {
        body["reason"] = json!(reason);
    }
    let answer: Result<Value, _> = api.put(&at, body).await;
    match answer {
        Ok(_) => cx.go("/desk/settings?done=planned"),
        Err(error) => {
            let refusal = error.refusal()?;
            let (at, wrong) = match refusal.rule.as_deref() {
                Some("version_lead") => (
                    "from",
                    format!(
                        "A new version starts at least {LEAD_MINUTES} minutes from now, so that every part of the system knows it by then."
                    ),
                ),
                Some("version_order") => ("from", "A later version is planned already; this one has to start after it.".to_owned()),
                Some(rule) => (rule, desk::told(&refusal)),
                None => ("", desk::told(&refusal)),
            };
            page(cx, Some(Tried { entered, at: at.to_owned(), wrong })).await
        }
    }
}

/// A form that was sent and not taken: what was entered, and what is wrong where.
struct Tried {
    entered: Entered,
    /// A setting, `from`, or empty for all of it.
    at: String,
    wrong: String,
}

async fn page(cx: &Context<'_>, tried: Option<Tried>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "programme"], &[]);
    let (programme, switch): (Programme, _) = tokio::try_join!(api.get(&at), desk::switch(&api))?;
    let status = if tried.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let planned: Vec<&SettingsVersion> = programme.versions.iter().filter(|version| version.from > cx.call.now).collect();
    let body = html! {
        (ui::heading("Settings", Some("Every change is a version that starts at a time of yours. What was decided under an earlier one stays as it was.")))
        @if let Some(next) = planned.last() {
            (ui::notice(Tone::Warn, html! { "Version " (next.version) " is planned, and starts on " (time_of(next.from)) " UTC." }))
        }
        div.grid.dossier {
            (form::card(cx, &programme, tried.as_ref().map(|tried| (&tried.entered, tried.at.as_str(), tried.wrong.as_str()))))
            div.stack { (in_force(&programme)) (history(cx, &programme)) }
        }
    };
    let done =
        ui::done(cx, &[("planned", "The new version is planned. You find it among the versions, and can plan another one after it.")]);
    desk::page(cx, switch.as_ref(), View::new(Place::Settings, body).status(status).done(done))
}

fn currency(settings: &Map<String, Value>) -> &str {
    settings.get("currency").and_then(Value::as_str).unwrap_or_default()
}

fn in_force(programme: &Programme) -> Markup {
    let currency = currency(&programme.settings);
    let pairs: Vec<(&str, Markup)> =
        SETTINGS.iter().map(|setting| (setting.label, html! { (setting.told(programme.settings.get(setting.name), currency)) })).collect();
    ui::card("In force now", html! { span.muted { "Version " (programme.version) } }, ui::pairs(&pairs))
}

/// Versions with what each changed, newest first.
fn history(cx: &Context<'_>, programme: &Programme) -> Markup {
    let versions = &programme.versions;
    let body = html! {
        @if versions.is_empty() { p.muted { "The settings were never changed: what holds is what the programme began with." } }
        ol.steps {
            @for (place, version) in versions.iter().enumerate() {
                li class=(if version.from > cx.call.now { "here" } else { "past" }) {
                    div {
                        "Version " (version.version)
                        @if version.from > cx.call.now { " " (ui::badge(Tone::Warn, "Planned")) } @else if version.version == programme.version { " " (ui::badge(Tone::Good, "In force")) }
                        small { "from " (time_of(version.from)) " UTC" }
                        (changes(version, versions.get(place + 1)))
                    }
                }
            }
        }
    };
    ui::card(
        "Versions",
        html! { @if !versions.is_empty() { span.muted.small { (words::counted(versions.len().try_into().unwrap_or(u64::MAX), "version")) } } },
        body,
    )
}

fn changes(version: &SettingsVersion, before: Option<&SettingsVersion>) -> Markup {
    let Some(before) = before else { return html! { small { "the first that was set" } } };
    let currency = currency(&version.settings);
    let changed = SETTINGS.iter().filter(|setting| version.settings.get(setting.name) != before.settings.get(setting.name));
    html! {
        @for setting in changed {
            small { (setting.label) ": " (setting.told(before.settings.get(setting.name), currency)) " → " strong { (setting.told(version.settings.get(setting.name), currency)) } }
        }
    }
}
