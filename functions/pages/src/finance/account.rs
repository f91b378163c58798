//! `/desk/accounts`: an account by its id, with all that a decision about it looks at.

use super::{
    desk::{self, Place, View, chips},
    payout::{came_by, refunds},
    rate,
    shapes::{Account, Payout},
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{count, date, day_of, money, time_of},
    ui::{self, Field, Tone},
    words::{not_cashable, rail},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};

/// Asks for an id; with one, it is that account's page.
pub(super) async fn ask(cx: &Context<'_>) -> Result<Reply, Fault> {
    let id = cx.query("id").trim();
    if id.is_empty() { search(cx, "", None).await } else { cx.go(&path(&["desk", "accounts", id], &[])) }
}

async fn search(cx: &Context<'_>, id: &str, wrong: Option<&str>) -> Result<Reply, Fault> {
    let switch = desk::switch(&cx.api()?).await?;
    let body = html! {
        (ui::heading("Accounts", Some("Search by the whole id of an account, as it stands in payouts and reviews.")))
        section.card { (search_form(id, wrong)) }
    };
    let status = if wrong.is_some() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    desk::page(cx, switch.as_ref(), View::new(Place::Accounts, body).status(status))
}

fn search_form(id: &str, wrong: Option<&str>) -> Markup {
    let field =
        Field { id: "account", name: "id", label: "Account id", value: id, wrong, required: true, limit: Some(128), ..Field::default() };
    html! { form method="get" action="/desk/accounts" class="row" { (ui::field(&field)) button.button.primary { "Show" } } }
}

pub(super) async fn show(cx: &Context<'_>, id: &str) -> Result<Reply, Fault> {
    page(cx, id, None).await
}

/// The page; `tried` is a rate that was sent and not taken.
pub(super) async fn page(cx: &Context<'_>, id: &str, tried: Option<rate::Tried<'_>>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "accounts", id], &[]);
    let (found, switch): (Option<Account>, _) = tokio::try_join!(api.find(&at), desk::switch(&api))?;
    let Some(account) = found else {
        let cut: String = id.chars().take(128).collect();
        return search(cx, &cut, Some("Nothing is known of an account with this id.")).await;
    };
    let status = tried.as_ref().map_or(StatusCode::OK, |tried| tried.status);
    let body = html! {
        p.back { a href="/desk/accounts" { "← Another account" } }
        div.head {
            div.title { h1.wrap { bdi { (account.account_id) } } @if !account.signals.is_empty() { p.chips { (chips(&account.signals)) } } }
            @if account.closed_at.is_some() { (ui::badge(Tone::Bad, "Closed")) }
        }
        (figures(&account))
        div.grid.dossier {
            div.stack { (payouts(&account)) (destinations(cx, &account)) (rate::card(cx, &account, tried.as_ref())) }
            div.stack { (facts(cx, &account)) (balance(&account)) }
        }
    };
    let done = ui::done(cx, &[("rate", "The rate is planned.")]);
    desk::page(
        cx,
        switch.as_ref(),
        View::new(Place::Accounts, body).title(format!("Account {}", account.account_id)).status(status).done(done),
    )
}

fn figures(account: &Account) -> Markup {
    let (balance, currency) = (&account.balance, account.currency.as_str());
    let figure = |name: &str, value: Markup| html! { div.figure { p.name { (name) } p.value { (value) } } };
    html! {
        div.figures {
            (figure("Balance", money(balance.current_balance, currency)))
            (figure("Cashable", money(balance.cashable, currency)))
            (figure("Earned in all", money(balance.total_earnings, currency)))
            (figure("Referrals", html! { (count(account.referral_count)) }))
        }
    }
}

fn facts(cx: &Context<'_>, account: &Account) -> Markup {
    let currency = account.currency.as_str();
    let mut pairs = vec![("Refund rate", refunds(account.refund_rate.as_ref(), currency))];
    match &account.attribution {
        None => pairs.push(("Signed up", html! { span.muted { "never here" } })),
        Some(attribution) => {
            let age = words::age(attribution.signed_up_at, cx.call.now);
            pairs.push(("Signed up", html! { (time_of(attribution.signed_up_at)) small { (age) @if age != "today" { " ago" } } }));
            pairs.push(("Came by", came_by(attribution)));
            if let Some(template) = &attribution.template {
                pairs.push(("Template", html! { code.small { (template) } }));
            }
            if let Some(at) = attribution.clicked_at {
                pairs.push(("Clicked", time_of(at)));
            }
        }
    }
    if let Some(at) = account.closed_at {
        pairs.push(("Closed", time_of(at)));
    }
    ui::card("The account", html! {}, ui::pairs(&pairs))
}

fn balance(account: &Account) -> Markup {
    let currency = account.currency.as_str();
    let figure = |name: &str| account.figures.get(name).copied();
    let mut pairs = vec![("Cashable", money(account.balance.cashable, currency))];
    for part in &account.balance.not_cashable {
        let until = html! { (money(part.amount, currency)) @if let Some(until) = part.until { small { "next part on " (date(until)) } } };
        pairs.push((not_cashable(&part.reason).0, until));
    }
    pairs.push(("Balance", money(account.balance.current_balance, currency)));
    for (name, label) in [("paid", "Paid out"), ("spent", "Spent"), ("purchased", "Bought"), ("generated", "Earned for its referrer")] {
        if let Some(value) = figure(name) {
            pairs.push((label, money(value, currency)));
        }
    }
    ui::card("What adds up", html! {}, ui::pairs(&pairs))
}

fn destinations(cx: &Context<'_>, account: &Account) -> Markup {
    let body = html! {
        @if account.payout_accounts.is_empty() { p.muted { "None was set up." } }
        @else {
            ul.rows {
                @for known in &account.payout_accounts {
                    li {
                        div.what {
                            (rail(&known.rail)) " " bdi { (known.destination) }
                            small {
                                "set " (time_of(known.changed_at)) " UTC by "
                                @if known.changed_by == account.account_id { "the payee" } @else { bdi { (known.changed_by) } }
                            }
                        }
                        span.actions {
                            @if known.usable_from > cx.call.now { (ui::badge(Tone::Warn, "Waiting time")) }
                            @if known.default { (ui::badge(Tone::Good, "Default")) }
                        }
                    }
                }
            }
        }
    };
    ui::card("Payout accounts", html! {}, body)
}

fn payouts(account: &Account) -> Markup {
    let side = html! { @if account.payouts.open > 0 { span.muted { (words::counted(account.payouts.open, "open payout")) } } };
    let body = html! {
        @if account.payouts.latest.is_empty() { p.muted { "None in the last year." } } @else { ul.rows { @for payout in &account.payouts.latest { (payout_row(payout)) } } }
    };
    ui::card("Payouts", side, body)
}

fn payout_row(payout: &Payout) -> Markup {
    let (tone, name) = words::status(&payout.status);
    html! {
        li {
            div.what {
                a href=(path(&["desk", "payouts", &payout.payout_id], &[])) { (day_of(payout.requested_at)) }
                small { (rail(&payout.rail)) " " bdi { (payout.destination) } }
            }
            div.amount { div { (money(payout.amount, &payout.currency)) } (ui::badge(tone, name)) }
        }
    }
}
