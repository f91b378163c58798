//! The newest lines of what a batch is about.

use crate::{
    App,
    batch::{Failure, Failures},
    work::{Posted, Seen, Work},
};
use programme::plan::{Body, Line, PostedPurchase, PostedSpending, Subject};
use store::StoreError;

/// Reads the newest line of each subject that is not tried blind.
pub(crate) async fn lines(app: &App, work: &mut Work, failures: &mut Failures) -> Result<(), StoreError> {
    let mut broken = Vec::new();
    for (subject, item) in &mut work.0 {
        match item.seen {
            Seen::Line(_) => continue,
            Seen::Untried if item.can_be_tried() => continue,
            // Its line is read with its referee.
            Seen::Untried | Seen::Old if matches!(subject, Subject::UsageReward(_)) => continue,
            Seen::Untried | Seen::Old => {}
        }
        match app.store.newest_line(subject).await {
            Ok(line) => item.seen = Seen::Line(line.and_then(posted)),
            // One unreadable subject never holds up the others.
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, %subject, "a line does not read");
                failures.add(&item.messages, Failure::Poison);
                broken.push(subject.clone());
            }
            Err(error) => return Err(error),
        }
    }
    broken.iter().for_each(|subject| drop(work.0.remove(subject)));
    Ok(())
}

fn posted(line: Line) -> Option<Posted> {
    let number = line.number;
    match line.body {
        Body::Purchase { state, posting, .. } => {
            Some(Posted::Purchase(Box::new(PostedPurchase { number, state: *state, posting: *posting })))
        }
        Body::Spent { fact, outcome } => Some(Posted::Spending(Box::new(PostedSpending { number, fact, outcome }))),
        Body::Single { fact } => Some(Posted::Rental(Box::new(fact))),
        Body::UsageReward { .. } | Body::Payout { .. } => None,
    }
}
