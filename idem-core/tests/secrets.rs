//! What `Debug` and the text of our types show: never a key, a payload or an outcome, since it ends up in logs.

use std::sync::Arc;

use idem_core::{
    Error, Fingerprint, IntoKey, Key, KeyWriter, MemoryStore, Observed, Operation, Scope, Store, StoreError,
};

const SECRET: &str = "4111 1111";
const SCOPE: Scope = Scope::from_static("tests.secrets");

fn assert_hides_it(shown: &dyn std::fmt::Debug) {
    let shown = format!("{shown:?} {shown:#?}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn what_a_database_says_of_a_row_is_in_the_source_alone() {
    let said = format!("Duplicate entry 'tests.secrets-\"{SECRET}\"' for key 'PRIMARY'");
    for error in [
        StoreError::unavailable(said.clone()),
        StoreError::refused("the table is not ours", Some(said.clone().into())),
        StoreError::not_now("the server is read-only", Some(said.clone().into())),
    ] {
        assert_hides_it(&error);
        assert!(!error.to_string().contains(SECRET), "{error}");
        let source = std::error::Error::source(&error).expect("there is one");
        assert_eq!(source.to_string(), said, "who asks for it gets it");
    }
}

#[tokio::test]
async fn an_error_shows_its_scope_and_no_key() {
    let store = MemoryStore::new();
    let call = |amount: u64| Operation::new("tests.secrets", SECRET).fingerprint(&amount);
    call(1).run(&store, async |_| Ok::<_, Error>(SECRET.to_owned())).await.expect("runs");
    let mismatch = call(2).run(&store, async |_| Ok::<_, Error>(String::new())).await.expect_err("another payload");
    assert!(mismatch.is_mismatch() && mismatch.key().is_some());
    assert_hides_it(&mismatch);
    assert!(format!("{mismatch:?}").contains("tests.secrets"), "{mismatch:?}");
    assert_hides_it(&call(1));
}

#[tokio::test]
async fn what_a_store_is_asked_and_keeps_shows_no_key_and_no_outcome() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let key = Key::new(SCOPE, SECRET).expect("a key");
    let body = async |execution: idem_core::Execution| {
        assert_hides_it(&execution);
        Ok::<_, Error>(SECRET.to_owned())
    };
    Operation::new("tests.secrets", SECRET).fingerprint(SECRET).run(&store, body).await.expect("runs");
    let found: Observed = store.lookup(&key).await.expect("answers").expect("is there");
    assert_hides_it(&found);
    assert_hides_it(&found.record);
    assert_hides_it(&key);
}

#[test]
fn a_fingerprint_does_not_show_its_digest() {
    let fingerprint = Fingerprint::of(&1250).expect("hashes");
    assert!(!format!("{fingerprint:?}").contains(&fingerprint.digest_text()), "a small payload is found by trying");
}

#[test]
fn a_key_being_written_is_not_shown() {
    struct Shown;

    impl IntoKey for Shown {
        fn write_key(&self, key: &mut KeyWriter) {
            key.string(SECRET);
            assert_hides_it(key);
        }
    }

    assert_hides_it(&Key::new(SCOPE, &Shown).expect("a key"));
}
