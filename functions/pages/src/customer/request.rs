//! Asking for a payout: what will happen is told before anything is sent.

use crate::{
    api::{
        Refusal, path,
        shapes::{Earnings, Payout, PayoutAccount, PayoutAccountList},
    },
    context::Context,
    fault::Fault,
    form::Form,
    format::{amount, money, time_of},
    shell::{Nav, Page},
    ui::{self, Field, Tone},
    words,
};
use edge::{
    http::{Reply, StatusCode},
    ids::prefixed_id,
};
use ledger::Money;
use maud::{Markup, html};
use serde_json::json;

/// Rails send cents, and no fractions of them.
const PLACES: u32 = 2;

struct Known {
    earnings: Earnings,
    account: Option<PayoutAccount>,
}

/// `GET /my/payouts/new?amount=`: the amount, and what it would mean.
pub(crate) async fn ask(cx: &Context<'_>) -> Result<Reply, Fault> {
    let known = known(cx).await?;
    let asked = cx.query("amount").trim();
    let whole = known.earnings.cashable.floor_to(PLACES).floor_zero();
    let (chosen, wrong) = match asked {
        "" => (whole, None),
        text => match read(text) {
            Some(chosen) => (chosen, None),
            None => (whole, Some("Write an amount above zero with at most two decimals, like 25 or 25.50.".to_owned())),
        },
    };
    let key = prefixed_id("web_", cx.call.now, cx.app.0.ids.bytes16());
    page(cx, &known, &Shown { chosen, entered: asked, wrong, key: &key }, StatusCode::OK)
}

/// `POST /my/payouts/new`: asks for it. The form's key makes a second press the same request.
pub(crate) async fn send(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let (entered, key) = (form.text("amount"), form.text("key"));
    let key = Some(key).filter(|key| (1..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    let (Some(chosen), Some(key)) = (read(entered), key) else { return Err(Fault::Forged) };
    let answer: Result<Payout, _> = cx.api()?.post_once(&path(&["payouts"], &[]), key, json!({ "amount": chosen.to_string() })).await;
    match answer {
        Ok(payout) => cx.go(&path(&["my", "payouts", &payout.payout_id], &[("done", "requested")])),
        Err(error) => {
            let refusal = error.refusal()?;
            let known = known(cx).await?;
            let wrong = Some(told(&refusal, &known.earnings.currency));
            let key = prefixed_id("web_", cx.call.now, cx.app.0.ids.bytes16());
            page(cx, &known, &Shown { chosen, entered, wrong, key: &key }, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// An amount as people write it: with a sign before it, commas between thousands.
fn read(text: &str) -> Option<Money> {
    let plain: String = text.trim_start_matches(['$', '€', '£']).chars().filter(|letter| !matches!(letter, ',' | ' ')).collect();
    let amount: Money = plain.parse().ok()?;
    (amount.is_positive() && amount.floor_to(PLACES) == amount).then_some(amount)
}

async fn known(cx: &Context<'_>) -> Result<Known, Fault> {
    let api = cx.api()?;
    let day = cx.call.now.date_naive().to_string();
    let earnings = path(&["earnings"], &[("from", &day), ("to", &day)]);
    let accounts = path(&["payout-accounts"], &[]);
    let (earnings, accounts): (Earnings, PayoutAccountList) = tokio::try_join!(api.get(&earnings), api.get(&accounts))?;
    Ok(Known { earnings, account: accounts.payout_accounts.into_iter().find(|account| account.default) })
}

fn told(refusal: &Refusal, currency: &str) -> String {
    let figure = |name: &str| refusal.text(name).and_then(|text| text.parse().ok()).map(|value: Money| amount(value, currency));
    match (refusal.rule.as_deref(), refusal.status) {
        (Some("cashable"), _) => format!("That is more than can be cashed: {}.", figure("cashable").unwrap_or_default()),
        (Some("payout_minimum"), _) => format!("A payout has {} at least.", figure("minimum").unwrap_or_default()),
        (Some("payout_maximum"), _) => format!("A payout has {} at most. You can ask for several.", figure("maximum").unwrap_or_default()),
        (Some("account_daily_limit"), _) => {
            format!("You can ask for {} more today, and for the rest tomorrow.", figure("left").unwrap_or_default())
        }
        (Some("debt"), _) => format!("Rewards of {} were taken back; they are made up first.", figure("debt").unwrap_or_default()),
        (Some("no_payout_account"), _) => "Set up a payout account first.".to_owned(),
        (Some("destination_cooldown"), _) => {
            "Your payout account was changed a short while ago, and can be paid to a little later.".to_owned()
        }
        (Some("rail_precision"), _) => "This way of payment takes whole cents only.".to_owned(),
        (_, 409) => "This request was sent before with another amount. Look at your payouts before you send it again.".to_owned(),
        _ if !refusal.detail.is_empty() => refusal.detail.clone(),
        _ => "The request was refused.".to_owned(),
    }
}

struct Shown<'a> {
    chosen: Money,
    entered: &'a str,
    wrong: Option<String>,
    key: &'a str,
}

fn page(cx: &Context<'_>, known: &Known, shown: &Shown<'_>, status: StatusCode) -> Result<Reply, Fault> {
    let body = html! {
        p { a href="/my/payouts" { "← All payouts" } }
        (ui::heading("Request a payout", Some("You see what will happen before anything is sent.")))
        @match &known.account {
            None => (no_account()),
            Some(account) => {
                @if known.earnings.cashable.is_positive() || shown.wrong.is_some() {
                    (amount_form(known, shown))
                    @if shown.chosen <= known.earnings.cashable { (summary(cx, known, account, shown)) }
                }
                @else { (nothing(&known.earnings)) }
            }
        }
    };
    cx.page(Page::new("Request a payout").nav(Nav::Payouts).status(status).narrow().body(body))
}

fn no_account() -> Markup {
    html! {
        section.card {
            (ui::empty("Where should it be paid to?", "Set up Stripe, PayPal or Wise first; it takes a minute.", html! { a.button.primary href="/my/account" { "Set up payouts" } }))
        }
    }
}

fn nothing(earnings: &Earnings) -> Markup {
    html! {
        section.card {
            (ui::empty("Nothing can be cashed right now", "Your first page tells what keeps the rest of your balance, and until when.", html! { a.button href="/" { "To your earnings" } }))
            @if earnings.current_balance.is_positive() { p.muted { "Your balance: " (money(earnings.current_balance, &earnings.currency)) } }
        }
    }
}

fn amount_form(known: &Known, shown: &Shown<'_>) -> Markup {
    let cashable = amount(known.earnings.cashable, &known.earnings.currency);
    let hint = format!("Up to {cashable} can be cashed now.");
    let chosen = shown.chosen.to_string();
    let too_much = shown.chosen > known.earnings.cashable;
    let field = Field {
        id: "amount",
        name: "amount",
        label: "Amount",
        value: if shown.entered.is_empty() { &chosen } else { shown.entered },
        hint: Some(&hint),
        wrong: shown.wrong.as_deref().or(too_much.then_some("That is more than can be cashed now.")),
        required: true,
        limit: Some(20),
        ..Field::default()
    };
    html! {
        section.card {
            form method="get" action="/my/payouts/new" class="stack" { (ui::field(&field)) p.actions { button.button { "Work it out" } } }
        }
    }
}

/// The bill: what goes, what stays, where to, when.
fn summary(cx: &Context<'_>, known: &Known, account: &PayoutAccount, shown: &Shown<'_>) -> Markup {
    let (earnings, currency) = (&known.earnings, known.earnings.currency.as_str());
    let left = earnings.cashable - shown.chosen;
    let cooling = account.usable_from > cx.call.now;
    html! {
        section.card {
            h2 { "What will happen" }
            (ui::pairs(&[
                ("You ask for", html! { span.big { (money(shown.chosen, currency)) } }),
                ("Paid to", html! { (words::rail(&account.rail)) " " bdi { (account.destination) } " · " a href="/my/account" { "change" } }),
                ("Still cashable after it", money(left.floor_to(PLACES).floor_zero(), currency)),
                ("Balance after it", money(earnings.current_balance - shown.chosen, currency)),
            ]))
            p.muted { "Our finance team looks at every request, usually within two working days. It arrives " (words::arrival(&account.rail)) ". Until it is handed over you can call it off." }
            @if cooling {
                (ui::notice(Tone::Warn, html! { "Your payout account was changed a short while ago. For your safety it is paid to from " (time_of(account.usable_from)) " UTC on." }))
            }
            @if !cooling {
                (ui::form(cx, "/my/payouts/new", html! {
                    input type="hidden" name="key" value=(shown.key);
                    input type="hidden" name="amount" value=(shown.chosen);
                    p.actions { button.button.primary { "Request " (amount(shown.chosen, currency)) } a.button href="/" { "Not now" } }
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, expected) in [
            ("25", Some("25.00")),
            ("25.5", Some("25.50")),
            ("$1,284.37", Some("1284.37")),
            ("25.500", Some("25.50")),
            ("25.001", None),
            ("0", None),
            ("-5", None),
            ("five", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(read(text).map(|amount| amount.to_string()).as_deref(), expected, "{text}");
        }
    }
}
