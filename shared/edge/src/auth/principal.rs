//! Who calls, once it is proved.

use crate::problem::Problem;
use ledger::AccountId;
use std::{collections::BTreeSet, fmt};

/// The account behind a verified token.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    /// The token's `sub`.
    pub account: AccountId,
    /// What it may do besides being a customer: `finance`, `platform`.
    pub groups: BTreeSet<String>,
    /// Its e-mail address, where the issuer puts it into access tokens.
    pub email: Option<String>,
    /// Its name, likewise.
    pub name: Option<String>,
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("account", &self.account).field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl Principal {
    /// Whether it is in that group.
    #[must_use]
    pub fn in_group(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    /// Lets only that group pass.
    ///
    /// # Errors
    /// 403 for everyone else.
    pub fn require_group(&self, group: &str) -> Result<(), Problem> {
        if self.in_group(group) { Ok(()) } else { Err(Problem::forbidden(format!("This is for the group {group}."))) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn groups_open_doors_and_nothing_personal_is_printed() {
        let principal = Principal {
            account: AccountId::try_new("fin1").unwrap(),
            groups: BTreeSet::from(["finance".to_owned()]),
            email: Some("ann@example.com".to_owned()),
            name: Some("Ann".to_owned()),
        };
        assert!(principal.require_group("finance").is_ok());
        assert_eq!(principal.require_group("platform").unwrap_err().status(), 403);
        assert_eq!(principal.require_group("").unwrap_err().status(), 403);
        let shown = format!("{principal:?}");
        assert!(!shown.contains("example.com") && !shown.contains("Ann"), "{shown}");
    }
}
