//! `/desk/quarantine`: events that could not be read, and what the queues gave up.

use super::{
    desk::{self, Place, View, wrong},
    shapes::{Kept, Quarantine, Replayed},
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{count, time_of},
    ui::{self, form_in},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};

const PAGE: &str = "20";

pub(super) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

pub(super) async fn replay(cx: &Context<'_>, id: &str) -> Result<Reply, Fault> {
    let answer: Result<Value, _> = cx.api()?.post(&path(&["finance", "quarantine", id, "replay"], &[]), json!({})).await;
    match answer {
        Ok(_) => cx.go("/desk/quarantine?done=replayed"),
        Err(error) => {
            let refusal = error.refusal()?;
            page(cx, Some((desk::status_of(&refusal), desk::told(&refusal)))).await
        }
    }
}

pub(super) async fn replay_letters(cx: &Context<'_>) -> Result<Reply, Fault> {
    let answer: Result<Replayed, _> = cx.api()?.post(&path(&["finance", "dead-letters", "replay"], &[]), json!({})).await;
    match answer {
        Ok(Replayed { replayed, left, unreadable }) => {
            let word = match (replayed, left, unreadable) {
                (_, 1.., _) => "more",
                (_, 0, 1..) => "unreadable",
                (0, 0, 0) => "none",
                (_, 0, 0) => "letters",
            };
            cx.go(&path(&["desk", "quarantine"], &[("done", word)]))
        }
        Err(error) => {
            let refusal = error.refusal()?;
            page(cx, Some((desk::status_of(&refusal), desk::told(&refusal)))).await
        }
    }
}

async fn page(cx: &Context<'_>, refused: Option<(StatusCode, String)>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "quarantine"], &[("limit", PAGE), ("cursor", cx.query("cursor"))]);
    let (list, switch): (Quarantine, _) = tokio::try_join!(api.get(&at), desk::switch(&api))?;
    let next = list.next_cursor.as_ref().map(|next| path(&["desk", "quarantine"], &[("cursor", next)]));
    let done = ui::done(
        cx,
        &[
            ("replayed", "The event is read again. Where it fails once more, it comes back here."),
            ("letters", "Every dead letter is sent again. Those that fail once more come back here."),
            ("more", "Some dead letters are sent again, and more wait: press once more."),
            ("unreadable", "Those that can be read are sent again. The rest would only die once more, and stays here."),
            ("none", "There are no dead letters."),
        ],
    );
    let letters = list.quarantine.iter().any(|kept| matches!(kept.source.as_str(), "facts" | "payouts"));
    let body = html! {
        (ui::head("Quarantine", Some("Events that could not be read or posted, kept whole. Nothing of them counts until they are replayed; replayed twice, they count once."),
            html! { @if letters { (form_in(cx, "/desk/dead-letters/replay", "actions", html! { button.button { "Replay all dead letters" } })) } }))
        (wrong(refused.as_ref().map(|(_, words)| words.as_str())))
        section.card {
            h2.vh { "Events" }
            @if list.quarantine.is_empty() { (ui::empty("Nothing is kept", "Every event was read and posted.", html! {})) }
            @else { ul.rows.cases { @for kept in &list.quarantine { (case(cx, kept)) } } }
            (ui::next_page(next))
        }
    };
    let status = refused.map_or(StatusCode::OK, |(status, _)| status);
    desk::page(cx, switch.as_ref(), View::new(Place::Quarantine, body).status(status).done(done))
}

fn case(cx: &Context<'_>, kept: &Kept) -> Markup {
    html! {
        li {
            div.what {
                strong { (words::source(&kept.source)) }
                p.wrap { bdi { (crate::words::capital(&kept.reason)) } }
                small {
                    (time_of(kept.received_at)) " UTC · " (count(kept.bytes)) " bytes · " code { bdi { (kept.id) } }
                    @if kept.replays > 0 { " · replayed " (words::counted(kept.replays, "time")) ", and failed again" }
                }
                details.fold {
                    summary { "What it says" }
                    pre tabindex="0" { (kept.body) @if kept.cut { "…" } }
                    @if kept.encoding != "text" { p.small.muted { "It is no text; this is its " (kept.encoding) "." } }
                }
            }
            div.verdicts { (form_in(cx, &path(&["desk", "quarantine", &kept.id, "replay"], &[]), "case-form", html! { button.button.slim { "Replay" } })) }
        }
    }
}
