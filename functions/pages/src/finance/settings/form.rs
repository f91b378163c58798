//! The form for a new version.

use super::setting::{Kind, SETTINGS, Setting};
use crate::{
    context::Context,
    finance::shapes::Programme,
    form::Form,
    ui::{self, Field, Tone},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How far ahead a version starts at least, as the API has it.
pub(super) const LEAD_MINUTES: i64 = 5;
/// What is proposed: long enough to fill in the form and still be early enough.
const PROPOSED_MINUTES: i64 = 30;
/// As browsers write a day and a time.
const MOMENT: &str = "%Y-%m-%dT%H:%M";

/// What was entered, by setting.
#[derive(Debug)]
pub(super) struct Entered {
    values: BTreeMap<&'static str, String>,
    from: String,
    reason: String,
}

impl Entered {
    pub(super) fn of(form: &Form) -> Self {
        let cut = |text: &str| text.chars().take(100).collect::<String>();
        Self {
            values: SETTINGS.iter().map(|setting| (setting.name, cut(form.text(setting.name)))).collect(),
            from: cut(form.text("from")),
            reason: form.text("reason").chars().take(500).collect(),
        }
    }

    /// What stands in the form at first: what is in force, from soon on.
    fn proposed(programme: &Programme, now: DateTime<Utc>) -> Self {
        let value = |setting: &Setting| programme.settings.get(setting.name).map(|value| setting.entered(value)).unwrap_or_default();
        let from = now.checked_add_signed(TimeDelta::minutes(PROPOSED_MINUTES)).unwrap_or(now);
        Self {
            values: SETTINGS.iter().map(|setting| (setting.name, value(setting))).collect(),
            from: from.format(MOMENT).to_string(),
            reason: String::new(),
        }
    }

    fn value(&self, setting: &Setting) -> &str {
        self.values.get(setting.name).map_or("", String::as_str)
    }

    /// The whole of the settings: what is in force with what was entered; else the name of the first that can't be meant.
    pub(super) fn settings(&self, in_force: &Map<String, Value>) -> Result<Map<String, Value>, &'static str> {
        let mut settings = in_force.clone();
        for setting in &SETTINGS {
            settings.insert(setting.name.to_owned(), setting.read(self.value(setting)).ok_or(setting.name)?);
        }
        Ok(settings)
    }

    /// From when, in UTC.
    pub(super) fn from(&self) -> Option<DateTime<Utc>> {
        let read = NaiveDateTime::parse_from_str(&self.from, MOMENT);
        read.or_else(|_| NaiveDateTime::parse_from_str(&self.from, "%Y-%m-%dT%H:%M:%S")).ok().map(|at| at.and_utc())
    }
}

/// The card with the form; `tried` is what was sent, where it is wrong, and why.
pub(super) fn card(cx: &Context<'_>, programme: &Programme, tried: Option<(&Entered, &str, &str)>) -> Markup {
    let proposed = Entered::proposed(programme, cx.call.now);
    let entered = tried.map_or(&proposed, |(entered, ..)| entered);
    let wrong = |name: &str| tried.filter(|(_, at, _)| *at == name).map(|(.., wrong)| wrong);
    let placed = tried.is_some_and(|(_, at, _)| at == "from" || SETTINGS.iter().any(|setting| setting.name == at));
    let from_hint = format!("In UTC, {LEAD_MINUTES} minutes from now at the earliest.");
    let field = |id, label, value, kind, hint, limit| {
        ui::field(&Field {
            id,
            name: id,
            label,
            value,
            kind,
            hint: Some(hint),
            wrong: wrong(id),
            limit,
            required: kind != "text",
            ..Field::default()
        })
    };
    ui::card(
        "A new version",
        html! {},
        html! {
            @if let Some((.., wrong)) = tried.filter(|_| !placed) { (ui::notice(Tone::Bad, html! { (wrong) })) }
            (ui::form(cx, "/desk/settings", html! {
                div.settings { @for setting in &SETTINGS { (input(setting, entered.value(setting), wrong(setting.name))) } }
                div.settings {
                    (field("from", "In force from", &entered.from, "datetime-local", &from_hint, None))
                    (field("reason", "Reason", &entered.reason, "text", "For whoever asks later.", Some(500)))
                }
                p.actions { button.button.primary { "Plan this version" } }
            }))
        },
    )
}

fn input(setting: &Setting, value: &str, wrong: Option<&str>) -> Markup {
    let unit = match setting.kind {
        Kind::Percent => " (%)".to_owned(),
        Kind::Whole(unit) => format!(" ({unit})"),
        Kind::Amount | Kind::Months | Kind::Choice(_) | Kind::Switch => String::new(),
    };
    let label = format!("{}{unit}", setting.label);
    match setting.kind {
        Kind::Choice(options) => select(setting, &label, options, value),
        Kind::Switch => select(setting, &label, &[("on", "On"), ("", "Off")], value),
        Kind::Percent | Kind::Amount | Kind::Whole(_) | Kind::Months => ui::field(&Field {
            id: setting.name,
            name: setting.name,
            label: &label,
            value,
            hint: Some(setting.hint),
            wrong,
            limit: Some(20),
            ..Field::default()
        }),
    }
}

fn select(setting: &Setting, label: &str, options: &[(&str, &str)], value: &str) -> Markup {
    let hint = format!("{}-hint", setting.name);
    html! {
        div.field {
            label for=(setting.name) { (label) }
            select id=(setting.name) name=(setting.name) aria-describedby=(hint) {
                @for (name, told) in options { option value=(name) selected[*name == value] { (told) } }
            }
            p.hint id=(hint) { (setting.hint) }
        }
    }
}
