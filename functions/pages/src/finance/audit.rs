//! `/desk/audit`: every invariant with its figure. Zero is the only good one.

use super::{
    desk::{self, Place, View},
    shapes::{Audit, Figure},
    words,
};
use crate::{
    api::{ApiError, path},
    context::Context,
    fault::Fault,
    format::{count, time_of},
    ui::{self, Tone},
};
use edge::http::Reply;
use maud::{Markup, html};

pub(super) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "audit"], &[]);
    let (audit, switch) = tokio::join!(api.find::<Audit>(&at), desk::switch(&api));
    let audit = match audit {
        // It reads everything there is: with many lines it takes longer than anybody waits for a page.
        Err(ApiError::Away(cause)) => {
            tracing::warn!(%cause, "no audit");
            None
        }
        other => other?,
    };
    let body = html! {
        (ui::head("Audit", Some("What must always hold, counted anew over everything each time you look. Zero is the only good figure."),
            html! { a.button href="/desk/audit" { "Count again" } }))
        @match &audit {
            None => (ui::notice(Tone::Warn, html! { "No figures now: the count did not end in time. The daily audit still runs, and raises an alarm where a figure is not zero." })),
            Some(audit) => { (verdict(audit)) (figures(audit)) (not_checked(audit)) }
        }
    };
    desk::page(cx, switch?.as_ref(), View::new(Place::Audit, body))
}

fn verdict(audit: &Audit) -> Markup {
    let bad = audit.figures.values().filter(|figure| figure.violations > 0).count();
    let told = html! {
        @if bad == 0 { strong { "All is well. " } "Each of " (audit.figures.len()) " figures is zero." }
        @else { strong { "Something does not hold. " } (bad) " of " (audit.figures.len()) " figures are not zero: look at their examples before anything is paid." }
        @if let Some(span) = &audit.span { " " (words::counted(span.items, "item")) " read between " (time_of(span.from)) " and " (span.until.format("%H:%M:%S")) " UTC." }
    };
    ui::notice(if bad == 0 { Tone::Good } else { Tone::Bad }, told)
}

fn figures(audit: &Audit) -> Markup {
    let mut sorted: Vec<(&String, &Figure)> = audit.figures.iter().collect();
    sorted.sort_by_key(|(_, figure)| figure.violations == 0);
    html! {
        section.card.flush {
            h2.vh { "Figures" }
            div.scroll tabindex="0" role="region" aria-label="Figures" {
                table.queue.facts {
                    thead { tr { th scope="col" { "What must hold" } th.n scope="col" { "Looked at" } th.n scope="col" { "Violations" } th scope="col" { span.vh { "Verdict" } } } }
                    tbody {
                        @for (name, figure) in sorted {
                            tr {
                                th scope="row" {
                                    (sentence(name)) small { code { (name) } }
                                    @if !figure.examples.is_empty() {
                                        details.fold open { summary { "Examples" } ul.plain-list { @for example in &figure.examples { li.wrap { code.small { bdi { (example) } } } } } }
                                    }
                                }
                                td.n data-label="Looked at" { (count(figure.checked)) }
                                td.n.strong data-label="Violations" { (count(figure.violations)) }
                                td data-label="Verdict" { @if figure.violations == 0 { (ui::badge(Tone::Good, "Holds")) } @else { (ui::badge(Tone::Bad, "Broken")) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn not_checked(audit: &Audit) -> Markup {
    html! {
        @if !audit.not_checked.is_empty() {
            section.card {
                h2 { "Not to be seen from here" }
                p.muted { "These are no zeros: the tables alone can't show them. Tests and alarms watch them." }
                ul.rows { @for (name, why) in &audit.not_checked { li { div.what { (sentence(name)) small { (why) } } } } }
            }
        }
    }
}

/// An invariant in words; one that is new here in those of its name.
fn sentence(name: &str) -> String {
    let told = match name {
        "approvals_are_lawful" => {
            "No payee approves, nobody approves twice, large payouts have two approvals, and destinations are old enough"
        }
        "approved_days_equal_approvals" => "What was approved in a day is the sum of that day's approvals",
        "balances_equal_lines" => "Every balance is the sum of the lines that moved it",
        "cashable_and_reasons_add_up" => "What can be cashed and the reasons for what can't add up to the balance",
        "charts_equal_lines" => "Charts add up to the lines of the same days",
        "contradictions_are_flagged" => "Purchases with facts that contradict each other are flagged",
        "earns_when_it_should_and_only_then" => "A purchase earns when it should, and only then",
        "facts_move_money_once" => "A fact moves money once, however often it was told",
        "hard_signals_stay" => "What tells accounts of one person apart is never lost",
        "holds_equal_lines" => "What is on hold is the sum of its lines",
        "in_payout_equals_lines" => "What is set aside for payouts is the sum of its lines",
        "in_payout_equals_open_payouts" => "What is set aside for payouts is the sum of the open ones",
        "intents_are_ordered" => "Nothing is sent but by a run that somebody of finance ordered",
        "intents_equal_approvals" => "What is sent is the amount, and goes where, that was approved",
        "invoice_numbers" => "Invoice numbers have no gap and no double",
        "lines_sealed" => "Every line still fits its seal",
        "lines_without_gap" => "Lines are numbered without a gap",
        "lists_equal_records" => "Lists show what is kept, and nothing else",
        "logs_without_secrets" => "No secret, address or body is in a log",
        "no_cycle_earns" => "No cycle of referrals earns cash",
        "nobody_refers_itself" => "No account refers itself",
        "nothing_is_left_submitting" => "No payout is left in the middle of being sent",
        "nothing_expires" => "Nothing of accounts and ledger ever expires",
        "one_key_per_payout" => "Every attempt to send a payout has the same key",
        "one_transfer_per_payout" => "A payout is one transfer at the rail at most",
        "payout_books_equal_payouts" => "What an account's book says of its payouts is what they are",
        "payout_heads_equal_lines" => "A payout stands where its steps have led it",
        "payout_steps_are_legal" => "Payouts move only along the ways there are",
        "payout_transfers_follow_steps" => "Money of a payout moves by its steps alone",
        "purchased_credits_follow_the_rule" => "Bought credits are what was bought and not refunded",
        "records_read" => "Everything that is kept can be read",
        "references_lead_to_payouts" => "A rail's id leads to its payout, and to no other",
        "referral_counts_equal_attributions" => "Referral counts are the referrals there are",
        "reserve_within_cashable" => "What is set aside was cashable at that moment",
        "reviews_equal_attributions" => "Open reviews are the referrals in review",
        "reward_follows_the_rule" => "A reward is the rate of what is left of the purchase",
        "reward_within_bounds" => "A reward is never below zero, nor above the rate of what was paid",
        "transfers_equal_postings" => "What a line moves is what it says it posts",
        "usage_counts_equal_lines" => "Counts of usage are the sum of their lines",
        "usage_counts_when_it_should_and_only_then" => "Usage counts when it should, and only then",
        "usage_reward_follows_the_rule" => "A reward by usage is the rate of what was used",
        "usage_rewards_follow_what_counts" => "Rewards by usage go from one to the next by what counts",
        "vouchers_equal_payouts" => "Invoices and credit notes say what was paid and what came back",
        "waiting_equals_lines" => "What waits for a signup is the sum of its lines",
        "webhooks_accounted_for" => "Every event that was taken is in a line, a queue or the quarantine",
        other => return other.replace('_', " "),
    };
    told.to_owned()
}
