//! The way of a webhook to the front door: signed at the stack's time, at least once, tried again as long as the providers do.

use super::{
    books::WebhookRow,
    error::RailsError,
    server::{Rails, RailsSetting},
    timeline,
};
use crate::signing::{self, Header, SigningError};
use ledger::Rail;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::watch;

/// Webhooks under way at once.
const GROUP_MAX: u32 = 16;

/// How often one is tried: with the pauses below it takes about three days.
const ATTEMPTS_MAX: u32 = 25;

/// The longest pause before another try.
const PAUSE_MAX_MS: i64 = 4 * 3_600_000;

/// The longest that the front door is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// The pause after a pass that failed.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// The longest that the ticker sleeps, where nothing is planned, in milliseconds.
const IDLE_MS: i64 = 60_000;

/// What an advance has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Advanced {
    /// States that were reached.
    pub changed: usize,
    /// Webhooks that were answered 2xx.
    pub delivered: usize,
    /// Webhooks that were not: they are tried again later.
    pub failed: usize,
    /// Webhooks that wait for their time.
    pub waiting: u32,
    /// Webhooks that wait to be released.
    pub held: u32,
}

/// How long after so many tries the next one is.
fn pause_ms(attempts: u32) -> i64 {
    1_000_i64.checked_shl(attempts.min(20)).unwrap_or(PAUSE_MAX_MS).min(PAUSE_MAX_MS)
}

fn headers(setting: &RailsSetting, webhook: &WebhookRow, now_ms: i64) -> Result<Vec<Header>, SigningError> {
    let (body, at_seconds) = (webhook.body.as_bytes(), now_ms.div_euclid(1000));
    match webhook.rail {
        Rail::StripeConnect => Ok(vec![
            ("Stripe-Signature", signing::stripe_signature(setting.secrets.stripe(), at_seconds, body)),
            ("Content-Type", "application/json; charset=utf-8".to_owned()),
        ]),
        Rail::Paypal => signing::paypal_headers(&setting.paypal, body, at_seconds),
        Rail::Wise => signing::wise_headers(setting.secrets.wise_private_key(), body),
    }
}

/// The name of a rail in the paths of its webhooks and of its stand-in.
pub(super) const fn path_name(rail: Rail) -> &'static str {
    match rail {
        Rail::StripeConnect => "stripe",
        Rail::Paypal => "paypal",
        Rail::Wise => "wise",
    }
}

impl Rails {
    /// Plays every state that is due, delivers every webhook that is due, and says what was done. A webhook that could not be
    /// delivered is not waited for.
    ///
    /// # Errors
    /// Where the books do not answer.
    pub async fn advance(self: &Arc<Self>) -> Result<Advanced, RailsError> {
        // One pass at a time: else two of them deliver the same.
        let _turn = self.delivering.lock().await;
        let mut all = Advanced::default();
        loop {
            let ((changed, finished), _) = self.books.within(timeline::advance).await?;
            all.changed += changed;
            let (due, _) = self.books.within(|desk| desk.webhooks_due(GROUP_MAX)).await?;
            if due.is_empty() && finished {
                break;
            }
            let done = futures::future::join_all(due.iter().map(|webhook| self.deliver(webhook))).await;
            for delivered in done {
                let counted = if delivered? { &mut all.delivered } else { &mut all.failed };
                *counted += 1;
            }
        }
        let ((waiting, held), _) = self.books.within(|desk| desk.webhooks_open()).await?;
        Ok(Advanced { waiting, held, ..all })
    }

    /// Delivers these now, as far as they still wait, and returns once they were answered.
    pub(super) async fn deliver_these(self: &Arc<Self>, written: &[i64]) {
        let _turn = self.delivering.lock().await;
        for id in written.iter().copied() {
            let delivered = async {
                let (found, _) = self.books.within(move |desk| desk.webhook_waiting(id)).await?;
                match found {
                    Some(webhook) => self.deliver(&webhook).await,
                    None => Ok(false),
                }
            };
            if let Err(error) = delivered.await {
                tracing::warn!(%error, "a webhook cannot be delivered");
            }
        }
    }

    /// How many tries there have been: two equal figures, and nothing was told in between.
    pub(crate) fn posted(&self) -> u64 {
        self.posted.load(Ordering::SeqCst)
    }

    /// One try: true where it was answered 2xx.
    async fn deliver(self: &Arc<Self>, webhook: &WebhookRow) -> Result<bool, RailsError> {
        self.posted.fetch_add(1, Ordering::SeqCst);
        let now_ms = self.books.now_ms();
        let taken = match headers(&self.setting, webhook, now_ms) {
            Ok(headers) => self.post(webhook, &headers).await,
            Err(error) => {
                tracing::error!(rail = %webhook.rail, %error, "a webhook cannot be signed");
                false
            }
        };
        let (id, attempts) = (webhook.id, webhook.attempts);
        let (result, _) = self
            .books
            .within(move |desk| {
                if taken {
                    desk.delivered(id)?;
                } else {
                    let again = attempts + 1 < ATTEMPTS_MAX;
                    desk.not_delivered(id, again.then(|| desk.now_ms.saturating_add(pause_ms(attempts))))?;
                }
                Ok(taken)
            })
            .await?;
        Ok(result)
    }

    async fn post(&self, webhook: &WebhookRow, headers: &[Header]) -> bool {
        let url = format!("{}/webhooks/{}", self.setting.front, path_name(webhook.rail));
        let mut request = self.client.post(url).timeout(ANSWER_MAX).body(webhook.body.clone());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send().await {
            Ok(response) if response.status().is_success() => true,
            Ok(response) => {
                tracing::warn!(rail = %webhook.rail, kind = webhook.kind, status = %response.status(), "a webhook was not taken");
                false
            }
            Err(error) => {
                tracing::warn!(rail = %webhook.rail, kind = webhook.kind, %error, "a webhook could not be delivered");
                false
            }
        }
    }

    /// Tells the ticker that there may be something to do.
    pub(super) fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Plays and delivers what falls due, until `stopping` says so.
    pub(crate) async fn tick(self: Arc<Self>, stopping: watch::Receiver<bool>) {
        tokio::select! {
            () = self.tick_on() => {}
            () = crate::stopped(stopping) => {}
        }
    }

    async fn tick_on(self: &Arc<Self>) {
        loop {
            match self.advance().await {
                Ok(_) => self.rest().await,
                Err(RailsError::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "the stand-ins of the rails do not move");
                    tokio::time::sleep(TROUBLE_PAUSE).await;
                }
            }
        }
    }

    /// Until something falls due, by the clock or by a call.
    async fn rest(self: &Arc<Self>) {
        let next = self.books.within(|desk| Ok([desk.next_state_ms()?, desk.next_webhook_ms()?])).await;
        let next_ms = next.ok().and_then(|(times, _)| times.into_iter().flatten().min());
        let until_ms = next_ms.unwrap_or_else(|| self.books.now_ms().saturating_add(IDLE_MS));
        tokio::select! {
            () = self.setting.clock.wait_until(until_ms) => {}
            () = self.stirred.notified() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_hours_and_take_about_three_days_in_all() {
        assert_eq!([0, 1, 5].map(pause_ms), [1_000, 2_000, 32_000]);
        assert_eq!(pause_ms(u32::MAX), PAUSE_MAX_MS);
        let all: i64 = (0..ATTEMPTS_MAX).map(pause_ms).sum();
        assert!((2 * 86_400_000..3 * 86_400_000).contains(&all), "{all}");
    }
}
