//! Wires the function.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = rollup::App::from_env(&env)?;
        edge::events::serve_schedule(&env, async |job| rollup::handle(&app, job).await).await
    })
}
