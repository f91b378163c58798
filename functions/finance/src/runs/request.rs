//! What somebody asks a run of.

use crate::App;
use edge::{http::Call, problem::Problem};
use programme::{
    payout::{IdempotencyKey, PayoutId},
    settings::Settings,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use store::records::run::RUN_MAX;

/// A list of as many payouts as a run may have, with room to spare.
pub(super) const BODY_BYTES_MAX: usize = 128 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    payout_ids: Option<Vec<String>>,
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Which payouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All that are approved.
    Approved,
    /// These, each once, in the order of their ids.
    Listed(Vec<PayoutId>),
}

impl Form {
    /// 400 for an empty list and for ids that are none, 422 for more than a run may have.
    pub(super) fn wanted(&self) -> Result<Wanted, Problem> {
        let Some(texts) = &self.payout_ids else { return Ok(Wanted::Approved) };
        let ids: Result<BTreeSet<PayoutId>, _> = texts.iter().map(|text| text.parse()).collect();
        let ids = ids.map_err(|_| Problem::malformed("The list payout_ids has something that is no payout's id."))?;
        if ids.is_empty() {
            return Err(Problem::malformed("The list payout_ids is empty; without it all approved payouts are meant."));
        }
        if ids.len() > RUN_MAX {
            let sentence = format!("A run has at most {RUN_MAX} payouts.");
            return Err(Problem::refused("run_maximum", sentence).with("maximum", RUN_MAX));
        }
        Ok(Wanted::Listed(ids.into_iter().collect()))
    }
}

impl Wanted {
    /// What tells two requests under one key apart.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        match self {
            Self::Approved => hash.update("approved"),
            Self::Listed(ids) => {
                hash.update("listed");
                ids.iter().for_each(|id| hash.update(id.as_str()));
            }
        }
        hex::encode(hash.finalize())
    }
}

/// The key that makes a request known when it comes again.
pub(super) fn key(call: &Call) -> Result<IdempotencyKey, Problem> {
    let mut values = call.headers.get_all("idempotency-key").iter();
    let key = values.next().and_then(|value| value.to_str().ok()).and_then(|text| IdempotencyKey::try_new(text).ok());
    key.filter(|_| values.next().is_none())
        .ok_or_else(|| Problem::malformed("One header Idempotency-Key of 1 to 255 visible ASCII characters is needed."))
}

/// Whether payouts go out at all: the kill switch and the settings must both say so.
pub(super) async fn enabled(app: &App, settings: &Settings) -> Result<bool, Problem> {
    Ok(settings.payouts_enabled && app.store.switch().await?.payouts_enabled)
}

/// Nothing is ordered that would go out by surprise when the switch is turned on again.
pub(super) async fn check_enabled(app: &App, settings: &Settings) -> Result<(), Problem> {
    if enabled(app, settings).await? { Ok(()) } else { Err(Problem::refused("payouts_disabled", "Payouts are switched off.")) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn form(ids: &[&str]) -> Form {
        Form { payout_ids: Some(ids.iter().map(ToString::to_string).collect()), dry_run: false }
    }

    #[test]
    fn a_list_is_what_it_names_in_any_order() {
        let (one, two) = ("pay_00000000000000000000000001", "pay_00000000000000000000000002");
        let digest = |ids: &[&str]| form(ids).wanted().unwrap().digest();
        assert_eq!(digest(&[one, two]), digest(&[two, one, two]));
        let all = Form { payout_ids: None, dry_run: false }.wanted().unwrap();
        let apart: BTreeSet<String> = [all.digest(), digest(&[one]), digest(&[two]), digest(&[one, two])].into();
        assert_eq!(apart.len(), 4);
        assert!(form(&[]).wanted().is_err() && form(&[one, "pay_1"]).wanted().is_err());
        let many: Vec<String> = (0..=RUN_MAX).map(|number| format!("pay_{number:026}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(form(&many).wanted().unwrap_err().rule(), Some("run_maximum"));
        assert!(matches!(form(&many[1..]).wanted(), Ok(Wanted::Listed(ids)) if ids.len() == RUN_MAX));
    }
}
