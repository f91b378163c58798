//! What a running stack tells, and what it does on request.

use super::{
    Queues, Stack, StackError,
    settle::{settle, settle_due},
};
use crate::{
    clock::Clock, faults::Faults, identity::Issuer, paypal::PayPal, rails::Rails, runtime::Functions, secrets::Secrets, template::TableSpec,
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

/// A drain of the library, as that of the stack's own door.
const DRAIN_MAX: Duration = Duration::from_secs(60);
const DRAIN_POLL: Duration = Duration::from_millis(10);

impl Stack {
    /// The URL of the front door, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The clock that everything in the stack goes by.
    #[must_use]
    pub fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// The functions, to invoke one without a door, or to read its log.
    #[must_use]
    pub fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }

    /// The queues, by the SDK.
    #[must_use]
    pub fn queues(&self) -> &Arc<Queues> {
        &self.queues
    }

    /// The tables, as the template says them.
    #[must_use]
    pub fn tables(&self) -> &[TableSpec] {
        &self.tables
    }

    /// The endpoint of the tables, without faults.
    #[must_use]
    pub fn dynamodb_url(&self) -> &str {
        &self.dynamodb_url
    }

    /// The endpoint of the queues, without faults.
    #[must_use]
    pub fn sqs_url(&self) -> &str {
        &self.sqs_url
    }

    /// What PayPal's events are signed with here.
    #[must_use]
    pub fn paypal(&self) -> &PayPal {
        &self.paypal
    }

    /// The secrets, to sign events with.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The identity provider.
    #[must_use]
    pub fn issuer(&self) -> &Arc<Issuer> {
        &self.issuer
    }

    /// The faults, where the stack was started with them.
    #[must_use]
    pub fn faults(&self) -> Option<&Arc<Faults>> {
        self.faults.as_ref()
    }

    /// The stand-ins of the rails: their books, and faults that can be asked for.
    #[must_use]
    pub fn rails(&self) -> &Arc<Rails> {
        &self.rails
    }

    /// The base of the rails' addresses, without faults: `/stripe`, `/paypal` and `/wise` follow.
    #[must_use]
    pub fn rails_url(&self) -> &str {
        &self.rails_url
    }

    /// The token of this run, for the header `x-local-token` of the stack's own door.
    #[must_use]
    pub fn run_token(&self) -> &str {
        &self.run_token
    }

    /// An access token of an hour: for a sample person, the machine `platform`, or any new name.
    ///
    /// # Errors
    /// For a name that can be nobody's.
    pub fn token_for(&self, name: &str) -> Result<String, StackError> {
        Ok(self.issuer.token_for(name, 3600)?)
    }

    /// Waits until the queues that functions consume are empty and the rails have told what they have to tell by now, a minute at most.
    /// False where they are not.
    ///
    /// # Errors
    /// Where a queue does not answer.
    pub async fn drain(&self) -> Result<bool, StackError> {
        Ok(settle(&self.queues, &self.rails, DRAIN_MAX, DRAIN_POLL).await?)
    }

    /// As [`Stack::drain`], but messages that are to be seen later may stay: only the clock can bring them.
    ///
    /// # Errors
    /// Where a queue does not answer.
    pub async fn drain_due(&self) -> Result<bool, StackError> {
        Ok(settle_due(&self.queues, &self.rails, DRAIN_MAX, DRAIN_POLL).await?)
    }

    /// Whether schedules fire only when they are told to.
    pub fn rest_schedules(&self, resting: bool) {
        self.schedules.rest(resting);
    }

    /// Fires a schedule now and waits for its function's answer.
    ///
    /// # Errors
    /// For an unknown one, and where the function fails.
    pub async fn run_schedule(&self, name: &str) -> Result<Bytes, StackError> {
        Ok(self.schedules.fire(name).await?)
    }
}
