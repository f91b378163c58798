//! The pass over all tables: every item once, in whatever order it comes.

use super::{Limits, rows::Partition, sketches::Sketches};
use crate::{
    checks::{
        self,
        attributions::{self, Referral},
        lines::Row,
        payouts, records,
        sending::{self, Bound},
    },
    entries,
    known::Known,
    looks::Who,
    report::Report,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use ledger::KeyRing;
use programme::{
    payout::PayoutStatus,
    plan::{Line, Subject},
    settings::Programme,
};
use std::collections::BTreeMap;
use store::{
    Store, StoreError,
    backend::{Item, Key, Table},
    keys,
    records::{Reader, account, line, month, review::Review, settings, switch::Switch},
};

/// For how long a payout may be on its way to its rail: longer, and whoever sends it is gone.
const SUBMITTING_MAX: Duration = Duration::minutes(15);

/// What a pass needs to know beside the items.
pub(super) struct Desk<'a> {
    pub(super) seal_keys: &'a KeyRing,
    pub(super) programme: &'a Programme,
    pub(super) today: NaiveDate,
    pub(super) began: DateTime<Utc>,
    pub(super) limits: &'a Limits,
    pub(super) sketches: &'a mut Sketches,
    pub(super) known: &'a mut Known,
    pub(super) found: &'a mut Found,
}

/// What a page of items showed.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) report: Report,
    /// Referrals that earn, to be compared with their referrers.
    pub(super) referrals: Vec<Referral>,
    /// The newest lines of purchases, usages and rewards by usage, to be compared with those who bought or spent.
    pub(super) newest: Vec<Line>,
    /// Who is to be looked at again.
    pub(super) suspects: Vec<Who>,
    /// What others are to stand beside.
    pub(super) bound: Vec<Bound>,
}

/// The lines of a partition in rows, and what else is in it.
pub(super) struct Opened {
    subject: Subject,
    rows: Vec<Row>,
    head: Option<Item>,
    cut: bool,
}

impl Desk<'_> {
    /// An item of an account, or of the programme.
    pub(super) fn account(&mut self, item: &Item) {
        let report = &mut self.found.report;
        records::stays(Table::Accounts, item, report);
        let (pk, sk) = (records::text(item, "pk"), records::text(item, "sk"));
        if pk == "programme" && sk.starts_with("v#") {
            drop(records::read(item, settings::read_programme(item), report));
        } else if pk == "programme" && sk == "switch" {
            drop(records::read(item, Switch::read(item), report));
        }
        let Some(id) = account::owner(pk) else { return };
        if sk == "n" {
            if let Some(account) = records::read(item, read_figures(item), report) {
                entries::figures(&id, &account, self.today, report, self.sketches);
                checks::cash::run(&id, &account, self.programme, self.today, report);
                if let Some(attribution) = &account.attribution {
                    entries::referral(attribution, self.sketches);
                    self.found.referrals.extend(attributions::run(&id, attribution, report));
                }
                self.known.figures(&id, &account, self.limits.accounts);
            }
        } else if sk == "rates" {
            if let Some(rates) = records::read(item, settings::read_rates(item), report) {
                self.known.rates(&id, &rates, self.limits.accounts);
            }
        } else if sk.starts_with("m#") {
            if let Some(buckets) = records::read(item, month::read(item), report) {
                entries::month(&id, &buckets, report, self.sketches);
            }
        } else if let Some(book) = records::of_account(item, report) {
            entries::book(&id, &book, self.today, report, self.sketches);
        }
    }

    /// An item of the ledger that is no line and no head of a payout.
    pub(super) fn marker(&mut self, item: &Item) {
        let (pk, report) = (records::text(item, "pk"), &mut self.found.report);
        records::marker(item, report);
        self.found.bound.extend(sending::marker(item, self.seal_keys, report));
        if let Some(day) = pk.strip_prefix("approved#").and_then(|day| day.parse().ok()) {
            report.looked("approved_days_equal_approvals");
            if let Some(amount) = records::read(item, Reader::new(item).money("amt"), report) {
                entries::approved_day(day, amount, self.sketches);
            }
        } else if pk.starts_with("review#")
            && let Ok(review) = Review::read(item)
        {
            report.looked("reviews_equal_attributions");
            entries::review(&review, self.sketches);
        }
    }

    /// Reads a partition of lines into rows.
    pub(super) fn open(&mut self, subject: Subject, partition: Partition) -> Opened {
        let (mut lines, mut head) = (BTreeMap::new(), None);
        for item in partition.items {
            let report = &mut self.found.report;
            records::stays(Table::Ledger, &item, report);
            if records::text(&item, "sk") == "head" {
                head = Some(item);
                continue;
            }
            records::sealed(&item, self.seal_keys, report);
            if let Some(line) = records::read(&item, line::read(&item), report) {
                lines.insert(line.number, line);
            }
        }
        Opened { subject, rows: rows(lines), head, cut: partition.cut }
    }

    /// Takes in a partition whose rows know what was before them.
    pub(super) fn take(&mut self, mut opened: Opened) {
        for row in &opened.rows {
            checks::lines::run(row, self.programme, &mut self.found.report);
            let mut before = row.before.as_ref();
            for line in &row.lines {
                entries::moved(line, before, self.today, self.sketches);
                before = Some(line);
            }
        }
        match &opened.subject {
            Subject::Purchase(_) | Subject::Usage(_) | Subject::UsageReward(_) if !opened.cut => {
                self.found.newest.extend(opened.rows.pop().and_then(|mut row| row.lines.pop()));
            }
            Subject::Payout(id) => self.payout(id, &opened),
            Subject::Purchase(_) | Subject::Usage(_) | Subject::Rental(_) | Subject::UsageReward(_) => {}
        }
    }

    fn payout(&mut self, id: &str, opened: &Opened) {
        let (key, report) = (opened.subject.to_string(), &mut self.found.report);
        ["payout_heads_equal_lines", "payout_transfers_follow_steps"].into_iter().for_each(|name| report.looked(name));
        let head = opened.head.as_ref().and_then(|item| records::head(item, report));
        let mut agrees = false;
        for row in &opened.rows {
            let Some(events) = payouts::events(&row.lines) else {
                report.look("payout_steps_are_legal", &key, Some("an event does not read".to_owned()));
                continue;
            };
            events.iter().for_each(|(at, event)| entries::approved(*at, event, self.sketches));
            if row.first() == 0 {
                report.look("payout_steps_are_legal", &key, payouts::steps(&events));
                report.look("approvals_are_lawful", &key, payouts::approvals(&events, self.programme));
                payouts::intent(&events, id).into_iter().for_each(|(name, fault)| report.look(name, &key, fault));
                agrees = opened.rows.len() == 1 && payouts::faults(&row.lines, &events, head.as_ref(), id).is_empty();
            }
        }
        if let Some(head) = &head {
            let ended = opened.rows.last().and_then(|row| row.lines.last()).map(|line| line.at);
            entries::head(head, ended, self.today, self.sketches);
        }
        if let Some(head) = head {
            let since = head.submitting_since.filter(|_| head.status == PayoutStatus::Submitting);
            let late = since.filter(|since| *since + SUBMITTING_MAX < self.began);
            report.look("nothing_is_left_submitting", &key, late.map(|since| format!("it is being sent since {since}")));
            if head.run.is_some() {
                self.found.bound.push(Bound::Payout(Box::new(head)));
            }
        }
        if !agrees {
            self.found.suspects.push(Who::Payout(id.to_owned()));
        }
    }
}

/// Figures that tell their attribution's version right.
fn read_figures(item: &Item) -> Result<programme::account::Account, StoreError> {
    let account = account::read(item)?;
    let reader = Reader::new(item);
    let version = account.attribution.as_ref().map_or(0, |attribution| u64::from(attribution.version));
    if reader.count("av")? == version { Ok(account) } else { Err(reader.corrupt("av is not the version of its attribution")) }
}

/// Lines in rows of consecutive numbers.
fn rows(lines: BTreeMap<u32, Line>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (number, line) in lines {
        match rows.last_mut() {
            Some(row) if row.lines.last().is_some_and(|last| last.number.checked_add(1) == Some(number)) => row.lines.push(line),
            Some(_) | None => rows.push(Row { lines: vec![line], before: None }),
        }
    }
    rows
}

/// Reads the line before each row that does not begin at number 0. One that is not there is missing: a line is written
/// only after the one before it, and never deleted.
pub(super) async fn read_before(store: &Store, opened: &mut [Opened]) -> Result<(), StoreError> {
    let before = |subject: &Subject, row: &Row| (row.first() > 0).then(|| keys::line(subject, row.first() - 1));
    let wanted: Vec<Key> = opened.iter().flat_map(|one| one.rows.iter().filter_map(|row| before(&one.subject, row))).collect();
    let mut found = BTreeMap::new();
    for wanted in wanted.chunks(100) {
        found.extend(store.backend().get_many(wanted, true).await?);
    }
    if found.is_empty() {
        return Ok(());
    }
    for one in opened {
        for row in &mut one.rows {
            let item = before(&one.subject, row).and_then(|key| found.get(&key));
            row.before = item.and_then(|item| line::read(item).ok());
        }
    }
    Ok(())
}
