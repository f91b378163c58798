//! WebDriver's calls, as JSON over HTTP.
//!
//! Written here, since it is little: `thirtyfour` turns on `serde_json/preserve_order` for the whole workspace, which changes what the
//! product's own tests run on; `fantoccini` needs the `webdriver` crate, under a licence that this project does not link, and
//! another cookie and time library beside it.

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The member that holds an element's id, as the standard names it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What WebDriver answered instead of what was asked for: its error's name, and its words.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: String,
    pub(crate) message: String,
}

/// One session. It ends with its driver.
pub(crate) struct Wire {
    http: Client,
    base: String,
}

impl Wire {
    /// Opens a session.
    pub(crate) async fn begin(http: Client, driver: &str, wishes: &Value) -> Self {
        let opener = Self { http, base: driver.to_owned() };
        let opened = opener.post("session", wishes).await;
        let id = opened["sessionId"].as_str().expect("a session id").to_owned();
        Self { base: format!("{driver}/session/{id}"), ..opener }
    }

    /// One call.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Refused> {
        let mut request = self.http.request(method, format!("{}/{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut answer: Value = request.send().await.expect("chromedriver answers").json().await.expect("JSON");
        let value = answer["value"].take();
        match value["error"].as_str() {
            // A script may give an object with such a member; only a refusal has all three.
            Some(error) if value.get("stacktrace").is_some() => {
                Err(Refused { error: error.to_owned(), message: value["message"].as_str().unwrap_or_default().to_owned() })
            }
            Some(_) | None => Ok(value),
        }
    }

    /// A call that is not refused.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        match self.call(Method::POST, path, Some(body)).await {
            Ok(value) => value,
            Err(refused) => panic!("{path} {body}: {}: {}", refused.error, refused.message),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        match self.call(Method::GET, path, None).await {
            Ok(value) => value,
            Err(refused) => panic!("{path}: {}: {}", refused.error, refused.message),
        }
    }

    /// A command of Chromium's own protocol, by `chromedriver`.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// The first element that is found.
    pub(crate) async fn find(&self, by: &str, what: &str) -> Result<String, Refused> {
        let found = self.call(Method::POST, "element", Some(&json!({ "using": by, "value": what }))).await?;
        Ok(found[ELEMENT].as_str().expect("an element").to_owned())
    }
}
