//! What the payout worker makes of payouts, without any rail: each step by the programme's own decisions.

use crate::support::World;
use chrono::{Datelike, Duration};
use programme::{
    payout::{self, Change, Issuer, Numbers, Payout, RunId, Sighting, Submit, Submitted},
    settings::Programme,
};
use store::PayoutCommit;

impl World {
    /// Sends an approved payout in a run, and hears these things of its rail.
    pub(crate) async fn sent_in(&self, run: &RunId, payout: &Payout, sightings: &[Sighting]) -> Payout {
        let stored = self.store.payout_account(&payout.account, payout.destination.rail).await.unwrap().unwrap();
        let figures = self.store.account(&payout.account).await.unwrap().unwrap();
        let asked = Submit {
            payout,
            run,
            ordered_by: &"fin1".parse().unwrap(),
            now: self.now,
            programme: &Programme::default(),
            switched_on: true,
            current: Some((&stored.account, &stored.destination)),
            figures: &figures,
        };
        let mut head = match payout::submit(&asked).unwrap() {
            Submitted::Intended(change) | Submitted::ClawedBack(change) => self.step(*change).await,
        };
        for sighting in sightings {
            let numbers = self.store.numbers(self.now).await.unwrap();
            assert_eq!(i32::from(numbers.invoice.year), self.now.year());
            while let Some(change) = decided(&head, sighting, self, &numbers) {
                head = self.step(change).await;
            }
        }
        head
    }

    async fn step(&self, change: Change) -> Payout {
        let issuer = Issuer {
            name: "Example GmbH".into(),
            address: vec!["Weg 1".into()],
            country: "DE".into(),
            tax_id: "DE1".into(),
            reverse_charge_note: "Reverse charge.".into(),
        };
        let lease = self.store.take_lease(&change.payout.id, "test", self.now, self.now + Duration::minutes(2)).await.unwrap().unwrap();
        let commit = PayoutCommit { change: &change, lease: &lease, issuer: &issuer, payee: None, beside: &[] };
        self.store.commit_step(&commit).await.unwrap();
        self.store.release_lease(&lease).await.unwrap();
        change.payout
    }
}

fn decided(head: &Payout, sighting: &Sighting, world: &World, numbers: &Numbers) -> Option<Change> {
    payout::decide(head, sighting, world.now, numbers).unwrap()
}

/// The rail paid it, and so much of it came back since.
pub(crate) fn paid(reference: &str, returned: &str) -> Sighting {
    Sighting::Paid { reference: reference.into(), returned: returned.parse().unwrap() }
}

/// The rail refused it.
pub(crate) fn failed(reason: &str) -> Sighting {
    Sighting::Failed { reference: None, reason: reason.into() }
}
