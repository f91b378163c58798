//! `secrets`: what a tool needs that signs events and names accounts by itself.

use super::door::Door;
use super::{Failure, say};
use crate::signing::PayPalKey;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, process::ExitCode};

/// What `secrets` takes.
#[derive(Debug, Args)]
pub(super) struct SecretsArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Port of the stack, where several run.
    #[arg(long)]
    port: Option<u16>,
}

/// The running stack's webhook secrets, and its sample people.
#[derive(Serialize, Deserialize)]
pub(super) struct LocalSecrets {
    pub(super) stripe: String,
    pub(super) platform: String,
    /// PayPal signs with a key.
    pub(super) paypal: PayPalKey,
    /// Wise does, too: its private key, in PEM.
    pub(super) wise: String,
    /// Name to account id.
    accounts: BTreeMap<String, String>,
}

pub(super) async fn ask(door: &Door) -> Result<LocalSecrets, Failure> {
    door.get("secrets").await
}

pub(super) async fn secrets(arguments: SecretsArguments) -> Result<ExitCode, Failure> {
    let secrets = ask(&Door::open(arguments.port)?).await?;
    let text = if arguments.json { serde_json::to_string(&secrets)? } else { table(&secrets) };
    say(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn table(secrets: &LocalSecrets) -> String {
    let mut lines = vec!["Webhook secrets".to_owned()];
    lines.extend([("stripe", &secrets.stripe), ("platform", &secrets.platform)].map(|(name, secret)| row(name, secret)));
    lines.push(row("paypal", &format!("webhook {}; its private key is in --json", secrets.paypal.webhook_id)));
    lines.push(row("wise", "its private key is in --json"));
    lines.push(String::new());
    lines.push("Accounts".to_owned());
    lines.extend(secrets.accounts.iter().map(|(name, account)| row(name, account)));
    lines.join("\n")
}

fn row(name: &str, value: &str) -> String {
    format!("  {name:<10}{value}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::testing::TestDoor;

    #[tokio::test]
    async fn as_json_and_as_a_table() {
        let stack = TestDoor::start().await;
        let secrets = ask(&stack.door()).await.unwrap();
        let key = serde_json::to_string(&stack.paypal().key()).unwrap();
        let accounts = r#"{"alice":"acct_alice","bob":"acct_bob","fin1":"acct_fin1","fin2":"acct_fin2","hana":"acct_hana"}"#;
        assert_eq!(
            serde_json::to_string(&secrets).unwrap(),
            format!(r#"{{"stripe":"whsec_stripe","platform":"whsec_cGxhdGZvcm0=","paypal":{key},"wise":"PEM","accounts":{accounts}}}"#)
        );
        let table = table(&secrets);
        assert!(
            table.starts_with(
                "Webhook secrets\n  stripe    whsec_stripe\n  platform  whsec_cGxhdGZvcm0=\n  paypal    webhook LOCALWEBHOOK; its private key is in --json\n  wise      its private key is in --json\n\nAccounts\n  alice     acct_alice\n"
            ),
            "{table}"
        );
    }
}
