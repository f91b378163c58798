//! The list of transfers: newest first, in pages that lead on from a transfer.

use super::{Answer, RAIL, Refused, form::Form, invalid, missing, transfers::object};
use crate::rails::{
    books::Desk,
    call::{Call, Stop},
    operation::Operation,
    server::Rails,
};
use axum::{
    extract::{RawQuery, State as Shared},
    response::Response,
};
use serde_json::{Value, json};
use std::sync::Arc;

const LIST: &[&str] = &["created", "destination", "ending_before", "expand", "limit", "starting_after", "transfer_group"];

/// Transfers in a page, without a `limit` and at most.
const PAGE: (i64, i64) = (10, 100);

pub(super) async fn list(Shared(rails): Shared<Arc<Rails>>, RawQuery(query): RawQuery) -> Result<Response, Refused> {
    let form = Form::read(None, query.unwrap_or_default().as_bytes(), LIST)?;
    let call = Call::new(RAIL, Operation::List, [form.get("transfer_group")]);
    Ok(rails.answer(call, move |desk, _| Ok(Answer::ok(&page(desk, &form)?))).await)
}

fn page(desk: &Desk<'_>, form: &Form) -> Result<Value, Stop> {
    let limit = form.integer("limit")?.unwrap_or(PAGE.0);
    if !(1..=PAGE.1).contains(&limit) {
        return Err(Refused::from(invalid("parameter_invalid_integer", "limit must be between 1 and 100.", "limit")).into());
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let (from_ms, to_ms) = created(form)?;
    let mut found = desk.payments_between(RAIL, from_ms, to_ms)?;
    found.retain(|transfer| {
        form.get("transfer_group").is_none_or(|group| transfer.payout.as_deref() == Some(group))
            && form.get("destination").is_none_or(|destination| transfer.destination == destination)
    });
    let place = |id: &str| found.iter().position(|transfer| transfer.reference == id);
    let (mut from, mut to) = (0, found.len());
    for (name, after) in [("starting_after", true), ("ending_before", false)] {
        let Some(id) = form.get(name) else { continue };
        let at = place(id).ok_or_else(|| Refused::from(missing("transfer", id)))?;
        if after { from = at + 1 } else { to = at }
    }
    let has_more = to.saturating_sub(from) > limit;
    // Backwards, the page is the one right before the cursor.
    if form.get("ending_before").is_some() {
        from = from.max(to.saturating_sub(limit));
    }
    let shown: Vec<Value> = found.get(from..to.max(from)).unwrap_or_default().iter().take(limit).map(object).collect();
    Ok(json!({ "object": "list", "url": "/v1/transfers", "has_more": has_more, "data": shown }))
}

/// The time that a list asks for, in milliseconds, both ends included. It is asked for in seconds.
fn created(form: &Form) -> Result<(i64, i64), Refused> {
    let bound = |name: &str| form.integer(name).map(|at| at.map(|at| at.saturating_mul(1000)));
    let exact = bound("created")?;
    let from = [exact, bound("created[gte]")?, bound("created[gt]")?.map(|at| at.saturating_add(1000))];
    let last = |at: i64| at.saturating_add(999);
    let to = [exact.map(last), bound("created[lte]")?.map(last), bound("created[lt]")?.map(|at| at.saturating_sub(1))];
    Ok((from.into_iter().flatten().max().unwrap_or(i64::MIN), to.into_iter().flatten().min().unwrap_or(i64::MAX)))
}
