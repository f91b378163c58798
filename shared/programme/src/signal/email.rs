//! E-mail addresses brought to one form, so that two spellings of one mailbox are the same signal.

/// What a provider ignores in the part before the `@`.
#[derive(Clone, Copy)]
struct Provider {
    /// The domain that all of its domains for one mailbox are written as; none: each domain has mailboxes of its own.
    domain: Option<&'static str>,
    /// Characters that may stand anywhere without a meaning.
    ignored: &'static [char],
    /// Characters that begin a tag.
    tags: &'static [char],
}

/// Nearly every provider takes `name+tag`.
const ANY: Provider = Provider { domain: None, ignored: &[], tags: &['+'] };
const GMAIL: Provider = Provider { domain: Some("gmail.com"), ignored: &['.'], tags: &['+'] };
const PROTON: Provider = Provider { domain: Some("proton.me"), ignored: &['.', '-', '_'], tags: &['+'] };
const ICLOUD: Provider = Provider { domain: Some("icloud.com"), ..ANY };
const FASTMAIL: Provider = Provider { domain: Some("fastmail.com"), ..ANY };
/// Yahoo's disposable addresses: `base-keyword`.
const YAHOO: Provider = Provider { tags: &['+', '-'], ..ANY };

fn provider(domain: &str) -> Provider {
    match domain {
        "gmail.com" | "googlemail.com" => GMAIL,
        "proton.me" | "protonmail.com" | "protonmail.ch" | "pm.me" => PROTON,
        "icloud.com" | "me.com" | "mac.com" => ICLOUD,
        "fastmail.com" | "fastmail.fm" => FASTMAIL,
        "ymail.com" | "rocketmail.com" => YAHOO,
        other if other.starts_with("yahoo.") => YAHOO,
        // Outlook, Hotmail, Live and the many own domains: a tag, and nothing else.
        _ => ANY,
    }
}

/// The one form of an address: small letters, without the provider's dots and tags. None where it is no address.
#[must_use]
pub fn normalise_email(address: &str) -> Option<String> {
    let address = address.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let domain = domain.trim_end_matches('.');
    let fits =
        !local.is_empty() && !domain.is_empty() && address.len() <= 320 && !address.contains(|c: char| c.is_whitespace() || c.is_control());
    if !fits {
        return None;
    }
    // Fastmail delivers anything@name.fastmail.com to name@fastmail.com.
    let (local, domain) = match domain.split_once('.') {
        Some((name, own @ ("fastmail.com" | "fastmail.fm"))) => (name, own),
        Some(_) | None => (local, domain),
    };
    let provider = provider(domain);
    // A tag without anything before it is the whole name.
    let untagged = local.split(provider.tags).next().filter(|name| !name.is_empty()).unwrap_or(local);
    let name: String = untagged.chars().filter(|character| !provider.ignored.contains(character)).collect();
    let name = if name.is_empty() { untagged.to_owned() } else { name };
    Some(format!("{name}@{}", provider.domain.unwrap_or(domain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_mailbox_are_one() {
        for (address, form) in [
            ("Ann.Lee+ref@GoogleMail.com", "annlee@gmail.com"),
            ("annlee@gmail.com", "annlee@gmail.com"),
            (" a.n.n.l.e.e@gmail.com ", "annlee@gmail.com"),
            ("ann.lee+x@outlook.com", "ann.lee@outlook.com"),
            ("ann.lee+x@hotmail.co.uk", "ann.lee@hotmail.co.uk"),
            ("ann+x@me.com", "ann@icloud.com"),
            ("a_n-n.@protonmail.com", "ann@proton.me"),
            ("ann+x@pm.me", "ann@proton.me"),
            ("ann+x@fastmail.fm", "ann@fastmail.com"),
            ("shop@ann.fastmail.com", "ann@fastmail.com"),
            ("ann-shop@yahoo.co.uk", "ann@yahoo.co.uk"),
            ("ann-shop@ymail.com", "ann@ymail.com"),
            ("ann.lee+ref@example.com", "ann.lee@example.com"),
            ("ann-lee@example.com", "ann-lee@example.com"),
            ("ann@example.com.", "ann@example.com"),
            ("+tag@example.com", "+tag@example.com"),
            ("...@gmail.com", "...@gmail.com"),
            ("\"a@b\"@example.com", "\"a@b\"@example.com"),
            ("\u{dc}mit@example.com", "\u{fc}mit@example.com"),
        ] {
            assert_eq!(normalise_email(address).as_deref(), Some(form), "{address}");
        }
    }

    #[test]
    fn different_mailboxes_stay_apart() {
        for (one, other) in [
            ("ann.lee@outlook.com", "annlee@outlook.com"),
            ("ann@outlook.com", "ann@hotmail.com"),
            ("ann-shop@gmail.com", "ann@gmail.com"),
            ("ann@notgmail.com", "ann@gmail.com"),
            ("ann@mail.gmail.com", "ann@gmail.com"),
        ] {
            assert_ne!(normalise_email(one), normalise_email(other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@.",
            "a nn@example.com",
            "ann@exa\u{0}mple.com",
            &format!("{}@example.com", "a".repeat(320)),
        ] {
            assert_eq!(normalise_email(text), None, "{text}");
        }
    }
}
