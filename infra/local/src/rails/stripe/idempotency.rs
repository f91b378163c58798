//! `Idempotency-Key`: what a request under it was answered is repeated for a day, whatever it was.

use super::{Answer, RAIL, Refused, error, form::Form, invalid};
use crate::rails::{
    answer::internal_answer,
    books::Desk,
    call::{Stop, settled},
    faults::{Fault, FaultKind},
};
use http::{HeaderMap, StatusCode};
use sha2::{Digest as _, Sha256};

/// How long a key is kept, in milliseconds. Stripe may take longer to forget it, and does not promise to.
const KEPT_MS: i64 = 24 * 3_600_000;

/// The longest key, in characters.
const KEY_MAX: usize = 255;

/// The key of a request, where it has one.
///
/// # Errors
/// Stripe's own refusal of a key that is too long.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Refused> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > KEY_MAX {
        return Err(Refused::from(invalid("parameter_invalid", "Idempotency-Key must be 1 to 255 characters.", "Idempotency-Key")));
    }
    Ok(Some(text.to_owned()))
}

/// Does the work once for a key. A 500 that a fault asks for is kept and repeated, too; what was refused before it began is not.
pub(super) fn once(
    desk: &Desk<'_>,
    key: Option<&str>,
    path: &str,
    form: &Form,
    fault: Option<&Fault>,
    work: impl FnOnce() -> Result<Answer, Stop>,
) -> Result<Answer, Stop> {
    let Some(key) = key else { return work() };
    let digest = hex::encode(Sha256::new().chain_update(path).chain_update([0]).chain_update(form.canonical()).finalize());
    if let Some((first, at_ms, answer)) = desk.answered(RAIL, key)?
        && desk.now_ms < at_ms.saturating_add(KEPT_MS)
    {
        return Ok(if first == digest { answer } else { changed(key) });
    }
    let done = settled(work())?;
    let answer = if fault.is_some_and(|fault| fault.kind == FaultKind::Error500Replayed) { internal_answer(RAIL) } else { done };
    if answer.kept {
        desk.answer_kept(RAIL, key, &digest, &answer)?;
    }
    Ok(answer)
}

fn changed(key: &str) -> Answer {
    let message = format!(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. \
         Try using a key other than '{key}' if you meant to execute a different request."
    );
    error(StatusCode::BAD_REQUEST, "idempotency_error", None, &message, None)
}
