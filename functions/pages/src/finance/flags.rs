//! `/desk/flags`: purchases whose facts contradict each other. Their money stays as the rules made it; somebody has to look.

use super::{
    decide::one_line,
    desk::{self, Place, View, wrong},
    shapes::{FlagList, Flagged},
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    form::Form,
    format::time_of,
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
    let line: u32 = form.text("version").parse().map_err(|_| Fault::Forged)?;
    let reason = one_line(form.text("reason"));
    if reason.is_empty() {
        return page(cx, Some((StatusCode::UNPROCESSABLE_ENTITY, "Write what you found: it stands in the record.".to_owned()))).await;
    }
    let body = json!({ "decision": "accept", "reason": reason, "line": line });
    let answer: Result<Value, _> = cx.api()?.post(&path(&["finance", "flags", id, "decide"], &[]), body).await;
    match answer {
        Ok(_) => cx.go("/desk/flags?done=accepted"),
        Err(error) => {
            let refusal = error.refusal()?;
            let words = match refusal.status {
                409 => "More came to light about this purchase since you looked. This is how it stands now.".to_owned(),
                _ => desk::told(&refusal),
            };
            page(cx, Some((desk::status_of(&refusal), words))).await
        }
    }
}

async fn page(cx: &Context<'_>, refused: Option<(StatusCode, String)>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "flags"], &[("limit", PAGE), ("cursor", cx.query("cursor"))]);
    let (list, switch): (FlagList, _) = tokio::try_join!(api.get(&at), desk::switch(&api))?;
    let next = list.next_cursor.as_ref().map(|next| path(&["desk", "flags"], &[("cursor", next)]));
    let body = html! {
        (ui::heading("Flags", Some("Purchases whose facts contradict each other. The rules have made the best of them already, and no money moves by what you decide here.")))
        (wrong(refused.as_ref().map(|(_, words)| words.as_str())))
        section.card {
            h2.vh { "Flags" }
            @if list.flags.is_empty() { (ui::empty("No flags", "No purchase tells two stories.", html! {})) }
            @else { ul.rows.cases { @for (place, flagged) in list.flags.iter().enumerate() { (case(cx, flagged, place)) } } }
            (ui::next_page(next))
        }
    };
    let status = refused.map_or(StatusCode::OK, |(status, _)| status);
    let done = ui::done(cx, &[("accepted", "The flag is off the list until something new comes to light about the purchase.")]);
    desk::page(cx, switch.as_ref(), View::new(Place::Flags, body).status(status).done(done))
}

fn case(cx: &Context<'_>, flagged: &Flagged, place: usize) -> Markup {
    let id = format!("reason-{place}");
    html! {
        li {
            div.what {
                code.small.wrap { bdi { (flagged.purchase) } }
                @for flag in &flagged.flags { p title=(flag.flag) { (flag.sentence) } }
                small { (time_of(flagged.at)) " UTC" }
            }
            div.verdicts {
                (form_in(cx, &path(&["desk", "flags", &flagged.purchase, "decide"], &[]), "case-form", html! {
                    input type="hidden" name="version" value=(flagged.line);
                    label.vh for=(id) { "What you found about " (flagged.purchase) }
                    input id=(id) name="reason" maxlength="500" required placeholder="What you found" autocomplete="off";
                    button.button.slim { "Accept" }
                }))
            }
        }
    }
}
