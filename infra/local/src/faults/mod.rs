//! Faults on purpose, in front of DynamoDB, SQS and the rails: deterministic from a plan and its seed.
//!
//! The embedded stores neither throttle, nor conflict, nor lose an answer; the real ones do. A stack that was started with faults
//! puts a proxy before each store and each rail, which tells the calls apart by the path that each copy of a function is given.
//! What a rail itself makes of a call is asked of its stand-in instead: [`crate::rails::Fault`].

mod answers;
mod plan;
mod proxy;
#[cfg(test)]
mod tests;

pub use plan::{Fault, Plan, Rule, Service, When};

use crate::runtime::Functions;
use plan::Call;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

pub(crate) use proxy::serve;

/// How often each rule of the plan was asked, and how often it struck.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Calls that the rule is about.
    pub calls: u64,
    /// Faults that it made.
    pub faults: u64,
}

/// The calls that are remembered: the latest.
const CALLS_MAX: usize = 10_000;

/// A call that came to a proxy, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SeenCall {
    /// The store or rail that it was for.
    pub service: Service,
    /// For example `TransactWriteItems`, or `create` at a rail.
    pub operation: String,
    /// Who called.
    pub function: String,
    /// The copy of the function, counted from 1 over all copies that there ever were.
    pub copy: u64,
    /// The fault that struck it.
    pub fault: Option<Fault>,
}

#[derive(Default)]
struct State {
    plan: Plan,
    counts: Vec<Counts>,
    calls: VecDeque<SeenCall>,
}

/// The faults of one stack.
#[derive(Default)]
pub struct Faults {
    state: Mutex<State>,
    /// Whose processes a fault may kill; set once they run.
    functions: OnceLock<Arc<Functions>>,
}

impl Faults {
    /// Replaces the plan; its calls are counted from one again, and those before are forgotten.
    pub fn set(&self, plan: Plan) {
        let counts = vec![Counts { calls: 0, faults: 0 }; plan.rules.len()];
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State { plan, counts, calls: VecDeque::new() };
    }

    /// The counts of the plan's rules, in its order.
    #[must_use]
    pub fn counts(&self) -> Vec<Counts> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).counts.clone()
    }

    /// The calls since the plan was set, in the order in which they came; of very many, the latest.
    #[must_use]
    pub fn calls(&self) -> Vec<SeenCall> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).calls.iter().cloned().collect()
    }

    /// Kills every copy of a function, and returns once their processes are gone: what comes next finds an instance that
    /// remembers nothing.
    pub async fn restart(&self, function: &str) {
        if let Some(functions) = self.functions.get() {
            functions.kill_all(function).await;
        }
    }

    pub(crate) fn attach(&self, functions: Arc<Functions>) {
        // A second time cannot happen: a stack starts its functions once.
        let _ = self.functions.set(functions);
    }

    /// The fault of the first rule that strikes this call, and a number drawn for it. Every rule counts the call.
    fn strike(&self, call: &Call<'_>) -> Option<(Fault, u64)> {
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let mut struck = None;
        for (index, (rule, counts)) in state.plan.rules.iter().zip(&mut state.counts).enumerate() {
            if !rule.is_about(call) {
                continue;
            }
            counts.calls += 1;
            let draw = plan::draw(state.plan.seed, index, counts.calls);
            if struck.is_none() && rule.when.strikes(counts.calls, draw) {
                counts.faults += 1;
                struck = Some((rule.fault, draw));
            }
        }
        if state.calls.len() == CALLS_MAX {
            state.calls.pop_front();
        }
        state.calls.push_back(SeenCall {
            service: call.service,
            operation: call.operation.to_owned(),
            function: call.function.to_owned(),
            copy: call.copy,
            fault: struck.map(|(fault, _)| fault),
        });
        struck
    }

    /// Kills a copy, and returns once its process is gone: it neither hears of an answer nor tries again.
    async fn kill(&self, function: &str, copy: u64) {
        if let Some(functions) = self.functions.get() {
            functions.kill(function, copy).await;
        }
    }
}
