//! For how long a rail surely remembers the key of a payout. All are well inside what the rails promise, since the
//! intent is stored on our clock and the key on theirs.

use crate::Order;
use chrono::TimeDelta;
use ledger::Rail;

/// How long after the intent a payout may still be sent.
pub(crate) const fn length(rail: Rail) -> TimeDelta {
    match rail {
        // Stripe may drop a key when it is 24 hours old.
        Rail::StripeConnect => TimeDelta::hours(20),
        // PayPal remembers a `sender_batch_id` for 30 days.
        Rail::Paypal => TimeDelta::days(25),
        // Wise documents no end of its memory of a `customerTransactionId`. What lasts longer than the shortest of the
        // others is settled by looking it up. Paying for a transfer that exists has no key and no window.
        Rail::Wise => TimeDelta::hours(20),
    }
}

/// Whether the order may still be sent. A clock that ran backwards closes nothing: the key is younger than it looks.
pub(crate) fn is_open(rail: Rail, order: &Order) -> bool {
    order.now.signed_duration_since(order.intended_at) < length(rail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testserver::order;

    #[test]
    fn a_window_closes_at_its_end() {
        for (rail, hours) in [(Rail::StripeConnect, 20), (Rail::Paypal, 25 * 24), (Rail::Wise, 20)] {
            let mut late = order(rail);
            for (seconds, open) in [(-60, true), (0, true), (hours * 3_600 - 1, true), (hours * 3_600, false)] {
                late.now = late.intended_at + TimeDelta::seconds(seconds);
                assert_eq!(is_open(rail, &late), open, "{rail:?} after {seconds} s");
            }
        }
    }
}
