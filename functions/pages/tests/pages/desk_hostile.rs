//! The console with whatever people write into what it shows, and into its addresses.

use crate::{
    desk::paths,
    support::{World, call},
};
use edge::http::Method;

#[tokio::test]
async fn whatever_a_text_is_it_shows_as_text() {
    let script = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    for name in [script, "abc\u{202e}gpj.exe\u{2066}", &"W".repeat(10_000)] {
        let world = World::new();
        let text = serde_json::to_string(name).unwrap();
        let inner = &text[1..text.len() - 1];
        // Every text of every answer that is no figure, day or word of a closed list.
        for (door, answer) in world.api.known() {
            let mut bent = answer.to_string();
            for known in [
                "acct_maria",
                "acct_jonas",
                "m…a@example.com",
                "The name on the account differs.",
                "Wise is back.",
                "acct_sven",
                "acct_alice",
                "stripe:pi_3QxYzAbCdEf",
                "amount: must be above zero",
                "evt_1",
                "UNCLAIMED",
                "bounced",
                "the tables do not show queues",
                "ours 50.00 USD, theirs 49.00 USD",
                "16521632",
                "first_payout",
                "same_device",
                "payout_approved",
                "paypal",
                "over_refunded",
            ] {
                bent = bent.replace(&format!("\"{known}\""), &format!("\"{inner}\""));
            }
            world.api.put(&door, 200, serde_json::from_str(&bent).unwrap());
        }
        for path in paths() {
            let page = world.desk(&path).await;
            assert!(matches!(page.status(), 200 | 404), "{path}: {}", page.status());
            let html = page.html();
            assert!(!html.contains("<script>alert") && !html.contains("<img") && !html.contains("href=\"javascript:"), "{path}");
            assert_eq!(html.matches("<script").count(), 1, "{path}: the page's own alone");
        }
    }
}

#[tokio::test]
async fn whatever_is_in_the_address_is_not_on_the_page() {
    let world = World::new();
    let encoded = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        "/finance?status={}&cursor={}",
        "/finance?done={}",
        "/desk/acts?from={}",
        "/desk/reconciliation?day={}",
        "/desk/runs?state={}",
        "/desk/nowhere?x={}",
    ] {
        let page = world.desk(&path.replace("{}", encoded)).await;
        assert!(!page.html().contains("<script>alert"), "{path}");
    }
    for path in ["/desk/nowhere", "/desk/switch/on", "/desk/payouts"] {
        assert_eq!(world.desk(path).await.status(), 404, "{path}");
    }
    let session = world.fin();
    let odd = world.send(world.with(&session, call(Method::GET, "/desk/accounts/x").param("id", "\"><script>alert(1)</script>"))).await;
    assert!(odd.status() == 404 && !odd.html().contains("<script>alert"));
}
