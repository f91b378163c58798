//! Where somebody is paid to, rail by rail, and who stands on the invoices.

use super::billing;
use crate::{
    api::{
        Refusal, path,
        shapes::{Billing, Onboarding, PayoutAccount, PayoutAccountList},
    },
    context::Context,
    fault::Fault,
    form::Form,
    format::{day_of, time_of},
    shell::{Nav, Page},
    ui::{self, Field, Tone},
    words,
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};

const RAILS: [&str; 3] = ["stripe_connect", "paypal", "wise"];

/// A form that was sent and not taken.
#[derive(Debug)]
pub(super) struct Tried {
    /// Which: a rail, or `billing`.
    pub(super) form: String,
    pub(super) value: String,
    pub(super) wrong: String,
}

/// `GET /my/account`.
pub(crate) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

/// `POST /my/account/{rail}`: sets or replaces the payout account of a rail, or makes it the default.
pub(crate) async fn change(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let rail = cx.call.param("rail").ok().filter(|rail| RAILS.contains(rail)).ok_or(Fault::NotFound("way of payment"))?;
    let value = form.text("destination");
    let mut body = match rail {
        "stripe_connect" => json!({ "stripe_account": value }),
        "paypal" if value.contains('@') => json!({ "email": value }),
        "paypal" => json!({ "payer_id": value }),
        _ => json!({ "recipient_id": value }),
    };
    if form.has("default")
        && let Some(members) = body.as_object_mut()
    {
        members.insert("default".to_owned(), Value::Bool(true));
    }
    let answer: Result<Value, _> = cx.api()?.put(&path(&["payout-accounts", rail], &[]), body).await;
    match answer {
        Ok(_) => cx.go("/my/account?done=account"),
        Err(error) => {
            let wrong = told(&error.refusal()?);
            page(cx, Some(Tried { form: rail.to_owned(), value: value.chars().take(300).collect(), wrong })).await
        }
    }
}

/// `POST /my/account/stripe_connect/onboarding`: a page with the way to Stripe. It is a link and no redirect, since
/// the policy of our pages lets no form lead to another site.
pub(crate) async fn onboard(cx: &Context<'_>) -> Result<Reply, Fault> {
    Form::read(cx)?;
    let answer: Result<Onboarding, _> = cx.api()?.post(&path(&["payout-accounts", "stripe_connect", "onboarding"], &[]), json!({})).await;
    match answer {
        Ok(Onboarding { url }) if url.starts_with("https://") || url.starts_with(&format!("{}/", cx.app.0.public_url)) || is_local(&url) => {
            cx.page(Page::new("On to Stripe").nav(Nav::Account).narrow().body(html! {
                (ui::heading("On to Stripe", Some("Stripe asks who you are and which bank account it should pay to; we never see that. Then it brings you back here.")))
                p.actions { a.button.primary href=(url) rel="noreferrer" { "Continue at Stripe" } a.button href="/my/account" { "Not now" } }
                p.muted { "The way is open for a few minutes." }
            }))
        }
        Ok(_) => Err(Fault::Away("Stripe's address is none that a page may lead to".into())),
        Err(error) => {
            let refusal = error.refusal()?;
            let wrong = if matches!(refusal.status, 404 | 405) { "Stripe is not offered here yet.".to_owned() } else { told(&refusal) };
            page(cx, Some(Tried { form: "stripe_connect".to_owned(), value: String::new(), wrong })).await
        }
    }
}

/// A stand-in for Stripe on this machine.
fn is_local(url: &str) -> bool {
    url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:")
}

fn told(refusal: &Refusal) -> String {
    match (refusal.text("field"), refusal.rule.as_deref()) {
        (Some("stripe_account"), _) => "A Stripe account begins with acct_ and goes on with letters and digits.".to_owned(),
        (Some("email"), _) => "This is no e-mail address that PayPal could pay to.".to_owned(),
        (Some("payer_id"), _) => "Write the e-mail address of your PayPal account, or its merchant id of 13 letters and digits.".to_owned(),
        (Some("recipient_id"), _) => "A Wise recipient is a number; you find it in the address of the recipient's page at Wise.".to_owned(),
        (_, Some("one_default")) => "One payout account is the default. Make another one the default instead.".to_owned(),
        _ if !refusal.detail.is_empty() => refusal.detail.clone(),
        _ => "That can't be taken.".to_owned(),
    }
}

/// The page; `tried` is what was sent and not taken.
pub(super) async fn page(cx: &Context<'_>, tried: Option<Tried>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let (accounts, details) = (path(&["payout-accounts"], &[]), path(&["billing"], &[]));
    let (accounts, details): (PayoutAccountList, Option<Billing>) = tokio::try_join!(api.get(&accounts), api.find(&details))?;
    let status = if tried.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let done = ui::done(
        cx,
        &[
            ("account", "Your payout account is saved."),
            ("billing", "Your billing details are saved; they stand on invoices from now on."),
            ("stripe", "Welcome back from Stripe. It may take a minute until Stripe tells us that all is set up."),
        ],
    );
    let body = html! {
        (ui::heading("Account", Some("Where we pay to, and who stands on your invoices.")))
        @if accounts.payout_accounts.is_empty() {
            (ui::notice(Tone::Busy, html! { "No payout account yet: choose one of the three. You can add the others later, and one of them is the default." }))
        }
        div.grid.third {
            @for rail in RAILS {
                (rail_card(cx, rail, accounts.payout_accounts.iter().find(|account| account.rail == rail), tried.as_ref().filter(|tried| tried.form == rail)))
            }
        }
        (billing::card(cx, &details.unwrap_or_default(), tried.as_ref().filter(|tried| tried.form == "billing")))
    };
    cx.page(Page::new("Account").nav(Nav::Account).status(status).done(done).body(body))
}

/// What a rail is good for, and what it needs.
const fn needs(rail: &str) -> (&'static str, &'static str, &'static str) {
    match rail.as_bytes() {
        b"stripe_connect" => (
            "To your bank account or card by Stripe. Stripe asks who you are once; we never see your bank details.",
            "Stripe account",
            "Have one already? It begins with acct_.",
        ),
        b"paypal" => {
            ("To your PayPal balance, within minutes.", "E-mail address at PayPal", "Or your merchant id of 13 letters and digits.")
        }
        _ => (
            "To a bank account nearly anywhere, by Wise.",
            "Recipient number at Wise",
            "Digits only; it stands in the address of the recipient's page.",
        ),
    }
}

fn rail_card(cx: &Context<'_>, rail: &str, known: Option<&PayoutAccount>, tried: Option<&Tried>) -> Markup {
    let (what, label, hint) = needs(rail);
    let action = path(&["my", "account", rail], &[]);
    let id = format!("destination-{rail}");
    let side = html! { @if let Some(account) = known { (state(cx, account)) } };
    let field = Field {
        id: &id,
        name: "destination",
        label,
        value: tried.map_or("", |tried| &tried.value),
        hint: Some(hint),
        wrong: tried.map(|tried| tried.wrong.as_str()),
        required: true,
        limit: Some(254),
        ..Field::default()
    };
    ui::card(
        words::rail(rail),
        side,
        html! {
            p.muted { (what) }
            @if let Some(account) = known { (of_known(account)) }
            @if rail == "stripe_connect" && known.is_none_or(|account| account.state.as_deref() != Some("ready")) {
                (ui::form(cx, &path(&["my", "account", rail, "onboarding"], &[]), html! { button.button.primary { "Set up with Stripe" } }))
            }
            details.fold open[tried.is_some() || (known.is_none() && rail != "stripe_connect")] {
                summary { @if known.is_some() { "Change it" } @else if rail == "stripe_connect" { "I have an account there" } @else { "Where should we pay to?" } }
                (ui::form(cx, &action, html! {
                    (ui::field(&field))
                    label.check { input type="checkbox" name="default" checked[known.is_some_and(|account| account.default)]; "Pay to this one by default" }
                    @if known.is_some() { p.small.muted { "For your safety a change begins a waiting time, and calls off payouts that were to go to the account before." } }
                    p.actions { button.button { "Save" } }
                }))
            }
        },
    )
}

fn state(cx: &Context<'_>, account: &PayoutAccount) -> Markup {
    let cooling = account.usable_from > cx.call.now;
    let (tone, words) = match (account.state.as_deref(), cooling, account.default) {
        (Some("onboarding"), _, _) => (Tone::Warn, "Not finished"),
        (Some("restricted"), _, _) => (Tone::Bad, "Stripe needs more"),
        (_, true, _) => (Tone::Warn, "Waiting time"),
        (_, false, true) => (Tone::Good, "Default"),
        (_, false, false) => (Tone::Plain, "Ready"),
    };
    html! { span.actions { @if cooling && account.default { (ui::badge(Tone::Good, "Default")) } (ui::badge(tone, words)) } }
}

fn of_known(account: &PayoutAccount) -> Markup {
    ui::pairs(&[
        ("Pays to", html! { bdi { (account.destination) } }),
        ("Since", day_of(account.changed_at)),
        ("Paid to from", html! { (time_of(account.usable_from)) }),
    ])
}
