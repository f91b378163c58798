//! What differs between two runs of the same story: times, random ids, digests, and the names of the cell.

use rust_decimal::Decimal;

/// What ids begin with that are random, or made from something that is; a link to the form at Stripe ends with one.
const ID_PREFIXES: [&str; 6] = ["pay_", "run_", "tpl_", "clk_", "qua_", "/setup/"];

/// The least digits of a digest.
const HEX_MIN: usize = 20;

pub(crate) struct Mask {
    tag: String,
    codes: Vec<String>,
}

impl Mask {
    pub(crate) fn new(tag: &str, codes: Vec<String>) -> Self {
        Self { tag: tag.to_owned(), codes }
    }

    /// A text without what differs.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.replace(&self.tag, "TAG");
        for code in &self.codes {
            text = text.replace(code.as_str(), "CODE");
        }
        let mut masked = String::with_capacity(text.len());
        let mut rest = text.as_str();
        let mut last = ' ';
        while let Some(first) = rest.chars().next() {
            let inside = last.is_ascii_alphanumeric();
            let found = id(rest).or_else(|| stripe(rest)).or_else(|| if inside { None } else { form(rest).or_else(|| epoch(rest)) });
            let (length, word) = found.unwrap_or((first.len_utf8(), &rest[..first.len_utf8()]));
            masked.push_str(word);
            last = rest[..length].chars().next_back().unwrap_or(' ');
            rest = &rest[length..];
        }
        masked
    }

    /// The name of an attribute: a hold ends with its day, a month's bucket with its day of the month, an open payout with its id.
    pub(crate) fn attribute(&self, name: &str) -> String {
        self.text(name).trim_end_matches(|character: char| character.is_ascii_digit()).to_owned()
    }

    /// A number; epoch seconds differ.
    pub(crate) fn number(&self, number: Decimal) -> String {
        if number > Decimal::from(1_000_000_000) { "TIME".to_owned() } else { number.normalize().to_string() }
    }
}

/// Length and replacement of what begins here.
type Found = Option<(usize, &'static str)>;

fn run(text: &str, of: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| of(*byte)).count()
}

fn id(text: &str) -> Found {
    let prefix = ID_PREFIXES.into_iter().find(|prefix| text.starts_with(prefix))?;
    let length = run(&text[prefix.len()..], |byte| byte.is_ascii_alphanumeric());
    (length >= HEX_MIN).then_some((prefix.len() + length, "ID"))
}

/// An account at Stripe, whole or masked, which Stripe names at random.
fn stripe(text: &str) -> Found {
    let rest = text.strip_prefix("acct_")?;
    let (dots, length) = if rest.starts_with('…') { ('…'.len_utf8(), 4) } else { (0, 16) };
    (run(&rest[dots..], |byte| byte.is_ascii_alphanumeric()) == length).then_some(("acct_".len() + dots + length, "ACCT"))
}

/// Seconds since 1970, as events tell them.
fn epoch(text: &str) -> Found {
    let length = run(text, |byte| byte.is_ascii_digit());
    (length == 10).then_some((length, "TIME"))
}

/// A digest, an id of a message, a time, a day, a month.
fn form(text: &str) -> Found {
    let digits = run(text, |byte| byte.is_ascii_hexdigit());
    if digits >= HEX_MIN {
        return Some((digits, "HEX"));
    }
    let fits = |pattern: &str| {
        let bytes = text.as_bytes().get(..pattern.len())?;
        let same = |(byte, form): (&u8, u8)| match form {
            b'0' => byte.is_ascii_digit(),
            b'x' => byte.is_ascii_hexdigit(),
            literal => *byte == literal,
        };
        bytes.iter().zip(pattern.bytes()).all(same).then_some(pattern.len())
    };
    if let Some(length) = fits("0000-00-00T00:00") {
        let seconds = run(&text[length..], |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z'));
        return Some((length + seconds, "TIME"));
    }
    let forms = [("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "UUID"), ("0000-00-00", "DAY"), ("0000-00", "MONTH")];
    forms.into_iter().find_map(|(pattern, word)| Some((fits(pattern)?, word)))
}

#[test]
fn only_what_differs_is_masked() {
    let mask = Mask::new("x0007x", vec!["ABCD2345".into()]);
    for (text, masked) in [
        ("acct_ref-x0007x", "acct_ref-TAG"),
        ("code#ABCD2345", "code#CODE"),
        (r#"{"at":"2026-11-21T10:00:00.123Z","amount":"1.80"}"#, r#"{"at":"TIME","amount":"1.80"}"#),
        ("m#2026-11#-", "m#MONTH#-"),
        ("acts#2026-11-21", "acts#DAY"),
        ("payout#pay_4YGQGXK5VRGSQN7XQD252HFMW1 head", "payout#ID head"),
        ("k1.00112233445566778899aabbccddeeff", "k1.HEX"),
        (r#"ref#stripe_account#acct_1PgafTB7WZ01zgkW {"mask":"acct_…zgkW"}"#, r#"ref#stripe_account#ACCT {"mask":"ACCT"}"#),
        ("http://127.0.0.1:1/stripe/setup/G3R6Hstc5y4yR6HZT6HvKf9rBBUk8mCv", "http://127.0.0.1:1/stripeID"),
        ("message id 5cfcf49e-049c-2a73-7321-2b0487954a4c", "message id UUID"),
        (r#"{"created":1790000000}"#, r#"{"created":TIME}"#),
        ("100.00 00000001 USD", "100.00 00000001 USD"),
        ("é pay_ 12-34", "é pay_ 12-34"),
    ] {
        assert_eq!(mask.text(text), masked);
    }
    for (name, masked) in [("h20261205", "h"), ("e07", "e"), ("GW", "GW"), ("opay_4YGQGXK5VRGSQN7XQD252HFMW1", "oID")] {
        assert_eq!(mask.attribute(name), masked);
    }
    assert_eq!([mask.number(Decimal::new(1_790_000_000, 0)), mask.number(Decimal::new(180, 2))], ["TIME", "1.8"]);
}
