//! Codes, templates, clicks, signals.

use super::{Reader, time};
use crate::{
    StoreError,
    backend::{Item, Value},
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, TemplateId};

/// Whose link a code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code, as it stands in the link.
    pub code: String,
    /// The referrer.
    pub account: AccountId,
    /// Whether the referrer chose it; else it is the default one.
    pub alias: bool,
}

impl Code {
    /// As an item.
    #[must_use]
    pub fn write(&self) -> Item {
        Item::from([("acct".into(), self.account.as_str().into()), ("alias".into(), self.alias.into())])
    }

    /// Reads a code.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let code = reader.text("pk")?.strip_prefix("code#").ok_or_else(|| reader.corrupt("no code"))?;
        Ok(Self { code: code.to_owned(), account: reader.parse("acct")?, alias: reader.truth("alias")? })
    }
}

/// An account's own codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The default code.
    pub code: String,
    /// The chosen one.
    pub alias: Option<String>,
    /// When the account signed up.
    pub created_at: DateTime<Utc>,
}

impl Profile {
    /// As an item.
    #[must_use]
    pub fn write(&self) -> Item {
        let mut item = Item::from([("code".into(), self.code.as_str().into()), ("at".into(), time(self.created_at).into())]);
        if let Some(alias) = &self.alias {
            item.insert("alias".into(), alias.as_str().into());
        }
        item
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        Ok(Self {
            code: reader.text("code")?.to_owned(),
            alias: reader.text_or_none("alias")?.map(str::to_owned),
            created_at: reader.parse("at")?,
        })
    }
}

/// A public configuration that an account shares. Its content stays the platform's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// `tpl_…`
    pub id: TemplateId,
    /// Whose.
    pub account: AccountId,
    /// What people read.
    pub name: String,
    /// Its page, on an allowed host.
    pub url: String,
    /// Whether its link works for others.
    pub public: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Template {
    /// As an item, the same in the owner's list and under the link.
    #[must_use]
    pub fn write(&self) -> Item {
        Item::from([
            ("id".into(), self.id.as_str().into()),
            ("acct".into(), self.account.as_str().into()),
            ("name".into(), self.name.as_str().into()),
            ("url".into(), self.url.as_str().into()),
            ("public".into(), self.public.into()),
            ("at".into(), time(self.created_at).into()),
        ])
    }

    /// Reads a template.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        Ok(Self {
            id: reader.parse("id")?,
            account: reader.parse("acct")?,
            name: reader.text("name")?.to_owned(),
            url: reader.text("url")?.to_owned(),
            public: reader.truth("public")?,
            created_at: reader.parse("at")?,
        })
    }
}

/// What a raw visit was, recomputable from what is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// `clk_…`
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The code of the link.
    pub code: String,
    /// Whose link.
    pub account: AccountId,
    /// The template of the link.
    pub template: Option<TemplateId>,
    /// `person`, `bot`, `duplicate` …: beside the raw visit, never instead of it.
    pub class: String,
    /// The browser's name as it was sent, cut to 200 characters.
    pub agent: Option<String>,
    /// Keyed digest of the network and browser kind.
    pub network: Option<String>,
    /// Keyed digest of the device cookie.
    pub device: Option<String>,
    /// Where the visitor came from: only the host.
    pub referer_host: Option<String>,
}

impl Click {
    /// As an item that expires at `expires` (epoch seconds).
    #[must_use]
    pub fn write(&self, expires: i64) -> Item {
        let mut item = Item::from([
            ("at".into(), time(self.at).into()),
            ("code".into(), self.code.as_str().into()),
            ("acct".into(), self.account.as_str().into()),
            ("cls".into(), self.class.as_str().into()),
            ("ttl".into(), expires.into()),
        ]);
        let optional = [
            ("tpl", self.template.as_ref().map(TemplateId::as_str)),
            ("ua", self.agent.as_deref()),
            ("net", self.network.as_deref()),
            ("dev", self.device.as_deref()),
            ("ref", self.referer_host.as_deref()),
        ];
        item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))));
        item
    }

    /// Reads a click.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let text = |name| reader.text_or_none(name).map(|text| text.map(str::to_owned));
        Ok(Self {
            id: reader.text("sk")?.rsplit('#').next().unwrap_or_default().to_owned(),
            at: reader.parse("at")?,
            code: reader.text("code")?.to_owned(),
            account: reader.parse("acct")?,
            template: reader.parse_or_none("tpl")?,
            class: reader.text("cls")?.to_owned(),
            agent: text("ua")?,
            network: text("net")?,
            device: text("dev")?,
            referer_host: text("ref")?,
        })
    }
}

/// Whose signal a digest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Whose.
    pub account: AccountId,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Signal {
    /// As an item; a soft signal expires at `expires` (epoch seconds).
    #[must_use]
    pub fn write(&self, expires: Option<i64>) -> Item {
        let mut item = Item::from([("acct".into(), self.account.as_str().into()), ("at".into(), time(self.at).into())]);
        if let Some(expires) = expires {
            item.insert("ttl".into(), expires.into());
        }
        item
    }

    /// Reads a signal.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        Ok(Self { account: reader.parse("acct")?, at: reader.parse("at")? })
    }
}
