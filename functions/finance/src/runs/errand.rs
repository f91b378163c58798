//! Telling the payout worker of what stands.

use crate::App;
use edge::queue::Outgoing;
use programme::payout::Errand;

/// A message that is lost delays payouts and no more: the worker's own regular look at open runs sends it again. So what was ordered
/// is answered as ordered all the same.
pub(super) async fn send(app: &App, errand: &Errand) {
    let sent = match serde_json::to_string(errand) {
        Ok(body) => app.payouts.send(vec![Outgoing::new(body)]).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = sent {
        tracing::warn!(%error, ?errand, "an errand was not sent; the next look at open runs sends it");
    }
}
