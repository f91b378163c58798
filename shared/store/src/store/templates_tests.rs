#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::Lost;
use chrono::{DateTime, Utc};
use ledger::KeyRing;

fn at() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}
fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}
fn template(owner: &str, number: u8) -> Template {
    let id = format!("tpl_{number}").parse().unwrap();
    Template {
        id,
        account: owner.parse().unwrap(),
        name: "A rig".into(),
        url: "https://example.com/t".into(),
        public: true,
        created_at: at(),
    }
}

/// A store with two accounts that have signed up.
async fn store() -> Store {
    let (store, _) = Store::in_memory(KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap());
    for (name, code) in [("alice", "AAAA"), ("bob", "BBBB")] {
        let profile = Profile { code: code.into(), alias: None, created_at: at() };
        store.backend().write(&[Write::create(keys::profile(&id(name)), profile.write())]).await.unwrap();
    }
    store
}

async fn links(store: &Store, name: &str) -> OwnLinks {
    store.own_links(&id(name)).await.unwrap().unwrap()
}

fn lost(place: usize) -> Result<(), CommitError> {
    Err(CommitError::Lost([Lost::Beside(place)].into()))
}

#[tokio::test]
async fn a_template_stands_in_both_places_and_is_counted() {
    let store = store().await;
    let before = links(&store, "alice").await;
    assert_eq!((before.templates_made, before.aliases_taken, store.own_links(&id("nobody")).await.unwrap()), (0, 0, None));
    let made = template("alice", 1);
    store.add_template(&before, &made).await.unwrap();
    assert_eq!(store.template(&made.id).await.unwrap(), Some(made.clone()));
    assert_eq!(store.own_template(&id("alice"), &made.id).await.unwrap(), Some(made.clone()));
    assert_eq!(store.own_template(&id("bob"), &made.id).await.unwrap(), None);
    assert_eq!(store.templates_of(&id("alice")).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(links(&store, "alice").await.templates_made, 1);

    assert_eq!(store.add_template(&before, &template("alice", 2)).await, lost(0), "another came first");
    assert_eq!(store.templates_of(&id("alice")).await.unwrap().len(), 1);
    let now = links(&store, "alice").await;
    assert!(matches!(store.add_template(&now, &made).await, Err(CommitError::Lost(_))), "the id is taken");
    let nobody = OwnLinks { account: id("nobody"), ..before };
    assert_eq!(store.add_template(&nobody, &template("nobody", 3)).await, lost(0), "no signup");
}

#[tokio::test]
async fn a_template_is_changed_by_its_owner_alone() {
    let store = store().await;
    let made = template("alice", 1);
    store.add_template(&links(&store, "alice").await, &made).await.unwrap();
    let changed = Template { name: "Another".into(), public: false, ..made.clone() };
    store.change_template(&changed).await.unwrap();
    assert_eq!(store.template(&made.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(store.own_template(&id("alice"), &made.id).await.unwrap(), Some(changed.clone()));
    let stolen = Template { account: id("bob"), ..made.clone() };
    assert!(matches!(store.change_template(&stolen).await, Err(CommitError::Lost(_))));
    assert!(matches!(store.change_template(&template("alice", 2)).await, Err(CommitError::Lost(_))), "one that is not there");
    assert_eq!(store.templates_of(&id("bob")).await.unwrap(), []);
    assert_eq!(store.template(&made.id).await.unwrap(), Some(changed.clone()));

    let ids = ["tpl_1", "tpl_9"].map(|text| text.parse().unwrap());
    assert_eq!(store.templates(&ids.into()).await.unwrap(), [(made.id, changed)].into());
    assert_eq!(store.templates(&BTreeSet::new()).await.unwrap(), BTreeMap::new());
}

#[tokio::test]
async fn more_ids_than_one_read_takes() {
    let store = store().await;
    for number in 0..130 {
        store.add_template(&links(&store, "alice").await, &template("alice", number)).await.unwrap();
    }
    let ids: BTreeSet<TemplateId> = (0..130).map(|number| template("alice", number).id).collect();
    assert_eq!(store.templates(&ids).await.unwrap().into_keys().collect::<BTreeSet<_>>(), ids);
}

#[tokio::test]
async fn an_alias_is_one_account_s_for_ever() {
    let store = store().await;
    let first = links(&store, "alice").await;
    store.choose_alias(&first, "rigs", None).await.unwrap();
    let code = store.code("rigs").await.unwrap().unwrap();
    assert_eq!((code.account.clone(), code.alias), (id("alice"), true));
    assert_eq!(store.choose_alias(&first, "other", None).await, lost(1), "the links changed meanwhile");
    assert_eq!(store.code("other").await.unwrap(), None, "nothing of a lost claim is written");
    assert_eq!(store.choose_alias(&links(&store, "bob").await, "rigs", None).await, lost(0));
    assert_eq!(store.choose_alias(&links(&store, "bob").await, "rigs", Some(&code)).await, lost(0));

    store.choose_alias(&links(&store, "alice").await, "machines", None).await.unwrap();
    let second = links(&store, "alice").await;
    assert_eq!((second.profile.alias.as_deref(), second.aliases_taken), (Some("machines"), 2));
    assert_eq!(store.choose_alias(&links(&store, "bob").await, "rigs", None).await, lost(0), "given up, and not free");
    store.choose_alias(&second, "rigs", Some(&code)).await.unwrap();
    let third = links(&store, "alice").await;
    assert_eq!((third.profile.alias.as_deref(), third.aliases_taken), (Some("rigs"), 2), "back to one's own is no new one");
    assert_eq!(third.profile.code, "AAAA");
}
