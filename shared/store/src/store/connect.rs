//! The store of a function, from its environment.

use super::Store;
use crate::backend::dynamo::{Dynamo, TableNames};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig};
use edge::{
    aws,
    config::{ConfigError, Env},
};
use ledger::KeyRing;
use std::{sync::Arc, time::Duration};

impl Store {
    /// The tables, region, credentials and endpoint that the function's environment names.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let names = TableNames {
            accounts: env.text("ACCOUNTS_TABLE")?,
            referrals: env.text("REFERRALS_TABLE")?,
            ledger: env.text("LEDGER_TABLE")?,
        };
        // A function that writes no ledger record is not given the seal key, and can then write none.
        let keys = match env.optional("DIGEST_KEYS") {
            Some(_) => env.parse_with("DIGEST_KEYS", KeyRing::parse)?,
            None => KeyRing::none(),
        };
        let settings = aws::Settings::from_env(env, "DYNAMODB")?;
        let credentials = Credentials::new(
            settings.access_key_id,
            settings.secret_access_key.expose(),
            settings.session_token.map(|token| token.expose().to_owned()),
            None,
            "environment",
        );
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(25)))
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_attempt_timeout(Duration::from_secs(3)).build(),
            );
        if let Some(endpoint) = settings.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Ok(Self::new(Arc::new(Dynamo::new(aws_sdk_dynamodb::Client::from_conf(config.build()), names)), keys))
    }
}
