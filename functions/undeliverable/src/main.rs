//! Wires the function: the dead letters of the queues to the quarantine.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = undeliverable::App::from_env(&env)?;
        edge::events::serve_queues(&env, async |name: &str, batch| undeliverable::handle(&app, app.queue(name), batch).await).await
    })
}
