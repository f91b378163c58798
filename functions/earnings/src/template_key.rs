//! A template's id made from the caller's own name for the request, so that the template is also the request's idempotency record:
//! the same account and key can never make two.

use edge::{http::Call, problem::Problem};
use ledger::{AccountId, TemplateId};
use programme::fact::opaque;
use sha2::{Digest, Sha256};

/// How much of the hash names a template: 104 bits, in as many characters as any other's id.
const HEX_DIGITS: usize = 26;

/// Keeps these apart from whatever else is made from an account and a key.
const DOMAIN: &str = "template";

/// The id of the template that this account asks for under the key of its call; none where it sends no key.
///
/// # Errors
/// 400 where there are several keys, or one that is not 1 to 255 visible ASCII characters.
pub(crate) fn id(call: &Call, account: &AccountId) -> Result<Option<TemplateId>, Problem> {
    let mut values = call.headers.get_all("idempotency-key").iter();
    let Some(first) = values.next() else { return Ok(None) };
    let key = first.to_str().ok().filter(|text| opaque(text) && values.next().is_none());
    let key = key.ok_or_else(|| Problem::malformed("An Idempotency-Key is one header of 1 to 255 visible ASCII characters."))?;
    named(account, key).map(Some)
}

fn named(account: &AccountId, key: &str) -> Result<TemplateId, Problem> {
    // None of the texts has the character NUL: no other account and key give the same bytes.
    let parts = [DOMAIN, account.as_str(), key].join("\0");
    let mut digits = hex::encode_upper(Sha256::digest(parts));
    digits.truncate(HEX_DIGITS);
    TemplateId::try_new(&format!("tpl_{digits}")).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_account_and_key_has_an_id_of_its_own() {
        let id = |account: &str, key: &str| named(&account.parse().unwrap(), key).unwrap();
        assert_eq!(id("alice", "k"), id("alice", "k"));
        assert_eq!(id("alice", "k").as_str().len(), 30);
        for (account, key) in [("alice", "K"), ("bob", "k"), ("alic", "ek"), ("alicek", "k")] {
            assert_ne!(id(account, key), id("alice", "k"), "{account} {key}");
        }
    }
}
