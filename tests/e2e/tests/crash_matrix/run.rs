//! Plays a scenario: without a kill, to see its calls and its effect; then once for each of them and each side, with one.

use crate::{
    act::Answer,
    bench::Bench,
    effect::Effect,
    mask::Mask,
    scenarios::{Repeated, Scenario},
    table::{Cell, Row},
};
use local::faults::{Fault, Plan, Rule, SeenCall, Service, When};
use std::collections::BTreeSet;

/// How often something is played until it tells something.
pub(crate) const TRIES: u32 = 8;

/// What the click logs where it did not wait for the store any longer: on a busy machine such a play tells nothing.
const GAVE_UP: &str = "took too long";

/// A call of a handler: the n-th of an operation. Of two that are under way at once, either may come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallName {
    pub(crate) service: &'static str,
    pub(crate) operation: String,
    pub(crate) number: u64,
}

const SERVICES: [Service; 5] = [Service::Dynamodb, Service::Sqs, Service::Stripe, Service::Paypal, Service::Wise];

const fn word(service: Service) -> &'static str {
    match service {
        Service::Dynamodb => "DynamoDB",
        Service::Sqs => "SQS",
        Service::Stripe => "Stripe",
        Service::Paypal => "PayPal",
        Service::Wise => "Wise",
    }
}

impl CallName {
    pub(crate) fn all(calls: &[SeenCall]) -> Vec<Self> {
        let mut names: Vec<Self> = Vec::new();
        for call in calls {
            let service = word(call.service);
            let before = names.iter().filter(|name| name.service == service && name.operation == call.operation).count();
            let number = u64::try_from(before).expect("a count") + 1;
            names.push(Self { service, operation: call.operation.clone(), number });
        }
        names
    }

    pub(crate) fn is_at_a_rail(&self) -> bool {
        SERVICES.into_iter().any(|service| service.rail().is_some() && word(service) == self.service)
    }

    /// Whether it is the first call that a rule strikes.
    pub(crate) fn is_of(&self, rule: &Rule) -> bool {
        let first = matches!(&rule.when, When::Calls(calls) if calls.first() == Some(&self.number));
        first && word(rule.service) == self.service && rule.operation.as_ref() == Some(&self.operation)
    }

    pub(crate) fn rule(&self, function: &str, fault: Fault) -> Rule {
        Rule {
            service: SERVICES.into_iter().find(|service| word(*service) == self.service).expect("a service"),
            operation: Some(self.operation.clone()),
            function: Some(function.to_owned()),
            when: When::Calls(vec![self.number]),
            fault,
        }
    }
}

/// What came of one play.
#[derive(Debug)]
struct Outcome {
    /// The answers of the calls that were made from outside.
    answers: Vec<Answer>,
    /// The last answer's content, without what differs from run to run.
    said: String,
    effect: Effect,
    /// The calls of the handler until everything rested, or until it was killed.
    calls: Vec<CallName>,
    struck: bool,
    /// The handler did not wait for its store.
    gave_up: bool,
    violations: Vec<String>,
}

async fn play(bench: &Bench, scenario: &Scenario, kill: Option<Rule>, times: u32) -> Outcome {
    let tag = bench.tag();
    let stage = bench.stage(&tag);
    let faults = bench.stack.faults().expect("faults");
    let act = (scenario.prepare)(stage).await;
    stage.settle().await;
    let before = bench.snapshot().await;
    // A cold instance: it makes all the calls that it ever makes, as the next one does after a kill.
    faults.restart(scenario.function).await;
    faults.set(Plan { seed: 0, rules: kill.into_iter().collect() });
    let given_up = || stage.stack.functions().logs().latest(scenario.function).iter().filter(|line| line.contains(GAVE_UP)).count();
    let given_up_before = given_up();
    let struck = || faults.counts().iter().any(|counts| counts.faults > 0);

    let mut answers = vec![stage.perform(&act).await];
    if scenario.behind_queue() {
        stage.quiet(struck).await;
    }
    let struck = struck();
    let calls: Vec<SeenCall> = faults.calls().into_iter().filter(|call| call.function == scenario.function).collect();
    let again = times.saturating_sub(1) + u32::from(struck && !scenario.behind_queue());
    for _ in 0..again {
        answers.push(stage.perform(&act).await);
    }
    // Where a message was being worked on, it comes again when its time is over.
    stage.settle().await;
    faults.set(Plan::default());

    let after = bench.snapshot().await;
    let last = answers.last().expect("an answer");
    let location = last.location.split('?').next().unwrap_or_default();
    let said = Mask::new(&tag, after.codes()).text(&format!("{location} {}", last.body));
    let effect = Effect::between(&before, &after, &tag);
    let gave_up = given_up() > given_up_before;
    let violations = bench.violations().await;
    Outcome { said, effect, calls: CallName::all(&calls), struck, gave_up, violations, answers }
}

/// A bench of the scenario's own, or of this one cell where what it changes is there only once.
async fn play_on(shared: &Bench, scenario: &Scenario, kill: Option<Rule>, times: u32) -> Outcome {
    if !scenario.own_stack {
        return play(shared, scenario, kill, times).await;
    }
    let bench = Bench::start().await;
    let outcome = play(&bench, scenario, kill, times).await;
    bench.stack.stop().await;
    outcome
}

/// A play in which the handler waited for its store; the last one where it never does.
async fn play_patiently(shared: &Bench, scenario: &Scenario, kill: Option<Rule>, times: u32) -> Outcome {
    let mut outcome = play_on(shared, scenario, kill.clone(), times).await;
    for _ in 1..TRIES {
        if !outcome.gave_up && (outcome.struck || kill.is_none()) {
            break;
        }
        outcome = play_on(shared, scenario, kill.clone(), times).await;
    }
    outcome
}

/// Every cell of a scenario.
pub(crate) async fn rows(scenario: Scenario) -> Vec<Row> {
    let bench = Bench::start().await;
    let plain = measure(&bench, &scenario).await;
    let twice = match scenario.repeated {
        Repeated::Known | Repeated::Rest => None,
        Repeated::Another => Some(play_patiently(&bench, &scenario, None, 2).await),
    };
    let mut rows = Vec::new();
    for call in &plain.calls {
        let mut cells = [Cell::NotReached, Cell::NotReached];
        for (cell, fault) in cells.iter_mut().zip([Fault::KillBefore, Fault::KillAfter]) {
            let outcome = play_patiently(&bench, &scenario, Some(call.rule(scenario.function, fault)), 1).await;
            if outcome.struck {
                *cell = judge(&scenario, &plain, twice.as_ref(), &outcome);
            }
        }
        let [before, after] = cells;
        rows.push(Row { function: scenario.function, scenario: scenario.name, call: call.clone(), before, after });
    }
    bench.stack.stop().await;
    rows
}

/// The scenario without a kill, played until two runs in a row make the same calls: on a busy machine a client tries a call again.
async fn measure(bench: &Bench, scenario: &Scenario) -> Outcome {
    let mut first = play_patiently(bench, scenario, None, 1).await;
    for _ in 1..TRIES {
        let second = play_patiently(bench, scenario, None, 1).await;
        let [calls, again] = [&first, &second].map(|outcome| outcome.calls.iter().collect::<BTreeSet<_>>());
        if calls == again {
            check_measured(scenario, &first, &second);
            return second;
        }
        first = second;
    }
    panic!("{}: no two runs make the same calls: {:?}", scenario.name, first.calls);
}

/// Two runs without a kill have the same effect: else nothing could be compared with them.
fn check_measured(scenario: &Scenario, first: &Outcome, second: &Outcome) {
    let name = scenario.name;
    assert!(first.answers[0].status < 400, "{name}: {:?}", first.answers);
    assert!(!first.calls.is_empty() && !first.effect.0.is_empty(), "{name}: it does nothing");
    assert_eq!((first.answers[0].status, &first.said), (second.answers[0].status, &second.said), "{name}: the answers of two runs");
    assert!(first.effect == second.effect, "{name}: two runs differ: {}", first.effect.against(&second.effect));
    assert!(first.violations.is_empty() && second.violations.is_empty(), "{name}: {:?} {:?}", first.violations, second.violations);
}

/// Compares a run with a kill with the runs without.
fn judge(scenario: &Scenario, plain: &Outcome, twice: Option<&Outcome>, outcome: &Outcome) -> Cell {
    let statuses: Vec<u16> = outcome.answers.iter().map(|answer| answer.status).collect();
    let (expected, last) = (plain.answers[0].status, outcome.answers[outcome.answers.len() - 1].status);
    let mut wrong = Vec::new();
    if !scenario.behind_queue() && statuses[0] != 500 {
        wrong.push(format!("the killed call was answered {statuses:?}"));
    }
    // What was made by the call before is no longer new.
    if last != expected && !(expected == 201 && last == 200) {
        wrong.push(format!("answered {statuses:?} instead of {expected}"));
    }
    if outcome.said != plain.said && scenario.repeated != Repeated::Rest {
        wrong.push(format!("said {} instead of {}", outcome.said, plain.said));
    }
    let as_two = twice.is_some_and(|twice| outcome.effect == twice.effect);
    if outcome.effect != plain.effect && !as_two {
        wrong.push(outcome.effect.against(&plain.effect));
    }
    wrong.extend(outcome.violations.iter().cloned());
    match wrong.as_slice() {
        [] if outcome.effect == plain.effect => Cell::Same { statuses },
        [] => Cell::AsTwo { statuses },
        wrong => Cell::Differs(wrong.join("\n  ")),
    }
}
