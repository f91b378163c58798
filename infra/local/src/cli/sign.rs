//! `sign`: the headers that make a file an authentic event, as arguments for curl.

use super::door::Door;
use super::{Failure, say, secrets};
use crate::signing::{self, Source, WebhookSecrets};
use clap::Args;
use std::{path::PathBuf, process::ExitCode};

/// What `sign` takes.
#[derive(Debug, Args)]
pub(super) struct SignArguments {
    /// Who is said to send it: stripe, paypal, wise or platform.
    source: Source,
    /// The event. Its exact bytes are signed: post it with curl's --data-binary @FILE, since -d drops line ends.
    file: PathBuf,
    /// Port of the stack, where several run.
    #[arg(long)]
    port: Option<u16>,
}

/// The answer of the stack's clock.
#[derive(serde::Deserialize)]
struct Now {
    now_ms: i64,
}

pub(super) async fn sign(arguments: SignArguments) -> Result<ExitCode, Failure> {
    let file = &arguments.file;
    let body = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    say(&line(&Door::open(arguments.port)?, arguments.source, &body).await?)?;
    Ok(ExitCode::SUCCESS)
}

/// Signed at the stack's own time, since that is what the signature's age is measured by.
async fn line(door: &Door, source: Source, body: &[u8]) -> Result<String, Failure> {
    let local = secrets::ask(door).await?;
    let now: Now = door.get("clock").await?;
    let keys = WebhookSecrets { stripe: &local.stripe, platform: &local.platform };
    let at = now.now_ms.div_euclid(1000);
    let headers = match source {
        Source::PayPal => signing::paypal_headers(&local.paypal, body, at),
        Source::Wise => signing::wise_headers(&local.wise, body),
        Source::Stripe | Source::Platform => signing::headers(source, keys, body, at),
    }?;
    Ok(signing::curl_arguments(&headers))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::testing::{NOW_MS, TestDoor};

    #[tokio::test]
    async fn stripe_at_the_stacks_time() {
        let stack = TestDoor::start().await;
        let at = NOW_MS / 1000;
        let signature = signing::stripe_signature("whsec_stripe", at, b"{\"a\":1}\n");
        assert_eq!(
            line(&stack.door(), Source::Stripe, b"{\"a\":1}\n").await.unwrap(),
            format!("-H Stripe-Signature:{signature} -H Content-Type:application/json")
        );
    }

    #[tokio::test]
    async fn platform_by_standard_webhooks() {
        let stack = TestDoor::start().await;
        let (at, id) = (NOW_MS / 1000, signing::message_id(b"{}"));
        let signature = signing::standard_signature("whsec_cGxhdGZvcm0=", &id, at, b"{}").unwrap();
        assert_eq!(
            line(&stack.door(), Source::Platform, b"{}").await.unwrap(),
            format!("-H webhook-id:{id} -H webhook-timestamp:{at} -H webhook-signature:{signature} -H Content-Type:application/json")
        );
    }

    #[tokio::test]
    async fn paypal_with_the_stacks_own_key() {
        let stack = TestDoor::start().await;
        let headers = signing::paypal_headers(&stack.paypal().key(), b"{}", NOW_MS / 1000).unwrap();
        assert_eq!(line(&stack.door(), Source::PayPal, b"{}").await.unwrap(), signing::curl_arguments(&headers));
    }

    #[tokio::test]
    async fn wise_with_the_key_that_the_door_tells() {
        let stack = TestDoor::start().await;
        let refused = line(&stack.door(), Source::Wise, b"{}").await.unwrap_err();
        assert!(refused.to_string().contains("the local private key can't be read"), "{refused}");
    }
}
