//! An account's templates and its alias: what stands both in the account's own list and under a
//! public link is written in one transaction, so that the two never differ.

use super::Store;
use crate::{
    CommitError, StoreError,
    backend::{Change, Condition, Key, Operation, Write},
    keys,
    records::{
        Reader,
        referral::{Code, Profile, Template},
    },
};
use ledger::{AccountId, TemplateId};
use programme::plan::Plan;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// On the profile: how many templates the account has made. They are never deleted.
const TEMPLATES_MADE: &str = "tn";
/// On the profile: how many aliases the account has taken. They are never given back.
const ALIASES_TAKEN: &str = "an";

/// An account's own codes, and how much of its shares it has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLinks {
    /// Whose.
    pub account: AccountId,
    /// The codes.
    pub profile: Profile,
    /// How many templates it has made.
    pub templates_made: u64,
    /// How many aliases it has taken, those no longer in use included: their links still work.
    pub aliases_taken: u64,
}

/// Holds while a count is still what was read.
fn still(name: &'static str, count: u64) -> Condition {
    if count == 0 { Condition::Absent(name) } else { Condition::Equals(name, count.into()) }
}

fn one_more(name: &'static str) -> Change {
    Change::Add(name.to_owned(), Decimal::ONE)
}

/// A template, by its link and in its owner's list.
fn both_copies(template: &Template) -> [(Key, Operation); 2] {
    let put = || Operation::Put(template.write());
    [(keys::template(&template.id), put()), (keys::own_template(&template.account, &template.id), put())]
}

impl Store {
    /// An account's codes and counts, every write before seen; none before its signup.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn own_links(&self, account: &AccountId) -> Result<Option<OwnLinks>, StoreError> {
        let Some(item) = self.backend.get(&keys::profile(account), true).await? else { return Ok(None) };
        let reader = Reader::new(&item);
        let (templates_made, aliases_taken) = (reader.count(TEMPLATES_MADE)?, reader.count(ALIASES_TAKEN)?);
        Ok(Some(OwnLinks { account: account.clone(), profile: Profile::read(&item)?, templates_made, aliases_taken }))
    }

    /// A template of this account, every write before seen; none where it is another's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn own_template(&self, account: &AccountId, id: &TemplateId) -> Result<Option<Template>, StoreError> {
        self.backend.get(&keys::own_template(account, id), true).await?.as_ref().map(Template::read).transpose()
    }

    /// Templates of anybody, by their ids; unknown ones are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn templates(&self, ids: &BTreeSet<TemplateId>) -> Result<BTreeMap<TemplateId, Template>, StoreError> {
        let wanted: Vec<Key> = ids.iter().map(keys::template).collect();
        let mut found = BTreeMap::new();
        for wanted in wanted.chunks(100) {
            for (_, item) in self.backend.get_many(wanted, false).await? {
                let template = Template::read(&item)?;
                found.insert(template.id.clone(), template);
            }
        }
        Ok(found)
    }

    /// Adds a template of the account whose links were read.
    ///
    /// # Errors
    /// [`CommitError`]; where another template came first, [`crate::Lost::Beside`] 0: read the links again.
    pub async fn add_template(&self, links: &OwnLinks, template: &Template) -> Result<(), CommitError> {
        let conditions = vec![Condition::Present("code"), still(TEMPLATES_MADE, links.templates_made)];
        let mut writes = vec![Write::update(keys::profile(&links.account), conditions, vec![one_more(TEMPLATES_MADE)])];
        let absent = || vec![Condition::Absent("pk")];
        writes.extend(both_copies(template).map(|(key, operation)| Write { key, conditions: absent(), operation }));
        self.commit_with(&Plan::default(), &writes).await
    }

    /// Writes a template again that its owner has.
    ///
    /// # Errors
    /// [`CommitError`]; [`crate::Lost::Beside`] where it is not there or another's.
    pub async fn change_template(&self, template: &Template) -> Result<(), CommitError> {
        let owned = || vec![Condition::Equals("acct", template.account.as_str().into())];
        let writes = both_copies(template).map(|(key, operation)| Write { key, conditions: owned(), operation });
        self.commit_with(&Plan::default(), &writes).await
    }

    /// Makes an alias the account's chosen one. An alias that nobody has is taken, for ever: links
    /// that were once shared never go to somebody else, and the aliases before it keep working.
    ///
    /// # Errors
    /// [`CommitError`]: [`crate::Lost::Beside`] 0 where the alias is another account's,
    /// [`crate::Lost::Beside`] 1 where the account's links changed meanwhile: read them again.
    pub async fn choose_alias(&self, links: &OwnLinks, alias: &str, known: Option<&Code>) -> Result<(), CommitError> {
        let key = keys::code(alias);
        let mut changes = vec![Change::Set("alias".into(), alias.into())];
        let claim = match known {
            Some(_) => Write {
                key,
                conditions: vec![Condition::Equals("acct", links.account.as_str().into()), Condition::Equals("alias", true.into())],
                operation: Operation::Check,
            },
            None => {
                changes.push(one_more(ALIASES_TAKEN));
                Write::create(key, Code { code: alias.to_owned(), account: links.account.clone(), alias: true }.write())
            }
        };
        let before =
            links.profile.alias.as_ref().map_or(Condition::Absent("alias"), |alias| Condition::Equals("alias", alias.as_str().into()));
        let conditions = vec![Condition::Present("code"), before, still(ALIASES_TAKEN, links.aliases_taken)];
        self.commit_with(&Plan::default(), &[claim, Write::update(keys::profile(&links.account), conditions, changes)]).await
    }
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
