//! Payout accounts: one a rail, one of them the default.

use crate::{
    App,
    forms::{self, Form, Typed},
    onboarding,
    standing::Standings,
    suspicion::{self, Suspicion},
    view::AccountView,
};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Rail};
use programme::{
    payout::{self, Actor, CancelReason, PayoutAccount},
    settings::Programme,
    signal::SignalKind,
};
use serde_json::json;
use store::{
    Attempt, CommitError,
    backend::Write,
    decide,
    records::{
        act::{Act, ActKind},
        book::{BookEdit, PayoutBook},
        destination::StoredDestination,
    },
};

/// Payouts canceled in one transaction at most: two operations each, and some for the rest.
const CANCELED_MAX: usize = 40;

/// `GET /payout-accounts`.
pub(crate) async fn list(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let (accounts, book) = tokio::try_join!(app.store.payout_accounts(account), app.store.payout_book(account))?;
    let programme = app.store.programme(call.now).await?;
    let standings = Standings::load(app, account, accounts.iter().map(|stored| stored.account.rail)).await?;
    let settings = programme.at(call.now).1;
    let view = |stored: &StoredDestination| {
        let state = standings.state(stored, settings, call.now);
        AccountView::of(&stored.account, book.default == Some(stored.account.rail), settings, state)
    };
    let views: Vec<_> = accounts.iter().map(view).collect();
    Reply::json(StatusCode::OK, &json!({ "payout_accounts": views }))
}

/// `PUT /payout-accounts/{rail}`: the same again changes nothing. A change begins a cool-down, and
/// cancels the payouts that are bound to what stood there before.
pub(crate) async fn change(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let rail: Rail = call.param("rail")?.parse().map_err(|_| Problem::not_found("rail"))?;
    let programme = app.store.programme(call.now).await?;
    let typed = forms::read(call, rail, &programme.at(call.now).1.currency)?;
    let form = match (rail, typed.destination) {
        (Rail::StripeConnect, destination) => onboarding::own(app, account, Typed { destination, ..typed }).await?,
        (Rail::Paypal | Rail::Wise, Some(destination)) => Form { destination, default: typed.default },
        (Rail::Paypal | Rail::Wise, None) => return Err(Problem::internal("a form that names nothing was read")),
    };
    let change = Change { app, call, account, form: &form, rail, programme: &programme, extra: &[] };
    let view = decide(&*app.ids, async || change.attempt().await).await?;
    Reply::json(StatusCode::OK, &view)
}

/// A payout account as it is to be.
pub(crate) struct Change<'a> {
    pub(crate) app: &'a App,
    pub(crate) call: &'a Call,
    pub(crate) account: &'a AccountId,
    pub(crate) form: &'a Form,
    pub(crate) rail: Rail,
    pub(crate) programme: &'a Programme,
    /// What is written in the transaction that changes it.
    pub(crate) extra: &'a [Write],
}

impl Change<'_> {
    /// One try of it.
    pub(crate) async fn attempt(&self) -> Result<Attempt<AccountView>, Problem> {
        let store = &self.app.store;
        let (known, book) = tokio::try_join!(store.payout_account(self.account, self.rail), store.payout_book(self.account))?;
        let standings = Standings::load(self.app, self.account, [self.rail]).await?;
        let default = self.default_rail(&book)?;
        let edit = BookEdit::on(self.account.clone(), &book, self.call.now.date_naive());
        let settings = self.programme.at(self.call.now).1;
        let view = |stored: &StoredDestination| {
            AccountView::of(&stored.account, default == self.rail, settings, standings.state(stored, settings, self.call.now))
        };
        match &known {
            Some(known) if known.destination == self.form.destination => {
                if book.default == Some(default) && self.extra.is_empty() {
                    return Ok(Attempt::Done(view(known)));
                }
                let written = store.commit_payouts(&[], edit.with_default(default), self.extra).await;
                Attempt::of(written, view(known))
            }
            known => {
                let after = self.changed(known.as_ref());
                let written = self.write(&after, &book, edit.with_default(default)).await?;
                Attempt::of(written, view(&after))
            }
        }
    }

    /// The default rail after it: the first payout account becomes it by itself.
    fn default_rail(&self, book: &PayoutBook) -> Result<Rail, Problem> {
        match (book.default, self.form.default) {
            (Some(before), Some(false)) if before == self.rail => {
                Err(Problem::refused("one_default", "One payout account is the default; make another one the default instead."))
            }
            (Some(before), None | Some(false)) => Ok(before),
            (None, _) | (Some(_), Some(true)) => Ok(self.rail),
        }
    }

    fn changed(&self, known: Option<&StoredDestination>) -> StoredDestination {
        let destination = self.form.destination.clone();
        let account = PayoutAccount {
            rail: self.rail,
            digest: SignalKind::Destination.digest(&self.app.keys.signals, &destination.identity()),
            masked: destination.masked(),
            version: known.map_or(1, |known| known.account.version + 1),
            changed_at: self.call.now,
            changed_by: self.account.clone(),
        };
        StoredDestination { account, destination }
    }

    async fn write(&self, after: &StoredDestination, book: &PayoutBook, edit: BookEdit) -> Result<Result<(), CommitError>, Problem> {
        let mut canceled = self.cancellations(book).await?;
        let suspicion = suspicion::look(self.app, self.account, after).await?;
        // An item stands once in a transaction: where the release and the review would both touch the
        // caller's figures, or there are more payouts than fit, the payouts go first.
        let apart = suspicion.touches(self.account) && !canceled.is_empty();
        if apart || canceled.len() > CANCELED_MAX {
            canceled.truncate(CANCELED_MAX);
            let edit = BookEdit::on(self.account.clone(), book, self.call.now.date_naive());
            let written = self.app.store.commit_payouts(&canceled, edit, &[]).await;
            return Ok(written.and_then(|()| Err(CommitError::Busy("payouts to be canceled first".into()))));
        }
        suspicion.announce(self.app).await?;
        let written = self.app.store.commit_payouts(&canceled, edit, &self.beside(after, &canceled, &suspicion)).await;
        if written.is_ok() {
            suspicion.settle(self.app).await?;
            tracing::info!(account_id = %self.account, rail = self.rail.as_str(), version = after.account.version, canceled = canceled.len(), "payout account changed");
        }
        Ok(written)
    }

    fn beside(&self, after: &StoredDestination, canceled: &[payout::Change], suspicion: &Suspicion) -> Vec<Write> {
        let payouts: Vec<&str> = canceled.iter().map(|change| change.payout.id.as_str()).collect();
        let act = Act {
            at: self.call.now,
            by: self.account.clone(),
            kind: ActKind::PayoutAccountChanged,
            subject: format!("{}/{}", self.account, self.rail),
            version: after.account.version,
            reason: None,
            details: json!({ "rail": self.rail, "destination": after.account.masked, "canceled_payouts": payouts }),
        };
        let mut writes = vec![after.write(self.account), act.write()];
        writes.extend(suspicion.writes(self.call.now));
        writes.extend_from_slice(self.extra);
        writes
    }

    /// The cancellations of the open payouts that are bound to this rail's account. What a rail may have already goes on.
    async fn cancellations(&self, book: &PayoutBook) -> Result<Vec<payout::Change>, Problem> {
        let mut changes = Vec::new();
        for (id, _) in book.open.iter().filter(|(_, rail)| **rail == self.rail) {
            let open = self.app.store.payout(id).await?;
            let canceled = open.and_then(|open| payout::cancel(&open, Actor::System, CancelReason::DestinationChanged, self.call.now).ok());
            changes.extend(canceled);
        }
        Ok(changes)
    }
}
