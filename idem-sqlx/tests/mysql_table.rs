//! The table: made by any number at once, in any database of the server, and read by people.
#![cfg(feature = "mysql")]

mod common;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, finish, key, request};
use idem_core::{Key, Scope, Store as _};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn ten_may_migrate_at_once_and_again() {
    let database = Database::empty().await;
    let store = Database::store_on(database.pool(10).await);
    for _ in 0..3 {
        let mut callers = JoinSet::new();
        for _ in 0..10 {
            let store = store.clone();
            callers.spawn(async move { store.migrate().await.expect("any number may") });
        }
        callers.join_all().await;
        finish(&store, &key("order"), "1").await;
        database.execute("DELETE FROM idem_records").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_table_may_be_in_another_database_of_the_server() {
    let [here, there] = [Database::empty().await, Database::empty().await];
    let named = Database::store_in(here.pool(2).await, &format!("{}.calls", there.name())).expect("a name");
    named.migrate().await.expect("a new table");
    let claim = acquire(&named, &request(&key("order"))).await;
    assert_eq!(there.texts("SELECT claim_id FROM calls_readable").await, [claim.claim_id.to_string()]);
    there
        .execute(
            "UPDATE calls SET state = 'released', lease_until = NULL, abandoned = NULL, expires_at = 1, purge_from = 1",
        )
        .await;
    assert_eq!(named.purge_expired(10).await.expect("removed"), 1);
    assert!(here.texts("SHOW TABLES").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_missing_table_is_told_with_what_to_do() {
    let database = Database::empty().await;
    let error = database.store().await.lookup(&key("order")).await.expect_err("there is no table");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("call `migrate()`"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn people_find_a_record_in_the_view_by_its_text() {
    let database = Database::migrated().await;
    let store = database.store().await;
    let named = |name: &str| Key::new(Scope::from_static("payments.charge"), &(name, 17)).expect("a key");
    finish(&store, &named("acme"), r#"{"amount":5}"#).await;
    finish(&store, &named("Acme"), r#"{"amount":6}"#).await;
    let found = "SELECT CONCAT_WS(' ', scope, `key`, state, outcome), \
                        TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP()) BETWEEN -1 AND 3600 \
                 FROM idem_records_readable WHERE scope = 'payments.charge' AND `key` = '(\"acme\",17)'";
    assert_eq!(
        database.rows(found).await,
        [[Some(r#"payments.charge ("acme",17) completed {"amount":5}"#.to_owned()), Some("1".to_owned())]]
    );
    let lease = "SELECT COUNT(*) FROM idem_records_readable WHERE lapsed AND abandoned = 'refuse'";
    assert_eq!(database.number(lease).await, 0);
    let refuse =
        idem_core::ClaimRequest { abandoned: idem_core::Abandoned::Refuse, retention: HOUR, ..request(&named("b")) };
    acquire(&store, &idem_core::ClaimRequest { lease: std::time::Duration::ZERO, ..refuse }).await;
    assert_eq!(database.number(lease).await, 1);
}
