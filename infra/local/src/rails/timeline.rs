//! How a payment moves: by what its plan says is due, each step at its own time, with its money and its webhooks.

use super::{
    books::Desk,
    error::RailsError,
    payment::{Change, Payment, State, Step},
    paypal, stripe, wise,
};
use ledger::Rail;

/// Payments moved in one transaction at most, so that calls get their turn in between.
const GROUP_MAX: u32 = 200;

/// Plays what is due by now, oldest first, and says how many states were reached and whether that was all.
pub(super) fn advance(desk: &Desk<'_>) -> Result<(usize, bool), RailsError> {
    let mut changed = 0;
    let due = desk.payments_due(desk.now_ms, GROUP_MAX)?;
    let all = due.len() < usize::try_from(GROUP_MAX).unwrap_or(usize::MAX);
    for mut payment in due {
        changed += play(desk, &mut payment, desk.now_ms)?;
        desk.update(&payment)?;
    }
    Ok((changed, all))
}

/// Plays the steps of a payment that are due by `until_ms`, and says how many. Who calls writes the payment.
pub(super) fn play(desk: &Desk<'_>, payment: &mut Payment, until_ms: i64) -> Result<usize, RailsError> {
    let mut played = 0;
    while payment.plan.first().is_some_and(|step| step.at_ms <= until_ms) {
        let step = payment.plan.remove(0);
        reach(desk, payment, &step)?;
        played += 1;
    }
    Ok(played)
}

/// A payment reaches a state: its money moves, and its provider tells of it. Who calls writes the payment.
pub(super) fn reach(desk: &Desk<'_>, payment: &mut Payment, step: &Step) -> Result<(), RailsError> {
    let before = payment.clone();
    if step.state.takes_money() && payment.movements == 0 {
        take(desk, payment)?;
    }
    let all = (step.state.gives_back() && payment.movements > 0).then_some(payment.amount);
    let returned = step.returned.or(all).unwrap_or(payment.returned).max(payment.returned).min(payment.amount);
    desk.take_money(payment.rail, &payment.currency, payment.returned - returned)?;
    payment.returned = returned;
    payment.state = step.state;
    payment.changed_ms = step.at_ms;
    payment.history.push(Change { at_ms: step.at_ms, state: step.state, returned });
    // A step that was brought forward is told of at the stack's time.
    let at_ms = step.at_ms.min(desk.now_ms);
    tell(desk, &before, payment, at_ms)
}

/// The platform's money is taken for a payment, once more if it was before.
pub(super) fn take(desk: &Desk<'_>, payment: &mut Payment) -> Result<(), RailsError> {
    desk.take_money(payment.rail, &payment.currency, payment.amount + payment.fee)?;
    payment.movements += 1;
    Ok(())
}

fn tell(desk: &Desk<'_>, before: &Payment, after: &Payment, at_ms: i64) -> Result<(), RailsError> {
    let names: Vec<String> = after.names().map(str::to_owned).collect();
    let events = match after.rail {
        Rail::StripeConnect => stripe::events(desk, before, after, at_ms)?,
        Rail::Paypal => paypal::events(desk, before, after, at_ms)?,
        Rail::Wise => wise::events(desk, before, after, at_ms)?,
    };
    for event in events {
        desk.tell(after.rail, &after.reference, after.payout.as_deref(), &names, &event)?;
    }
    Ok(())
}

/// Makes a state the payment's at once, and forgets what was planned for later.
pub(super) fn force(desk: &Desk<'_>, payment: &mut Payment, state: State) -> Result<(), RailsError> {
    payment.plan.clear();
    reach(desk, payment, &Step::to(state, desk.now_ms))
}
