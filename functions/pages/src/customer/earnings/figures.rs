//! The figures on top, and what can't be cashed yet.

use super::Found;
use crate::{
    api::shapes::{Earnings, NotCashable},
    format::{count, date, money},
    ui::{self, card_in},
    words,
};
use ledger::Money;
use maud::{Markup, html};

struct Figure<'a> {
    name: &'a str,
    value: Markup,
    link: Option<&'a str>,
    note: Markup,
}

fn figure(figure: Figure<'_>) -> Markup {
    html! {
        div.figure {
            p.name { (figure.name) }
            @if let Some(link) = figure.link { a.value href=(link) { (figure.value) } } @else { p.value { (figure.value) } }
            div.note { (figure.note) }
        }
    }
}

/// Current balance, cashable now, total earnings, referrals; of hosts also what they earned by what.
pub(super) fn row(found: &Found) -> Markup {
    let earnings = &found.earnings;
    let currency = &earnings.currency;
    let paid = earnings.total_earnings - earnings.current_balance;
    let signups: Option<u64> = found.month.as_ref().map(|month| month.templates.iter().map(|link| link.signups).sum());
    html! {
        section aria-label="Figures" {
            div.figures {
                (figure(Figure {
                    name: "Current balance",
                    value: money(earnings.current_balance, currency),
                    link: Some("/my/lines"),
                    note: html! { "Earned, and not paid out yet" },
                }))
                (cashable(found))
                (figure(Figure {
                    name: "Total earnings",
                    value: money(earnings.total_earnings, currency),
                    link: Some("/my/lines?range=12m"),
                    note: html! { @if paid.is_positive() { (money(paid, currency)) " paid out or spent" } @else { "Since you joined" } },
                }))
                (figure(Figure {
                    name: "Referrals",
                    value: html! { (count(earnings.referral_count)) },
                    link: None,
                    note: html! { @match signups { Some(signups) if signups > 0 => { (count(signups)) " this month" } _ => { "Accounts created by your links" } } },
                }))
            }
        }
        @if !earnings.total_rental_earnings.is_zero() { (of_hosts(earnings)) }
    }
}

fn cashable(found: &Found) -> Markup {
    let earnings = &found.earnings;
    let note = if found.accounts.payout_accounts.is_empty() {
        html! { "First tell us where to pay to" }
    } else if earnings.cashable.is_positive() {
        html! { "Can be paid out today" }
    } else {
        html! { "Nothing can be paid out right now" }
    };
    html! {
        div.figure {
            p.name { "Cashable now" }
            p.value { (money(earnings.cashable, &earnings.currency)) }
            p.note { (note) }
            @if found.accounts.payout_accounts.is_empty() { a.button.slim href="/my/account" { "Set up payouts" } }
            @else if earnings.cashable.is_positive() { a.button.primary.slim href="/my/payouts/new" { "Request payout" } }
        }
    }
}

fn of_hosts(earnings: &Earnings) -> Markup {
    html! {
        section aria-label="What was earned by what" {
            div.figures {
                (figure(Figure {
                    name: "Rental earnings",
                    value: money(earnings.total_rental_earnings, &earnings.currency),
                    link: None,
                    note: html! { "Lifetime, by your machines" },
                }))
                (figure(Figure {
                    name: "Referral earnings",
                    value: money(earnings.total_referral_earnings, &earnings.currency),
                    link: None,
                    note: html! { "Lifetime, by your links" },
                }))
            }
        }
    }
}

/// Why the rest of the balance can't be cashed, and until when.
pub(super) fn not_cashable(earnings: &Earnings) -> Markup {
    let parts: Vec<&NotCashable> = earnings.not_cashable.iter().filter(|part| !part.amount.is_zero()).collect();
    let sum: Money = parts.iter().map(|part| part.amount).sum();
    let side = html! { @if !parts.is_empty() { span.muted { (money(sum, &earnings.currency)) } } };
    let body = html! {
        @if parts.is_empty() {
            p.muted { @if earnings.current_balance.is_positive() { "All of your balance can be cashed." } @else { "Once something is earned, this tells what can't be cashed yet, why, and until when." } }
        } @else {
            ul.rows { @for part in parts { (held(part, &earnings.currency)) } }
        }
    };
    card_in("a-held", "Not cashable yet", side, body)
}

fn held(part: &NotCashable, currency: &str) -> Markup {
    let (name, why) = words::not_cashable(&part.reason);
    html! {
        li {
            div.what {
                span { (name) }
                small {
                    (why)
                    @if let Some(until) = part.until { " The next part is free on " (date(until)) "." }
                    @if let Some(first) = part.spend_first.filter(|first| first.is_positive()) { " " (money(first, currency)) " of them are left." }
                }
            }
            span.amount { (money(part.amount, currency)) }
        }
    }
}

/// What to do while there is nothing to see.
pub(super) fn first_steps() -> Markup {
    ui::card(
        "How it works",
        html! {},
        html! {
            ol.how {
                li { div { h3 { "Share your link" } p.muted { "Anybody who follows it and signs up counts as your referral." } } }
                li { div { h3 { "They buy credits" } p.muted { "A part of every purchase of theirs becomes yours, for as long as the programme says." } } }
                li { div { h3 { "Spend or cash it" } p.muted { "It is credit at once; most of it can be paid out once the hold is over." } } }
            }
        },
    )
}
