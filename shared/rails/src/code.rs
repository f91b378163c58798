//! A rail's own code for why: the only thing of a refusal that is kept. Free text may hold a name or an address.

/// The code, where the text has the form of one; `unnamed` where it has another.
pub(crate) fn code(text: &str) -> String {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if fits { text.to_owned() } else { "unnamed".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn free_text_is_no_code() {
        for kept in ["balance_insufficient", "INSUFFICIENT_FUNDS", "transfer.insufficient_funds", "RECEIVER-1"] {
            assert_eq!(code(kept), kept);
        }
        for dropped in ["", "Ann Smith has no account", "ann@example.com", "a\nb", &"x".repeat(65)] {
            assert_eq!(code(dropped), "unnamed", "{dropped}");
        }
    }
}
