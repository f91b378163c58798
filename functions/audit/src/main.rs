//! Wires the audit: a day's work in quarters of an hour, and on demand by finance.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = audit::App::from_env(&env)?;
        edge::events::serve_either(&env, async |call| audit::on_demand(&app, call).await, async |job| audit::on_schedule(&app, job).await)
            .await
    })
}
