#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn sketch(width: usize) -> Sketch {
    Sketch::new(Secret::of(b"sixteen bytes of secret"), width)
}

#[test]
fn what_agrees_cancels_out_in_any_order() {
    let mut books = sketch(4);
    for number in 0..1000 {
        books.add(&format!("account {number}"), &"R", 7);
    }
    assert_ne!(books, sketch(4));
    for number in (0..1000).rev() {
        books.add(&format!("account {number}"), &"R", -3);
        books.add(&format!("account {number}"), &"R", -4);
    }
    assert_eq!(books.take(), Named { names: vec![], all: true });
}

#[test]
fn a_figure_is_not_another_and_a_name_is_not_another() {
    for (name, figure) in [("alice", "W"), ("alicia", "R"), ("alic", "R"), ("alice0", "R")] {
        let mut books = sketch(16);
        books.add("alice", &"R", 5);
        books.add(name, &figure, -5);
        let named = books.take();
        assert!(named.all);
        assert_eq!(named.names.into_iter().collect::<BTreeSet<_>>(), ["alice".to_owned(), name.to_owned()].into());
    }
}

#[test]
fn the_longest_name_comes_back() {
    let mut books = sketch(2);
    let name = "x".repeat(300);
    books.add(&name, &1, 1);
    books.add("é", &1, i128::from(u64::MAX));
    let mut named = books.take();
    named.names.sort();
    assert_eq!(named, Named { names: vec![name, "é".into()], all: true });
}

#[test]
fn more_than_it_can_name_are_never_taken_for_none() {
    let mut books = sketch(8);
    for number in 0..200 {
        books.add(&format!("account {number}"), &"R", 1);
    }
    assert!(!books.take().all);
}

#[test]
fn it_names_eight_in_ten_of_its_cells() {
    let mut books = sketch(256);
    for number in 0..600 {
        books.add(&format!("account {number}"), &"R", i128::from(number) + 1);
    }
    let named = books.take();
    assert!(named.all);
    assert_eq!(named.names.into_iter().collect::<BTreeSet<_>>().len(), 600);
}

#[test]
fn it_goes_on_after_being_kept() {
    let mut books = sketch(16);
    books.add("alice", &"R", 5);
    let mut again: Sketch = serde_json::from_str(&serde_json::to_string(&books).unwrap()).unwrap();
    assert_eq!(again, books);
    again.add("alice", &"R", -5);
    assert_eq!(again.take(), Named { names: vec![], all: true });
    assert!(serde_json::from_str::<Sketch>(r#"{"secret":[1,2],"width":1,"sums":"AAAA","digests":"","pieces":[]}"#).is_err());
}

proptest! {
    #[test]
    fn differing_names_come_back_and_no_others(differing in proptest::collection::btree_set("[a-z]{1,20}", 0..20), agreeing in proptest::collection::btree_set("[A-Z]{1,20}", 0..200)) {
        // Wide enough that no three names can hide each other.
        let mut books = sketch(1_024);
        for name in &agreeing {
            books.add(name, &"R", 12);
        }
        for name in &differing {
            books.add(name, &"R", -1);
        }
        for name in agreeing.iter().rev() {
            books.add(name, &"R", -12);
        }
        let named = books.take();
        prop_assert!(named.all);
        prop_assert_eq!(named.names.into_iter().collect::<BTreeSet<_>>(), differing);
    }
}
