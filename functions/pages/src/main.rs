//! Wires the function.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let app = pages::App::from_env(&edge::config::Env::process())?;
        edge::http::serve(async |call| pages::handle(&app, call).await).await
    })
}
