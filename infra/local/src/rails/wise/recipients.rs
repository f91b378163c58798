//! `/v1/accounts`: who is paid.

use super::{Answer, RAIL, Refused, is_currency, json_body, profile, wise_error};
use crate::rails::{
    behaviour::Behaviour,
    books::{Desk, Kept},
    error::RailsError,
    operation::Operation,
    server::{Rails, WISE_PROFILE},
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use bytes::Bytes;
use http::StatusCode;
use ledger::Rail;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Recipients made here are numbered from here on.
const FIRST: i64 = 700_000_000;

/// A recipient that was made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recipient {
    pub(super) id: i64,
    pub(super) currency: String,
    kind: String,
    name: String,
    details: Map<String, Value>,
}

impl Kept for Recipient {
    const RAIL: Rail = RAIL;
    const KIND: &'static str = "recipient";
    fn id(&self) -> String {
        self.id.to_string()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(default)]
    account_holder_name: String,
    #[serde(default)]
    currency: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    profile: Option<i64>,
    #[serde(default)]
    details: Map<String, Value>,
}

impl Recipient {
    fn behaviour(&self) -> Behaviour {
        let texts = self.details.values().filter_map(Value::as_str).chain([self.name.as_str()]);
        texts.map(Behaviour::of_text).find(|behaviour| *behaviour != Behaviour::Ok).unwrap_or_default()
    }

    fn object(&self) -> Value {
        json!({
            "id": self.id,
            "creatorId": 41_000_000,
            "profileId": WISE_PROFILE,
            "name": { "fullName": self.name, "givenName": null, "familyName": null, "middleName": null },
            "currency": self.currency,
            "country": "US",
            "type": self.kind,
            "legalEntityType": "PERSON",
            "active": true,
            "details": self.details,
            "accountSummary": format!("{} …", self.kind),
            "longAccountSummary": format!("{} account", self.currency),
            "displayFields": [],
            "isInternal": false,
            "ownedByCustomer": false,
        })
    }
}

/// What is known of a recipient: one that was made here, or a foreign one, which behaves by its number.
pub(super) fn find(desk: &Desk<'_>, id: i64) -> Result<(Behaviour, Option<Recipient>), RailsError> {
    let made = desk.kept::<Recipient>(&id.to_string())?;
    Ok((made.as_ref().map_or_else(|| Behaviour::of_number(id), Recipient::behaviour), made))
}

fn not_valid(path: &str, message: &str) -> Refused {
    Refused::from(wise_error(StatusCode::BAD_REQUEST, "NOT_VALID", message, path))
}

fn checked(body: &[u8]) -> Result<Asked, Refused> {
    let asked: Asked = json_body(body)?;
    // A recipient may be the profile's, or the user's own.
    if let Some(id) = asked.profile {
        profile(&id.to_string())?;
    }
    if asked.account_holder_name.split_whitespace().count() < 2 {
        return Err(not_valid("accountHolderName", "Please enter the recipient's full name."));
    }
    if !is_currency(&asked.currency) {
        return Err(not_valid("currency", "Please choose a currency."));
    }
    if asked.kind.is_empty() {
        return Err(not_valid("type", "Please choose a type of account."));
    }
    Ok(asked)
}

pub(super) async fn create(Shared(rails): Shared<Arc<Rails>>, body: Bytes) -> Result<Response, Refused> {
    let asked = checked(&body)?;
    let answer = rails
        .answer(super::call(Operation::Recipient, []), move |desk, _| {
            let made = Recipient {
                id: FIRST + desk.count("recipient")?,
                currency: asked.currency,
                kind: asked.kind,
                name: asked.account_holder_name,
                details: asked.details,
            };
            desk.keep(&made)?;
            Ok(Answer::ok(&made.object()))
        })
        .await;
    Ok(answer)
}

pub(super) async fn read(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    rails
        .answer(super::call(Operation::Account, [Some(id.as_str())]), move |desk, _| {
            let missing = || wise_error(StatusCode::NOT_FOUND, "recipient.not.found", "Recipient not found", "accountId");
            let Some(number) = id.parse::<i64>().ok().filter(|number| *number > 0) else { return Ok(missing()) };
            // A foreign one exists somewhere, in dollars.
            let (_, made) = find(desk, number)?;
            let foreign = || Recipient {
                id: number,
                currency: "USD".to_owned(),
                kind: "aba".to_owned(),
                name: "Foreign Recipient".to_owned(),
                details: Map::new(),
            };
            Ok(Answer::ok(&made.unwrap_or_else(foreign).object()))
        })
        .await
}
