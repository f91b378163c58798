//! One call to a rail: what is due is played, the fault that was asked for strikes, the work is done in one transaction, and what
//! the fault leaves of the answer goes out.

use super::{
    answer::{self, Answer, Refused},
    books::Desk,
    error::RailsError,
    faults::{Fault, FaultKind},
    operation::Operation,
    server::Rails,
    timeline,
};
use axum::response::Response;
use http::StatusCode;
use ledger::Rail;
use std::{sync::Arc, time::Duration};

/// What a call is about.
pub(super) struct Call {
    pub(super) rail: Rail,
    pub(super) operation: Operation,
    /// The names of the payment that the request itself has.
    pub(super) names: Vec<String>,
}

impl Call {
    pub(super) fn new<const N: usize>(rail: Rail, operation: Operation, names: [Option<&str>; N]) -> Self {
        Self { rail, operation, names: names.into_iter().flatten().map(str::to_owned).collect() }
    }

    /// The request's names, and all others of the payments that they name.
    fn all_names(&self, desk: &Desk<'_>) -> Result<Vec<String>, RailsError> {
        let mut all = self.names.clone();
        for name in &self.names {
            for payment in desk.payments_named(self.rail, name)? {
                all.extend(payment.names().map(str::to_owned));
            }
        }
        Ok(all)
    }
}

/// Why some work gave no answer of its own.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is refused, in the provider's words.
    Refused(Refused),
    /// The books failed.
    Books(RailsError),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<RailsError> for Stop {
    fn from(error: RailsError) -> Self {
        Self::Books(error)
    }
}

/// What a work answers, be it a refusal.
pub(super) fn settled(done: Result<Answer, Stop>) -> Result<Answer, RailsError> {
    match done {
        Ok(answer) => Ok(answer),
        Err(Stop::Refused(refused)) => Ok(refused.answer()),
        Err(Stop::Books(error)) => Err(error),
    }
}

/// What a fault answers without the call being done.
fn refusal(rail: Rail, kind: FaultKind) -> Option<Answer> {
    match kind {
        FaultKind::FailBefore => Some(answer::internal_answer(rail)),
        FaultKind::Busy429 => Some(answer::throttled_answer(rail)),
        FaultKind::KeyInUse => Some(answer::locked_answer(rail)),
        FaultKind::Unauthorized => Some(answer::unauthorized(rail)),
        FaultKind::TimeoutAfterCommit
        | FaultKind::Error500Replayed
        | FaultKind::DuplicateBatch
        | FaultKind::InsufficientFunds
        | FaultKind::GarbageAnswer
        | FaultKind::SlowAnswer
        | FaultKind::WebhookBeforeAnswer
        | FaultKind::HoldWebhooks
        | FaultKind::DuplicateWebhooks
        | FaultKind::ReorderWebhooks
        | FaultKind::LoseWebhooks => None,
    }
}

impl Rails {
    /// Does one call. The work gets the fault that strikes it, for those that it must see to itself.
    pub(super) async fn answer(
        self: &Arc<Self>,
        call: Call,
        work: impl FnOnce(&Desk<'_>, Option<&Fault>) -> Result<Answer, Stop> + Send + 'static,
    ) -> Response {
        let rail = call.rail;
        let done = self.books.within(move |desk| {
            while !timeline::advance(desk)?.1 {}
            let names = call.all_names(desk)?;
            let fault = desk.armed.strike_call(call.rail, call.operation, &names);
            if let Some(refused) = fault.as_ref().and_then(|fault| refusal(call.rail, fault.kind)) {
                return Ok((refused, None));
            }
            Ok((settled(work(desk, fault.as_ref()))?, fault))
        });
        match done.await {
            Ok(((answer, fault), written)) => {
                self.stir();
                self.spoil(rail, answer, fault, &written).await
            }
            Err(error) => {
                tracing::error!(%rail, %error, "the stand-in of a rail cannot answer");
                let mut failed = answer::internal_answer(rail);
                failed.status = StatusCode::SERVICE_UNAVAILABLE;
                failed.into_response()
            }
        }
    }

    /// What a fault leaves of the answer of a call that was done.
    async fn spoil(self: &Arc<Self>, rail: Rail, done: Answer, fault: Option<Fault>, written: &[i64]) -> Response {
        let Some(fault) = fault else { return done.into_response() };
        let wait = Duration::from_millis(fault.wait_ms.unwrap_or(0));
        match fault.kind {
            FaultKind::TimeoutAfterCommit => {
                tokio::time::sleep(wait).await;
                answer::broken()
            }
            FaultKind::SlowAnswer => {
                tokio::time::sleep(wait).await;
                done.into_response()
            }
            FaultKind::Error500Replayed => answer::internal_answer(rail).into_response(),
            FaultKind::GarbageAnswer => answer::garbage(),
            FaultKind::WebhookBeforeAnswer => {
                self.deliver_these(written).await;
                done.into_response()
            }
            FaultKind::DuplicateBatch
            | FaultKind::InsufficientFunds
            | FaultKind::FailBefore
            | FaultKind::Busy429
            | FaultKind::KeyInUse
            | FaultKind::Unauthorized
            | FaultKind::HoldWebhooks
            | FaultKind::DuplicateWebhooks
            | FaultKind::ReorderWebhooks
            | FaultKind::LoseWebhooks => done.into_response(),
        }
    }
}
