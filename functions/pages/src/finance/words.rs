//! The words of the console.

use crate::ui::Tone;
use chrono::{DateTime, Utc};
use ledger::Rate;
use rust_decimal::Decimal;

/// The states of a payout, in the order of the queue: what waits for somebody first, then what is under way, then what has ended.
pub(super) const STATUSES: [&str; 10] =
    ["requested", "approved", "submitting", "submitted", "unknown", "paid", "returned", "failed", "rejected", "canceled"];

/// A payout's state, as finance names it.
pub(super) fn status(name: &str) -> (Tone, &str) {
    match name {
        "requested" => (Tone::Warn, "To decide"),
        "approved" => (Tone::Busy, "To send"),
        "submitting" => (Tone::Busy, "Being sent"),
        "submitted" => (Tone::Busy, "Sent"),
        "unknown" => (Tone::Warn, "Unclear"),
        "paid" => (Tone::Good, "Delivered"),
        "returned" => (Tone::Bad, "Returned"),
        "failed" => (Tone::Bad, "Failed"),
        "rejected" => (Tone::Bad, "Rejected"),
        "canceled" => (Tone::Plain, "Canceled"),
        other => (Tone::Plain, other),
    }
}

/// What a state means, and what is to be done.
pub(super) fn meaning(status: &str) -> &'static str {
    match status {
        "requested" => "Waits for your decision. The amount is set aside for it.",
        "approved" => "Agreed to, and sent by nobody yet: choose payouts and order a run.",
        "submitting" => "A rail is being called right now.",
        "submitted" => "The rail has it. It is delivered when the rail says so, which may take days.",
        "unknown" => "The rail gave no clear answer. It is asked again by itself; nothing is sent twice, and nothing is yours to do.",
        "paid" => "The rail says that it arrived. An invoice is written.",
        "returned" => "It came back, in whole or in part, and that is in the payee's balance again.",
        "failed" => "The rail refused it. The amount is back in the payee's balance.",
        "rejected" => "Refused by finance. The amount is back in the payee's balance.",
        "canceled" => "Called off before it was sent. The amount is back in the payee's balance.",
        _ => "",
    }
}

/// A step on a payout's way.
pub(super) fn step(name: &str) -> &str {
    match name {
        "requested" => "Requested",
        "approval_given" => "Approved",
        "rejected" => "Rejected",
        "canceled" => "Called off",
        "submitting" => "Handed over for sending",
        "submitted" => "Taken by the rail",
        "noted" => "News from the rail",
        "paid" => "Delivered",
        "failed" => "Refused by the rail",
        "unknown" => "No clear answer",
        "returned" => "Came back",
        other => other,
    }
}

/// What of a payout or an account somebody should look at: how grave, in two words, in a sentence.
pub(super) fn signal(name: &str) -> (Tone, &str, &'static str) {
    match name {
        "first_payout" => (Tone::Plain, "First payout", "Nothing was ever paid to this account."),
        "new_account" => (Tone::Warn, "New account", "It signed up less than 30 days ago, or never did."),
        "closed_account" => (Tone::Bad, "Closed account", "The account is closed."),
        "destination_new" => (Tone::Warn, "New destination", "The payout account was changed less than 14 days before the request."),
        "destination_changed" => {
            (Tone::Bad, "Destination changed", "The payout account was changed or removed since the request: this payout will not be sent.")
        }
        "destination_changed_by_other" => (Tone::Bad, "Changed by another", "Somebody else than the payee entered the payout account."),
        "own_referral_in_review" => (Tone::Warn, "Own referral in review", "How this account came to the programme is in review."),
        "referees_in_review" => (Tone::Warn, "Referrals in review", "Some of its rewards are of referrals in review."),
        "high_refund_rate" => (Tone::Bad, "Many refunds", "More than a tenth of its newest rewards were taken back."),
        "in_debt" => (Tone::Bad, "In debt", "More was cashed than what is left of its rewards."),
        other => (Tone::Warn, other, ""),
    }
}

/// Why a payout is not in a run.
pub(super) fn left_out(reason: &str) -> &str {
    match reason {
        "own_payout" => "It is your own: somebody else has to send it.",
        "already_ordered" => "It waits in another run.",
        "over_maximum" => "A run has 2,000 payouts at most; the next one takes it.",
        other => other,
    }
}

/// Why a payout would be canceled instead of sent, was, or did not arrive. The rail's own word for it goes into a `title`.
pub(super) fn canceled(reason: &str) -> &str {
    match reason {
        "clawed_back" => "The rewards behind it were taken back.",
        "destination_changed" => "The payout account was changed or removed.",
        "by_account" => "The payee called it off.",
        "account_closed" | "RECIPIENT_ACCOUNT_CLOSED" => "The account it was sent to is closed.",
        "RECEIVER_UNREGISTERED" | "RECEIVER_UNCONFIRMED" => "PayPal knows no confirmed account with this address.",
        "RECEIVER_ACCOUNT_INVALID" | "account_invalid" | "NOT_VALID" => "The account it was sent to takes no payments.",
        "insufficient_capabilities_for_transfer" => "The payee has to finish the set-up at Stripe.",
        "balance_insufficient" | "INSUFFICIENT_FUNDS" | "no_funds" => "There was too little money at the rail.",
        "RETURNED" => "Nobody accepted it in time.",
        "REFUNDED" | "REVERSED" | "reversed" | "charged_back" => "The rail gave it back.",
        "bounced_back" | "funds_refunded" => "The bank sent it back.",
        "RISK_DECLINE" => "The rail declined it after a look of its own.",
        other => other,
    }
}

/// Why a referral is looked at.
pub(super) fn suspicion(reason: &str) -> &str {
    match reason {
        "self_referral" => "The link is the account's own",
        "not_new" => "The account existed before the click",
        "same_email" => "Same e-mail address as another account",
        "same_instrument" => "Paid with the same card as another account",
        "same_destination" => "Paid out to the same place as another account",
        "same_device" => "Same browser as the referrer's",
        "same_network" => "Same network as the referrer's, at about the same time",
        "cycle" => "A cycle: it is its referrer's referrer",
        "confirmed" => "Confirmed by finance",
        other => other,
    }
}

/// How a referral stands.
pub(super) fn attribution(status: &str) -> (Tone, &str) {
    match status {
        "attributed" => (Tone::Good, "Credited"),
        "in_review" => (Tone::Warn, "In review"),
        "refused" => (Tone::Bad, "Refused"),
        "none" => (Tone::Plain, "Nobody's"),
        other => (Tone::Plain, other),
    }
}

/// A difference between our books and a rail's.
pub(super) fn finding(kind: &str) -> (&str, &'static str) {
    match kind {
        "missing" => ("Missing", "We count it as sent; the rail does not know it."),
        "double" => ("Double", "The rail has more than one payment for it."),
        "wrong_amount" => ("Wrong amount", "The rail's amount is another than ours."),
        "late" => ("Late", "It is under way for longer than it should be."),
        "unknown_to_us" => ("Unknown to us", "The rail has a payment that we never ordered."),
        "contradiction" => ("Contradiction", "What the rail says does not fit what it said before."),
        other => (other, ""),
    }
}

/// What somebody of finance did.
pub(super) fn act(name: &str) -> &str {
    match name {
        "payout_approved" => "Approved a payout",
        "payout_rejected" => "Rejected a payout",
        "payout_run_ordered" => "Ordered a run",
        "payouts_switched" => "Stopped payouts, or let them go out again",
        "rate_set" => "Set a rate",
        "programme_set" => "Planned settings",
        "review_cleared" => "Cleared a review",
        "review_confirmed" => "Confirmed a review",
        "payout_account_changed" => "Changed a payout account",
        "quarantine_replayed" => "Replayed an event",
        "dead_letters_replayed" => "Replayed dead letters",
        "flag_accepted" => "Accepted a flag",
        other => other,
    }
}

/// Where a kept event came from.
pub(super) fn source(name: &str) -> &str {
    match name {
        "stripe" => "Stripe",
        "paypal" => "PayPal",
        "wise" => "Wise",
        "platform" => "The platform",
        "facts" => "Dead letter: facts",
        "payouts" => "Dead letter: payouts",
        other => other,
    }
}

/// How long ago, in one unit: `3 days`.
pub(super) fn age(from: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = (now - from).num_days().max(0);
    let (number, unit) = match days {
        0 => return "today".to_owned(),
        1..=59 => (days, "day"),
        60..=729 => (days / 30, "month"),
        _ => (days / 365, "year"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// `4.12 %` of `0.0412`.
pub(super) fn percent(rate: Rate) -> String {
    format!("{}\u{a0}%", plain_percent(rate.decimal()))
}

/// `4.12` of `0.0412`.
pub(super) fn plain_percent(share: Decimal) -> String {
    share.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(share).normalize().to_string()
}

/// The share that was written in percent; none where it is none.
pub(super) fn share(percent: &str) -> Option<Rate> {
    let share = percent.trim_end_matches(['%', ' ', '\u{a0}']).parse::<Decimal>().ok()?.checked_div(Decimal::ONE_HUNDRED)?;
    Rate::try_new(share).ok()
}

/// A number with its noun: `1 payout`, `2 payouts`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", crate::format::count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ages_and_shares_are_told_in_few_letters() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        for (from, told) in [
            ("2026-11-22T13:00:00Z", "today"),
            ("2026-11-22T01:00:00Z", "today"),
            ("2026-11-21T01:00:00Z", "1 day"),
            ("2026-10-01T12:00:00Z", "52 days"),
            ("2026-08-01T12:00:00Z", "3 months"),
            ("2024-12-01T12:00:00Z", "24 months"),
            ("2023-11-01T12:00:00Z", "3 years"),
        ] {
            assert_eq!(age(from.parse().unwrap(), now), told, "{from}");
        }
        assert_eq!(percent(Rate::try_new("0.0412".parse().unwrap()).unwrap()), "4.12\u{a0}%");
        assert_eq!(percent(Rate::ZERO), "0\u{a0}%");
        assert_eq!((counted(1, "payout"), counted(1_200, "payout")), ("1 payout".to_owned(), "1,200 payouts".to_owned()));
    }
}
