//! The rails that are set up.

use crate::{
    Onboarding, Paypal, Rail, StripeConnect, Wise,
    base::Base,
    http::{Http, Limits},
};
use edge::{
    config::{ConfigError, Env},
    ids::IdSource,
};
use std::sync::Arc;

/// Every rail that is offered. Cheap to clone.
#[derive(Clone, Default)]
pub struct Rails {
    all: Vec<Arc<dyn Rail>>,
    onboarding: Option<Arc<dyn Onboarding>>,
}

impl std::fmt::Debug for Rails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.all.iter().map(|rail| rail.rail())).finish()
    }
}

impl Rails {
    /// The rails that the environment sets up: `STRIPE_API_URL`, `STRIPE_API_KEY`; `PAYPAL_API_URL`,
    /// `PAYPAL_CLIENT_ID`, `PAYPAL_CLIENT_SECRET`; `WISE_API_URL`, `WISE_API_TOKEN`, `WISE_PROFILE_ID`. A rail of whose
    /// variables none is set is not offered; `ids` is where pauses take their randomness from.
    ///
    /// # Errors
    /// [`ConfigError`] for a rail that is set up in part, an address that is neither https nor on this machine, and a
    /// profile that is no number.
    pub fn from_env(env: &Env, ids: Arc<dyn IdSource>) -> Result<Self, ConfigError> {
        // The client reads the machine's certificates, so it is the machine that is unusable where it can't be made.
        let http = Http::try_new(ids, Limits::default()).map_err(|_| ConfigError::Invalid { name: "SSL_CERT_FILE".to_owned() })?;
        let mut rails = Self::default();
        if offered(env, &["STRIPE_API_URL", "STRIPE_API_KEY"]) {
            let base = env.parse_with("STRIPE_API_URL", Base::parse)?;
            let stripe = Arc::new(StripeConnect::new(http.clone(), base, env.secret("STRIPE_API_KEY")?));
            rails.onboarding = Some(stripe.clone());
            rails.all.push(stripe);
        }
        if offered(env, &["PAYPAL_API_URL", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET"]) {
            let base = env.parse_with("PAYPAL_API_URL", Base::parse)?;
            let paypal = Paypal::new(http.clone(), base, env.text("PAYPAL_CLIENT_ID")?, env.secret("PAYPAL_CLIENT_SECRET")?);
            rails.all.push(Arc::new(paypal));
        }
        if offered(env, &["WISE_API_URL", "WISE_API_TOKEN", "WISE_PROFILE_ID"]) {
            let base = env.parse_with("WISE_API_URL", Base::parse)?;
            let wise = Wise::new(http, base, env.secret("WISE_API_TOKEN")?, env.parse("WISE_PROFILE_ID")?);
            rails.all.push(Arc::new(wise));
        }
        Ok(rails)
    }

    /// These rails: for tests. The last of a kind counts.
    #[must_use]
    pub fn of(all: Vec<Arc<dyn Rail>>) -> Self {
        Self { all, onboarding: None }
    }

    /// The same with this onboarding.
    #[must_use]
    pub fn with_onboarding(mut self, onboarding: Arc<dyn Onboarding>) -> Self {
        self.onboarding = Some(onboarding);
        self
    }

    /// A rail; none where it is not offered.
    #[must_use]
    pub fn get(&self, rail: ledger::Rail) -> Option<&dyn Rail> {
        self.all.iter().rev().find(|offered| offered.rail() == rail).map(|offered| &**offered)
    }

    /// Which rails are offered.
    pub fn offered(&self) -> impl Iterator<Item = ledger::Rail> + '_ {
        ledger::Rail::ALL.into_iter().filter(|rail| self.get(*rail).is_some())
    }

    /// Stripe's onboarding; none where Stripe is not offered.
    #[must_use]
    pub fn onboarding(&self) -> Option<&dyn Onboarding> {
        self.onboarding.as_deref()
    }
}

fn offered(env: &Env, names: &[&str]) -> bool {
    names.iter().any(|name| env.optional(name).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use edge::ids::SequenceIds;

    const WHOLE: [(&str, &str); 8] = [
        ("STRIPE_API_URL", "https://api.stripe.com"),
        ("STRIPE_API_KEY", "sk_test_hidden"),
        ("PAYPAL_API_URL", "https://api-m.paypal.com"),
        ("PAYPAL_CLIENT_ID", "client"),
        ("PAYPAL_CLIENT_SECRET", "hidden"),
        ("WISE_API_URL", "http://127.0.0.1:4010"),
        ("WISE_API_TOKEN", "hidden"),
        ("WISE_PROFILE_ID", "101"),
    ];

    fn rails(change: impl Fn(&str) -> Option<&'static str>) -> Result<Rails, ConfigError> {
        let pairs = WHOLE.map(|(name, value)| (name, change(name).unwrap_or(value)));
        Rails::from_env(&Env::from_pairs(pairs), Arc::new(SequenceIds::new(1)))
    }

    #[test]
    fn what_is_set_up_is_offered() {
        let all = rails(|_| None).unwrap();
        assert_eq!(all.offered().collect::<Vec<_>>(), ledger::Rail::ALL);
        assert!(all.onboarding().is_some());
        assert!(!format!("{all:?}").contains("hidden"));
        let none = rails(|_| Some("")).unwrap();
        assert_eq!((none.offered().count(), none.onboarding().is_none()), (0, true));
        let two = rails(|name| name.starts_with("PAYPAL").then_some("")).unwrap();
        assert_eq!(two.offered().collect::<Vec<_>>(), [ledger::Rail::StripeConnect, ledger::Rail::Wise]);
        assert!(two.get(ledger::Rail::Paypal).is_none());
    }

    #[test]
    fn half_a_rail_is_an_error() {
        for (missing, _) in WHOLE {
            let error = rails(|name| (name == missing).then_some("")).unwrap_err();
            assert_eq!(error, ConfigError::Missing { name: missing.to_owned() });
        }
        for (name, value) in [("STRIPE_API_URL", "http://api.stripe.com"), ("WISE_PROFILE_ID", "p101"), ("PAYPAL_API_URL", "paypal")] {
            let error = rails(|other| (other == name).then_some(value)).unwrap_err();
            assert_eq!(error, ConfigError::Invalid { name: name.to_owned() });
        }
    }
}
