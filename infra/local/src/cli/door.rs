//! The way from a command to the running stack: HTTP to its own door, with the token of its run.

use super::Failure;
use crate::run_file::{RunFile, discover};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// The longest that a command waits for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// The longest that it waits for what reads every record.
const AUDIT_MAX: Duration = Duration::from_secs(600);

/// The door of one running stack.
pub(super) struct Door {
    http: Client,
    url: String,
    token: String,
}

/// What the door answers where it refuses.
#[derive(serde::Deserialize)]
struct Refusal {
    error: String,
}

impl Door {
    /// The door of the stack on `port`, else of the newest one that runs here.
    ///
    /// # Errors
    /// Where none runs.
    pub(super) fn open(port: Option<u16>) -> Result<Self, Failure> {
        Self::of(discover(port)?)
    }

    pub(super) fn of(stack: RunFile) -> Result<Self, Failure> {
        Self::waiting(stack, ANSWER_MAX)
    }

    /// As [`Door::of`], for what takes long.
    pub(super) fn patient(stack: RunFile) -> Result<Self, Failure> {
        Self::waiting(stack, AUDIT_MAX)
    }

    fn waiting(stack: RunFile, longest: Duration) -> Result<Self, Failure> {
        // The token must not go through a proxy that the environment names.
        let http = Client::builder().no_proxy().timeout(longest).build()?;
        Ok(Self { http, url: stack.url, token: stack.token })
    }

    /// Asks for what is behind `/_local/{path}`.
    ///
    /// # Errors
    /// Where the stack cannot be reached, or refuses; its reason then.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.ask(self.http.get(self.address(path))).await
    }

    /// Posts JSON to `/_local/{path}`.
    ///
    /// # Errors
    /// As [`Door::get`].
    pub(super) async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Failure> {
        self.ask(self.http.post(self.address(path)).json(body)).await
    }

    fn address(&self, path: &str) -> String {
        format!("{}/_local/{path}", self.url)
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let answer = request
            .header("x-local-token", &self.token)
            .send()
            .await
            .map_err(|error| format!("the stack at {} does not answer: {}", self.url, error.without_url()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.json().await?);
        }
        let refusal: Option<Refusal> = answer.json().await.ok();
        Err(match (status, refusal) {
            (StatusCode::FORBIDDEN, _) => format!("what listens at {} is not the stack that was started here", self.url).into(),
            (_, Some(refusal)) => refusal.error.into(),
            (status, None) => format!("the stack at {} answers {status}", self.url).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::testing::TestDoor;
    use serde_json::Value;

    #[tokio::test]
    async fn another_runs_token_opens_nothing() {
        let stack = TestDoor::start().await;
        let refused = stack.wrong_door().get::<Value>("clock").await.unwrap_err();
        assert!(refused.to_string().contains("is not the stack that was started here"), "{refused}");
    }

    #[tokio::test]
    async fn a_path_that_is_not_there_is_told_by_its_status() {
        let stack = TestDoor::start().await;
        let refused = stack.door().get::<Value>("elsewhere").await.unwrap_err();
        assert!(refused.to_string().contains("404"), "{refused}");
    }

    #[tokio::test]
    async fn a_stack_that_is_gone_is_told_so_without_its_token() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let door = Door::of(RunFile { port, pid: 1, token: "t0ken".into(), url, data: None, started_at: 0 }).unwrap();
        let refused = door.get::<Value>("clock").await.unwrap_err().to_string();
        assert!(refused.contains("does not answer") && !refused.contains("t0ken"), "{refused}");
    }
}
