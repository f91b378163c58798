//! Whatever somebody calls a thing, a page shows it as text.

use browser::{Browser, Script, Stage};
use reqwest::Method;
use serde_json::json;

const SCRIPT: &str = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">";
const TURNED: &str = "safe \u{202e}gpj.exe\u{202c} \u{5d0}\u{5d1} & \"quoted\" 'so'";

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_text() {
    let Some(driver) = browser::driver("hostile names").await else { return };
    let stage = Stage::small().await;
    let person = driver.open(Script::On).await;
    person.sign_in(stage.site(), "alice", "/my/templates").await;
    names_of_templates(&stage, &person).await;
    aliases(&stage, &person).await;
    payout_accounts(&stage, &person).await;
    names_on_invoices(&stage, &person).await;
    drop(driver);
    stage.stack.stop().await;
}

/// Puts a text into a field whatever the field's own limit is, and sends its form.
async fn send(person: &Browser, field: &str, text: &str) {
    let script = "const f = document.querySelector(arguments[0]); f.removeAttribute('maxlength'); f.type = 'text'; f.value = arguments[1]; f.closest('details')?.setAttribute('open', '')";
    person.run(script, &json!([field, text])).await;
    let before = person.url().await;
    person.run("document.querySelector(arguments[0]).form.noValidate = true", &json!([field])).await;
    person.run("window.sent = true", &json!([])).await;
    person.click(&format!("form:has({field}) button:not([type=button])")).await;
    browser::until(&format!("{field} is sent at {before}"), async || {
        person.run("return window.sent !== true && document.readyState === 'complete'", &json!([])).await.as_bool().filter(|fresh| *fresh)
    })
    .await;
}

/// The page is whole, and nothing of the text became part of it.
async fn is_only_text(person: &Browser, where_: &str) {
    assert!(!person.title().await.contains("taken"), "{where_}: a script ran");
    assert_eq!(person.count("main script, main img, main iframe").await, 0, "{where_}: markup became part of the page");
    assert_eq!(person.overflow().await, None, "{where_}: a long text makes the page wider");
    assert_eq!(person.count(".foot, main").await, 2, "{where_}: the page is whole");
}

async fn names_of_templates(stage: &Stage, person: &Browser) {
    let long = "x".repeat(10_240);
    for name in [SCRIPT, TURNED, &long] {
        person.go(&stage.at("/my/templates")).await;
        person.fill("#new-url", &stage.at("/_local/landing")).await;
        send(person, "#new-name", name).await;
        is_only_text(person, "a template's name").await;
        // What is refused is still in the field, to be mended.
        let kept = person.property("#new-name", "value").await;
        let listed = person.words().await.contains(name.split('\u{202e}').next().unwrap());
        assert!(listed || name.starts_with(&kept) && !kept.is_empty(), "{name:.40}: neither in the list nor in the field: {kept:.80}");
    }
    // A name that is taken as it is, seen where others are.
    let hostile: String = SCRIPT.chars().take(80).collect();
    stage
        .send("alice", Method::POST, "/templates", &json!({ "name": hostile, "url": stage.at("/_local/landing"), "public": true }), 201)
        .await;
    for path in ["/my/templates", "/"] {
        person.go(&stage.at(path)).await;
        is_only_text(person, path).await;
    }
    person.go(&stage.at("/my/templates")).await;
    assert!(person.words().await.contains(&hostile), "the name is shown as it is");
    assert!(person.count("bdi").await > 0, "a text from right to left turns nothing around it");
}

async fn aliases(stage: &Stage, person: &Browser) {
    for alias in [SCRIPT.to_owned(), TURNED.to_owned(), "y".repeat(10_240)] {
        person.go(&stage.at("/")).await;
        send(person, "#alias", &alias).await;
        is_only_text(person, "an alias").await;
        let kept = person.property("#alias", "value").await;
        assert!(!kept.is_empty() && alias.starts_with(&kept), "{kept:.80}");
        assert_eq!(person.count("#alias[aria-invalid=true]").await, 1, "it says why not");
    }
}

async fn payout_accounts(stage: &Stage, person: &Browser) {
    for field in ["#destination-paypal", "#destination-wise", "#destination-stripe_connect"] {
        for text in [format!("\"{SCRIPT}\"@example.com"), TURNED.to_owned(), "z".repeat(10_240)] {
            person.go(&stage.at("/my/account")).await;
            send(person, field, &text).await;
            is_only_text(person, field).await;
            let kept = person.property(field, "value").await;
            assert!(!kept.is_empty() && text.starts_with(&kept), "{kept:.80}");
        }
    }
}

async fn names_on_invoices(stage: &Stage, person: &Browser) {
    let name: String = SCRIPT.chars().take(80).collect();
    let billing = json!({ "name": name, "address": [TURNED.replace(['\u{202e}', '\u{202c}'], "")], "country": "DE" });
    stage.send("alice", Method::PUT, "/billing", &billing, 200).await;
    person.go(&stage.at("/my/account")).await;
    is_only_text(person, "billing details").await;
    assert_eq!(person.property("#name", "value").await, name);
}
