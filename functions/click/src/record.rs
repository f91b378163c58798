//! What is kept of a visit: nothing that tells who it was, only digests by which the same one is known again.

use chrono::{DateTime, Utc};
use edge::http::Call;
use ledger::{AccountId, KeyRing, TemplateId};
use programme::{
    signal::{SignalKind, network},
    visit::VisitClass,
};
use store::records::referral::Click;

const AGENT_CHARACTERS_MAX: usize = 200;

/// The longest name that a host can have.
const HOST_LENGTH_MAX: usize = 253;

/// A visit to somebody's link.
pub(crate) struct Visited<'a> {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) account: AccountId,
    pub(crate) template: Option<TemplateId>,
    pub(crate) class: VisitClass,
    /// The device cookie, where the visitor has one or is given one.
    pub(crate) device: Option<&'a str>,
}

/// The raw click.
pub(crate) fn click(visited: Visited<'_>, call: &Call, keys: &KeyRing, now: DateTime<Utc>) -> Click {
    let agent = call.user_agent.as_deref();
    Click {
        id: visited.id,
        at: now,
        code: visited.code,
        account: visited.account,
        template: visited.template,
        class: visited.class.as_str().to_owned(),
        agent: agent.map(|agent| agent.chars().take(AGENT_CHARACTERS_MAX).collect()),
        network: network(call.source_ip, agent).map(|network| SignalKind::Network.digest(keys, &network)),
        device: visited.device.map(|device| SignalKind::Device.digest(keys, device)),
        referer_host: call.header("referer").and_then(host),
    }
}

/// The host of the page that the visitor came from: a path or a query may name people.
fn host(referer: &str) -> Option<String> {
    let (_, rest) = referer.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let fits = (1..=HOST_LENGTH_MAX).contains(&host.len())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    fits.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn only_the_host_of_a_referer_is_kept() {
        for (referer, kept) in [
            ("https://News.example.com/a/ann@example.com?q=secret", Some("news.example.com")),
            ("http://ann:secret@example.com:8080/x", Some("example.com")),
            ("https://example.com#x", Some("example.com")),
            ("android-app://com.google.android.gm/", Some("com.google.android.gm")),
            ("example.com", None),
            ("https://", None),
            ("https://exa mple.com/", None),
            ("https://[::1]/", None),
        ] {
            assert_eq!(host(referer).as_deref(), kept, "{referer}");
        }
        assert_eq!(host(&format!("https://{}/", "a".repeat(254))), None);
    }
}
