//! The demo is a test, too.

use e2e::stack;

#[tokio::test(flavor = "multi_thread")]
async fn every_step_goes_as_it_should() {
    let stack = stack("demo").await;
    let told = local::demo::tell(&stack, |_| {}).await;
    stack.stop().await;
    for step in &told.steps {
        assert!(step.ok, "{}: {}", step.name, step.detail);
    }
    assert!(told.ok && told.audit.values().all(|figure| *figure == 0), "{told:?}");
}
