//! What an error code means: the same in a store, in a transaction and in an entity.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use idem_core::Store as _;
use idem_sqlx::entity::EntityError;
use idem_sqlx::in_transaction;

use crate::common::{TestDatabase, key, request};
use crate::databases::Ledger;
use crate::ledger::Failure;

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_code_of_postgresql_means_the_same_everywhere() {
    let database = crate::common::postgres::Schema::migrated().await;
    for (code, is_retryable) in [
        ("40001", true),
        ("40P01", true),
        ("25006", true),
        ("57P01", true),
        ("55P03", true),
        ("57014", true),
        ("53100", true),
        ("25P03", true),
        ("23514", false),
        ("42703", false),
        ("22P05", false),
    ] {
        let raise = format!("RAISE EXCEPTION 'for a test' USING ERRCODE = '{code}'");
        let trigger = format!(
            "CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raise}; END $$; \
             DROP TRIGGER IF EXISTS fails ON idem_records; \
             CREATE TRIGGER fails BEFORE INSERT ON idem_records FOR EACH ROW EXECUTE FUNCTION fails()"
        );
        means_the_same(&database, code, &trigger, &format!("DO $$ BEGIN {raise}; END $$"), is_retryable).await;
    }
}

#[cfg(feature = "mysql")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_number_of_mysql_means_the_same_everywhere() {
    let database = crate::common::mysql::Database::migrated().await;
    for (number, is_retryable) in [
        (1213, true),
        (3101, true),
        (1020, true),
        (1205, true),
        (1290, true),
        (1792, true),
        (1836, true),
        (1053, true),
        (1927, true),
        (1180, true),
        (1021, true),
        (1064, false),
        (1142, false),
        (1406, false),
    ] {
        let signal = format!("SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {number}");
        let trigger = format!(
            "DROP TRIGGER IF EXISTS fails; CREATE TRIGGER fails BEFORE INSERT ON idem_records FOR EACH ROW {signal}"
        );
        means_the_same(&database, &number.to_string(), &trigger, &signal, is_retryable).await;
    }
}

/// `trigger` makes every claim fail with the code, and `raise` is a statement that does.
async fn means_the_same<D: Ledger>(database: &D, code: &str, trigger: &str, raise: &str, is_retryable: bool) {
    let pool = database.pool(1).await;
    let raised = async || {
        let mut on = pool.acquire().await.expect("a connection");
        D::execute_on(&mut on, raise).await.expect_err(raise)
    };
    let of_entity = EntityError::from(raised().await);
    assert_eq!(of_entity.is_retryable(), is_retryable, "an entity: {code}: {of_entity:?}");

    let (error, runs) = (Mutex::new(Some(raised().await)), AtomicU32::new(0));
    let answer = in_transaction(&pool, async |_tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        match error.lock().expect("no panic").take() {
            Some(error) => Err(Failure::from(error)),
            None => Ok(()),
        }
    });
    assert_eq!(answer.await.is_ok(), is_retryable, "a transaction: {code}");
    assert_eq!(runs.into_inner() > 1, is_retryable, "a transaction: {code}");

    database.execute(trigger).await;
    let of_store = D::store_on(pool.clone()).claim(&request(&key(code))).await.expect_err(code);
    assert_eq!(of_store.is_retryable(), is_retryable, "a store: {code}: {of_store:?}");
}
