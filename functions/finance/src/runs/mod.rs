//! Runs: finance's orders to send approved payouts, each with its list as it was frozen. A run pays nobody: it asks the payout worker
//! to, which checks once more all that the approvals were given for.

mod bill;
mod errand;
mod order;
mod ordered;
mod pay;
mod pick;
mod progress;
mod request;
mod view;

pub(crate) use self::{
    order::order,
    ordered::Ordered,
    pay::pay,
    progress::{export, list, show},
};
