#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn builder(method: Method) -> CallBuilder {
    Call::builder(method, "/r/{code}", DateTime::UNIX_EPOCH)
}

fn status<T>(answer: Result<T, Problem>) -> u16 {
    answer.map_or_else(|problem| problem.status().as_u16(), |_| 200)
}

#[test]
fn values_of_the_path() {
    for (value, expected) in [
        ("alice", 200),
        ("auth0|12/ab.c", 200),
        ("...", 200),
        ("", 404),
        ("a\u{0}b", 404),
        ("a\r\nb", 404),
        ("../x", 404),
        ("x/..", 404),
        ("..\\x", 404),
        (".", 404),
        ("\u{fffd}", 404),
        (&"x".repeat(512), 200),
        (&"x".repeat(10_000), 400),
    ] {
        let call = builder(Method::GET).param("code", value).build();
        assert_eq!(status(call.param("code")), expected, "{value:?}");
    }
    assert_eq!(status(builder(Method::GET).build().param("code")), 404);
}

#[test]
fn values_of_the_query() {
    let call = builder(Method::GET).raw_query("a=1&b=2&b=2&c=%00&d=%ff&e&f=x%20y+z&=&%61a=3&").build();
    assert_eq!(call.query("a").unwrap(), Some("1"));
    assert_eq!(call.query("e").unwrap(), Some(""));
    assert_eq!(call.query("f").unwrap(), Some("x y z"));
    assert_eq!(call.query("aa").unwrap(), Some("3"));
    assert_eq!(call.query("none").unwrap(), None);
    for name in ["b", "c", "d"] {
        assert_eq!(status(call.query(name)), 400, "{name}");
    }
    assert_eq!(call.query.iter().filter(|(name, _)| name == "b").count(), 2, "kept for those who want them all");
}

#[test]
fn all_cookies_of_a_name_and_only_those() {
    let cookies =
        ["r=1", " r = 2 ", "R=3", "rr=4", "r=\"5\"", "r=a=b", "r", "=r", "r=a\u{1}", "r=\u{e9}", "r=a\"b", "r=a\\b", "r=a,b", "r="];
    let call = Call { cookies: cookies.map(str::to_owned).to_vec(), ..builder(Method::GET).build() };
    assert_eq!(call.cookie("r"), ["1", "2", "5", "a=b", ""]);
    assert!(call.cookie("x").is_empty());
}

#[test]
fn bearer_tokens() {
    for (headers, expected) in [
        (vec!["Bearer abc.d-e_f"], Some("abc.d-e_f")),
        (vec!["bearer  abc "], Some("abc")),
        (vec!["Basic abc"], None),
        (vec!["Bearer"], None),
        (vec!["Bearer "], None),
        (vec!["Bearer a b"], None),
        (vec!["Bearer a, Bearer b"], None),
        (vec!["Bearer a", "Bearer b"], None),
        (vec!["Bearer \u{e9}"], None),
        (vec![""], None),
        (vec![], None),
    ] {
        let call = headers.iter().fold(builder(Method::GET), |builder, value| builder.header("authorization", value)).build();
        assert_eq!(call.bearer(), expected, "{headers:?}");
    }
}

#[test]
fn only_our_pages_may_change_something_with_a_cookie() {
    let ours = ["https://example.com/app/".to_owned(), "http://127.0.0.1:8080".to_owned()];
    for (origins, expected) in [
        (vec!["https://example.com"], 200),
        (vec!["HTTPS://Example.com"], 200),
        (vec!["http://127.0.0.1:8080"], 200),
        (vec!["http://127.0.0.1:8081"], 403),
        (vec!["http://example.com"], 403),
        (vec!["https://example.com.evil"], 403),
        (vec!["https://evil"], 403),
        (vec!["null"], 403),
        (vec![""], 403),
        (vec![], 403),
        (vec!["https://example.com", "https://evil"], 403),
    ] {
        let call = |method| origins.iter().fold(builder(method), |builder, value| builder.header("origin", value)).build();
        assert_eq!(status(call(Method::POST).same_origin(&ours)), expected, "{origins:?}");
        assert_eq!(status(call(Method::GET).same_origin(&ours)), 200);
        assert_eq!(status(call(Method::DELETE).same_origin(&[])), 403);
        assert_eq!(status(call(Method::POST).same_origin(&["nonsense".to_owned()])), 403);
    }
}

#[test]
fn a_call_is_not_printed() {
    let call = builder(Method::POST).bearer("hush").cookie("r", "hush").body("hush").query("q", "hush").build();
    assert!(!format!("{call:?}").contains("hush"));
}

proptest! {
    #[test]
    fn no_cookie_makes_it_panic_or_gives_what_a_header_can_not_carry(cookies in proptest::collection::vec(".{0,20}", 0..8), name in "[a-z]{1,3}") {
        let call = Call { cookies, ..builder(Method::GET).build() };
        for value in call.cookie(&name) {
            prop_assert!(value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';'));
        }
    }

    #[test]
    fn no_query_makes_it_panic(query in ".{0,60}", name in "[a-z]{0,2}") {
        let call = builder(Method::GET).raw_query(&query).build();
        if let Ok(Some(value)) = call.query(&name) {
            prop_assert!(!value.contains(char::is_control));
        }
    }

    #[test]
    fn a_query_reads_what_was_encoded(value in "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{fffd}]{0,20}") {
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
        let call = builder(Method::GET).raw_query(&format!("a={encoded}")).build();
        prop_assert_eq!(call.query("a").unwrap(), Some(value.as_str()));
    }
}
