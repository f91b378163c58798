//! Wires the payout worker: the payouts queue, and the regular look at what is open.

fn main() -> Result<(), edge::Error> {
    edge::telemetry::init();
    edge::block_on(async {
        let env = edge::config::Env::process();
        let app = payout_worker::App::from_env(&env)?;
        let sweep = async |job: edge::events::Schedule| payout_worker::sweep(&app, job.now).await;
        edge::events::serve_work(&env, async |batch| payout_worker::handle(&app, batch).await, sweep).await
    })
}
