//! The programme goes over to rewards by usage: who comes by a link from then on earns its referrer a share of what it spends.

use super::{Story, Wrong, events};
use crate::signing::Source;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// A new version of the settings starts at least 5 minutes ahead.
const LEAD: Duration = Duration::from_secs(6 * 60);

impl Story<'_> {
    pub(super) async fn reward_by_usage(&mut self) -> Result<String, Wrong> {
        let shown = self.door.get("fin1", "/finance/programme").await?.expect(200, "the settings")?;
        let mut settings = shown.body["settings"].clone();
        settings["reward_basis"] = json!("usage");
        let from = events::time(self.now() + i64::try_from(LEAD.as_secs())?);
        let body = json!({ "from": from, "settings": settings, "reason": "The demo goes over to usage." });
        self.door.send("fin1", Method::PUT, "/finance/programme", &[], &body).await?.expect(200, "the new version")?;
        self.door.stack().clock().advance(LEAD).await?;

        let receipt = self.receipt_of(&self.alice_code).await?;
        let nina = self.sign_up("nina", Some(&receipt)).await?;
        let account = nina.text("/account_id");
        let before = self.figure("cashable").await?;
        let spent = |usage: &str, amount: &str| events::spent(usage, &account, amount, self.now());
        self.post(&events::captured("pi_demo_6", &account, 10_000, self.now())).await?;
        self.rewards_are("65.55").await?;
        for event in [spent("use_demo_1", "40.00"), spent("use_demo_1", "40.00"), spent("use_demo_2", "90.00")] {
            self.door.post_event(Source::Platform, &event).await?.expect(200, "the webhook")?;
        }
        self.rewards_are("68.55").await?;
        let at_once = self.figure("cashable").await?;
        if at_once == before {
            return Err(format!("a reward by usage has no hold, and yet {before} is cashable as before").into());
        }
        self.post(&events::refunded("pi_demo_6", "re_demo_6", 7_000, self.now())).await?;
        self.rewards_are("66.45").await?;
        Ok("nina buys 100.00 and spends 130.00: alice has 3 % of what was bought, cashable at once; 70.00 refunded, 0.90 stay".into())
    }
}
