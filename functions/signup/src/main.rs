//! Wires the function.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let app = signup::App::from_env(&edge::config::Env::process())?;
        edge::http::serve(async |call| signup::handle(&app, call).await).await
    })
}
