#![allow(clippy::unwrap_used)]
use super::*;
use ledger::Rail;
use programme::{
    cashable::Split,
    payout::{Billing, Issuer},
};

fn voucher() -> Voucher {
    Voucher {
        number: VoucherNumber::Invoice("INV-2026-000042".parse().unwrap()),
        invoice: None,
        payout: "pay_00000000000000000000000000".parse().unwrap(),
        account: "alice".parse().unwrap(),
        at: "2026-02-02T23:59:59Z".parse().unwrap(),
        requested_at: "2026-01-28T00:00:00Z".parse().unwrap(),
        amount: "1332.50".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        split: Split { referral: "1234.50".parse().unwrap(), rental: "98".parse().unwrap() },
        rail: Rail::StripeConnect,
        destination: "acct_…lo2C".into(),
        reference: "tr_1".into(),
        issuer: Issuer {
            name: "Example GmbH".into(),
            address: vec!["Weg 1".into()],
            country: "DE".into(),
            tax_id: "DE1".into(),
            reverse_charge_note: "Reverse charge.".into(),
        },
        payee: Some(Billing { name: "Ana".into(), address: vec!["Ulica 1".into()], country: "HR".into(), tax_id: Some("HR1".into()) }),
    }
}

fn payee(country: &str, tax_id: Option<&str>) -> Option<Billing> {
    Some(Billing { name: "Ana".into(), address: vec!["Ulica 1".into()], country: country.into(), tax_id: tax_id.map(str::to_owned) })
}

#[test]
fn the_tax_is_the_customers_only_for_a_taxable_supplier_abroad() {
    for (payee, told) in [
        (payee("HR", Some("HR1")), "Reverse charge"),
        (payee("HR", None), "No VAT"),
        (payee("DE", Some("DE2")), "No VAT"),
        (payee("DE", None), "No VAT"),
        (None, "No VAT"),
    ] {
        let document = invoice(&Voucher { payee, ..voucher() });
        assert!(document.items.iter().all(|item| item.tax == told), "{document:?}");
        assert_eq!(document.notes.last().map(String::as_str), Some("Reverse charge."), "as configured, on every one");
    }
}

#[test]
fn a_purse_that_gave_nothing_has_no_line() {
    let amounts = |referral: &str, rental: &str| {
        let split = Split { referral: referral.parse().unwrap(), rental: rental.parse().unwrap() };
        let items = invoice(&Voucher { split, amount: split.referral + split.rental, ..voucher() }).items;
        items.into_iter().map(|item| (item.description, item.amount)).collect::<Vec<_>>()
    };
    let line = |what: &str, amount: &str| (what.to_owned(), amount.to_owned());
    assert_eq!(amounts("20", "0"), [line("Referral rewards", "20.00")]);
    assert_eq!(amounts("0", "30.5"), [line("Rental earnings", "30.50")]);
    assert_eq!(amounts("1000", "2"), [line("Referral rewards", "1,000.00"), line("Rental earnings", "2.00")]);
}

#[test]
fn a_credit_note_names_its_invoice_and_an_invoice_does_not() {
    let of = voucher();
    let number = VoucherNumber::CreditNote("CN-2027-000001".parse().unwrap());
    let note =
        Voucher { number, invoice: Some("INV-2026-000042".parse().unwrap()), at: "2027-01-05T00:00:00Z".parse().unwrap(), ..voucher() };
    let note = credit_note(&note, &of);
    assert_eq!((note.title.as_str(), note.number.as_str()), ("Credit note", "CN-2027-000001"));
    assert_eq!(note.summary[1..3], [fact("For invoice", "INV-2026-000042"), fact("Invoice issued", "2 February 2026")]);
    assert_eq!(note.totals[2].label, "Total credited");
    assert!(note.notes[0].contains("INV-2026-000042"));
    assert!(!invoice(&of).notes.iter().any(|text| text.contains("credit note")));
    assert_eq!(file_name(of.number), "INV-2026-000042.pdf");
}

#[test]
fn each_rail_has_its_name() {
    for (rail, name) in [(Rail::StripeConnect, "Stripe"), (Rail::Paypal, "PayPal"), (Rail::Wise, "Wise")] {
        assert_eq!(invoice(&Voucher { rail, ..voucher() }).details[0], fact("Paid by", name));
    }
}
