//! The doors of the function.

use crate::{
    App, document,
    paper::{self, Document},
};
use edge::{
    auth::Principal,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use programme::payout::{CreditNoteNumber, Payout};
use sha2::{Digest, Sha256};
use store::records::voucher::{Voucher, VoucherNumber};

/// The group that may have everybody's.
const FINANCE: &str = "finance";

/// Answers one call, of whoever the bearer token or the session proves.
///
/// # Errors
/// 401 where nobody is proved; 404 for another door, and for a payout that is not the caller's to see; 409 where there
/// is nothing to be set on paper yet.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let caller = app.verifier.principal(&call).await?;
    let (number, document) = match (call.method.as_str(), call.route.as_str()) {
        ("GET", "/payouts/{id}/invoice.pdf") => invoice(app, &payout(app, &call, &caller).await?).await?,
        ("GET", "/payouts/{id}/credit-note.pdf") => credit_note(app, &call, &payout(app, &call, &caller).await?).await?,
        _ => return Err(Problem::not_found("page")),
    };
    let bytes = paper::render(&document).map_err(Problem::internal)?;
    tracing::info!(account_id = %caller.account, number = %number, bytes = bytes.len(), "set on paper");
    file(&call, number, bytes)
}

/// The payout that the path names, where the caller may see it.
async fn payout(app: &App, call: &Call, caller: &Principal) -> Result<Payout, Problem> {
    let unknown = || Problem::not_found("payout");
    let id = call.param("id")?.parse().map_err(|_| unknown())?;
    let payout = app.store.payout(&id).await?;
    payout.filter(|payout| payout.account == caller.account || caller.in_group(FINANCE)).ok_or_else(unknown)
}

async fn invoice(app: &App, payout: &Payout) -> Result<(VoucherNumber, Document), Problem> {
    let number = VoucherNumber::Invoice(payout.invoice.ok_or_else(|| {
        let detail = "The payout has not been paid, and so it has no invoice.";
        Problem::conflict(detail).with("payout_status", payout.status.as_str())
    })?);
    let voucher = voucher(app, payout, number).await?;
    Ok((number, document::invoice(&voucher)))
}

/// `?number=` says which, where there are several.
async fn credit_note(app: &App, call: &Call, payout: &Payout) -> Result<(VoucherNumber, Document), Problem> {
    let number = match (call.query("number")?, payout.credit_notes.as_slice(), payout.invoice) {
        (_, [], _) | (_, _, None) => {
            let detail = "Nothing of the payout came back after it was paid, and so it has no credit note.";
            return Err(Problem::conflict(detail).with("payout_status", payout.status.as_str()));
        }
        (None, [only], Some(invoice)) => (*only, invoice),
        (None, several, Some(_)) => {
            let numbers: Vec<String> = several.iter().map(ToString::to_string).collect();
            return Err(
                Problem::malformed("There are several credit notes; the parameter number says which.").with("credit_notes", numbers)
            );
        }
        (Some(text), known, Some(invoice)) => {
            let asked = text.parse::<CreditNoteNumber>().ok().filter(|asked| known.contains(asked));
            (asked.ok_or_else(|| Problem::not_found("credit note"))?, invoice)
        }
    };
    let (number, invoice) = (VoucherNumber::CreditNote(number.0), VoucherNumber::Invoice(number.1));
    let (voucher, of) = tokio::try_join!(voucher(app, payout, number), voucher(app, payout, invoice))?;
    Ok((number, document::credit_note(&voucher, &of)))
}

/// What was frozen under a number that the payout has.
async fn voucher(app: &App, payout: &Payout, number: VoucherNumber) -> Result<Voucher, Problem> {
    let voucher = app.store.voucher(number).await?;
    voucher
        .filter(|voucher| voucher.payout == payout.id)
        .ok_or_else(|| Problem::internal(format!("{number} is not there, or not of payout {}", payout.id)))
}

/// The file, or 304 where the caller has it: its bytes never change.
fn file(call: &Call, number: VoucherNumber, bytes: Vec<u8>) -> Result<Reply, Problem> {
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&bytes)));
    let known = call.header("if-none-match").is_some_and(|known| known.split(',').any(|known| matches(known.trim(), &tag)));
    let reply = if known {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        let kept = format!("attachment; filename=\"{}\"", document::file_name(number));
        Reply::bytes(StatusCode::OK, "application/pdf", bytes).header("content-disposition", &kept)?
    };
    // Browsers may keep it, nobody between may, and whoever signs in next has to ask.
    reply.header("etag", &tag)?.header("cache-control", "private, no-cache")?.header("vary", "authorization, cookie")
}

fn matches(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}
