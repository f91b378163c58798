//! A look at a payout: its lines and its head, which every step writes in one transaction.

use super::Verdict;
use crate::checks::{payouts, records::text};
use store::{
    Store, StoreError,
    backend::{Query, Table},
    keys,
    records::{line, payout},
};

/// Looks at a payout. A step that is written between the pages shows in one of the two alone: it is gone in the next look.
pub(super) async fn look(store: &Store, id: &str) -> Result<Verdict, StoreError> {
    let key = format!("payout#{id}");
    let mut query = Query {
        table: Table::Ledger,
        index: None,
        pk: key.clone(),
        from: keys::line_number(0),
        to: "head".to_owned(),
        backward: false,
        limit: 200,
        after: None,
        consistent: true,
    };
    let (mut lines, mut head) = (Vec::new(), None);
    loop {
        let page = store.backend().query(&query).await?;
        for item in page.items {
            if text(&item, "sk") == "head" {
                head = payout::read(&item).ok();
            } else {
                lines.extend(line::read(&item).ok());
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let faults = match payouts::events(&lines) {
        Some(events) if events.is_empty() && head.is_some() => vec![("payout_heads_equal_lines", "it has a head but no lines".to_owned())],
        Some(events) => payouts::faults(&lines, &events, head.as_ref(), id),
        None => Vec::new(),
    };
    let mark = (lines.len(), faults.clone());
    Ok(Verdict::of(faults.into_iter().map(|(name, fault)| (name, key.clone(), fault)).collect(), &mark, false))
}
