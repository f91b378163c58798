//! The frame of the console: where one can go, and whether payouts go out.

use super::shapes::Switch;
use crate::{
    api::{ApiError, Client, path},
    context::Context,
    fault::Fault,
    format::time_of,
    shell::{Nav, Page},
    ui::{self, Tone},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};

/// A page of the console, by where it stands in its navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Payouts,
    Runs,
    Reconciliation,
    Exports,
    Reviews,
    Flags,
    Quarantine,
    Accounts,
    Settings,
    Switch,
    Audit,
    Acts,
}

impl Place {
    const fn path(self) -> &'static str {
        match self {
            Self::Payouts => "/finance",
            Self::Runs => "/desk/runs",
            Self::Reconciliation => "/desk/reconciliation",
            Self::Exports => "/desk/exports",
            Self::Reviews => "/desk/reviews",
            Self::Flags => "/desk/flags",
            Self::Quarantine => "/desk/quarantine",
            Self::Accounts => "/desk/accounts",
            Self::Settings => "/desk/settings",
            Self::Switch => "/desk/switch",
            Self::Audit => "/desk/audit",
            Self::Acts => "/desk/acts",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Payouts => "Payouts",
            Self::Runs => "Runs",
            Self::Reconciliation => "Reconciliation",
            Self::Exports => "Exports",
            Self::Reviews => "Reviews",
            Self::Flags => "Flags",
            Self::Quarantine => "Quarantine",
            Self::Accounts => "Accounts",
            Self::Settings => "Settings",
            Self::Switch => "Kill switch",
            Self::Audit => "Audit",
            Self::Acts => "Who did what",
        }
    }
}

/// What belongs together, under its heading.
const GROUPS: [(&str, &[Place]); 3] = [
    ("Money", &[Place::Payouts, Place::Runs, Place::Reconciliation, Place::Exports]),
    ("To look at", &[Place::Reviews, Place::Flags, Place::Quarantine, Place::Audit]),
    ("Programme", &[Place::Accounts, Place::Settings, Place::Switch, Place::Acts]),
];

/// A page: what is different from page to page.
pub(super) struct View {
    pub(super) place: Place,
    pub(super) title: String,
    pub(super) status: StatusCode,
    pub(super) done: Option<&'static str>,
    pub(super) refresh_seconds: Option<u32>,
    pub(super) body: Markup,
}

impl View {
    /// At that place, with its name as the title.
    pub(super) fn new(place: Place, body: Markup) -> Self {
        Self { place, title: place.name().to_owned(), status: StatusCode::OK, done: None, refresh_seconds: None, body }
    }

    pub(super) fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn done(self, done: Option<&'static str>) -> Self {
        Self { done, ..self }
    }

    pub(super) fn refresh(self, seconds: Option<u32>) -> Self {
        Self { refresh_seconds: seconds, ..self }
    }
}

/// How the kill switch stands. A page is shown without where nobody can tell, which no page but the switch's own needs.
pub(super) async fn switch(api: &Client<'_>) -> Result<Option<Switch>, ApiError> {
    api.find(&path(&["finance", "switch"], &[])).await
}

/// The page as an answer.
pub(super) fn page(cx: &Context<'_>, switch: Option<&Switch>, view: View) -> Result<Reply, Fault> {
    let body = html! {
        div.desk {
            nav.desk-nav aria-label="Finance" {
                @if let Some(switch) = switch { (light(switch)) }
                @for (heading, places) in GROUPS {
                    div.desk-group {
                        p { (heading) }
                        ul { @for place in places { li { a href=(place.path()) aria-current=[(*place == view.place).then_some("page")] { (place.name()) } } } }
                    }
                }
            }
            div.desk-main {
                @if let Some(done) = view.done { (ui::notice(Tone::Good, html! { (done) })) }
                @if let Some(switch) = switch.filter(|switch| !switch.is_on() && view.place != Place::Switch) { (stopped(switch)) }
                (view.body)
            }
        }
    };
    let page = Page::new(format!("{} · Finance", view.title)).nav(Nav::Finance).status(view.status).body(body);
    cx.page(match view.refresh_seconds {
        Some(seconds) => page.refresh(seconds),
        None => page,
    })
}

fn light(switch: &Switch) -> Markup {
    let (tone, words) = if switch.is_on() { (Tone::Good, "Payouts go out") } else { (Tone::Bad, "Payouts stopped") };
    html! { a.light href=(Place::Switch.path()) { (ui::badge(tone, words)) } }
}

/// Seen on every page: an order that waits is no surprise then.
fn stopped(switch: &Switch) -> Markup {
    ui::notice(
        Tone::Bad,
        html! {
            strong { "No payout is sent. " }
            @match (&switch.turned, switch.payouts_enabled) {
                (Some(turned), false) => { bdi { (turned.by) } " stopped payouts on " (time_of(turned.at)) " UTC: " bdi.wrap { (turned.reason) } " " }
                (_, false) => { "Payouts are stopped by the kill switch. " }
                (_, true) => { "The programme's settings have payouts off. " }
            }
            a href=(Place::Switch.path()) { "To the kill switch" }
        },
    )
}

/// What was refused, as a notice on the page that it was asked on.
pub(super) fn wrong(wrong: Option<&str>) -> Markup {
    html! { @if let Some(wrong) = wrong { (ui::notice(Tone::Bad, html! { (wrong) })) } }
}

/// Chips for what somebody should look at.
pub(super) fn chips(signals: &[String]) -> Markup {
    html! {
        @for signal in signals {
            @let (tone, name, sentence) = super::words::signal(signal);
            span.chip.(tone.class()) title=(sentence) { (name) }
        }
    }
}

/// The status of a page that tells a refusal.
pub(super) fn status_of(refusal: &crate::api::Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
}

/// A refusal's own words; never nothing.
pub(super) fn told(refusal: &crate::api::Refusal) -> String {
    match refusal.rule.as_deref() {
        Some("payouts_disabled") => {
            "Payouts are stopped, so nothing can be ordered. Let them go out again by the kill switch first.".to_owned()
        }
        _ if !refusal.detail.is_empty() => refusal.detail.clone(),
        _ => "That was refused.".to_owned(),
    }
}
