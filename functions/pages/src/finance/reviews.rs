//! `/desk/reviews`: referrals that look like one person on both sides, and the verdict about them.

use super::{
    decide::one_line,
    desk::{self, Place, View, wrong},
    shapes::{Review, ReviewList},
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    form::Form,
    format::day_of,
    ui::{self, form_in},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};

const PAGE: &str = "25";

pub(super) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

pub(super) async fn decide(cx: &Context<'_>, form: &Form, id: &str) -> Result<Reply, Fault> {
    let verdict = ["clear", "confirm"].into_iter().find(|verdict| *verdict == form.text("verdict")).ok_or(Fault::Forged)?;
    let reason = one_line(form.text("reason"));
    let body = if reason.is_empty() { json!({}) } else { json!({ "reason": reason }) };
    let answer: Result<Value, _> = cx.api()?.post(&path(&["finance", "reviews", id, verdict], &[]), body).await;
    match answer {
        Ok(_) => cx.go(if verdict == "clear" { "/desk/reviews?done=clear" } else { "/desk/reviews?done=confirm" }),
        Err(error) => {
            let refusal = error.refusal()?;
            page(cx, Some((desk::status_of(&refusal), desk::told(&refusal)))).await
        }
    }
}

async fn page(cx: &Context<'_>, refused: Option<(StatusCode, String)>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "reviews"], &[("limit", PAGE), ("cursor", cx.query("cursor"))]);
    let (list, switch): (ReviewList, _) = tokio::try_join!(api.get(&at), desk::switch(&api))?;
    let next = list.next_cursor.as_ref().map(|next| path(&["desk", "reviews"], &[("cursor", next)]));
    let done = ui::done(
        cx,
        &[
            ("clear", "Cleared: the referral is credited, and its rewards are worked out again within moments."),
            ("confirm", "Confirmed: the referral earns nothing, and what it earned is taken back within moments."),
        ],
    );
    let body = html! {
        (ui::heading("Reviews", Some("Referrals that look like one person on both sides. Until somebody decides, their rewards are in the balance but can't be cashed.")))
        (wrong(refused.as_ref().map(|(_, words)| words.as_str())))
        section.card {
            h2.vh { "Reviews" }
            @if list.reviews.is_empty() { (ui::empty("Nothing to review", "When an account shares a card, a device, an address or a network with its referrer, it appears here.", html! {})) }
            @else { ul.rows.cases { @for review in &list.reviews { (case(cx, review)) } } }
            (ui::next_page(next))
        }
    };
    let status = refused.map_or(StatusCode::OK, |(status, _)| status);
    desk::page(cx, switch.as_ref(), View::new(Place::Reviews, body).status(status).done(done))
}

fn case(cx: &Context<'_>, review: &Review) -> Markup {
    let account = |id: &str| html! { a href=(path(&["desk", "accounts", id], &[])) { bdi { (id) } } };
    let reason = review.reason.as_deref().unwrap_or_default();
    let field = format!("reason-{}", review.account_id);
    html! {
        li {
            div.what {
                p { (account(&review.account_id)) @if let Some(referrer) = &review.referrer { span.muted { " came by the link of " } (account(referrer)) } }
                small { @if reason.is_empty() { "Suspicious" } @else { (words::suspicion(reason)) } " · since " (day_of(review.opened_at)) }
            }
            div.verdicts {
                (form_in(cx, &path(&["desk", "reviews", &review.account_id, "decide"], &[]), "case-form", html! {
                    label.vh for=(field) { "Reason of the verdict about " (review.account_id) }
                    input id=(field) name="reason" maxlength="500" placeholder="Reason (optional)" autocomplete="off";
                    @if reason != "cycle" { button.button.slim name="verdict" value="clear" { "Clear" } }
                    button.button.slim.danger name="verdict" value="confirm" { "Confirm" }
                }))
            }
        }
    }
}
