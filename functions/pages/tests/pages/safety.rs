//! What browsers are told, and that a page needs nobody else.

use crate::{
    desk,
    support::{Page, World},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

const PATHS: [&str; 8] = ["/", "/join", "/my/payouts", "/my/payouts/new", "/my/account", "/my/templates", "/my/lines", "/nowhere"];

/// Every page as its readers see it: customers, visitors, finance.
async fn all(world: &World) -> Vec<(String, Page)> {
    let mut pages = Vec::new();
    for path in PATHS {
        pages.push((path.to_owned(), world.get(path).await));
        pages.push((path.to_owned(), world.visit(path).await));
    }
    for path in desk::paths() {
        let page = world.desk(&path).await;
        pages.push((path, page));
    }
    pages.push(("the bill".to_owned(), crate::desk_forms::bill(world).await));
    pages.retain(|(_, page)| page.status() != 303);
    pages
}

fn between<'a>(html: &'a str, before: &str, after: &str) -> &'a str {
    html.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[tokio::test]
async fn the_policy_names_exactly_what_stands_in_the_page() {
    let world = World::new();
    for (path, page) in all(&world).await {
        {
            let policy = page.header("content-security-policy");
            for (before, after, directive) in [("<style>", "</style>", "style-src"), ("<script>", "</script>", "script-src")] {
                let hash = BASE64_STANDARD.encode(Sha256::digest(between(page.html(), before, after)));
                assert!(policy.contains(&format!("{directive} 'sha256-{hash}'")), "{path}: {policy}");
                assert_eq!(page.html().matches(before).count(), 1, "{path}");
            }
            for part in [
                "default-src 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'self' https://id.example.com",
                "img-src 'self' data:",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{policy}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store, private"),
                ("cross-origin-opener-policy", "same-origin"),
                ("x-frame-options", "DENY"),
                ("content-type", "text/html; charset=utf-8"),
            ] {
                assert_eq!(page.header(name), value, "{path}");
            }
            assert!(!page.header("permissions-policy").is_empty() && !page.header("referrer-policy").is_empty());
        }
    }
}

#[tokio::test]
async fn a_page_has_no_inline_handlers_and_asks_nobody_else() {
    let world = World::new();
    for (path, page) in all(&world).await {
        let html = page.html();
        let body = html.split("</style>").nth(1).unwrap().split("<script>").next().unwrap();
        for forbidden in [" style=", " onclick=", " onload=", "<iframe", "<object", "<embed", "@import", "url(http", " src="] {
            assert!(!body.contains(forbidden), "{path} has `{forbidden}`");
        }
        let link = between(html, "rel=\"icon\" href=\"", "\"");
        assert!(link.starts_with("data:image/svg+xml,"), "{path}");
        assert_eq!(html.matches("<link").count(), 1, "{path}");
        assert!(!between(html, "<style>", "</style>").contains("url("), "{path}");
        for leads in body.split(" href=\"").skip(1) {
            let leads = leads.split('"').next().unwrap();
            assert!((leads.starts_with('/') && !leads.starts_with("//")) || leads.starts_with('#'), "{path} leads to {leads}");
        }
        for leads in body.split(" action=\"").skip(1) {
            assert!(leads.starts_with('/') && !leads.starts_with("//"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_can_be_read_by_everyone() {
    let world = World::new();
    for (path, page) in all(&world).await {
        let html = page.html();
        assert!(html.contains("<html lang=\"en\"") && html.contains("href=\"#main\"") && html.contains("id=\"main\""), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        // Each field has its label: around it, or by its id.
        for field in html.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            if field.contains("type=\"hidden\"") || field.contains("type=\"checkbox\"") {
                continue;
            }
            let id = between(field, "id=\"", "\"");
            assert!(html.contains(&format!("for=\"{id}\"")), "{path}: {field}");
        }
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{path}: ids are given once");
    }
}
