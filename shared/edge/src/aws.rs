//! What an AWS client needs to know, read once from the environment. The clients themselves are made beside their use.

use crate::config::{ConfigError, Env, Secret};

/// Region, credentials and endpoint of one service's client.
///
/// A Lambda function has its credentials in its environment, so the general chain of providers, which costs start-up
/// time and several crates, is not used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// `AWS_SESSION_TOKEN`: a function's role has one, a local stand-in needs none.
    pub session_token: Option<Secret>,
    /// `AWS_ENDPOINT_URL_{SERVICE}`, where another implementation than Amazon's is used.
    pub endpoint: Option<String>,
}

impl Settings {
    /// Reads the settings of `service`, as endpoint variables spell it: `DYNAMODB`, `SQS`.
    ///
    /// # Errors
    /// [`ConfigError`] when region or credentials are missing.
    pub fn from_env(env: &Env, service: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            region: env.text("AWS_REGION")?,
            access_key_id: env.text("AWS_ACCESS_KEY_ID")?,
            secret_access_key: env.secret("AWS_SECRET_ACCESS_KEY")?,
            session_token: env.optional("AWS_SESSION_TOKEN").map(Secret::new),
            endpoint: env.optional(&format!("AWS_ENDPOINT_URL_{service}")),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_service_has_its_own_endpoint() {
        let pairs = [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
            ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1"),
        ];
        let env = Env::from_pairs(pairs);
        let sqs = Settings::from_env(&env, "SQS").unwrap();
        assert_eq!((sqs.region.as_str(), sqs.endpoint.as_deref()), ("eu-central-1", Some("http://127.0.0.1:1")));
        assert_eq!(Settings::from_env(&env, "DYNAMODB").unwrap().endpoint, None);
        assert!(!format!("{sqs:?}").contains("hush"));
    }

    #[test]
    fn region_and_credentials_are_required() {
        let missing = Settings::from_env(&Env::from_pairs([("AWS_REGION", "x")]), "SQS").unwrap_err();
        assert_eq!(missing, ConfigError::Missing { name: "AWS_ACCESS_KEY_ID".to_owned() });
    }
}
