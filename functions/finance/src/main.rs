//! Wires the function.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let app = finance::App::from_env(&edge::config::Env::process())?;
        edge::http::serve(async |call| finance::handle(&app, call).await).await
    })
}
