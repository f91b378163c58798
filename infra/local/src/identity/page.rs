//! The issuer's few pages: HTML without script, one inline style, light and dark.

use super::people::SAMPLES;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The rule for names, in words for the page.
pub(super) const NAME_RULE: &str = "A name has 1 to 40 lower-case letters, digits, hyphens, underscores, pluses and single dots inside.";

const STYLE: &str = include_str!("page.css");

/// A whole page, all values in it escaped.
pub(super) struct Html(String);

impl Html {
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// The style's hash, as a content security policy names it.
pub(super) fn style_hash() -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE)))
}

/// The sign-in page. `action` is where its forms lead, `carried` what they carry along, and
/// `problem` what was wrong with the name before.
pub(super) fn sign_in(action: &str, carried: &[(&str, Option<&str>)], problem: Option<&str>) -> Html {
    let form = format!("<form method=\"post\" action=\"{}\">{}", escape(action), hidden(carried));
    let mut body = String::from("<p>Choose who you are. This is a local stack: nobody has a password.</p>");
    // Two forms: with one, Enter in the field would press the first person's button.
    body.push_str(&form);
    body.push_str("<ul>");
    for person in &SAMPLES {
        body.push_str(&format!(
            "<li><button name=\"name\" value=\"{}\"><span>{}</span><small>{}</small></button></li>",
            person.name, person.display, person.role
        ));
    }
    body.push_str("</ul></form>");
    body.push_str(&form);
    body.push_str("<label for=\"name\">Or as a new customer</label><div class=\"row\">");
    let (invalid, said) = match problem {
        Some(problem) => (" aria-invalid=\"true\"", format!("<p id=\"rule\" class=\"problem\" role=\"alert\">{}</p>", escape(problem))),
        None => ("", format!("<p id=\"rule\">{NAME_RULE}</p>")),
    };
    body.push_str(&format!(
        "<input id=\"name\" name=\"name\" required maxlength=\"40\" autocomplete=\"off\" \
         autocapitalize=\"none\" spellcheck=\"false\" aria-describedby=\"rule\"{invalid}>\
         <button class=\"go\">Sign in</button></div>{said}</form>"
    ));
    document("Sign in", &body)
}

/// The issuer's own address, for who follows the link of the stack's greeting: who there is, and how to be them.
pub(super) fn home() -> Html {
    let mut body = String::from("<p>Sample people of this local stack. Nobody has a password; any other name is a new customer.</p><ul>");
    for person in &SAMPLES {
        body.push_str(&format!("<li class=\"person\"><span>{}</span><small>{}</small></li>", person.display, person.role));
    }
    body.push_str("</ul><p>A bearer token for the API, here for alice:</p><pre>cargo run -- token alice</pre>");
    document("Who is here", &body)
}

/// A request that is answered nowhere else.
pub(super) fn refused(reason: &str) -> Html {
    let body = format!("<p>{}</p><p>Nothing was sent to any other address.</p>", escape(reason));
    document("This request can't be answered", &body)
}

/// After a sign-out without an address to return to.
pub(super) fn signed_out() -> Html {
    document("Signed out", "<p>You are signed out here. You can close this page.</p>")
}

fn document(title: &str, body: &str) -> Html {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · local identity</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

fn hidden(carried: &[(&str, Option<&str>)]) -> String {
    carried
        .iter()
        .filter_map(|(name, value)| value.map(|value| (name, escape(value))))
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"))
        .collect()
}

/// Text as it may stand in an element or in a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_sends_can_not_become_markup() {
        let hostile = "\"><script>alert('1')</script>&amp;";
        let html = sign_in("/a", &[("state", Some(hostile)), ("nonce", None)], Some(hostile)).0;
        assert!(!html.contains("<script"));
        assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;\""));
        assert!(!html.contains("name=\"nonce\""));
        assert!(!refused(hostile).0.contains("<script"));
    }

    #[test]
    fn every_sample_person_has_a_button() {
        let html = sign_in("/a", &[], None).0;
        for person in &SAMPLES {
            assert!(html.contains(&format!("<button name=\"name\" value=\"{}\">", person.name)));
        }
    }
}
