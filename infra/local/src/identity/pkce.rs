//! Proof Key for Code Exchange (RFC 7636), method S256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Whether this can be a challenge: base64url of 32 bytes.
pub(super) fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|digest| digest.len() == 32)
}

/// Whether the verifier is well-formed and the challenge was made from it.
///
/// Compared as plain text: the challenge went through the browser's address bar, it is no secret.
pub(super) fn proves(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_published_example() {
        assert!(is_challenge(CHALLENGE));
        assert!(proves(VERIFIER, CHALLENGE));
    }

    #[test]
    fn what_proves_nothing() {
        assert!(!proves("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", CHALLENGE));
        assert!(!proves("", CHALLENGE));
        // The method `plain`, where the challenge is the verifier itself.
        assert!(!proves(CHALLENGE, CHALLENGE));
        let short = "x".repeat(42);
        assert!(!proves(&short, &URL_SAFE_NO_PAD.encode(Sha256::digest(&short))));
        let odd = format!("{}!", "x".repeat(42));
        assert!(!proves(&odd, &URL_SAFE_NO_PAD.encode(Sha256::digest(&odd))));
    }

    #[test]
    fn what_is_no_challenge() {
        for text in ["", "short", &"x".repeat(44), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
            assert!(!is_challenge(text), "{text}");
        }
    }
}
