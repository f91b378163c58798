//! Queue names, URLs and ARNs. One account, one region: those the local stack pretends to be in.

use super::error::Refusal;

/// The account that owns every queue, and the sender of every message.
pub(super) const ACCOUNT: &str = "000000000000";
const ARN_PREFIX: &str = "arn:aws:sqs:us-east-1:000000000000:";
const NAME_CHARACTERS_MAX: usize = 80;

/// Checks a name for a new queue: 1 to 80 letters, digits, hyphens and underscores.
///
/// A FIFO name (`….fifo`) is refused too, as there are no FIFO queues here.
pub(super) fn check_queue_name(name: &str) -> Result<(), Refusal> {
    let fits = (1..=NAME_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits {
        return Ok(());
    }
    Err(Refusal::InvalidParameterValue("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length".to_owned()))
}

/// The queue that a URL means. The host is not compared: a fault proxy or another port in front is fine.
pub(super) fn queue_of_url(url: Option<&str>) -> Result<String, Refusal> {
    let mut segments = url.unwrap_or_default().rsplit('/');
    match (segments.next(), segments.next()) {
        (Some(name), Some(ACCOUNT)) if !name.is_empty() => Ok(name.to_owned()),
        (_, _) => Err(Refusal::QueueDoesNotExist),
    }
}

/// The queue that an ARN means, if it is one of this account and region.
pub(super) fn queue_of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix(ARN_PREFIX).filter(|name| !name.is_empty())
}

/// `arn:aws:sqs:us-east-1:000000000000:NAME`.
pub(super) fn arn(name: &str) -> String {
    format!("{ARN_PREFIX}{name}")
}

/// `{base}/000000000000/NAME`, where the base is the address that the client used.
pub(super) fn url(base: &str, name: &str) -> String {
    format!("{base}/{ACCOUNT}/{name}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_have_80_plain_characters_at_most() {
        for good in ["a", "facts-queue_2", &"x".repeat(80)] {
            assert_eq!(check_queue_name(good), Ok(()), "{good}");
        }
        for bad in ["", "a b", "a.fifo", "é", "a/b", &"x".repeat(81)] {
            assert!(check_queue_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_url_must_name_this_account() {
        let url = url("http://127.0.0.1:1", "facts");
        assert_eq!(queue_of_url(Some(&url)).unwrap(), "facts");
        for bad in [None, Some(""), Some("facts"), Some("http://127.0.0.1:1/123456789012/facts"), Some("http://127.0.0.1:1/000000000000/")]
        {
            assert_eq!(queue_of_url(bad), Err(Refusal::QueueDoesNotExist));
        }
    }

    #[test]
    fn an_arn_must_be_of_this_account_and_region() {
        assert_eq!(queue_of_arn(&arn("facts")), Some("facts"));
        assert_eq!(queue_of_arn("arn:aws:sqs:eu-west-1:000000000000:facts"), None);
        assert_eq!(queue_of_arn("arn:aws:sqs:us-east-1:000000000000:"), None);
    }
}
