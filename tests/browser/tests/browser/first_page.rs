//! The first page: small, alone, and usable without script.

use browser::{Cast, Script, Stage};
use serde_json::json;

/// What a first page may have, everything that it needs within.
const BYTES_MAX: u64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_small_and_asks_nobody_else_for_anything() {
    let Some(driver) = browser::driver("the first page").await else { return };
    // With two years behind the people, since an empty page is always small.
    let stage = Stage::rich().await;
    let person = driver.open(Script::On).await;
    for path in ["/", "/join"] {
        is_light(&stage, &person, path).await;
    }
    for who in ["alice", "hana"] {
        let payouts = stage.get(who, "/payouts").await;
        let payout = payouts["payouts"][0]["payout_id"].as_str().expect("a payout").to_owned();
        person.forget_cookies().await;
        person.sign_in(stage.site(), who, "/").await;
        let payout = format!("/my/payouts/{payout}");
        for path in ["/", "/?range=90d&group=day", "/?range=12m", "/my/payouts", "/my/templates", "/my/lines", "/my/account", &payout] {
            is_light(&stage, &person, path).await;
        }
    }
    drop(driver);
    stage.stack.stop().await;
}

/// One document of the right size, and no other request at all: not even to the same host.
async fn is_light(stage: &Stage, person: &browser::Browser, path: &str) {
    person.requested().await;
    person.go(&stage.at(path)).await;
    let asked: Vec<String> = person.requested().await.into_iter().filter(|url| !url.starts_with("data:")).collect();
    assert_eq!(asked, [stage.at(path)], "{path}");
    let sizes = person.run("const n = performance.getEntriesByType('navigation')[0]; return [n.decodedBodySize, performance.getEntriesByType('resource').map((r) => r.name)]", &json!([])).await;
    let bytes = sizes[0].as_u64().expect("a size");
    assert!((1_000..=BYTES_MAX).contains(&bytes), "{path} has {bytes} bytes");
    let loaded = sizes[1].as_array().expect("names");
    assert!(loaded.iter().all(|name| name.as_str().is_some_and(|name| name.starts_with("data:"))), "{path} loads {loaded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_script() {
    let Some(driver) = browser::driver("without script").await else { return };
    let stage = Stage::small().await;
    let cast = Cast::of(&stage).await;
    let (payee, _) = &cast.payouts["paid"];
    let person = driver.open(Script::Off).await;
    person.sign_in(stage.site(), payee, "/").await;
    assert_eq!(person.count("[data-copy]:not([hidden])").await, 0, "the page's script did not run: it would show its buttons");
    person.press("7 days").await;
    person.arrive("range=7d").await;
    person.press("Request payout").await;
    person.fill("#amount", "21.50").await;
    person.press("Work it out").await;
    person.arrive("amount=21.50").await;
    person.press("Request $21.50").await;
    person.hears("Your payout is requested").await;
    person.press("Call it off").await;
    person.hears("The payout is called off").await;
    person.go(&stage.at("/")).await;
    person.fill("#alias", "without-script").await;
    person.click("form:has(#alias) button").await;
    person.hears("Your link has its new word").await;
    assert!(person.property("#link", "value").await.ends_with("/without-script"));
    drop(driver);
    stage.stack.stop().await;
}
