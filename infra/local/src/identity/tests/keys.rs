//! Keys over time: rotation, restarts, and a file that is not what it should be.

use super::{AUDIENCE, START_MS, World, issuer_at, verified};
use crate::identity::{Clock, IdentityError, Issuer};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const URL: &str = "http://127.0.0.1:8080/_local/oidc";
const DAY_MS: i64 = 86_400_000;

fn open(data: Option<&Path>) -> Arc<Issuer> {
    issuer_at(data, URL, &Arc::new(AtomicI64::new(START_MS)))
}

fn is_good(issuer: &Issuer, token: &str) -> bool {
    verified(token, &issuer.jwks(), URL, AUDIENCE, START_MS / 1000).is_some()
}

#[tokio::test]
async fn rotation_keeps_old_tokens_valid_and_signs_with_the_new_key() {
    let world = World::start().await;
    let old = world.issuer.token_for("alice", 3600).unwrap();
    world.issuer.rotate().unwrap();
    let new = world.issuer.token_for("alice", 3600).unwrap();
    let (old_header, _) = world.verify(&old, AUDIENCE).await;
    let (new_header, _) = world.verify(&new, AUDIENCE).await;
    assert_ne!(old_header.kid, new_header.kid);
    assert_eq!(world.issuer.jwks().keys.len(), 2);
}

#[test]
fn a_key_is_dropped_once_no_token_of_it_can_live() {
    let now_ms = Arc::new(AtomicI64::new(START_MS));
    let issuer = issuer_at(None, URL, &now_ms);
    issuer.rotate().unwrap();
    let replaced = issuer.jwks().keys.pop().unwrap();

    now_ms.fetch_add(30 * DAY_MS, Ordering::SeqCst);
    issuer.rotate().unwrap();
    assert!(issuer.jwks().keys.contains(&replaced), "a token made before the rotation may live 30 days");

    now_ms.fetch_add(1, Ordering::SeqCst);
    issuer.rotate().unwrap();
    assert!(!issuer.jwks().keys.contains(&replaced));
}

#[test]
fn tokens_survive_a_restart_and_so_do_rotated_keys() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("not yet there");
    let first = open(Some(&data));
    let before = first.token_for("alice", 3600).unwrap();
    first.rotate().unwrap();
    let after = first.token_for("alice", 3600).unwrap();
    let keys = first.jwks();
    drop(first);

    let second = open(Some(&data));
    assert_eq!(second.jwks(), keys);
    assert!(is_good(&second, &before) && is_good(&second, &after));
}

#[cfg(unix)]
#[test]
fn the_key_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let issuer = open(Some(folder.path()));
    issuer.rotate().unwrap();
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let mode = names[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn in_memory_every_issuer_has_its_own_key() {
    let (one, other) = (open(None), open(None));
    let token = one.token_for("alice", 3600).unwrap();
    assert!(is_good(&one, &token));
    assert!(!is_good(&other, &token));
}

#[test]
fn a_damaged_key_file_is_an_error_and_is_left_alone() {
    for content in
        ["", "{}", "{\"keys\":[]}", "{\"keys\":[{\"made_at_ms\":0,\"pkcs8\":\"AAAA\"}]}", "{\"keys\":[{\"made_at_ms\":0,\"pkcs8\":\"?\"}]}"]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity-keys.json");
        std::fs::write(&path, content).unwrap();
        let clock: Clock = Arc::new(|| START_MS);
        let opened = Issuer::open(Some(folder.path()), URL.to_owned(), AUDIENCE.to_owned(), clock);
        assert!(matches!(opened, Err(IdentityError::Damaged { .. })), "{content}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn a_rotation_that_can_not_be_kept_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let issuer = open(Some(&data));
    let keys = issuer.jwks();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::write(&data, "a file where the folder was").unwrap();
    assert!(matches!(issuer.rotate(), Err(IdentityError::File { .. })));
    assert_eq!(issuer.jwks(), keys);
}

#[test]
fn an_issuer_url_has_one_spelling() {
    for url in [
        "",
        "/_local/oidc",
        "ftp://127.0.0.1/oidc",
        "http://127.0.0.1:8080/_local/oidc/",
        "http://127.0.0.1:8080/oidc?x",
        "http://127.0.0.1:8080/oidc#x",
        "http://user@127.0.0.1:8080/oidc",
        "HTTP://127.0.0.1:8080/oidc",
        "http://127.0.0.1:80/oidc",
    ] {
        let clock: Clock = Arc::new(|| START_MS);
        let opened = Issuer::open(None, url.to_owned(), AUDIENCE.to_owned(), clock);
        assert!(matches!(opened, Err(IdentityError::IssuerUrl(_))), "{url}");
    }
}
