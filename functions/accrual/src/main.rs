//! Wires the accrual: SQS facts to the ledger.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = accrual::App::from_env(&env)?;
        edge::events::serve_batch(&env, async |batch| accrual::handle(&app, batch).await).await
    })
}
