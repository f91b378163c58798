//! Wires the function.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let (app, desk) = (webhook::App::from_env(&env)?, webhook::Desk::from_env(&env)?);
        edge::http::serve(async |call| webhook::answer(&app, &desk, call).await).await
    })
}
