//! What a test makes of a payment: what its provider might do, with its webhook, or a difference that leaves no trace.

use super::{Reply, refused};
use crate::rails::{
    books::Desk,
    money::Exchange,
    payment::{self, Payment, State},
    stripe, timeline, wise,
};
use ledger::{Money, Rail};
use serde::Deserialize;

/// What an act may be told.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    amount: Option<Money>,
    state: Option<String>,
    destination: Option<String>,
}

/// Does an act. What changes a payment is written.
pub(super) fn perform(desk: &Desk<'_>, payment: &mut Payment, act: &str, told: &Told) -> Reply<()> {
    match act {
        // Without a trace: what a reconciliation is to find.
        "delete" => return desk.forget(payment),
        "duplicate" => {
            let mut twin = payment.clone();
            twin.reference = twin_reference(desk, payment)?;
            twin.transaction = payment.transaction.as_ref().map(|id| format!("{id}2"));
            twin.plan.clear();
            timeline::take(desk, &mut twin)?;
            twin.movements = 1;
            *payment = twin;
            return desk.insert(payment);
        }
        "amount" => alter(payment, told.amount.ok_or_else(|| refused("which amount?"))?),
        "destination" => payment.destination = told.destination.clone().ok_or_else(|| refused("which destination?"))?,
        // As the provider does it, with its webhook.
        "complete" => force(desk, payment, ["paid_out", "SUCCESS", "outgoing_payment_sent"])?,
        "fail" => force(desk, payment, ["payout_failed", "FAILED", "cancelled"])?,
        "bounce" => force(desk, payment, ["payout_failed", "RETURNED", "bounced_back"])?,
        "reverse" => force(desk, payment, ["reversed", "REVERSED", "charged_back"])?,
        "return" => give_back(desk, payment, told.amount)?,
        "state" => {
            let word = told.state.as_deref().unwrap_or_default();
            let state = State::read(payment.rail, word).ok_or_else(|| refused("the rail has no such state"))?;
            timeline::force(desk, payment, state)?;
        }
        _ => {
            return Err(refused("the acts are complete, fail, return, bounce, reverse, state, delete, duplicate, amount and destination"));
        }
    }
    desk.update(payment)
}

/// The words are Stripe's, PayPal's and Wise's.
fn force(desk: &Desk<'_>, payment: &mut Payment, words: [&str; 3]) -> Reply<()> {
    let [stripe, paypal, wise] = words;
    let word = match payment.rail {
        Rail::StripeConnect => stripe,
        Rail::Paypal => paypal,
        Rail::Wise => wise,
    };
    let state = State::read(payment.rail, word).ok_or_else(|| refused("the rail has no such state"))?;
    timeline::force(desk, payment, state)
}

/// The money comes back: a part of it at Stripe alone.
fn give_back(desk: &Desk<'_>, payment: &mut Payment, amount: Option<Money>) -> Reply<()> {
    let amount = amount.unwrap_or_else(|| payment.left());
    if !amount.is_positive() || amount > payment.left() {
        return Err(refused("so much is not left"));
    }
    match payment.rail {
        Rail::StripeConnect => stripe::take_back(desk, payment, amount),
        Rail::Paypal | Rail::Wise if amount != payment.amount => Err(refused("only Stripe gives a part back")),
        Rail::Paypal => {
            let unclaimed = payment.state.as_str() == "UNCLAIMED";
            force(desk, payment, ["", if unclaimed { "RETURNED" } else { "REFUNDED" }, ""])
        }
        Rail::Wise => {
            force(desk, payment, ["", "", "bounced_back"])?;
            force(desk, payment, ["", "", "funds_refunded"])
        }
    }
}

/// As if another amount had been asked for.
fn alter(payment: &mut Payment, amount: Money) {
    payment.amount = amount;
    if let payment::Details::Wise(details) = &mut payment.details {
        let exchange = Exchange::between(&payment.currency, &details.target_currency);
        details.target_amount = exchange.map_or(amount, |exchange| exchange.convert(amount));
    }
}

fn twin_reference(desk: &Desk<'_>, payment: &Payment) -> Reply<String> {
    match payment.rail {
        Rail::StripeConnect | Rail::Paypal => Ok(format!("{}{}", payment.reference, desk.count("twin")?)),
        Rail::Wise => wise::next_reference(desk),
    }
}
