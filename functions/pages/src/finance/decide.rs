//! `POST /desk/payouts/{id}/approve|reject|pay`, and the forms that lead there.

use super::{
    desk,
    payout::{Refused, page},
    shapes::{Dossier, Payout},
};
use crate::{
    api::{Refusal, path},
    context::Context,
    fault::Fault,
    form::Form,
    format::{amount, money},
    ui::{self, form_in},
    words::rail,
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::json;

/// The API's own limit of a reason, in characters.
const REASON_MAX: u32 = 500;

pub(super) async fn decide(cx: &Context<'_>, form: &Form, id: &str, act: &str) -> Result<Reply, Fault> {
    let version: u32 = form.text("version").parse().map_err(|_| Fault::Forged)?;
    let reason = one_line(form.text("reason"));
    let reason = reason.as_str();
    if act == "reject" && reason.is_empty() {
        let refused = Refused {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            words: "A rejection needs a reason: the payee reads it.".to_owned(),
            reason,
        };
        return page(cx, id, Some(refused)).await;
    }
    let body = if act == "reject" { json!({ "version": version, "reason": reason }) } else { json!({ "version": version }) };
    let answer: Result<Payout, _> = cx.api()?.post(&path(&["finance", "payouts", id, act], &[]), body).await;
    match answer {
        Ok(payout) => {
            let word = match (act, payout.status.as_str()) {
                ("approve", "requested") => "agreed",
                ("approve", _) => "approved",
                ("reject", _) => "rejected",
                _ => "ordered",
            };
            cx.go(&match form.text("next") {
                "queue" => path(&["finance"], &[("done", word)]),
                _ => path(&["desk", "payouts", id], &[("done", word)]),
            })
        }
        Err(error) => {
            let refusal = error.refusal()?;
            if refusal.status == 404 {
                return Err(Fault::NotFound("payout"));
            }
            page(cx, id, Some(Refused { status: desk::status_of(&refusal), words: told(&refusal), reason })).await
        }
    }
}

/// A reason is a sentence: whatever breaks its line is a blank.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn told(refusal: &Refusal) -> String {
    let bare = refusal.text("payout_status").is_none() && refusal.members.contains_key("version");
    match (refusal.status, refusal.rule.as_deref()) {
        (409, _) if bare => "It has changed since you looked. This is how it stands now; decide again if it still fits.".to_owned(),
        (409, _) if refusal.text("run_id").is_some() => "It waits in a run already; the run sends it.".to_owned(),
        (_, Some("global_daily_limit")) => {
            "That is more than may be approved for everybody in one day. Approve it tomorrow, or plan another limit in the settings."
                .to_owned()
        }
        _ => desk::told(refusal),
    }
}

/// What the reader may do with the payout now.
pub(super) fn forms(cx: &Context<'_>, found: &Dossier, reason: &str) -> Markup {
    let may = |act: &str| found.can.iter().any(|can| can == act);
    let (payout, me) = (&found.payout, cx.session().map_or("", |session| &session.account));
    let open = matches!(payout.status.as_str(), "requested" | "approved");
    html! {
        @if open {
            section.card.decide {
                h2 { (if payout.status == "requested" { "Decide" } else { "Send" }) }
                (agreed(found, me))
                @if may("approve") || may("reject") { (of_request(cx, payout, may("approve"), reason)) }
                @else if may("pay") { (of_approved(cx, payout)) }
                @else { p.muted { (why_not(found, me)) } }
            }
        }
    }
}

/// How many have agreed, where it needs more than one.
fn agreed(found: &Dossier, me: &str) -> Markup {
    let payout = &found.payout;
    html! {
        @if payout.approvals_needed > 1 || !payout.approvals.is_empty() {
            p {
                (payout.approvals.len()) " of " (payout.approvals_needed) " approvals"
                @for (place, approval) in payout.approvals.iter().enumerate() {
                    (if place == 0 { ": " } else { ", " }) bdi { (approval.by) } @if approval.by == me { " (you)" }
                }
            }
        }
    }
}

fn of_request(cx: &Context<'_>, payout: &Payout, approve: bool, reason: &str) -> Markup {
    let action = |act: &str| path(&["desk", "payouts", &payout.payout_id, act], &[]);
    let version = html! { input type="hidden" name="version" value=(payout.version); };
    html! {
        @if approve {
            (form_in(cx, &action("approve"), "actions", html! {
                (version)
                button.button.primary data-approve { "Approve " (amount(payout.amount, &payout.currency)) }
                span.muted.small { "to " (rail(&payout.rail)) " " bdi { (payout.destination) } "; nothing is sent yet" }
            }))
        } @else { p.muted { "You agreed to it, or set its destination; somebody else has to approve it." } }
        details.fold data-reject open[!reason.is_empty()] {
            summary { "Reject it" }
            (form_in(cx, &action("reject"), "stack", html! {
                (version)
                div.field {
                    label for="reason" { "Reason" }
                    textarea id="reason" name="reason" rows="3" required maxlength=(REASON_MAX) aria-describedby="reason-hint" { (reason) }
                    p.hint id="reason-hint" { "The payee reads it. The amount goes back into their balance." }
                }
                p.actions { button.button.danger { "Reject" } }
            }))
        }
    }
}

fn of_approved(cx: &Context<'_>, payout: &Payout) -> Markup {
    html! {
        p.muted { "It goes out with the next run that it is chosen for, or now by itself. Money and destination are checked once more before the rail is called." }
        (form_in(cx, &path(&["desk", "payouts", &payout.payout_id, "pay"], &[]), "actions", html! {
            input type="hidden" name="version" value=(payout.version);
            button.button.primary { "Pay " (money(payout.amount, &payout.currency)) " now" }
            a.button href="/finance?status=approved" { "Choose for a run" }
        }))
    }
}

fn why_not(found: &Dossier, me: &str) -> &'static str {
    if found.payout.account_id == me {
        "It is your own payout: somebody else has to decide about it."
    } else if found.payout.run_id.is_some() {
        "It waits in a run, and is handed to the rail within moments."
    } else {
        "There is nothing for you to do with it now."
    }
}

pub(super) fn reason_field(id: &str, hint: &str) -> Markup {
    ui::field(&ui::Field {
        id,
        name: "reason",
        label: "Reason",
        hint: Some(hint),
        required: true,
        limit: Some(REASON_MAX),
        ..ui::Field::default()
    })
}
