//! A visit to a link: what kind it is, and what the browser keeps of it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;

/// The cookie that holds the receipt of the credited click.
pub const RECEIPT_COOKIE: &str = "__Host-ref";

/// The cookie that tells one browser from another.
pub const DEVICE_COOKIE: &str = "__Host-device";

/// How long a browser keeps its device cookie: no browser keeps any longer.
pub const DEVICE_DAYS: i64 = 400;

/// A second visit to the same link within this time is the same visit, looked at again.
const DUPLICATE_MINUTES: i64 = 30;

/// A first-party cookie: of our host alone, over TLS, out of reach of scripts, not sent along from other sites' forms.
#[must_use]
pub fn set_cookie(name: &str, value: &str, max_age: Duration) -> String {
    format!("{name}={value}; Max-Age={}; Path=/; HttpOnly; Secure; SameSite=Lax", max_age.num_seconds().max(0))
}

/// A new device cookie's value: 128 random bits.
#[must_use]
pub fn device_id(random: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

/// Whether a device cookie's value can be one of ours.
#[must_use]
pub fn is_device_id(text: &str) -> bool {
    text.len() == 22 && URL_SAFE_NO_PAD.decode(text).is_ok()
}

/// What a visit is. It stands beside the raw visit and can be computed again from what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitClass {
    /// Somebody followed the link.
    Person,
    /// The same visitor followed the same link again, a moment later.
    Duplicate,
    /// A crawler, or a messenger that draws a preview: it says so itself.
    Bot,
    /// A look without a visit: HEAD, a browser loading ahead, an image or a frame in another page.
    Probe,
}

impl VisitClass {
    /// Its name in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Duplicate => "duplicate",
            Self::Bot => "bot",
            Self::Probe => "probe",
        }
    }

    /// Whether the visit is kept: nobody visited where it was a probe.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        match self {
            Self::Person | Self::Duplicate | Self::Bot => true,
            Self::Probe => false,
        }
    }

    /// Whether somebody was there who can be credited to the link.
    #[must_use]
    pub const fn is_person(self) -> bool {
        match self {
            Self::Person | Self::Duplicate => true,
            Self::Bot | Self::Probe => false,
        }
    }
}

/// What is seen of a visit: the headers as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visit<'a> {
    /// Whether only the headers of the answer were asked for.
    pub head: bool,
    /// `Purpose`, `Sec-Purpose`, `X-Moz`: what a browser that loads ahead says.
    pub purposes: [Option<&'a str>; 3],
    /// `Sec-Fetch-Dest`: what the answer is for.
    pub destination: Option<&'a str>,
    /// `User-Agent`.
    pub agent: Option<&'a str>,
    /// How long ago the same visitor was last at the same link, if ever.
    pub last_visit: Option<Duration>,
}

impl Visit<'_> {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> VisitClass {
        let ahead = |purpose: &str| purpose.to_ascii_lowercase().contains("prefetch");
        let into_page = |destination: &str| !["", "document", "empty"].contains(&destination);
        if self.head || self.purposes.into_iter().flatten().any(ahead) || self.destination.is_some_and(into_page) {
            VisitClass::Probe
        } else if self.agent.is_some_and(is_bot) {
            VisitClass::Bot
        } else if self.last_visit.is_some_and(|ago| ago < Duration::minutes(DUPLICATE_MINUTES)) {
            VisitClass::Duplicate
        } else {
            VisitClass::Person
        }
    }
}

/// Crawlers and preview makers that name themselves. HTTP libraries and headless browsers are not among them: a
/// person's own program may be one, and a wrongly refused click costs a referrer the reward.
const BOTS: [&str; 32] = [
    "googlebot",
    "adsbot",
    "mediapartners-google",
    "google-inspectiontool",
    "bingbot",
    "bingpreview",
    "yandexbot",
    "duckduckbot",
    "baiduspider",
    "applebot",
    "petalbot",
    "bytespider",
    "amazonbot",
    "gptbot",
    "chatgpt-user",
    "claudebot",
    "perplexitybot",
    "ccbot",
    "slackbot",
    "slack-imgproxy",
    "twitterbot",
    "discordbot",
    "telegrambot",
    "linkedinbot",
    "facebookexternalhit",
    "facebookcatalog",
    "meta-externalagent",
    "whatsapp/",
    "skypeuripreview",
    "pinterestbot",
    "redditbot",
    "semrushbot",
];

fn is_bot(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    BOTS.iter().any(|bot| agent.contains(bot))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

    #[test]
    fn each_class_has_its_signs() {
        let seen = Visit { agent: Some(CHROME), ..Visit::default() };
        let purpose = |place: usize, text| {
            let mut purposes = [None; 3];
            purposes[place] = Some(text);
            Visit { purposes, ..seen }
        };
        let to = |destination| Visit { destination: Some(destination), ..seen };
        let by = |agent| Visit { agent: Some(agent), ..seen };
        let again = |minutes| Visit { last_visit: Some(Duration::minutes(minutes)), ..seen };
        use VisitClass::{Bot, Duplicate, Person, Probe};
        let cases = [
            (seen, Person),
            (Visit::default(), Person),
            (to("document"), Person),
            (to("empty"), Person),
            (to(""), Person),
            (to("image"), Probe),
            (to("iframe"), Probe),
            (to("script"), Probe),
            (Visit { head: true, ..seen }, Probe),
            (purpose(0, "prefetch"), Probe),
            (purpose(1, "prefetch;prerender"), Probe),
            (purpose(1, "Prefetch;anonymous-client-ip"), Probe),
            (purpose(2, "prefetch"), Probe),
            (purpose(0, "navigate"), Person),
            (by("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), Bot),
            (by("WhatsApp/2.23.20.0"), Bot),
            (by("facebookexternalhit/1.1"), Bot),
            (by("Slackbot-LinkExpanding 1.0"), Bot),
            (by("Mozilla/5.0 (Linux; Android 12; CUBOT X50) Chrome/100"), Person),
            (by("curl/8.5.0"), Person),
            (by("python-requests/2.32"), Person),
            (again(29), Duplicate),
            (again(30), Person),
            (Visit { head: true, ..again(1) }, Probe),
            (Visit { agent: Some("GPTBot/1.2"), ..again(1) }, Bot),
        ];
        for (visit, class) in cases {
            assert_eq!(visit.class(), class, "{visit:?}");
        }
    }

    #[test]
    fn a_class_says_what_becomes_of_the_visit() {
        use VisitClass::{Bot, Duplicate, Person, Probe};
        for (class, name, kept, person) in [
            (Person, "person", true, true),
            (Duplicate, "duplicate", true, true),
            (Bot, "bot", true, false),
            (Probe, "probe", false, false),
        ] {
            assert_eq!((class.as_str(), class.is_kept(), class.is_person()), (name, kept, person));
        }
    }

    #[test]
    fn a_device_id_reads_as_one_and_nothing_else_does() {
        let id = device_id([0xAB; 16]);
        assert!(is_device_id(&id) && is_device_id(&device_id([0; 16])));
        for text in ["", "short", &id[1..], &format!("{id}A"), &id.replace('q', "="), &format!("{}\n", &id[1..]), "AAAAAAAAAAAAAAAAAAAAAB"]
        {
            assert!(!is_device_id(text), "{text:?}");
        }
    }

    #[test]
    fn a_cookie_is_of_our_host_alone() {
        assert_eq!(set_cookie("__Host-ref", "v", Duration::days(1)), "__Host-ref=v; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax");
        assert_eq!(set_cookie("a", "v", Duration::seconds(-1)), "a=v; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax");
    }
}
