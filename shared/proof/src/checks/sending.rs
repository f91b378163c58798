//! What was written together with a step of a payout, each an item of its own: the run that ordered it, its invoice and
//! credit notes with their counters, the way back from its rail's id. Whichever of them is read, the others stand, since
//! none is ever changed or deleted: they are read by their keys, some at once, and what differs is wrong at once.

use crate::{
    checks::records::{read, sealed, text},
    report::Report,
};
use ledger::{KeyRing, Money};
use programme::payout::{CreditNoteNumber, InvoiceNumber, Payout, PayoutId, RunId};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Store, StoreError,
    backend::{Item, Key},
    keys,
    records::{
        Reader,
        connected::Connected,
        lease::Lease,
        payout, reference,
        run::{Run, RunHead},
        voucher::{CREDIT_NOTES, INVOICES, Voucher, VoucherNumber},
    },
};

/// An item that others stand beside.
#[derive(Debug)]
pub(crate) enum Bound {
    /// A payout that was sent.
    Payout(Box<Payout>),
    /// An invoice or a credit note.
    Voucher(Box<Voucher>),
    /// The counter of a series in a year.
    Counter { pk: String, last: Option<VoucherNumber> },
    /// The way from a rail's id, as its key has it, to a payout.
    Reference { pk: String, payout: PayoutId },
    /// The way from an account at Stripe to its owner.
    Account { pk: String, owner: ledger::AccountId },
}

/// What an item shows by itself, where it is one of these.
pub(crate) fn marker(item: &Item, seal_keys: &KeyRing, report: &mut Report) -> Option<Bound> {
    let (pk, sk) = (text(item, "pk"), text(item, "sk"));
    let (kind, rest) = pk.split_once('#')?;
    match kind {
        "run" => {
            sealed(item, seal_keys, report);
            if sk == "head" {
                drop(read(item, RunHead::read(item), report));
            }
            None
        }
        INVOICES | CREDIT_NOTES if sk == "last" => {
            let last = read(item, counter(item, kind, rest), report)?;
            Some(Bound::Counter { pk: pk.to_owned(), last })
        }
        INVOICES | CREDIT_NOTES => {
            sealed(item, seal_keys, report);
            read(item, Voucher::read(item), report).map(|voucher| Bound::Voucher(Box::new(voucher)))
        }
        "ref" if rest.starts_with("stripe_account#") => {
            let owner = read(item, reference::read_stripe_account(item), report)?;
            Some(Bound::Account { pk: pk.to_owned(), owner })
        }
        "ref" => {
            let payout = read(item, reference::read_payment(item), report)?;
            Some(Bound::Reference { pk: pk.to_owned(), payout })
        }
        "lease" => {
            drop(read(item, Lease::read(item), report));
            None
        }
        _ => None,
    }
}

/// The last number that a counter gave; none where it gave none.
fn counter(item: &Item, series: &str, year: &str) -> Result<Option<VoucherNumber>, StoreError> {
    let reader = Reader::new(item);
    let year: u16 = year.parse().map_err(|_| reader.corrupt("a counter of no year"))?;
    let number = u32::try_from(reader.count("n")?).map_err(|_| reader.corrupt("n"))?;
    Ok((number > 0).then(|| numbered(series == INVOICES, year, number)))
}

fn numbered(invoice: bool, year: u16, number: u32) -> VoucherNumber {
    if invoice {
        VoucherNumber::Invoice(InvoiceNumber { year, number })
    } else {
        VoucherNumber::CreditNote(CreditNoteNumber { year, number })
    }
}

/// Reads what stands beside these, and compares.
///
/// # Errors
/// [`StoreError`] where the tables can't be read.
pub(crate) async fn compare(store: &Store, bound: &[Bound], report: &mut Report) -> Result<(), StoreError> {
    if bound.is_empty() {
        return Ok(());
    }
    let wanted: Vec<Key> = bound.iter().flat_map(Bound::beside).collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = Beside::default();
    for few in wanted.chunks(100) {
        found.items.extend(store.backend().get_many(few, true).await?);
    }
    let runs: BTreeSet<&RunId> =
        bound.iter().filter_map(|one| if let Bound::Payout(payout) = one { payout.run.as_ref() } else { None }).collect();
    for id in runs {
        // One that does not read has been told where the pass came by it.
        let run = match store.run(id).await {
            Ok(run) => run,
            Err(StoreError::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        found.runs.extend(run.map(|run| (id.clone(), run)));
    }
    bound.iter().for_each(|one| one.judge(&found, report));
    Ok(())
}

/// What was found beside.
#[derive(Debug, Default)]
struct Beside {
    items: BTreeMap<Key, Item>,
    runs: BTreeMap<RunId, Run>,
}

impl Beside {
    fn voucher(&self, number: VoucherNumber) -> Option<Voucher> {
        self.items.get(&number.key()).and_then(|item| Voucher::read(item).ok())
    }

    fn head(&self, payout: &PayoutId) -> Option<Payout> {
        self.items.get(&keys::payout_head(payout.as_str())).and_then(|item| payout::read(item).ok())
    }
}

fn counter_of(number: VoucherNumber) -> Key {
    let (year, _) = parts(number);
    keys::last_number(number.series(), year)
}

const fn parts(number: VoucherNumber) -> (u16, u32) {
    match number {
        VoucherNumber::Invoice(InvoiceNumber { year, number }) | VoucherNumber::CreditNote(CreditNoteNumber { year, number }) => {
            (year, number)
        }
    }
}

/// The number before it in its series and year; none before the first.
fn before(number: VoucherNumber) -> Option<VoucherNumber> {
    let (year, value) = parts(number);
    let value = value.checked_sub(1).filter(|value| *value > 0)?;
    Some(numbered(matches!(number, VoucherNumber::Invoice(_)), year, value))
}

fn vouchers(payout: &Payout) -> impl Iterator<Item = VoucherNumber> {
    let invoice = payout.invoice.into_iter().map(VoucherNumber::Invoice);
    invoice.chain(payout.credit_notes.iter().copied().map(VoucherNumber::CreditNote))
}

impl Bound {
    /// What must stand beside it.
    fn beside(&self) -> Vec<Key> {
        match self {
            Self::Payout(payout) => {
                let reference = payout.reference.iter().map(|reference| keys::payment(payout.destination.rail, reference));
                vouchers(payout).map(VoucherNumber::key).chain(reference).collect()
            }
            Self::Voucher(voucher) => {
                let numbers = before(voucher.number).map(VoucherNumber::key);
                numbers.into_iter().chain([counter_of(voucher.number), keys::payout_head(voucher.payout.as_str())]).collect()
            }
            Self::Counter { last, .. } => last.map(VoucherNumber::key).into_iter().collect(),
            Self::Reference { payout, .. } => vec![keys::payout_head(payout.as_str())],
            Self::Account { owner, .. } => vec![keys::connected(owner)],
        }
    }

    fn judge(&self, found: &Beside, report: &mut Report) {
        match self {
            Self::Payout(payout) => {
                let key = format!("payout#{}", payout.id);
                report.look("intents_are_ordered", &key, ordered(payout, found));
                report.look("vouchers_equal_payouts", &key, issued(payout, found));
                report.look("references_lead_to_payouts", &key, led_to(payout, found));
            }
            Self::Voucher(voucher) => {
                let place = voucher.number.key();
                let key = format!("{}/{}", place.pk, place.sk);
                report.look("invoice_numbers", &key, in_order(voucher.number, found));
                report.look("vouchers_equal_payouts", &key, taken(voucher, found));
            }
            Self::Counter { pk, last } => {
                let missing = last.filter(|last| found.voucher(*last).is_none());
                report.look(
                    "invoice_numbers",
                    &format!("{pk}/last"),
                    missing.map(|last| format!("{last} was given out and does not stand")),
                );
            }
            Self::Reference { pk, payout } => {
                let head = found.head(payout);
                let known = head.and_then(|head| Some(keys::payment(head.destination.rail, head.reference.as_deref()?).pk));
                let fault = (known.as_ref() != Some(pk)).then(|| format!("it leads to {payout}, which its rail does not know by it"));
                report.look("references_lead_to_payouts", pk, fault);
            }
            Self::Account { pk, owner } => {
                let connected = found.items.get(&keys::connected(owner)).and_then(|item| Connected::read(item).ok());
                let own = connected.is_some_and(|connected| keys::stripe_account(&connected.stripe_account).pk == *pk);
                let fault = (!own).then(|| format!("it leads to {owner}, who has another account at Stripe, or none"));
                report.look("references_lead_to_payouts", pk, fault);
            }
        }
    }
}

/// The run that a payout was sent in stands, and lists it with its amount, payee and rail.
fn ordered(payout: &Payout, found: &Beside) -> Option<String> {
    let id = payout.run.as_ref()?;
    let Some(run) = found.runs.get(id) else { return Some(format!("run#{id} does not stand")) };
    let listed = run.payouts.iter().any(|entry| {
        entry.payout == payout.id
            && entry.account == payout.account
            && entry.amount == payout.amount
            && entry.rail == payout.destination.rail
    });
    (!listed).then(|| format!("run#{id} does not list it as it is"))
}

/// Every number that a payout has stands for it, and credit notes come to what came back.
fn issued(payout: &Payout, found: &Beside) -> Option<String> {
    for number in vouchers(payout) {
        let Some(voucher) = found.voucher(number) else {
            let place = number.key();
            return Some(format!("{}/{} does not stand", place.pk, place.sk));
        };
        if voucher.payout != payout.id {
            return Some(format!("{number} is another payout's, too"));
        }
    }
    let notes = payout.credit_notes.iter().filter_map(|number| found.voucher(VoucherNumber::CreditNote(*number)));
    let noted: Money = notes.map(|note| note.amount).sum();
    (payout.invoice.is_some() && noted != payout.returned)
        .then(|| format!("{} came back, its credit notes come to {noted}", payout.returned))
}

fn led_to(payout: &Payout, found: &Beside) -> Option<String> {
    let place = keys::payment(payout.destination.rail, payout.reference.as_deref()?);
    let payment = found.items.get(&place).and_then(|item| reference::read_payment(item).ok());
    (payment.as_ref() != Some(&payout.id)).then(|| format!("{}/{} does not lead to it", place.pk, place.sk))
}

/// The number before it stands, and its counter has come at least as far.
fn in_order(number: VoucherNumber, found: &Beside) -> Option<String> {
    if let Some(missing) = before(number).filter(|before| !found.items.contains_key(&before.key())) {
        return Some(format!("{missing} is missing before it"));
    }
    let place = counter_of(number);
    let last = found.items.get(&place).and_then(|item| Reader::new(item).count("n").ok()).unwrap_or(0);
    (last < u64::from(parts(number).1)).then(|| format!("its counter {}/{} is at {last} only", place.pk, place.sk))
}

/// The payout that it is for has this number, and says the same.
fn taken(voucher: &Voucher, found: &Beside) -> Option<String> {
    let Some(head) = found.head(&voucher.payout) else { return Some(format!("payout#{} does not stand", voucher.payout)) };
    if !vouchers(&head).any(|number| number == voucher.number) {
        return Some(format!("{} has another number, or none", head.id));
    }
    let whole = matches!(voucher.number, VoucherNumber::Invoice(_));
    let faults = [
        (voucher.account != head.account, "another payee"),
        (voucher.currency != head.currency || (whole && (voucher.amount, voucher.split) != (head.amount, head.split)), "another amount"),
        (voucher.rail != head.destination.rail || voucher.destination != head.destination.masked, "another destination"),
        (head.reference.as_ref() != Some(&voucher.reference), "another id of the rail"),
        (voucher.requested_at != head.requested_at, "another time of the request"),
        (voucher.invoice != if whole { None } else { head.invoice }, "another invoice"),
    ];
    faults.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| format!("it says {what} than {}", head.id))
}
