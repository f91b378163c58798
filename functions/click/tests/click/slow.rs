//! A store that is slow or away: the visitor goes on, and nothing that can be saved is lost.

use crate::support::{CODE, LANDING, Mood, door, visit};

/// None of these would end at all if the redirect waited for the store.
#[tokio::test]
async fn the_redirect_does_not_wait_for_the_store() {
    for (reads, writes) in [
        (Mood::Hanging, Mood::Well),
        (Mood::Failing, Mood::Well),
        (Mood::Well, Mood::Hanging),
        (Mood::Well, Mood::Failing),
        (Mood::Hanging, Mood::Hanging),
    ] {
        let door = door().await;
        door.tables.moods(reads, writes);
        let answer = door.answer(visit(CODE, None)).await;
        assert!(answer.location().starts_with(LANDING), "{reads:?} {writes:?}");
        assert_eq!(answer.receipt().unwrap().code, CODE, "the attribution is not lost: {reads:?} {writes:?}");
        assert!(door.clicks().is_empty());
    }
}

/// What could not be looked up is not guessed: the landing page, the plain link, the code as it would be stored.
#[tokio::test]
async fn a_link_that_could_not_be_looked_up_is_a_plain_one() {
    let door = door().await;
    door.tables.moods(Mood::Failing, Mood::Well);
    let answer = door.answer(visit("k7qmx2p8", Some("tpl_public"))).await;
    assert!(answer.location().starts_with(LANDING));
    assert_eq!((answer.receipt().unwrap().code.as_str(), answer.receipt().unwrap().template), (CODE, None));
    let answer = door.answer(visit("no code at all", None)).await;
    assert_eq!((answer.location(), answer.0.cookies.len()), (LANDING, 0), "no account can have such a code");
    door.tables.moods(Mood::Well, Mood::Well);
    let answer = door.answer(visit(CODE, Some("tpl_public"))).await;
    assert!(answer.location().starts_with("https://pages.example.com/"), "a failure is not remembered");
}
