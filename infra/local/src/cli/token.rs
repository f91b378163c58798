//! `token`: a bearer token of the running stack's issuer.

use super::door::Door;
use super::{Failure, say};
use crate::identity::{TokenAnswer, TokenRequest};
use clap::Args;
use std::process::ExitCode;

/// A working day is not interrupted by a token that expires.
const DAY_SECONDS: u32 = 86_400;

/// What `token` takes.
#[derive(Debug, Args)]
pub(super) struct TokenArguments {
    /// alice, bob, hana (a host), fin1, fin2 (finance), platform (a machine), or any new name: a new customer.
    name: String,
    /// Port of the stack, where several run.
    #[arg(long)]
    port: Option<u16>,
    /// How long the token is good for, at most 30 days. Time that the stack's clock is moved by counts.
    #[arg(long, value_name = "SECONDS", default_value_t = DAY_SECONDS)]
    ttl_seconds: u32,
}

pub(super) async fn token(arguments: TokenArguments) -> Result<ExitCode, Failure> {
    let door = Door::open(arguments.port)?;
    say(&ask(&door, arguments.name, arguments.ttl_seconds).await?)?;
    Ok(ExitCode::SUCCESS)
}

async fn ask(door: &Door, name: String, ttl_seconds: u32) -> Result<String, Failure> {
    let request = TokenRequest { name, ttl_seconds: Some(ttl_seconds) };
    let answer: TokenAnswer = door.post("token", &request).await?;
    Ok(answer.token)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::testing::TestDoor;

    #[tokio::test]
    async fn gives_just_the_token() {
        let stack = TestDoor::start().await;
        let token = ask(&stack.door(), "alice".into(), 60).await.unwrap();
        assert_eq!(token.split('.').count(), 3);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    }

    #[tokio::test]
    async fn a_name_or_lifetime_that_cannot_be_is_told_in_words() {
        let stack = TestDoor::start().await;
        let refused = ask(&stack.door(), "Alice!".into(), 60).await.unwrap_err();
        assert!(refused.to_string().contains("a name has 1 to 40"), "{refused}");
        let refused = ask(&stack.door(), "alice".into(), 0).await.unwrap_err();
        assert!(refused.to_string().contains("a token lives for"), "{refused}");
    }
}
