//! Invoices and credit notes: what each says is frozen in an item of its own, sealed as a line is, and
//! written in the transaction of the step that it is for. Its number comes from the counter of its
//! series and year in that same transaction, so that there is no gap and no double.

use super::{Reader, json, run::sealed, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Key, Operation, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Currency, KeyRing, LedgerAccount, Money, Rail};
use programme::{
    cashable::Split,
    payout::{Billing, Change, CreditNoteNumber, InvoiceNumber, Issuer, PayoutId, Step},
};
use std::fmt;

/// Which series, and which number of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VoucherNumber {
    /// An invoice.
    Invoice(InvoiceNumber),
    /// A credit note.
    CreditNote(CreditNoteNumber),
}

impl VoucherNumber {
    /// Its series: the name in keys.
    #[must_use]
    pub const fn series(self) -> &'static str {
        match self {
            Self::Invoice(_) => INVOICES,
            Self::CreditNote(_) => CREDIT_NOTES,
        }
    }

    const fn parts(self) -> (u16, u32) {
        match self {
            Self::Invoice(InvoiceNumber { year, number }) | Self::CreditNote(CreditNoteNumber { year, number }) => (year, number),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn key(self) -> Key {
        let (year, number) = self.parts();
        keys::voucher(self.series(), year, number)
    }

    /// The write that takes it from its counter: lost where another took it first.
    pub(crate) fn take(self) -> Write {
        let (year, number) = self.parts();
        let condition = if number <= 1 { Condition::Absent("n") } else { Condition::Equals("n", (number - 1).into()) };
        let item = Item::from([("n".into(), number.into())]);
        Write { key: keys::last_number(self.series(), year), conditions: vec![condition], operation: Operation::Put(item) }
    }
}

impl fmt::Display for VoucherNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invoice(number) => number.fmt(f),
            Self::CreditNote(number) => number.fmt(f),
        }
    }
}

/// The series of invoices.
pub const INVOICES: &str = "invoice";
/// The series of credit notes.
pub const CREDIT_NOTES: &str = "creditnote";

/// The last number that a counter gave; 0: none.
pub(crate) fn last(item: Option<&Item>) -> Result<u32, StoreError> {
    let Some(item) = item else { return Ok(0) };
    let reader = Reader::new(item);
    u32::try_from(reader.count("n")?).map_err(|_| reader.corrupt("n"))
}

/// What an invoice or a credit note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Its number.
    pub number: VoucherNumber,
    /// For a credit note: the invoice that it takes back from.
    pub invoice: Option<InvoiceNumber>,
    /// The payout.
    pub payout: PayoutId,
    /// Whose.
    pub account: AccountId,
    /// When it was issued: the time of the step.
    pub at: DateTime<Utc>,
    /// When the payout was asked for.
    pub requested_at: DateTime<Utc>,
    /// How much: of a credit note, what came back with its step.
    pub amount: Money,
    /// In which currency.
    pub currency: Currency,
    /// The parts of the amount.
    pub split: Split,
    /// How it was paid.
    pub rail: Rail,
    /// Where to, masked.
    pub destination: String,
    /// The rail's own id of the payment.
    pub reference: String,
    /// Who issues it, as configured then.
    pub issuer: Issuer,
    /// The payee as she named herself then; none where she had not.
    pub payee: Option<Billing>,
}

impl Voucher {
    /// What is to be issued with a step; none where the step takes no number.
    #[must_use]
    pub fn of(change: &Change, at: DateTime<Utc>, issuer: &Issuer, payee: Option<&Billing>) -> Option<Self> {
        let payout = &change.payout;
        let (number, invoice, amount, split, reference) = match &change.event.step {
            Step::Paid { invoice, reference } => (VoucherNumber::Invoice(*invoice), None, payout.amount, payout.split, reference),
            Step::Returned { amount, credit_note: Some(number), reference, .. } => {
                (VoucherNumber::CreditNote(*number), payout.invoice, *amount, came_back(change), reference)
            }
            Step::Returned { credit_note: None, .. }
            | Step::Requested { .. }
            | Step::ApprovalGiven { .. }
            | Step::Rejected { .. }
            | Step::Canceled { .. }
            | Step::Submitting { .. }
            | Step::Submitted { .. }
            | Step::Failed { .. }
            | Step::Unknown { .. }
            | Step::Noted { .. } => return None,
        };
        Some(Self {
            number,
            invoice,
            payout: payout.id.clone(),
            account: payout.account.clone(),
            at,
            requested_at: payout.requested_at,
            amount,
            currency: payout.currency.clone(),
            split,
            rail: payout.destination.rail,
            destination: payout.destination.masked.clone(),
            reference: reference.clone(),
            issuer: issuer.clone(),
            payee: payee.cloned(),
        })
    }

    /// The writes that issue it: its counter first, then itself.
    pub(crate) fn issue(&self, seal_keys: &KeyRing) -> [Write; 2] {
        let key = self.number.key();
        let mut item = Item::from([
            ("num".into(), self.number.to_string().into()),
            ("payout".into(), self.payout.as_str().into()),
            ("acct".into(), self.account.as_str().into()),
            ("at".into(), time(self.at).into()),
            ("req".into(), time(self.requested_at).into()),
            ("amt".into(), self.amount.into()),
            ("cur".into(), self.currency.as_str().into()),
            ("refl".into(), self.split.referral.into()),
            ("rent".into(), self.split.rental.into()),
            ("rail".into(), self.rail.as_str().into()),
            ("mask".into(), self.destination.as_str().into()),
            ("ref".into(), self.reference.as_str().into()),
            ("iss".into(), json(&self.issuer)),
        ]);
        if let Some(invoice) = self.invoice {
            item.insert("inv".into(), invoice.to_string().into());
        }
        if let Some(payee) = &self.payee {
            item.insert("payee".into(), json(payee));
        }
        let item = sealed(&key, item, seal_keys);
        [self.number.take(), Write::create(key, item)]
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], which tells nothing of the payee.
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let number = match reader.text("pk")?.split_once('#') {
            Some((INVOICES, _)) => VoucherNumber::Invoice(reader.parse("num")?),
            Some((CREDIT_NOTES, _)) => VoucherNumber::CreditNote(reader.parse("num")?),
            Some(_) | None => return Err(reader.corrupt("no invoice and no credit note")),
        };
        let key = number.key();
        let split = Split { referral: reader.money("refl")?, rental: reader.money("rent")? };
        let amount = reader.money("amt")?;
        if key.pk != reader.text("pk")? || key.sk != reader.text("sk")? || split.referral + split.rental != amount {
            return Err(reader.corrupt("its number is not its place, or its parts are not its amount"));
        }
        let payee = reader.text_or_none("payee")?;
        Ok(Self {
            number,
            invoice: reader.parse_or_none("inv")?,
            payout: reader.parse("payout")?,
            account: reader.parse("acct")?,
            at: reader.parse("at")?,
            requested_at: reader.parse("req")?,
            amount,
            currency: reader.parse("cur")?,
            split,
            rail: reader.parse("rail")?,
            destination: reader.text("mask")?.to_owned(),
            reference: reader.text("ref")?.to_owned(),
            issuer: reader.json("iss")?,
            payee: payee.map(|payee| serde_json::from_str(payee).map_err(|_| reader.corrupt("payee"))).transpose()?,
        })
    }
}

/// What came back with a step, by purse.
fn came_back(change: &Change) -> Split {
    let transfers = || change.plan.lines.iter().flat_map(|line| &line.transfers);
    let to = |is: fn(&LedgerAccount) -> bool| transfers().filter(|transfer| is(transfer.credit())).map(|transfer| transfer.amount()).sum();
    Split {
        referral: to(|account| matches!(account, LedgerAccount::Referral(_))),
        rental: to(|account| matches!(account, LedgerAccount::Rental(_))),
    }
}
