//! Wires the reconciliation: a schedule.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = reconcile::App::from_env(&env)?;
        edge::events::serve_schedule(&env, async |job| reconcile::handle(&app, job).await).await
    })
}
