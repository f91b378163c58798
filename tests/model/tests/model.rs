//! A few hundred histories, and that the model itself can be relied on: a seed replays exactly, a
//! failing history is made smaller, and what this build has of deliberate bugs is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use model::{
    batch::{run_many, seed_of, with_timer},
    bugs::LayerBug,
    caught::{Bug, catch_all},
    generate::generate,
    history::{Act, History, Weather},
    run::{Outcome, run},
    shrink::Shrinker,
    tally::Tally,
    telling::Telling,
};

#[test]
fn histories_of_three_seeds_end_in_order() {
    let mut tally = Tally::default();
    for seed in [1, 2, 3] {
        let sum = run_many(seed, 70, 2);
        assert_eq!(sum.failures, [], "seed {seed}");
        tally.add(&sum.tally);
    }
    assert_eq!(tally.histories, 210);
    assert!(tally.operations.values().sum::<u64>() >= 40 * tally.histories, "{tally:?}");
    assert!(tally.interleavings >= 3 * tally.histories, "{tally:?}");
    // Something of everything: what never happens is never tested.
    assert!(tally.usage_rewards > 100, "{tally:?}");
    assert_eq!(tally.faults.len(), 21, "{:?}", tally.faults.keys());
    for (kind, status) in [
        ("payout requests", 201),
        ("approvals", 200),
        ("runs", 202),
        ("pay now", 202),
        ("switch", 200),
        ("reviews", 200),
        ("account rates", 200),
        ("settings", 200),
        ("signups", 201),
    ] {
        assert!(tally.answers.contains_key(&(kind, status)), "{kind} are never answered {status}");
    }
    for status in ["requested", "approved", "rejected", "canceled", "submitted", "paid", "failed", "returned"] {
        assert!(tally.payouts.contains_key(status), "no payout ends as {status}: {:?}", tally.payouts);
    }
    assert!(tally.payments >= 60 && tally.rail_calls >= 5 * tally.payments / 2, "{} payments, {} calls", tally.payments, tally.rail_calls);
}

#[test]
fn a_seed_replays_exactly() {
    with_timer(|| {
        for place in 0..3 {
            let seed = seed_of(7, place);
            let (first, second) = (run(&generate(seed), true, None), run(&generate(seed), true, None));
            assert!(first.story.len() > 40, "a story is told");
            assert_eq!(first, second, "seed {seed}");
            let untold = run(&generate(seed), false, None);
            assert_eq!((untold.tally, untold.violations), (first.tally, first.violations), "told or not, it is the same history");
        }
    });
}

/// Fails where bob and carol both sign up and anything is told of a purchase.
fn planted(history: &History) -> Outcome {
    let signs_up = |person| history.steps.iter().any(|step| step.act == Act::SignUp { who: person });
    let told = history.steps.iter().any(|step| matches!(step.act, Act::Tell { telling: Telling::Captured { .. }, .. }));
    let violations = if signs_up(1) && signs_up(2) && told { vec!["planted".to_owned()] } else { Vec::new() };
    Outcome { violations, ..Outcome::default() }
}

#[test]
fn a_failing_history_is_made_as_small_as_it_can_be() {
    for place in 0..20 {
        let history = generate(seed_of(5, place));
        assert_eq!(planted(&history).violations, ["planted"], "every history has the three of them");
        let small = Shrinker::new(&planted).shrink(&history);
        let kinds: Vec<&str> = small.steps.iter().map(|step| step.act.kind()).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "signups").count(), 2, "{kinds:?}");
        assert_eq!((kinds.len(), small.weather, small.width), (3, Weather::default(), 2), "{kinds:?}");
        assert_eq!(planted(&small).violations, ["planted"]);
    }
}

#[test]
fn a_real_failure_is_made_smaller_and_its_story_tells_what_is_wrong() {
    with_timer(|| {
        let bug = Bug::Layer(LayerBug::LinesExpire);
        let run = |history: &History| bug.run(history, false);
        let small = Shrinker::new(&run).shrink(&generate(seed_of(5, 0)));
        assert_eq!(small.steps.len(), 1, "one line is enough");
        let story = bug.run(&small, true).story;
        assert!(story.iter().any(|line| line.contains("VIOLATION")), "{story:?}");
    });
}

#[test]
fn what_does_not_fail_is_left_as_it_is() {
    let history = generate(seed_of(1, 3));
    assert_eq!(Shrinker::new(&|_| Outcome::default()).shrink(&history), history);
}

#[test]
fn deliberate_bugs_are_found() {
    // Those that show soon; `--bugs` of the command looks for all of them.
    let soon: Vec<Bug> = Bug::all().into_iter().filter(|bug| QUICK.contains(bug)).collect();
    for caught in catch_all(&soon, 1, 2, &|_| {}) {
        assert!(caught.found.is_some(), "{}", caught.bug.words());
    }
    println!("skipped: {} more bugs, and those in the rules, which only the feature `bugs` has", LayerBug::ALL.len() - soon.len());
}

const QUICK: [Bug; 11] = [
    Bug::Layer(LayerBug::LineUnchecked),
    Bug::Layer(LayerBug::AddLost),
    Bug::Layer(LayerBug::AddTwice),
    Bug::Layer(LayerBug::BucketsMissing),
    Bug::Layer(LayerBug::LinesExpire),
    Bug::Layer(LayerBug::SplitTransaction),
    Bug::Layer(LayerBug::LineBent),
    Bug::Layer(LayerBug::LeaseUnchecked),
    Bug::Layer(LayerBug::IntentUnwritten),
    Bug::Layer(LayerBug::ReferenceUnwritten),
    Bug::Layer(LayerBug::VoucherUnwritten),
];
