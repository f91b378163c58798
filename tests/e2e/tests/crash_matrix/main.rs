//! The crash matrix: every handler that writes, killed at every call that it makes to DynamoDB and SQS, before the store hears of it
//! and after the store has done it. Then the message comes again, or the client calls again, and everything must be as without the
//! kill: the answer, every item of every table but for times and random ids, and every invariant.
//!
//! The calls are measured in runs without a kill, so that no call can be left out; the handlers are those of the template.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod act;
mod bench;
mod doors;
mod effect;
mod mask;
mod payouts;
mod run;
mod scenarios;
mod settle;
mod stage;
mod table;

use futures::stream::{self, StreamExt};
use local::binaries;
use std::{collections::BTreeSet, time::Instant};
use table::{Cell, Row};

/// Scenarios played at once, each on a stack of its own. Most of a cell is waiting for processes to start.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_every_handler_that_writes() {
    if e2e::foreign_dynamodb().is_some() {
        println!("skipped: another DynamoDB has no proxy that could kill");
        return;
    }
    let scenarios = scenarios::all();
    e2e::functions_dir();
    let begin = Instant::now();
    let plays = scenarios.into_iter().enumerate().map(|(place, scenario)| async move {
        let rows = tokio::spawn(run::rows(scenario)).await.expect("the scenario is played");
        (place, rows)
    });
    let mut played_rows: Vec<(usize, Vec<Row>)> = stream::iter(plays).buffer_unordered(AT_ONCE).collect().await;
    played_rows.sort_by_key(|(place, _)| *place);
    let mut rows: Vec<Row> = played_rows.into_iter().flat_map(|(_, rows)| rows).collect();
    rows.extend(payouts::rows(AT_ONCE).await);

    let text = table::print(&rows, begin.elapsed().as_secs());
    println!("\n{text}");
    std::fs::write(binaries::workspace().join("target/crash-matrix.txt"), &text).expect("the matrix is written");
    for row in &rows {
        for (side, cell) in ["before", "after"].into_iter().zip(row.cells()) {
            let place = format!("{} {}, {side} {:?}", row.function, row.scenario, row.call);
            match cell {
                Cell::Same { .. } | Cell::AsTwo { .. } | Cell::PaidOnce => {}
                Cell::Differs(how) => println!("{place}:\n  {how}"),
                Cell::NotReached => println!("{place}: not reached"),
            }
        }
    }
    let well = |cell: &Cell| matches!(cell, Cell::Same { .. } | Cell::AsTwo { .. } | Cell::PaidOnce);
    assert!(rows.iter().flat_map(Row::cells).all(well), "not every cell is as without a kill");
}

#[test]
fn every_door_behind_which_something_is_written_has_a_scenario() {
    let played: BTreeSet<_> = scenarios::all().iter().map(|scenario| (scenario.function.to_owned(), scenario.door.to_owned())).collect();
    // The worker is killed behind all its doors: see `payouts`.
    let doors: BTreeSet<_> = doors::writing().into_iter().collect();
    assert_eq!(doors.difference(&played).collect::<Vec<_>>(), Vec::<&doors::Door>::new(), "nobody is killed behind these doors");
    assert_eq!(played.difference(&doors).collect::<Vec<_>>(), Vec::<&doors::Door>::new(), "the template has no such doors");
}
