//! What the programme is, where links lead to; and joining it.

use super::links;
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    form::Form,
    session::Visit,
    shell::{Nav, Page},
    ui,
};
use edge::{
    auth::{VISITOR_HEADER, Visitor},
    http::Reply,
};
use maud::{Markup, html};
use programme::visit::{DEVICE_COOKIE, RECEIPT_COOKIE};
use serde_json::json;

/// A receipt is shorter; whatever is longer was not made here.
const RECEIPT_LIMIT_BYTES: usize = 1_000;

/// The receipt of the click that led here, for browsers that lose the cookie on the way.
fn receipt<'a>(cx: &'a Context<'_>) -> &'a str {
    let receipt = cx.query("receipt");
    let fits = receipt.len() <= RECEIPT_LIMIT_BYTES && receipt.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { receipt } else { "" }
}

/// `GET /join`, and the first page of whoever is not signed in.
pub(crate) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    let member = match &cx.visit {
        Visit::Open(_) => links(&cx.api()?).await?.is_some(),
        Visit::Ended | Visit::Nobody => false,
    };
    if cx.session().is_some() && !member {
        return welcome(cx);
    }
    let invited = !receipt(cx).is_empty() || !cx.call.cookie(RECEIPT_COOKIE).is_empty();
    let back = path(&["join"], &[("receipt", receipt(cx))]);
    let action = html! {
        @if member { a.button.primary href="/" { "To your earnings" } }
        @else { a.button.primary href=(path(&["login"], &[("next", &back)])) { "Sign in to join" } }
    };
    cx.page(Page::new("Welcome").body(html! {
        section.hero {
            h1 { "Share a link. Earn a part of what comes of it." }
            p { "When somebody signs up by your link and buys credits, a part of every purchase becomes yours: credit at once, and most of it money in your account." }
            p.actions { (action) }
            @if invited && !member { p.small { "You came by somebody's link. It will count when you join." } }
            @else if cx.call.path == "/join" && !member { p.small { "If you followed a link to get here, it is not in use any more, or was copied with a mistake. You can join all the same." } }
        }
        (steps())
    }))
}

fn steps() -> Markup {
    let step = |name: &str, what: &str| html! { section.card { h2 { (name) } p.muted { (what) } } };
    html! {
        div.grid.third {
            (step("Share", "One link for everything, a word of your own in it, and a link for each template, with a QR code for print."))
            (step("See", "Every click, signup and purchase counts where you can see it, with the reason for each cent, and for each cent that is not."))
            (step("Cash", "To your bank by Stripe or Wise, or to PayPal. You see each step until it arrives, and get an invoice."))
        }
    }
}

/// Somebody is signed in who has not joined: one press away.
pub(crate) fn welcome(cx: &Context<'_>) -> Result<Reply, Fault> {
    cx.page(Page::new("Join").nav(Nav::Earnings).narrow().body(html! {
        (ui::heading("Join the referral programme", Some("It costs nothing, and you can stop at any time by simply not sharing.")))
        section.card {
            ol.how {
                li { div { h3 { "You get a link" } p.muted { "Share it wherever people might need what you use." } } }
                li { div { h3 { "They sign up and buy" } p.muted { "A part of every purchase of theirs becomes yours." } } }
                li { div { h3 { "You spend or cash it" } p.muted { "It is credit at once; most of it can be paid out." } } }
            }
            (ui::form(cx, "/my/join", html! {
                input type="hidden" name="receipt" value=(receipt(cx));
                p.actions { button.button.primary { "Join and get my link" } }
            }))
        }
    }))
}

/// `POST /my/join`: signs up, as the browser that asks for it: with its cookies, its address and its name.
pub(crate) async fn sign_up(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let receipt = Some(form.text("receipt")).filter(|receipt| !receipt.is_empty() && receipt.len() <= RECEIPT_LIMIT_BYTES);
    let body = receipt.map_or_else(|| json!({}), |receipt| json!({ "receipt": receipt }));
    let mut headers = vec![(VISITOR_HEADER, Visitor::seal(&cx.app.0.keys, cx.call, &*cx.app.0.ids)?)];
    let kept = [RECEIPT_COOKIE, DEVICE_COOKIE].into_iter();
    let cookies: Vec<String> = kept.flat_map(|name| cx.call.cookie(name).into_iter().map(move |value| format!("{name}={value}"))).collect();
    if !cookies.is_empty() {
        headers.push(("cookie", cookies.join("; ")));
    }
    let answer = cx.api()?.ask("POST", &path(&["signups"], &[]), Some(body), headers).await?;
    let mut reply = cx.go("/?done=joined")?;
    // The API names the browser; that is for the browser to keep.
    for cookie in answer.cookies.iter().filter(|cookie| cookie.starts_with(&format!("{DEVICE_COOKIE}="))) {
        reply = reply.cookie(cookie)?;
    }
    Ok(reply)
}
