//! The pages where the owner of a connected account fills in what Stripe asks for: here one page with one field.

use super::{RAIL, Refused, accounts, form::Form, invalid, missing, refused_html};
use crate::rails::{
    books::{Desk, Kept},
    call::Stop,
    ids,
    server::Rails,
};
use axum::{
    extract::{Path, State as Shared},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use bytes::Bytes;
use http::StatusCode;
use ledger::Rail;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a link opens, in milliseconds.
const LINK_MS: i64 = 5 * 60_000;

/// The number of a bank account that takes no money; any other does.
const FAILING_IBAN: &str = "DE62370400440532013001";
const WORKING_IBAN: &str = "DE89370400440532013000";

/// A link to these pages: it opens once, for a few minutes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) id: String,
    pub(super) until_ms: i64,
    account: String,
    refresh_url: String,
    return_url: String,
    used: bool,
}

impl Kept for Link {
    const RAIL: Rail = RAIL;
    const KIND: &'static str = "link";
    fn id(&self) -> String {
        self.id.clone()
    }
}

impl Link {
    /// The link that a request asks for.
    pub(super) fn asked(desk: &Desk<'_>, form: &Form) -> Result<Self, Stop> {
        let url = |name: &str| {
            let text = form.need(name)?;
            let plain = text.starts_with("https://") || text.starts_with("http://");
            if plain { Ok(text.to_owned()) } else { Err(Refused::from(invalid("url_invalid", "Not a valid URL", name))) }
        };
        if !["account_onboarding", "account_update"].contains(&form.need("type")?) {
            let message = "Invalid type: must be account_onboarding or account_update";
            return Err(Refused::from(invalid("parameter_invalid", message, "type")).into());
        }
        let account = form.need("account")?.to_owned();
        let (refresh_url, return_url) = (url("refresh_url")?, url("return_url")?);
        if accounts::find(desk, &account)?.is_none() {
            return Err(Refused::from(missing("account", &account)).into());
        }
        let id = ids::mixed("", &desk.seed("link")?, 32);
        Ok(Self { id, until_ms: desk.now_ms.saturating_add(LINK_MS), account, refresh_url, return_url, used: false })
    }

    fn opens(&self, desk: &Desk<'_>) -> bool {
        !self.used && desk.now_ms < self.until_ms
    }
}

/// What a link leads to.
enum Way {
    Nowhere,
    /// It opens no more: its maker makes another one there.
    Again(String),
    Here(String),
    Back(String),
}

impl Way {
    fn into_response(self) -> Response {
        match self {
            Self::Nowhere => (StatusCode::NOT_FOUND, Html("<p>There is no such page.</p>")).into_response(),
            Self::Again(url) | Self::Back(url) => Redirect::to(&url).into_response(),
            Self::Here(page) => Html(page).into_response(),
        }
    }
}

pub(super) async fn show(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    let found = rails.books.within(move |desk| {
        Ok(match desk.kept::<Link>(&id)? {
            None => Way::Nowhere,
            Some(link) if link.opens(desk) => Way::Here(page(&link)),
            Some(link) => Way::Again(link.refresh_url),
        })
    });
    found.await.map_or_else(|error| refused_html(&error), |(way, _)| way.into_response())
}

/// `step=finish` makes the account ready; anything else leaves it as it is. Both lead back.
pub(super) async fn fill_in(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(None, &body, &["step", "iban"]).unwrap_or_default();
    let done = rails.books.within(move |desk| {
        let Some(mut link) = desk.kept::<Link>(&id)? else { return Ok(Way::Nowhere) };
        if !link.opens(desk) {
            return Ok(Way::Again(link.refresh_url));
        }
        if form.get("step") == Some("finish")
            && let Some(mut account) = accounts::find(desk, &link.account)?
        {
            account.filled_in(form.get("iban") == Some(FAILING_IBAN));
            accounts::changed(desk, &account)?;
            link.used = true;
            desk.keep(&link)?;
        }
        Ok(Way::Back(link.return_url))
    });
    let way = done.await;
    rails.stir();
    way.map_or_else(|error| refused_html(&error), |(way, _)| way.into_response())
}

fn page(link: &Link) -> String {
    // Every text in it is made of letters and digits.
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Stripe, on this machine</title>\
         <style>body{{font:16px/1.5 sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}}input,button{{font:inherit}}</style>\
         <h1>Get paid by Stripe</h1><p>This page stands in for Stripe's. Account <code>{account}</code>.</p>\
         <form method=\"post\"><p><label>Bank account (IBAN)<br><input name=\"iban\" size=\"30\" value=\"{WORKING_IBAN}\"></label></p>\
         <p><button name=\"step\" value=\"finish\">Finish</button> <button name=\"step\" value=\"later\">Later</button></p></form>\
         <p>{FAILING_IBAN} is a bank account that takes no money.</p></html>",
        account = link.account
    )
}
