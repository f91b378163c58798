//! `GET /me`: who the token says that the caller is, and whether that account has signed up.

use crate::{App, fault};
use edge::{
    auth::Principal,
    http::{Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
struct Me<'a> {
    account_id: &'a AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    groups: &'a BTreeSet<String>,
    /// Whether it has a link of its own.
    signed_up: bool,
}

pub(crate) async fn show(app: &App, caller: &Principal) -> Result<Reply, Problem> {
    let profile = app.store.profile(&caller.account).await.map_err(fault::of_store)?;
    let me = Me { account_id: &caller.account, name: caller.name.as_deref(), groups: &caller.groups, signed_up: profile.is_some() };
    Reply::json(StatusCode::OK, &me)
}
