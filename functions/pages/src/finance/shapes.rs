//! What finance's doors answer, as far as the console shows it. As in `api/shapes.rs`, what is not named is not looked at.

mod desk;
mod payouts;
mod runs;

pub(super) use self::{
    desk::{
        Account, Act, ActList, Audit, Figure, Finding, FlagList, Flagged, Kept, Programme, Quarantine, Reconciliation, Replayed, Review,
        ReviewList, SettingsVersion,
    },
    payouts::{Attribution, Dossier, Payout, PayoutAccount, PayoutList, RefundRate, Row, Step, Summary},
    runs::{Run, RunEntry, RunList, Switch},
};
