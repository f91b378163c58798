//! `GET` and `PUT /finance/switch`: whether payouts go out. It holds at once: the payout worker reads it before every call to a rail.

use crate::App;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::{payout::Reason, settings::Settings};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Attempt, decide,
    records::{
        act::{Act, ActKind},
        switch::{Switch, Turned},
        time,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    payouts_enabled: bool,
    reason: String,
}

#[derive(Serialize)]
struct View {
    payouts_enabled: bool,
    /// What the programme's settings say: cash goes out only where both do.
    settings_enabled: bool,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    turned: Option<TurnedView>,
}

#[derive(Serialize)]
struct TurnedView {
    by: AccountId,
    at: String,
    reason: String,
}

impl View {
    fn of(switch: &Switch, settings: &Settings) -> Self {
        let turned = switch.turned.as_ref();
        Self {
            payouts_enabled: switch.payouts_enabled,
            settings_enabled: settings.payouts_enabled,
            version: switch.version,
            turned: turned.map(|turned| TurnedView { by: turned.by.clone(), at: time(turned.at), reason: turned.reason.clone() }),
        }
    }
}

/// How it stands.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let (switch, programme) = tokio::try_join!(app.store.switch(), app.store.programme(call.now))?;
    Reply::json(StatusCode::OK, &View::of(&switch, programme.at(call.now).1))
}

/// Turns it. Where it stands so already nothing is done: the first reason counts.
pub(crate) async fn turn(app: &App, call: &Call, by: &AccountId) -> Result<Reply, Problem> {
    let form: Form = call.json()?;
    let reason = Reason::try_new(&form.reason).map_err(|error| Problem::malformed(format!("It needs a reason: {error}.")))?;
    let programme = app.store.programme(call.now).await?;
    let settings = programme.at(call.now).1;
    let view = decide(&*app.ids, async || {
        let switch = app.store.switch().await?;
        if switch.payouts_enabled == form.payouts_enabled {
            return Ok(Attempt::Done(View::of(&switch, settings)));
        }
        let turned = Turned { by: by.clone(), at: call.now, reason: reason.as_str().to_owned() };
        let after = switch.after(form.payouts_enabled, turned);
        let act = Act {
            at: call.now,
            by: by.clone(),
            kind: ActKind::PayoutsSwitched,
            subject: "payouts".to_owned(),
            version: u32::try_from(after.version).map_err(Problem::internal)?,
            reason: Some(reason.as_str().to_owned()),
            details: json!({ "payouts_enabled": form.payouts_enabled }),
        };
        let attempt = Attempt::of(app.store.turn_switch(&after, &[act.write()]).await, View::of(&after, settings))?;
        if matches!(attempt, Attempt::Done(_)) {
            tracing::warn!(%by, payouts_enabled = form.payouts_enabled, "payouts were switched");
        }
        Ok(attempt)
    })
    .await?;
    Reply::json(StatusCode::OK, &view)
}
