//! Every handler that writes, in each way in which it writes.

mod accounts;
mod facts;
mod money;

use crate::{act::Act, stage::Stage};
use futures::future::BoxFuture;

/// Makes the scene, and answers what is to be done in it.
pub(crate) type Prepare = for<'a> fn(Stage<'a>) -> BoxFuture<'a, Act>;

/// What a call is that is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// Known by its key, its content or its subject: it does nothing twice.
    Known,
    /// Another one: whoever calls again means two.
    Another,
    /// Known, but its answer counts only what this very call has done.
    Rest,
}

pub(crate) struct Scenario {
    /// The function whose calls are killed.
    pub(crate) function: &'static str,
    pub(crate) name: &'static str,
    /// Its route, queue or schedule, as [`crate::doors`] names them.
    pub(crate) door: &'static str,
    pub(crate) prepare: Prepare,
    pub(crate) repeated: Repeated,
    /// What it changes is there only once: each cell needs a stack of its own.
    pub(crate) own_stack: bool,
}

impl Scenario {
    const fn new(function: &'static str, name: &'static str, door: &'static str, prepare: Prepare) -> Self {
        Self { function, name, door, prepare, repeated: Repeated::Known, own_stack: false }
    }

    /// Whether its work comes out of a queue, which gives it again by itself.
    pub(crate) fn behind_queue(&self) -> bool {
        self.door.starts_with("queue ")
    }
}

/// All of them; the longest first, since they are played side by side.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = accounts::rollup();
    all.extend(money::finance());
    all.extend(money::payouts());
    all.extend(money::reconciliation());
    all.extend(facts::accrual());
    all.extend(accounts::signup());
    all.extend(accounts::links());
    all.extend(facts::webhook());
    all.extend(facts::quarantine());
    all
}
