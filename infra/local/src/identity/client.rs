//! The one client of this issuer: the programme's own pages. It is public (it has no secret), so
//! PKCE and the exact list of its addresses are what protects a code.

/// The client's id.
pub(super) const CLIENT_ID: &str = "referral-web";

/// Client id in tokens that were asked for on the command line, without a sign-in.
pub(super) const COMMAND_LINE_ID: &str = "local-command-line";

/// Scopes that can be asked for; `openid` must be.
pub(super) const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// Where a code may be sent, under the stack's own origin.
const REDIRECT_PATHS: [&str; 2] = ["/login", "/login/callback"];

/// Where a browser may be sent after it signed out, under the stack's own origin.
const LOGOUT_PATHS: [&str; 4] = ["/", "/login", "/logout", "/finance"];

/// Whether a code may be sent to this address: compared as text, byte by byte.
pub(super) fn is_redirect_uri(origin: &str, uri: &str) -> bool {
    is_listed(origin, uri, &REDIRECT_PATHS)
}

/// Whether a browser that signed out may be sent to this address.
pub(super) fn is_logout_uri(origin: &str, uri: &str) -> bool {
    is_listed(origin, uri, &LOGOUT_PATHS)
}

fn is_listed(origin: &str, uri: &str, paths: &[&str]) -> bool {
    uri.strip_prefix(origin).is_some_and(|path| paths.contains(&path))
}

/// The scopes that are granted of those asked for, or `None` where `openid` is not among them.
/// Unknown ones are left out, as OpenID Connect (section 3.1.2.1) has it.
pub(super) fn granted_scope(asked: &str) -> Option<String> {
    let asked: Vec<&str> = asked.split(' ').collect();
    let granted: Vec<&str> = SCOPES.into_iter().filter(|scope| asked.contains(scope)).collect();
    granted.contains(&"openid").then(|| granted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "http://127.0.0.1:8080";

    #[test]
    fn only_listed_addresses_get_a_code() {
        assert!(is_redirect_uri(ORIGIN, "http://127.0.0.1:8080/login"));
        assert!(is_redirect_uri(ORIGIN, "http://127.0.0.1:8080/login/callback"));
        for uri in [
            "",
            "/login",
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/",
            "http://127.0.0.1:8080/login/",
            "http://127.0.0.1:8080/login/callback?x=1",
            "http://127.0.0.1:8080/login/callback#x",
            "http://127.0.0.1:8080/login/../login",
            "http://127.0.0.1:8080/LOGIN",
            "http://127.0.0.1:8080@evil.example/login",
            "http://127.0.0.1:80801/login",
            "http://localhost:8080/login",
            "https://127.0.0.1:8080/login",
            "http://evil.example/login",
            "javascript:alert(1)",
        ] {
            assert!(!is_redirect_uri(ORIGIN, uri), "{uri}");
        }
    }

    #[test]
    fn openid_must_be_asked_for_and_unknown_scopes_are_left_out() {
        assert_eq!(granted_scope("openid").as_deref(), Some("openid"));
        assert_eq!(granted_scope("finance email openid").as_deref(), Some("openid email"));
        assert_eq!(granted_scope("email"), None);
        assert_eq!(granted_scope("OpenID"), None);
    }
}
