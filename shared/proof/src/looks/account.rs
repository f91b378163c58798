//! A look at an account's figures.
//!
//! Every transaction that moves a figure of an account counts up a version of it: `v` of its figures, `bv` of its payout
//! book. So where figures, months, book and review are the same before and after the lines were read, no transaction that
//! concerns them fell in between, and the lines that were read are those that moved the figures: all of them, since each is
//! read from the table itself, with every write before seen. Only which lines there are is learned from an index, some
//! moments behind: a difference therefore counts once it was the same in several looks with a pause after each.

use super::{TRIES, Verdict, gather, item};
use crate::{
    checks::records::text,
    entries::{self, Entry, Owner, Sink},
    report::Report,
};
use chrono::NaiveDate;
use ledger::{AccountId, Money};
use programme::account::Account;
use siphasher::sip::SipHasher24;
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{Hash, Hasher},
};
use store::{
    Store, StoreError,
    backend::{Key, Query, Table, Value},
    keys,
    records::{
        account,
        book::PayoutBook,
        month::{self, Bucket, Series},
        review::Review,
    },
};

/// What is materialised of an account.
#[derive(Debug, PartialEq, Eq, Default)]
struct Kept {
    version: Option<Value>,
    account: Option<Account>,
    buckets: Vec<Bucket>,
    book: PayoutBook,
    review: Option<Review>,
}

/// Its figures, as they are kept and as the lines have them.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    owner: Owner,
    figures: BTreeMap<Entry, (Money, Money)>,
    /// Lines that an index names and the table does not have.
    pub(super) gone: Vec<String>,
    seen: Seen,
}

/// Digests of lines that were gathered. A line never changes, so that another try needs only those that came since.
#[derive(Debug, Clone, Default)]
struct Seen {
    lines: BTreeSet<u64>,
    /// More came than are remembered: another try begins anew.
    full: bool,
}

/// Lines that are remembered from one try to the next.
const SEEN_MAX: usize = 50_000;

impl Sums {
    const fn of(owner: Owner) -> Self {
        Self { owner, figures: BTreeMap::new(), gone: Vec::new(), seen: Seen { lines: BTreeSet::new(), full: false } }
    }

    /// Whether a line has not been gathered yet: from now on it has.
    pub(super) fn is_new(&mut self, line: &Key) -> bool {
        let mut hasher = SipHasher24::new();
        line.hash(&mut hasher);
        let digest = hasher.finish();
        if self.seen.lines.len() < SEEN_MAX {
            return self.seen.lines.insert(digest);
        }
        self.seen.full = true;
        !self.seen.lines.contains(&digest)
    }

    fn figure(&mut self, owner: &Owner, entry: Entry) -> Option<&mut (Money, Money)> {
        (*owner == self.owner && !entry.is_dated()).then(|| self.figures.entry(entry).or_default())
    }
}

impl Sink for Sums {
    fn told(&mut self, owner: &Owner, entry: Entry, amount: Money) {
        if let Some((_, told)) = self.figure(owner, entry) {
            *told += amount;
        }
    }

    fn kept(&mut self, owner: &Owner, entry: Entry, amount: Money) {
        if let Some((kept, _)) = self.figure(owner, entry) {
            *kept += amount;
        }
    }
}

/// Looks at an account's figures on the UTC day `today`.
pub(super) async fn look(store: &Store, id: &AccountId, today: NaiveDate) -> Result<Verdict, StoreError> {
    let recent = gather::recent_since(store, id).await?;
    let mut old = Sums::of(Owner::Account(id.clone()));
    gather::lines_before(store, id, &recent, today, &mut old).await?;
    old.seen = Seen::default();
    // All of it once before the figures are read for the first time: from then on a try takes in what came since, so that
    // also an account that is written to often is found still for so long.
    let mut lines = old.clone();
    gather::lines_since(store, id, &recent, today, &mut lines).await?;
    for _ in 0..TRIES {
        if lines.seen.full {
            lines = old.clone();
        }
        let before = kept(store, id).await?;
        gather::lines_since(store, id, &recent, today, &mut lines).await?;
        let mut sums = lines.clone();
        gather::payouts(store, id, today, &mut sums).await?;
        gather::usage_reward(store, id, today, &mut sums).await?;
        if before == kept(store, id).await? {
            before.put(id, today, &mut sums);
            return Ok(verdict(id, &sums));
        }
    }
    Ok(Verdict::Moves)
}

fn verdict(id: &AccountId, sums: &Sums) -> Verdict {
    let gone = sums.gone.iter().map(|key| ("lines_without_gap", key.clone(), "it is gone, and an index still names it".to_owned()));
    let differing = || sums.figures.iter().filter(|(_, (kept, told))| kept != told);
    let faults = differing().map(|(entry, (kept, told))| {
        let fault = format!("{} is {kept}, the lines say {told}", entry.what());
        (entry.invariant(), entry.key(id), fault)
    });
    let mark: Vec<(&Entry, Money)> = differing().map(|(entry, (kept, told))| (entry, *kept - *told)).collect();
    Verdict::of(faults.chain(gone).collect(), &(&mark, &sums.gone), false)
}

impl Kept {
    fn put(&self, id: &AccountId, today: NaiveDate, sums: &mut Sums) {
        // What was looked at is counted where the pass came by it.
        let mut counted = Report::default();
        if let Some(account) = &self.account {
            entries::figures(id, account, today, &mut counted, sums);
        }
        entries::month(id, &self.buckets, &mut counted, sums);
        entries::book(id, &self.book, today, &mut counted, sums);
        if let Some(review) = &self.review {
            entries::review(review, sums);
        }
    }
}

/// Reads what is materialised. A record that does not read has been told by the pass, and counts as none.
async fn kept(store: &Store, id: &AccountId) -> Result<Kept, StoreError> {
    let mut query = Query {
        table: Table::Accounts,
        index: None,
        pk: keys::account_partition(id),
        from: keys::month_start(""),
        to: keys::payout_book(id).sk,
        backward: false,
        limit: 1000,
        after: None,
        consistent: true,
    };
    let mut kept = Kept::default();
    loop {
        let page = store.backend().query(&query).await?;
        for item in &page.items {
            match text(item, "sk") {
                "n" => {
                    kept.version = item.get("v").cloned();
                    kept.account = account::read(item).ok();
                }
                "payouts" => kept.book = PayoutBook::read(item).unwrap_or_default(),
                sk if sk.starts_with("m#") => kept.buckets.extend(month::read(item).unwrap_or_default()),
                _ => {}
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    // Clicks are counted later, in transactions of their own.
    kept.buckets.retain(|bucket| bucket.series != Series::Clicks);
    let review = item(store, keys::review(id)).await?;
    kept.review = review.as_ref().and_then(|item| Review::read(item).ok());
    Ok(kept)
}
