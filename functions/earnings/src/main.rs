//! Wires the function.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let app = earnings::App::from_env(&edge::config::Env::process())?;
        edge::http::serve(async |call| earnings::handle(&app, call).await).await
    })
}
