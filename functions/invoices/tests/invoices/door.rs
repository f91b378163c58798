use crate::{
    reader::text,
    support::{World, billing},
};
use edge::http::{Call, Method, Reply};
use serde_json::{Value as Json, json};

fn status(reply: &Reply) -> u16 {
    reply.status.as_u16()
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers[name].to_str().unwrap()
}

#[tokio::test]
async fn an_invoice_says_what_an_accountant_needs() {
    let world = World::new();
    let paid = world.paid(Some(&billing())).await;
    let reply = world.invoice("alice", &paid).await;
    assert_eq!(status(&reply), 200);
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-disposition", "attachment; filename=\"INV-2026-000001.pdf\""),
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(&reply, name), value);
    }
    assert!(std::str::from_utf8(&reply.body).is_err(), "it is binary, and travels as such");
    let read = text(&reply.body);
    for told in [
        "Invoice",
        "INV-2026-000001",
        "2 February 2026",
        "28 January 2026",
        "USD",
        "Ana Lovrić",
        "Ulica Ivana Gundulića 12",
        "10000 Zagreb",
        "Country: HR",
        "Tax ID: HR12345678901",
        "Account: alice",
        "Example Cloud GmbH",
        "Torstraße 1",
        "10119 Berlin",
        "Tax ID: DE123456789",
        "Referral rewards",
        "1,234.50",
        "Rental earnings",
        "98.00",
        "Reverse charge",
        "Net 1,332.50",
        "VAT 0.00",
        "Total paid 1,332.50 USD",
        "Wise",
        "…0001 USD",
        "123456789",
        paid.id.as_str(),
        "Self-billing",
        "the recipient of the supply owes the VAT",
        "Page 1 of 1",
    ] {
        assert!(read.contains(told), "{told} is not in {read}");
    }
}

#[tokio::test]
async fn the_same_bytes_come_each_time_whatever_changes_around_them() {
    let mut world = World::new();
    let paid = world.paid(Some(&billing())).await;
    let first = world.invoice("alice", &paid).await;
    world.now += chrono::Duration::days(400);
    world
        .store
        .put_billing(&paid.account, &programme::payout::Billing { name: "Somebody else".into(), ..billing() }, world.now)
        .await
        .unwrap();
    world.returned(&paid, "100").await;
    let again = world.invoice("alice", &paid).await;
    assert_eq!((&first.body, header(&first, "etag")), (&again.body, header(&again, "etag")));
    let mut call = world.ask("alice", &[], "/payouts/{id}/invoice.pdf", paid.id.as_str(), "");
    for (known, answer) in [
        (header(&first, "etag").to_owned(), 304),
        (format!("\"other\", W/{}", header(&first, "etag")), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        call.headers.insert("if-none-match", known.parse().unwrap());
        let reply = world.send(call.clone()).await;
        assert_eq!((status(&reply), header(&reply, "etag")), (answer, header(&first, "etag")), "{known}");
        assert_eq!(reply.body.is_empty(), answer == 304);
    }
}

#[tokio::test]
async fn credit_notes_say_which_part_came_back_of_which_invoice() {
    let world = World::new();
    let paid = world.paid(Some(&billing())).await;
    let unreturned = world.credit_note(&paid, "").await;
    assert_eq!((status(&unreturned), unreturned.body_json::<Json>().unwrap()["payout_status"].clone()), (409, json!("paid")));
    let part = world.returned(&paid, "100").await;
    let reply = world.credit_note(&part, "").await;
    assert_eq!((status(&reply), header(&reply, "content-disposition")), (200, "attachment; filename=\"CN-2026-000001.pdf\""));
    let read = text(&reply.body);
    for told in [
        "Credit note",
        "CN-2026-000001",
        "For invoice INV-2026-000001",
        "Rental earnings",
        "98.00",
        "Referral rewards",
        "2.00",
        "Total credited 100.00 USD",
        "This credit note reduces invoice INV-2026-000001.",
        "Returned by Wise",
    ] {
        assert!(read.contains(told), "{told} is not in {read}");
    }
    let whole = world.returned(&part, "1332.50").await;
    let several = world.credit_note(&whole, "").await;
    assert_eq!(
        (status(&several), several.body_json::<Json>().unwrap()["credit_notes"].clone()),
        (400, json!(["CN-2026-000001", "CN-2026-000002"]))
    );
    assert_eq!(world.credit_note(&whole, "number=CN-2026-000001").await.body, reply.body, "the first says what it said");
    let second = text(&world.credit_note(&whole, "number=CN-2026-000002").await.body);
    assert!(second.contains("Total credited 1,232.50 USD") && !second.contains("Rental earnings"), "{second}");
    for odd in ["number=CN-2026-000003", "number=INV-2026-000001", "number=x", "number="] {
        assert_eq!(status(&world.credit_note(&whole, odd).await), 404, "{odd}");
    }
    assert_eq!(status(&world.credit_note(&whole, "number=CN-2026-000001&number=CN-2026-000002").await), 400);
    assert_eq!(status(&world.invoice("alice", &whole).await), 200, "the invoice stays");
}

#[tokio::test]
async fn a_payee_without_details_and_without_rent_is_named_by_its_account() {
    let world = World::new();
    let paid = world.paid(None).await;
    let read = text(&world.invoice("alice", &paid).await.body);
    assert!(read.contains("Account: alice No billing details had been given when this was issued."), "{read}");
    assert!(read.contains("No VAT") && read.contains("the recipient of the supply owes the VAT"), "{read}");
}

#[tokio::test]
async fn only_the_payee_and_finance_may_have_it() {
    let world = World::new();
    let paid = world.paid(Some(&billing())).await;
    let none = "pay_00000000000000000000000000";
    for route in ["/payouts/{id}/invoice.pdf", "/payouts/{id}/credit-note.pdf"] {
        let unknown = world.send(world.ask("bob", &[], route, none, "")).await;
        assert_eq!(status(&unknown), 404);
        for (who, groups) in [("bob", &[][..]), ("bob", &["platform"]), ("Alice", &[])] {
            let foreign = world.send(world.ask(who, groups, route, paid.id.as_str(), "")).await;
            assert_eq!((status(&foreign), foreign.body), (404, unknown.body.clone()), "{who} {route}");
        }
        for odd in ["pay_", "x", "pay_0000000000000000000000000l", "..", "pay_00000000000000000000000000/.."] {
            assert_eq!(status(&world.send(world.ask("alice", &[], route, odd, "")).await), 404, "{odd}");
        }
        let open = Call::builder(Method::GET, route, world.now).path(route).param("id", paid.id.as_str()).build();
        assert_eq!(status(&world.send(open).await), 401);
    }
    let finance = world.send(world.ask("fin1", &["finance"], "/payouts/{id}/invoice.pdf", paid.id.as_str(), "")).await;
    assert_eq!((status(&finance), finance.body == world.invoice("alice", &paid).await.body), (200, true));
    assert_eq!(status(&world.send(world.ask("alice", &[], "/payouts/{id}/other.pdf", paid.id.as_str(), "")).await), 404);
}

#[tokio::test]
async fn what_is_not_paid_has_no_invoice() {
    let world = World::new();
    let submitted = world.submitted().await;
    for reply in [
        world.invoice("alice", &submitted).await,
        world.credit_note(&submitted, "").await,
        world.credit_note(&submitted, "number=CN-2026-000001").await,
    ] {
        let told: Json = reply.body_json().unwrap();
        assert_eq!((status(&reply), &told["payout_status"], &told["type"]), (409, &json!("submitted"), &json!("/problems/conflict")));
    }
}

#[tokio::test]
async fn a_number_without_its_paper_is_our_failure_and_tells_nothing() {
    let world = World::new();
    let mut payout = world.submitted().await;
    payout.version = 2;
    payout.invoice = Some("INV-2026-000007".parse().unwrap());
    world.store.backend().write(&[store::records::payout::write(&payout)]).await.unwrap();
    let reply = world.invoice("alice", &payout).await;
    assert_eq!(status(&reply), 500);
    assert!(!String::from_utf8(reply.body).unwrap().contains("INV-2026"));
    assert!(!world.memory.dump().is_empty());
}
