//! Signals that two accounts may be one person. They are stored as keyed digests, never in clear.

mod email;

pub use email::normalise_email;

use chrono::Duration;
use ledger::KeyRing;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What two accounts may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// The e-mail address of the token.
    Email,
    /// What was paid with.
    Instrument,
    /// Where payouts go.
    Destination,
    /// The browser, by its cookie.
    Device,
    /// The network, with the kind of browser.
    Network,
}

impl SignalKind {
    /// Its name in tables; it also keeps the digests of one kind apart from those of the others.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Instrument => "instrument",
            Self::Destination => "destination",
            Self::Device => "device",
            Self::Network => "network",
        }
    }

    /// How long it counts. None: for ever. Those are the hard ones, which refuse; the others only ask for a review.
    #[must_use]
    pub fn lifetime(self) -> Option<Duration> {
        match self {
            Self::Email | Self::Instrument | Self::Destination => None,
            Self::Device => Some(Duration::days(crate::visit::DEVICE_DAYS)),
            Self::Network => Some(Duration::hours(24)),
        }
    }

    /// The digest under the newest key: what is written.
    #[must_use]
    pub fn digest(self, keys: &KeyRing, text: &str) -> String {
        keys.sign(self.as_str(), text.as_bytes()).to_text()
    }

    /// The digest under every key, newest first: what is looked up, so that a rotation forgets nothing.
    #[must_use]
    pub fn digests(self, keys: &KeyRing, text: &str) -> Vec<String> {
        keys.sign_all(self.as_str(), text.as_bytes()).iter().map(ledger::KeyedMac::to_text).collect()
    }
}

/// The network signal's text: the address's /24 or /48 and the browser. None for an address that says nothing about
/// who is behind it (private, loopback, shared), or without a browser's name: many people share a prefix.
#[must_use]
pub fn network(address: Option<IpAddr>, agent: Option<&str>) -> Option<String> {
    let agent = agent.map(str::trim).filter(|agent| !agent.is_empty())?;
    let prefix = match address?.to_canonical() {
        IpAddr::V4(address) => v4_prefix(address),
        IpAddr::V6(address) => v6_prefix(address),
    }?;
    Some(format!("{prefix} {agent}"))
}

fn v4_prefix(address: Ipv4Addr) -> Option<String> {
    let [a, b, c, _] = address.octets();
    // 100.64.0.0/10 is shared by a provider's customers.
    let shared = a == 100 && (64..128).contains(&b);
    let silent = address.is_private() || address.is_loopback() || address.is_link_local() || shared || a == 0 || a >= 224;
    (!silent).then(|| format!("{a}.{b}.{c}.0/24"))
}

fn v6_prefix(address: Ipv6Addr) -> Option<String> {
    let [a, b, c, ..] = address.segments();
    // Only 2000::/3 is given to networks; everything else is local, multicast or unassigned.
    (a & 0xE000 == 0x2000).then(|| format!("{a:x}:{b:x}:{c:x}::/48"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_network_is_a_prefix_and_a_browser() {
        for (address, prefix) in [
            ("203.0.113.77", Some("203.0.113.0/24 Firefox")),
            ("8.8.8.8", Some("8.8.8.0/24 Firefox")),
            ("2001:db8:1:2::3", Some("2001:db8:1::/48 Firefox")),
            ("::ffff:203.0.113.9", Some("203.0.113.0/24 Firefox")),
            ("127.0.0.1", None),
            ("10.1.2.3", None),
            ("172.16.0.1", None),
            ("192.168.1.1", None),
            ("169.254.1.1", None),
            ("100.64.0.1", None),
            ("100.128.0.1", Some("100.128.0.0/24 Firefox")),
            ("0.0.0.0", None),
            ("255.255.255.255", None),
            ("224.0.0.1", None),
            ("::1", None),
            ("::", None),
            ("fd00::1", None),
            ("fe80::1", None),
            ("ff02::1", None),
            ("::ffff:10.0.0.1", None),
        ] {
            assert_eq!(network(Some(address.parse().unwrap()), Some("Firefox")).as_deref(), prefix, "{address}");
        }
        assert_eq!(network(None, Some("Firefox")), None);
        assert_eq!(network(Some("8.8.8.8".parse().unwrap()), None), None);
        assert_eq!(network(Some("8.8.8.8".parse().unwrap()), Some(" ")), None);
    }

    #[test]
    fn digests_are_apart_by_kind_and_survive_a_rotation() {
        let old = KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap();
        let both = KeyRing::parse("k2:ff0102030405060708090a0b0c0d0e0f k1:000102030405060708090a0b0c0d0e0f").unwrap();
        let made = SignalKind::Email.digest(&old, "ann@example.com");
        assert!(!made.contains("ann"));
        assert!(SignalKind::Email.digests(&both, "ann@example.com").contains(&made));
        assert_eq!(SignalKind::Email.digests(&both, "ann@example.com")[0], SignalKind::Email.digest(&both, "ann@example.com"));
        assert!(!SignalKind::Device.digests(&both, "ann@example.com").contains(&made));
    }

    #[test]
    fn hard_signals_last_for_ever() {
        use SignalKind::{Destination, Device, Email, Instrument, Network};
        for (kind, name, hours) in [
            (Email, "email", None),
            (Instrument, "instrument", None),
            (Destination, "destination", None),
            (Device, "device", Some(9600)),
            (Network, "network", Some(24)),
        ] {
            assert_eq!((kind.as_str(), kind.lifetime().map(|time| time.num_hours())), (name, hours));
        }
    }
}
