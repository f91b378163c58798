//! The programme's words, as people who are not its staff read them.

use crate::{
    format::{amount, day},
    ui::Tone,
};
use chrono::NaiveDate;
use ledger::Money;

/// What a rail is called.
pub(crate) fn rail(name: &str) -> &str {
    match name {
        "stripe_connect" => "Stripe",
        "paypal" => "PayPal",
        "wise" => "Wise",
        other => other,
    }
}

/// When money that is sent by a rail arrives.
pub(crate) fn arrival(rail: &str) -> &'static str {
    match rail {
        "stripe_connect" => "in your Stripe balance within minutes of being sent, and at your bank by Stripe's own schedule",
        "paypal" => "within minutes of being sent, to the PayPal account of that address",
        "wise" => "one to three working days after it is sent",
        _ => "some days after it is sent",
    }
}

/// A payout's state.
pub(crate) fn status(name: &str) -> (Tone, &str) {
    match name {
        "requested" => (Tone::Warn, "Waiting for approval"),
        "approved" => (Tone::Busy, "Approved"),
        "rejected" => (Tone::Bad, "Rejected"),
        "canceled" => (Tone::Plain, "Canceled"),
        "submitting" => (Tone::Busy, "Being sent"),
        "submitted" => (Tone::Busy, "Sent"),
        "paid" => (Tone::Good, "Delivered"),
        "failed" => (Tone::Bad, "Failed"),
        "unknown" => (Tone::Warn, "Being checked"),
        "returned" => (Tone::Bad, "Returned"),
        other => (Tone::Plain, other),
    }
}

/// What happens next with a payout, and what its payee can do.
pub(crate) fn next_step(status: &str) -> &'static str {
    match status {
        "requested" => {
            "Somebody of our finance team looks at it, usually within two working days. The amount is set aside for you until then; you can still call it off."
        }
        "approved" => "It goes out with the next run. The amount is set aside for you; you can still call it off.",
        "rejected" => "The amount is back in your balance. If you do not understand why, write to us and name the payout.",
        "canceled" => "The amount is back in your balance. You can request another payout at any time.",
        "submitting" => "It is being handed over right now.",
        "submitted" => "It is on its way. We mark it delivered when the service says that it arrived.",
        "paid" => "It has arrived. Your invoice is ready.",
        "failed" => {
            "The service could not deliver it, and the amount is back in your balance. Look at your payout account, then request it again."
        }
        "unknown" => {
            "We could not hear whether it arrived, and are asking the service. Nothing is sent twice, and nothing is lost; there is nothing for you to do."
        }
        "returned" => "It came back, and the amount is in your balance again. Look at your payout account, then request it again.",
        _ => "",
    }
}

/// A step on a payout's way.
pub(crate) fn step(name: &str) -> &str {
    match name {
        "requested" => "You requested it",
        "approval_given" | "approved" => "Approved by finance",
        "rejected" => "Rejected by finance",
        "canceled" => "Called off",
        "submitting" => "Handed over for sending",
        "submitted" => "Sent",
        "noted" => "News from the service",
        "paid" => "Delivered",
        "failed" => "Could not be delivered",
        "unknown" => "No answer yet",
        "returned" => "Came back",
        other => other,
    }
}

/// Why a payout was called off; a reason that somebody wrote stays as it is.
pub(crate) fn reason(text: &str) -> &str {
    match text {
        "by_account" | "by_owner" | "requested_by_account" | "account" => "You called it off.",
        "destination_changed" => "Your payout account was changed after the request.",
        "clawed_back" => "Purchases behind it were refunded before it was sent.",
        "account_closed" | "RECIPIENT_ACCOUNT_CLOSED" => "The account it was sent to is closed.",
        "RECEIVER_UNREGISTERED" | "RECEIVER_UNCONFIRMED" => "PayPal knows no confirmed account with this address.",
        "RECEIVER_ACCOUNT_INVALID" | "account_invalid" | "NOT_VALID" => "The account it was sent to takes no payments.",
        "insufficient_capabilities_for_transfer" => {
            "Stripe needs more from you before it can pay you: finish the set-up on your account page."
        }
        "balance_insufficient" | "INSUFFICIENT_FUNDS" | "no_funds" => {
            "It could not be sent from our side at that time. Request it again in a day."
        }
        "RETURNED" => "Nobody accepted it in time.",
        "REFUNDED" | "REVERSED" | "reversed" | "charged_back" => "The service took it back.",
        "bounced_back" | "funds_refunded" => "The bank sent it back.",
        "RISK_DECLINE" => "The service declined it after a look of its own.",
        other => other,
    }
}

/// A word of a rail while it has a payout.
pub(crate) fn note(text: &str) -> &str {
    match text {
        "UNCLAIMED" => "PayPal waits for you to accept it; unclaimed, it comes back after 30 days.",
        "ONHOLD" | "RISK_REVIEW" => "The service looks at it before it lets it through.",
        "PENDING" | "PROCESSING" | "processing" | "funds_converted" => "The service is working on it.",
        "outgoing_payment_sent" => "It is on its way to the bank.",
        "bounced_back" => "The bank sent it back; the service tries again or gives it back to us.",
        other => other,
    }
}

/// Why a part of the balance can't be cashed yet: in a few words, and in a sentence.
pub(crate) fn not_cashable(reason: &str) -> (&str, &'static str) {
    match reason {
        "share" => ("Stays as credit", "Part of every reward is credit for the platform; the rest can be cashed."),
        "hold" => ("On hold", "A reward can be cashed once the purchase behind it can hardly be refunded any more."),
        "review" => ("In review", "We look at where these rewards came from. You need not do anything."),
        "purchased_credits" => ("Waits for credits you bought", "Credits that you bought are spent first; then this can be cashed."),
        "in_payout" => ("In a payout", "Set aside for a payout that is under way."),
        "debt" => ("To be made up", "Rewards that were taken back after you had used them."),
        other => (other, ""),
    }
}

/// What would make a purchase count that earned nothing; the line itself tells why it did not.
pub(crate) fn to_count(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "waiting" => "It counts as soon as the buyer has signed up.",
        "not_attributed" => "Purchases count of people who came by your link.",
        "refused" => "A referral counts when the buyer is a new customer.",
        "before_click" => "Purchases count from the moment that the buyer follows your link.",
        "not_captured" => "It counts once the payment is completed.",
        "parked" | "no_buyer" => "Our finance team looks at it; there is nothing for you to do.",
        _ => return None,
    })
}

/// A line's cause as a page tells it: its amounts with their currency, its days as people write them, and without the
/// numbers of the rules' versions, which the exact text keeps.
pub(crate) fn cause(text: &str, currency: &str) -> String {
    if let Some(step) = payout_step(text) {
        return step;
    }
    let text = without_number(&without_number(text, ", settings version "), ", own rate version ");
    let words: Vec<&str> = text.split(' ').collect();
    let told: Vec<String> = words.iter().enumerate().map(|(place, word)| plain(word, words.get(place + 1).copied(), currency)).collect();
    capital(&told.join(" ").replace(" %", "\u{a0}%"))
}

/// A payout's step in the payee's words: where it stands tells more than what it moved.
fn payout_step(text: &str) -> Option<String> {
    let (moved, status) = text.rsplit_once("; the payout is ")?;
    let happened = match status {
        "requested" => return Some("Set aside for the payout you requested".to_owned()),
        "approved" => "the payout was approved",
        "rejected" => "the payout was rejected",
        "canceled" => "the payout was called off",
        "submitting" => "the payout is being sent",
        "submitted" => "the payout is on its way",
        "paid" => "the payout was delivered",
        "failed" => "the payout could not be delivered",
        "unknown" => "the payout is being checked with the service",
        "returned" => "the payout came back",
        _ => return None,
    };
    let before = if moved.starts_with("given back") { "Given back: " } else { "" };
    Some(capital(&format!("{before}{happened}")))
}

/// With a capital at its head.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text without `before` and the digits behind it.
fn without_number(text: &str, before: &str) -> String {
    match text.split_once(before) {
        None => text.to_owned(),
        Some((head, rest)) => format!("{head}{}", rest.trim_start_matches(|letter: char| letter.is_ascii_digit())),
    }
}

/// One word of a cause: an amount, a day, or itself.
fn plain(word: &str, next: Option<&str>, currency: &str) -> String {
    let bare = word.trim_end_matches([',', ';', ':', '.']);
    let mark = word.get(bare.len()..).unwrap_or_default();
    // `5.00 EUR` and `2.50 %` say by themselves what they are.
    let named =
        next.is_some_and(|next| next.starts_with('%') || (next.len() >= 3 && next.bytes().take(3).all(|byte| byte.is_ascii_uppercase())));
    let cents = bare.split_once('.').is_some_and(|(_, cents)| cents.len() >= 2);
    match (bare.parse::<Money>(), NaiveDate::parse_from_str(bare, "%Y-%m-%d")) {
        (Ok(value), _) if cents && !named => format!("{}{mark}", amount(value, currency)),
        (_, Ok(date)) if bare.len() == 10 => format!("{}{mark}", day(date)),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_plainly() {
        for (text, expected) in [
            (
                "3 % of 500.00 bought by a referred account on 2026-11-12, settings version 0",
                "3\u{a0}% of $500.00 bought by a referred account on 12 Nov 2026",
            ),
            (
                "2.50 % of the 80.00 left of 100.00 bought on 2026-01-02, settings version 12, own rate version 3, in review",
                "2.50\u{a0}% of the $80.00 left of $100.00 bought on 2 Jan 2026, in review",
            ),
            (
                "a refund of 5.00 EUR went through; now 3 % of 1234.5678 bought",
                "A refund of 5.00 EUR went through; now 3\u{a0}% of $1,234.56 bought",
            ),
            ("a step of a payout that moved no money; the payout is approved", "The payout was approved"),
            ("given back by a payout that did not go out; the payout is failed", "Given back: the payout could not be delivered"),
            ("reserved for a payout; the payout is requested", "Set aside for the payout you requested"),
            ("reserved for a payout; the payout is elsewhere", "Reserved for a payout; the payout is elsewhere"),
            ("it is credited to another account", "It is credited to another account"),
            ("1.50, 2026-13-01 and v1.2.3", "$1.50, 2026-13-01 and v1.2.3"),
            ("", ""),
        ] {
            assert_eq!(cause(text, "USD"), expected);
        }
    }
}
