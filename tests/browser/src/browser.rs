//! A window, and what a person does in it. What is not there within the deadline fails the test, with what the page says instead.

use crate::{
    stage::until,
    wire::{Refused, Wire},
};
use serde_json::{Value, json};
use std::path::Path;

/// A browser window with cookies of its own.
pub struct Browser {
    pub(crate) wire: Wire,
}

impl Browser {
    pub(crate) async fn new(wire: Wire, downloads: Option<&Path>) -> Self {
        if let Some(path) = downloads {
            wire.devtools("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": path })).await;
        }
        wire.post("timeouts", &json!({ "pageLoad": 60_000, "script": 60_000, "implicit": 0 })).await;
        Self { wire }
    }

    /// Goes to an address and waits until the page has loaded.
    pub async fn go(&self, url: &str) {
        self.wire.post("url", &json!({ "url": url })).await;
    }

    pub async fn reload(&self) {
        self.wire.post("refresh", &json!({})).await;
    }

    pub async fn url(&self) -> String {
        self.wire.get("url").await.as_str().unwrap_or_default().to_owned()
    }

    pub async fn title(&self) -> String {
        self.wire.get("title").await.as_str().unwrap_or_default().to_owned()
    }

    /// The whole page as somebody reads it.
    pub async fn words(&self) -> String {
        self.text("body").await
    }

    /// The text of the first element, as it is shown. In one call: the page may be another one a moment later.
    pub async fn text(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null";
        let shown = async || self.run(script, &json!([css])).await.as_str().map(str::to_owned);
        until(&format!("a page with {css}"), shown).await
    }

    /// A property of the first element, as a text.
    pub async fn property(&self, css: &str, name: &str) -> String {
        let element = self.element("css selector", css).await;
        let value = self.wire.get(&format!("element/{element}/property/{name}")).await;
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// How many elements there are right now.
    pub async fn count(&self, css: &str) -> u64 {
        self.run("return document.querySelectorAll(arguments[0]).length", &json!([css])).await.as_u64().unwrap_or_default()
    }

    /// Clicks the first element.
    pub async fn click(&self, css: &str) {
        self.click_by("css selector", css).await;
    }

    /// Presses a button, follows a link or opens a fold, by the words on it.
    pub async fn press(&self, words: &str) {
        assert!(!words.contains('\''), "an XPath of that would be another");
        let at = format!(
            "//*[self::a or self::button or self::summary][normalize-space()='{words}' or starts-with(normalize-space(), '{words}…')]"
        );
        self.click_by("xpath", &at).await;
    }

    /// Replaces what a field holds.
    pub async fn fill(&self, css: &str, text: &str) {
        let element = self.element("css selector", css).await;
        self.wire.post(&format!("element/{element}/clear"), &json!({})).await;
        self.wire.post(&format!("element/{element}/value"), &json!({ "text": text })).await;
    }

    /// Runs a script of the test's in the page: the page's own policy does not hold for it.
    pub async fn run(&self, script: &str, arguments: &Value) -> Value {
        self.wire.post("execute/sync", &json!({ "script": script, "args": arguments })).await
    }

    /// As [`Browser::run`], for a script that gives its answer to the last of its arguments.
    pub async fn run_until_called(&self, script: &str, arguments: &Value) -> Value {
        self.wire.post("execute/async", &json!({ "script": script, "args": arguments })).await
    }

    /// A cookie's value; empty where there is none.
    pub async fn cookie(&self, name: &str) -> String {
        let cookies = self.wire.get("cookie").await;
        let all = cookies.as_array().expect("cookies");
        all.iter().find(|cookie| cookie["name"] == name).and_then(|cookie| cookie["value"].as_str()).unwrap_or_default().to_owned()
    }

    pub async fn forget_cookies(&self) {
        self.wire.call(reqwest::Method::DELETE, "cookie", None).await.expect("cookies go");
    }

    /// Lets pages use the clipboard, as a person's click would.
    pub async fn allow_clipboard(&self, origin: &str) {
        let allowed = json!({ "origin": origin, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.wire.devtools("Browser.grantPermissions", allowed).await;
    }

    /// What was copied last.
    pub async fn clipboard(&self) -> String {
        let script = "navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](`nothing: ${error}`))";
        self.run_until_called(script, &json!([])).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page's address ends so, or has it in it.
    pub async fn arrive(&self, part: &str) {
        until(&format!("at {part}"), async || self.url().await.contains(part).then_some(())).await;
    }

    /// Waits until the page says something.
    pub async fn hears(&self, words: &str) {
        until(&format!("the page says {words:?}"), async || self.words().await.contains(words).then_some(())).await;
    }

    /// Waits until the page says beside a form why it was not taken.
    pub async fn hears_alert(&self) {
        until("the page says why not", async || (self.count("[role=alert]").await > 0).then_some(())).await;
    }

    /// Signs in by the local identity page, as one of its people or as a new customer, and returns to a page.
    pub async fn sign_in(&self, site: &str, name: &str, next: &str) {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        self.go(&format!("{site}/login?{query}")).await;
        let button = format!("button[value={name}]");
        if self.count(&button).await == 1 {
            self.click(&button).await;
        } else {
            self.fill("#name", name).await;
            self.click("button.go").await;
        }
        let target = format!("{site}{next}");
        until(&format!("{name} is signed in"), async || (self.url().await == target).then_some(())).await;
    }

    async fn element(&self, by: &str, what: &str) -> String {
        let found: Option<String> = async {
            let begun = tokio::time::Instant::now();
            loop {
                match self.wire.find(by, what).await {
                    Ok(element) => return Some(element),
                    Err(Refused { error, .. }) if error == "no such element" => {}
                    Err(refused) => panic!("{what}: {refused:?}"),
                }
                if begun.elapsed() > crate::stage::DEADLINE {
                    return None;
                }
                tokio::time::sleep(crate::stage::POLL).await;
            }
        }
        .await;
        match found {
            Some(element) => element,
            None => {
                let words = self.run("return document.body.innerText", &json!([])).await;
                panic!("there is no {what} at {}, which says: {words}", self.url().await)
            }
        }
    }

    async fn click_by(&self, by: &str, what: &str) {
        let element = self.element(by, what).await;
        self.wire.post(&format!("element/{element}/click"), &json!({})).await;
    }
}
