//! What an invoice or a credit note says, from what was frozen when its number was given. Nothing else goes in, so
//! it says the same for ever, whatever becomes of the payout, the account or the configuration.
//!
//! It is self-billed: the payee supplies (customers brought, machines rented out), the platform is the customer and
//! writes the invoice on the payee's behalf. No tax is added: what is paid is what was earned.

use crate::{
    amount::{amount, day},
    paper::{Document, Fact, Item, Party, Total},
};
use ledger::Rail;
use store::records::voucher::{Voucher, VoucherNumber};

/// Which of the two, with what only it says.
enum Kind<'a> {
    Invoice,
    /// Of this invoice.
    CreditNote(&'a Voucher),
}

/// Puts an invoice into words.
pub(crate) fn invoice(voucher: &Voucher) -> Document {
    document(voucher, &Kind::Invoice)
}

/// Puts a credit note into words; `of` is the invoice that it takes back from.
pub(crate) fn credit_note(voucher: &Voucher, of: &Voucher) -> Document {
    document(voucher, &Kind::CreditNote(of))
}

/// What the file is called when it is kept.
pub(crate) fn file_name(number: VoucherNumber) -> String {
    format!("{number}.pdf")
}

fn document(voucher: &Voucher, kind: &Kind<'_>) -> Document {
    let issuer = &voucher.issuer;
    let title = match kind {
        Kind::Invoice => "Invoice",
        Kind::CreditNote(_) => "Credit note",
    };
    Document {
        title: title.to_owned(),
        number: voucher.number.to_string(),
        author: issuer.name.clone(),
        issued_at: voucher.at,
        summary: summary(voucher, kind),
        parties: [supplier(voucher), customer(voucher)],
        items: items(voucher, kind),
        amount_heading: format!("Amount ({})", voucher.currency),
        totals: totals(voucher, kind),
        details_heading: match kind {
            Kind::Invoice => "Payment",
            Kind::CreditNote(_) => "Return of the payment",
        }
        .to_owned(),
        details: details(voucher, kind),
        notes: notes(voucher, kind),
        footer: format!("{title} {} · Tax ID {} · {}", voucher.number, issuer.tax_id, issuer.name),
    }
}

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into() }
}

fn summary(voucher: &Voucher, kind: &Kind<'_>) -> Vec<Fact> {
    let mut facts = vec![fact("Issued", day(voucher.at))];
    match kind {
        Kind::Invoice => {
            facts.push(fact("Supplied until", day(voucher.requested_at)));
            facts.push(fact("Status", "Paid"));
        }
        Kind::CreditNote(invoice) => {
            facts.push(fact("For invoice", invoice.number.to_string()));
            facts.push(fact("Invoice issued", day(invoice.at)));
        }
    }
    facts.push(fact("Currency", voucher.currency.to_string()));
    facts
}

/// The payee in its own words; by its account alone where it had not said who it is.
fn supplier(voucher: &Voucher) -> Party {
    let account = format!("Account: {}", voucher.account);
    let role = "Supplier (payee)".to_owned();
    match &voucher.payee {
        Some(payee) => {
            let mut lines = payee.address.clone();
            lines.push(country(&payee.country));
            lines.extend(payee.tax_id.as_ref().map(|id| format!("Tax ID: {id}")));
            lines.push(account);
            Party { role, name: payee.name.clone(), lines }
        }
        None => {
            let unnamed = "No billing details had been given when this was issued.".to_owned();
            Party { role, name: account, lines: vec![unnamed] }
        }
    }
}

fn country(code: &str) -> String {
    format!("Country: {code}")
}

fn customer(voucher: &Voucher) -> Party {
    let issuer = &voucher.issuer;
    let mut lines = issuer.address.clone();
    lines.extend([country(&issuer.country), format!("Tax ID: {}", issuer.tax_id)]);
    Party { role: "Customer (issuer of this document)".to_owned(), name: issuer.name.clone(), lines }
}

fn items(voucher: &Voucher, kind: &Kind<'_>) -> Vec<Item> {
    let detail = |of: &str| match kind {
        Kind::Invoice => format!("{of}, requested on {}", day(voucher.requested_at)),
        Kind::CreditNote(invoice) => format!("Returned part of invoice {}", invoice.number),
    };
    let purses = [
        ("Referral rewards", "Rewards for referred customers", voucher.split.referral),
        ("Rental earnings", "Earnings from machines rented out", voucher.split.rental),
    ];
    let given = purses.into_iter().filter(|(_, _, given)| given.is_positive());
    let item = |(description, of, given): (&str, &str, _)| Item {
        description: description.to_owned(),
        detail: detail(of),
        tax: tax(voucher).to_owned(),
        amount: amount(given),
    };
    given.map(item).collect()
}

/// A supplier with a tax id in another country leaves the tax to the customer; of any other, no tax is charged.
fn tax(voucher: &Voucher) -> &'static str {
    let abroad = voucher.payee.as_ref().is_some_and(|payee| payee.tax_id.is_some() && payee.country != voucher.issuer.country);
    if abroad { "Reverse charge" } else { "No VAT" }
}

fn totals(voucher: &Voucher, kind: &Kind<'_>) -> Vec<Total> {
    let total = |label: &str, amount: String, strong| Total { label: label.to_owned(), amount, strong };
    let sum = match kind {
        Kind::Invoice => "Total paid",
        Kind::CreditNote(_) => "Total credited",
    };
    vec![
        total("Net", amount(voucher.amount), false),
        total("VAT", amount(ledger::Money::ZERO), false),
        total(sum, format!("{} {}", amount(voucher.amount), voucher.currency), true),
    ]
}

fn details(voucher: &Voucher, kind: &Kind<'_>) -> Vec<Fact> {
    let (rail, on) = match kind {
        Kind::Invoice => ("Paid by", "Paid on"),
        Kind::CreditNote(_) => ("Returned by", "Returned on"),
    };
    let mut facts = vec![
        fact(rail, rail_name(voucher.rail)),
        fact("Paid to", voucher.destination.clone()),
        fact(on, day(voucher.at)),
        fact("Payment reference", voucher.reference.clone()),
    ];
    facts.push(fact("Payout", voucher.payout.to_string()));
    facts
}

const fn rail_name(rail: Rail) -> &'static str {
    match rail {
        Rail::StripeConnect => "Stripe",
        Rail::Paypal => "PayPal",
        Rail::Wise => "Wise",
    }
}

fn notes(voucher: &Voucher, kind: &Kind<'_>) -> Vec<String> {
    let mut notes = match kind {
        Kind::Invoice => vec!["Self-billing: this invoice is issued by the customer in the name and on behalf of the supplier.".to_owned()],
        Kind::CreditNote(invoice) => vec![
            format!("This credit note reduces invoice {}. What was returned has been credited to the supplier's account.", invoice.number),
            "Self-billing: this credit note is issued by the customer in the name and on behalf of the supplier.".to_owned(),
        ],
    };
    notes.push(voucher.issuer.reverse_charge_note.clone());
    notes
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
