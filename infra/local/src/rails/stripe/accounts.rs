//! `/v1/accounts`, `/v1/account_links`, `/v1/balance`.

use super::{Answer, RAIL, Refused, error, events, form::Form, idempotency, invalid, seconds, setup::Link};
use crate::rails::{
    behaviour::Behaviour,
    books::{Desk, Kept},
    call::Call,
    error::RailsError,
    ids, money,
    operation::Operation,
    server::Rails,
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use ledger::Rail;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const CREATE: &[&str] = &[
    "account_token",
    "bank_account",
    "business_profile",
    "business_type",
    "capabilities",
    "company",
    "country",
    "default_currency",
    "documents",
    "email",
    "expand",
    "external_account",
    "individual",
    "metadata",
    "settings",
    "tos_acceptance",
    "type",
];
const LINK: &[&str] = &["account", "collect", "expand", "refresh_url", "return_url", "type"];

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rails) struct Account {
    pub(in crate::rails) id: String,
    email: Option<String>,
    country: String,
    kind: String,
    metadata: BTreeMap<String, String>,
    created_ms: i64,
    /// Whether its owner has filled in what Stripe asks for.
    pub(super) details_submitted: bool,
    /// `active`, `pending` or `inactive`.
    pub(in crate::rails) transfers: String,
    pub(in crate::rails) payouts_enabled: bool,
    /// The bank account that its owner named does not take money.
    #[serde(default)]
    pub(super) bank_fails: bool,
}

impl Kept for Account {
    const RAIL: Rail = RAIL;
    const KIND: &'static str = "account";
    fn id(&self) -> String {
        self.id.clone()
    }
}

impl Account {
    /// One that was not made here: it behaves by its name, and is otherwise ready.
    fn foreign(id: &str) -> Self {
        let ready = Behaviour::of_text(id) != Behaviour::Restricted;
        Self {
            id: id.to_owned(),
            email: None,
            country: "US".to_owned(),
            kind: "express".to_owned(),
            metadata: BTreeMap::new(),
            created_ms: 0,
            details_submitted: true,
            transfers: if ready { "active" } else { "inactive" }.to_owned(),
            payouts_enabled: ready,
            bank_fails: false,
        }
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        let named = Behaviour::of_text(self.email.as_deref().unwrap_or(&self.id));
        if named == Behaviour::Ok && self.bank_fails { Behaviour::PayoutFails } else { named }
    }

    /// Its owner has filled everything in.
    pub(super) fn filled_in(&mut self, bank_fails: bool) {
        let ready = self.behaviour() != Behaviour::Restricted;
        self.details_submitted = true;
        self.bank_fails = bank_fails;
        self.transfers = if ready { "active" } else { "inactive" }.to_owned();
        self.payouts_enabled = ready;
    }

    pub(in crate::rails) fn object(&self) -> Value {
        let due: &[&str] = if self.details_submitted { &[] } else { &["external_account", "tos_acceptance.date", "tos_acceptance.ip"] };
        let reason = match (self.payouts_enabled, self.details_submitted) {
            (true, _) => None,
            (false, false) => Some("requirements.past_due"),
            (false, true) => Some("rejected.other"),
        };
        let requirements = |disabled: Option<&str>| {
            json!({
                "alternatives": [], "current_deadline": null, "currently_due": due, "disabled_reason": disabled, "errors": [],
                "eventually_due": due, "past_due": due, "pending_verification": [],
            })
        };
        json!({
            "id": self.id,
            "object": "account",
            "business_profile": { "mcc": null, "name": null, "url": null },
            "business_type": "individual",
            "capabilities": { "transfers": self.transfers },
            "charges_enabled": false,
            "controller": { "type": "application" },
            "country": self.country,
            "created": seconds(self.created_ms),
            "default_currency": "usd",
            "details_submitted": self.details_submitted,
            "email": self.email,
            "external_accounts": {
                "object": "list", "data": [], "has_more": false, "url": format!("/v1/accounts/{}/external_accounts", self.id),
            },
            "future_requirements": requirements(None),
            "metadata": self.metadata,
            "payouts_enabled": self.payouts_enabled,
            "requirements": requirements(reason),
            "settings": {
                "branding": { "icon": null, "logo": null, "primary_color": null, "secondary_color": null },
                "card_payments": { "decline_on": { "avs_failure": true, "cvc_failure": true }, "statement_descriptor_prefix": null },
                "dashboard": { "display_name": null, "timezone": "Etc/UTC" },
                "payments": { "statement_descriptor": null },
                "payouts": { "debit_negative_balances": true, "schedule": { "delay_days": 2, "interval": "daily" } },
            },
            "tos_acceptance": { "date": null, "ip": null, "user_agent": null },
            "type": self.kind,
        })
    }
}

/// The account that an id names: one that was made here, or, where it looks like one, a foreign one.
pub(in crate::rails) fn find(desk: &Desk<'_>, id: &str) -> Result<Option<Account>, RailsError> {
    if let Some(made) = desk.kept::<Account>(id)? {
        return Ok(Some(made));
    }
    let looks = id.strip_prefix("acct_").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    Ok(looks.then(|| Account::foreign(id)))
}

/// Keeps what an account has become, and tells of it.
pub(in crate::rails) fn changed(desk: &Desk<'_>, account: &Account) -> Result<(), RailsError> {
    desk.keep(account)?;
    let event = events::event(desk, "account.updated", &account.object(), Some(&account.id), desk.now_ms)?;
    desk.tell(RAIL, &account.id, None, std::slice::from_ref(&account.id), &event)
}

pub(super) async fn create(Shared(rails): Shared<Arc<Rails>>, headers: HeaderMap, body: Bytes) -> Result<Response, Refused> {
    let (form, key) = (Form::read(Some(&headers), &body, CREATE)?, idempotency::key(&headers)?);
    let answer = rails
        .answer(Call::new(RAIL, Operation::Onboard, [form.get("email")]), move |desk, fault| {
            idempotency::once(desk, key.as_deref(), "/v1/accounts", &form, fault, || {
                let kind = form.get("type").unwrap_or("standard");
                if !["custom", "express", "standard"].contains(&kind) {
                    return Ok(invalid("parameter_invalid", "Invalid type: must be one of custom, express, or standard", "type"));
                }
                let account = Account {
                    id: ids::mixed("acct_", &desk.seed("account")?, 16),
                    email: form.get("email").map(str::to_owned),
                    country: form.get("country").unwrap_or("US").to_owned(),
                    kind: kind.to_owned(),
                    metadata: form.inside("metadata"),
                    created_ms: desk.now_ms,
                    details_submitted: false,
                    transfers: "inactive".to_owned(),
                    payouts_enabled: false,
                    bank_fails: false,
                };
                desk.keep(&account)?;
                Ok(Answer::ok(&account.object()))
            })
        })
        .await;
    Ok(answer)
}

pub(super) async fn read(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    rails
        .answer(Call::new(RAIL, Operation::Account, [Some(id.as_str())]), move |desk, _| {
            let message = format!("The provided key does not have access to account '{id}' (or that account does not exist).");
            let refused = || error(StatusCode::FORBIDDEN, "invalid_request_error", Some("account_invalid"), &message, None);
            Ok(find(desk, &id)?.map_or_else(refused, |account| Answer::ok(&account.object())))
        })
        .await
}

pub(super) async fn link(Shared(rails): Shared<Arc<Rails>>, headers: HeaderMap, body: Bytes) -> Result<Response, Refused> {
    let (form, key) = (Form::read(Some(&headers), &body, LINK)?, idempotency::key(&headers)?);
    let base = rails.base("stripe");
    let answer = rails
        .answer(Call::new(RAIL, Operation::Link, [form.get("account")]), move |desk, fault| {
            idempotency::once(desk, key.as_deref(), "/v1/account_links", &form, fault, || {
                let link = Link::asked(desk, &form)?;
                desk.keep(&link)?;
                Ok(Answer::ok(&json!({
                    "object": "account_link",
                    "created": seconds(desk.now_ms),
                    "expires_at": seconds(link.until_ms),
                    "url": format!("{base}/setup/{}", link.id),
                })))
            })
        })
        .await;
    Ok(answer)
}

pub(super) async fn balance(Shared(rails): Shared<Arc<Rails>>) -> Response {
    rails
        .answer(Call::new(RAIL, Operation::Balance, []), |desk, _| {
            let available = money::to_minor(desk.balance(RAIL, "USD")?, "USD");
            let amount = |amount: i64| json!([{ "amount": amount, "currency": "usd", "source_types": { "card": amount } }]);
            Ok(Answer::ok(&json!({
                "object": "balance",
                "available": amount(available),
                "connect_reserved": [{ "amount": 0, "currency": "usd" }],
                "livemode": false,
                "pending": amount(0),
            })))
        })
        .await
}
