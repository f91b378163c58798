//! What is kept of a visit, and what it costs.

use crate::support::{CHROME, CODE, door, now, visit, visit_at};
use chrono::Duration;
use edge::http::Method;
use programme::visit::{DEVICE_COOKIE, device_id};
use std::sync::atomic::Ordering;
use store::backend::Value;

#[tokio::test]
async fn a_click_is_kept_without_anything_that_tells_who_it_was() {
    let door = door().await;
    let device = device_id([7; 16]);
    let call = visit(CODE, None)
        .user_agent(&format!("{CHROME} {}", "x".repeat(300)))
        .cookie(DEVICE_COOKIE, &device)
        .header("referer", "https://mail.example.com/u/ann@example.com")
        .header("x-forwarded-for", "198.51.100.77");
    door.answer(call).await;
    let click = door.clicks().remove(0);
    assert_eq!((click.at, click.class.as_str(), click.account.as_str()), (now(), "person", "alice"));
    assert_eq!(click.agent.map(|agent| agent.len()), Some(200));
    assert_eq!(click.referer_host.as_deref(), Some("mail.example.com"));
    assert!(click.network.is_some_and(|digest| digest.starts_with("s1.")) && click.device.is_some_and(|digest| digest.starts_with("s1.")));
    let items: Vec<_> = door.tables.memory.dump();
    let kept = format!("{items:?}");
    for secret in ["203.0.113", "198.51.100", "ann@", device.as_str()] {
        assert!(!kept.contains(secret), "{secret}");
    }
    let expiring = items.iter().filter(|(_, item)| item["pk"].as_text().unwrap().starts_with("clicks#"));
    let ttl = (now() + Duration::days(400)).timestamp();
    assert!(expiring.map(|(_, item)| &item["ttl"]).all(|value| *value == Value::N(ttl.into())));
}

/// What a caller writes about its own address is never looked at.
#[tokio::test]
async fn the_gateways_address_counts() {
    let door = door().await;
    for (forwarded, address) in [("198.51.100.1", "203.0.113.9"), ("203.0.113.9", "203.0.113.200"), ("8.8.8.8", "10.0.0.1")] {
        door.answer(visit(CODE, None).header("x-forwarded-for", forwarded).source_ip(address.parse().unwrap())).await;
    }
    let networks: Vec<_> = door.clicks().into_iter().map(|click| click.network).collect();
    assert_eq!(networks.iter().filter(|network| network.is_none()).count(), 1, "a private address is no signal");
    let known: Vec<_> = networks.into_iter().flatten().collect();
    assert_eq!(known[0], known[1], "the same /24");
}

#[tokio::test]
async fn a_click_costs_one_write_and_no_read_while_the_link_is_known() {
    let door = door().await;
    let count = || (door.tables.reads.swap(0, Ordering::Relaxed), door.tables.writes.swap(0, Ordering::Relaxed));
    for (seconds, reads) in [(0, 3), (1, 0), (59, 0), (60, 3), (61, 0), (30, 3)] {
        door.answer(visit_at(Method::GET, CODE, Some("tpl_public"), now() + Duration::seconds(seconds))).await;
        assert_eq!(count(), (reads, 1), "{seconds}");
    }
    door.answer(visit("ZZZZZZZZ", None)).await;
    assert_eq!(count().1, 0);
    door.answer(visit("ZZZZZZZZ", None)).await;
    assert_eq!(count(), (0, 0), "that a code is nobody's is known too");
}
