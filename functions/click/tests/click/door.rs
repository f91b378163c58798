//! The door: one row for each kind of request.

use crate::support::{CODE, LANDING, door, now, visit, visit_at};
use edge::http::Method;

/// Nothing that a stranger sends leads elsewhere, ends a header or is credited to anybody.
#[tokio::test]
async fn each_bad_request_gets_its_answer() {
    let long = "x".repeat(10_000);
    let rows = [
        ("unknown code", visit("ZZZZZZZZ", None), 302),
        ("a code of no form", visit("no code at all", None), 302),
        ("65 characters", visit(&"x".repeat(65), None), 400),
        ("10 kB", visit(&long, None), 400),
        ("NUL", visit("K7Q\u{0}X2P8", None), 404),
        ("climbing", visit("../K7QMX2P8", None), 404),
        ("climbing in the template", visit(CODE, Some("../../finance")), 404),
        ("10 kB template", visit(CODE, Some(&long)), 400),
        ("another host as the code", visit("//evil.test", None), 302),
        ("CRLF in the code", visit("K7QMX2P8\r\nset-cookie: a=b", None), 404),
        ("another page, of nobody", visit("ZZZZZZZZ", None).query("next", "https://evil.test"), 302),
    ];
    for (name, call, status) in rows {
        let door = door().await;
        match door.try_answer(call).await {
            Ok(reply) => {
                assert_eq!((reply.status.as_u16(), reply.headers["location"].to_str().unwrap()), (status, LANDING), "{name}");
                assert!(reply.cookies.is_empty(), "{name}");
            }
            Err(problem) => assert_eq!(problem.status(), status, "{name}"),
        }
        assert!(door.clicks().is_empty(), "{name}");
    }
}

/// A link is good; what stands around it changes nothing about where it leads.
#[tokio::test]
async fn the_query_is_ignored_but_for_campaigns() {
    for (name, value, page) in [
        ("next", "https://evil.test", LANDING.to_owned()),
        ("url", "//evil.test", LANDING.to_owned()),
        ("receipt", "v1.forged", LANDING.to_owned()),
        ("utm_source", "a\r\nset-cookie: b=c", LANDING.to_owned()),
        ("utm\r\n_source", "a", LANDING.to_owned()),
        ("utm_source", "news letter&x", format!("{LANDING}&utm_source=news%20letter%26x")),
    ] {
        let answer = door().await.answer(visit(CODE, None).query(name, value)).await;
        assert_eq!(answer.page(), page, "{name}");
        assert_eq!(answer.receipt().unwrap().code, CODE);
        assert_eq!(answer.0.cookies.len(), 2);
    }
}

/// A look without a visitor leads to the same place, and leaves and takes nothing.
#[tokio::test]
async fn probes_get_no_receipt_and_are_not_kept() {
    let rows = [
        ("HEAD", visit_at(Method::HEAD, CODE, None, now())),
        ("purpose", visit(CODE, None).header("purpose", "prefetch")),
        ("sec-purpose", visit(CODE, None).header("sec-purpose", "prefetch;prerender")),
        ("x-moz", visit(CODE, None).header("x-moz", "prefetch")),
        ("an image", visit(CODE, None).header("sec-fetch-dest", "image")),
        ("a frame", visit(CODE, None).header("sec-fetch-dest", "iframe")),
    ];
    for (name, call) in rows {
        let door = door().await;
        let answer = door.answer(call).await;
        assert_eq!((answer.location(), answer.0.cookies.len(), door.clicks().len()), (LANDING, 0, 0), "{name}");
    }
    let door = door().await;
    let answer = door.answer(visit(CODE, Some("tpl_public")).header("purpose", "prefetch")).await;
    assert_eq!(answer.location(), "https://pages.example.com/t/public?x=1#go");
}

#[tokio::test]
async fn a_bot_is_kept_as_one_and_gets_no_receipt() {
    let door = door().await;
    let answer = door.answer(visit(CODE, None).user_agent("Mozilla/5.0 (compatible; Googlebot/2.1)")).await;
    assert_eq!((answer.location(), answer.0.cookies.len()), (LANDING, 0));
    assert_eq!(door.classes(), ["bot"]);
    assert_eq!(door.clicks()[0].device, None);
}

#[tokio::test]
async fn a_template_leads_to_its_page_or_the_landing_page() {
    let page = "https://pages.example.com/t/public?x=1";
    for (name, code, template, leads_to, credited) in [
        ("public", CODE, "tpl_public", page, Some("tpl_public")),
        ("public, shared by another", "CAR0KC0D", "tpl_public", page, Some("tpl_public")),
        ("private, its owner's link", "alices-gpus", "tpl_private", "https://pages.example.com/t/private", Some("tpl_private")),
        ("private, another's link", "CAR0KC0D", "tpl_private", LANDING, None),
        ("off the list", CODE, "tpl_off", LANDING, None),
        ("a user name that looks like a host", CODE, "tpl_trick", LANDING, None),
        ("unknown", CODE, "tpl_unknown", LANDING, None),
        ("no template at all", CODE, "https://evil.test", LANDING, None),
    ] {
        let door = door().await;
        let answer = door.answer(visit(code, Some(template))).await;
        assert!(answer.location().starts_with(leads_to), "{name}: {}", answer.location());
        let receipt = answer.receipt().unwrap();
        assert_eq!((receipt.code.as_str(), receipt.template.as_ref().map(|id| id.as_str())), (code, credited), "{name}");
        assert_eq!(door.clicks()[0].template, receipt.template, "{name}");
    }
    let answer = door().await.answer(visit("ZZZZZZZZ", Some("tpl_public"))).await;
    assert_eq!((answer.location(), answer.0.cookies.len()), (LANDING, 0), "nobody's link");
}

#[tokio::test]
async fn a_code_is_found_as_people_type_it() {
    for (typed, stored) in [("k7qmx2p8", CODE), ("K7qmX2p8", CODE), ("Alices-GPUs", "alices-gpus")] {
        let door = door().await;
        assert_eq!(door.answer(visit(typed, None)).await.receipt().unwrap().code, stored, "{typed}");
        assert_eq!((door.clicks()[0].code.as_str(), door.clicks()[0].account.as_str()), (stored, "alice"), "{typed}");
    }
}
