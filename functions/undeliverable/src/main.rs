//! Wires the function: the dead letters of the facts queue to the quarantine.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = undeliverable::App::from_env(&env)?;
        edge::events::serve_batch(&env, async |batch| undeliverable::handle(&app, batch).await).await
    })
}
